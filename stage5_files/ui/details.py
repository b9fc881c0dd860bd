"""Beside the list: what is selected, large, with what is known about it."""

import tkinter as tk
from collections.abc import Callable, Sequence
from pathlib import Path
from tkinter import ttk

from PIL import Image, ImageTk

from stage1_echo import safe_text
from stage3_auth.ui.window import WindowParts

from ..file_info import FileInfo
from .file_pictures import stage
from .file_tree import Entry, Folder
from .file_words import counted, kind_of, shorter, size_text, time_text
from .files_desk import files_of
from .previews import Previews

WIDTH = 260  # pixels at 100 %, as all below
PICTURE = (228, 172)
_FACTS = ("own", "time", "path", "saved")
_LONGEST = 120  # characters of a name or a path


class Details(ttk.Frame):
    """``details_picture``, ``details_name``, ``details_kind`` and the facts, ``details_own`` …"""

    def __init__(
        self,
        master: tk.Misc,
        parts: WindowParts,
        previews: Previews,
        copy_of: Callable[[Entry], Path | None],
    ) -> None:
        px = parts.look.theme.px
        super().__init__(master, name="details", width=px(WIDTH), padding=px(16))
        self._parts, self._previews, self._copy_of = parts, previews, copy_of
        self._entries: Sequence[Entry] = ()
        self._drawn: tuple[object, ...] = ()
        self.columnconfigure(0, weight=1)
        self.grid_propagate(False)
        wrap = px(WIDTH - 32)
        self._photo: ImageTk.PhotoImage | None = None
        self._picture = ttk.Label(self, name="details_picture")
        self._picture.grid(row=0, column=0, sticky="w")
        self._title = self._label("details_name", "Strong.TLabel", wrap)
        self._title.grid(row=1, column=0, sticky="ew", pady=(px(12), 0))
        self._kind = self._label("details_kind", "Muted.TLabel", wrap)
        self._kind.grid(row=2, column=0, sticky="ew", pady=(px(2), px(6)))
        self._facts = {name: self._fact(name, place, wrap) for place, name in enumerate(_FACTS)}
        self._hint = self._label("details_hint", "Muted.TLabel", wrap)
        parts.catalog.follow(self, self._write)
        parts.look.changed.connect(self._write, owner=self)

    def show(self, entries: Sequence[Entry]) -> None:
        """Show what is selected."""
        self._entries = entries
        self._write()

    def _label(self, name: str, style: str, wrap: int) -> ttk.Label:
        return ttk.Label(self, name=name, style=style, wraplength=wrap, justify="left")

    def _fact(self, name: str, place: int, wrap: int) -> tuple[ttk.Label, ttk.Label]:
        px = self._parts.look.theme.px
        caption = ttk.Label(self, style="Muted.TLabel")
        self._parts.catalog.label(caption, f"details.{name}")
        caption.grid(row=3 + 2 * place, column=0, sticky="w", pady=(px(6), 0))
        value = self._label(f"details_{name}", "Caption.TLabel", wrap)
        value.grid(row=4 + 2 * place, column=0, sticky="w")
        return caption, value

    # --- what is shown -------------------------------------------------------------------------

    def _write(self) -> None:
        entries, words = self._entries, self._parts.catalog.text
        if not entries:
            self._show_nothing(words("details.none"))
            return
        self._hint.place_forget()
        one = entries[0] if len(entries) == 1 else None
        files = files_of(entries)
        size = size_text(sum(info.size or 0 for info in files))
        if one is None:
            count = sum(not info.is_folder for info in files)
            name, kind = counted(words, "details.many", count), size
        elif isinstance(one, Folder):
            name, kind = one.name, f"{counted(words, 'details.folder', one.count)} · {size}"
        else:
            name, kind = one.filename, f"{words(f'kind.{kind_of(one.lx)}')} · {size}"
        if isinstance(one, FileInfo) and (note := self._note(one)):
            kind = f"{kind}\n{words(note)}"
        self._title.configure(text=shorter(safe_text(name), _LONGEST))
        self._kind.configure(text=kind)
        self._show_facts(self._facts_of(one))
        self._show_picture(one)

    def _note(self, info: FileInfo) -> str:
        """Return the key of what to say about the picture of a file, if anything."""
        if kind_of(info.lx) != "image" or self._previews.get(info) is not None:
            return ""
        if self._previews.is_possible(info):
            return "details.preview"
        return "details.no_preview" if self._previews.is_none(info) else "details.large"

    def _facts_of(self, one: Entry | None) -> dict[str, str]:
        if one is None:
            return {}
        words = self._parts.catalog.text
        if isinstance(one, Folder):
            path = one.path.rpartition("/")[0]
            own = ", ".join(sorted(one.owners))
            return {"own": own, "time": time_text(one.newest, words), "path": path}
        copy = self._copy_of(one)
        saved = str(copy) if copy is not None else ""
        time = time_text(one.data, words)
        return {"own": one.own, "time": time, "path": one.path, "saved": saved}

    def _show_facts(self, facts: dict[str, str]) -> None:
        for name, (caption, value) in self._facts.items():
            text = facts.get(name, "")
            value.configure(text=shorter(safe_text(text), _LONGEST))
            for label in (caption, value):
                if text:
                    label.grid()
                else:
                    label.grid_remove()

    def _show_picture(self, one: Entry | None) -> None:
        theme = self._parts.look.theme
        show: Image.Image | str = "other"
        if isinstance(one, Folder):
            show = "folder"
        elif one is not None:
            show = self._previews.get(one) or kind_of(one.lx)
        key = (theme.mode, show if isinstance(show, str) else id(show))
        if key != self._drawn:
            size = theme.px(PICTURE[0]), theme.px(PICTURE[1])
            self._drawn = key
            self._photo = ImageTk.PhotoImage(stage(theme, size, show), master=self)
        self._picture.configure(image=self._photo or "")

    def _show_nothing(self, hint: str) -> None:
        self._picture.configure(image="")
        self._title.configure(text="")
        self._kind.configure(text="")
        self._show_facts({})
        self._hint.configure(text=hint, anchor="center", justify="center")
        self._hint.place(relx=0.5, rely=0.4, anchor="center")
