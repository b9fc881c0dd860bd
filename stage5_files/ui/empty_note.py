"""What stands in the middle of an empty list: why it is empty, and what one can do."""

import tkinter as tk
from tkinter import ttk

from stage1_echo import safe_text
from stage3_auth.ui.window import WindowParts

from .file_pictures import FilePictures
from .file_words import shorter
from .files_desk import FilesDesk


class EmptyNote(tk.Frame):
    """The labels ``files_empty`` and ``files_empty_hint``, over the list ``master``."""

    def __init__(self, master: tk.Misc, parts: WindowParts) -> None:
        super().__init__(master)
        px = parts.look.theme.px
        self._parts = parts
        self._pictures = FilePictures(parts.look)
        self._sign = tk.Label(self, borderwidth=0)
        self._sign.pack(pady=(0, px(12)))
        self._title = ttk.Label(self, name="files_empty", style="Strong.TLabel", justify="center")
        self._title.pack()
        self._hint = ttk.Label(
            self,
            name="files_empty_hint",
            style="Muted.TLabel",
            wraplength=px(320),
            justify="center",
        )
        self._hint.pack(pady=(px(4), 0))

    def show(self, desk: FilesDesk, searched: str, *, is_empty: bool) -> None:
        """Say why the list is empty; hide when it is not."""
        if not is_empty:
            self.place_forget()
            return
        title, hint = self._texts(desk, searched)
        theme = self._parts.look.theme
        for part in (self, self._sign, self._title, self._hint):
            part.configure(background=theme.field)
        self._sign.configure(image=self._pictures.kind("folder", 56))
        self._title.configure(text=title)
        self._hint.configure(text=hint)
        self.place(relx=0.5, rely=0.5, anchor="center")

    def _texts(self, desk: FilesDesk, searched: str) -> tuple[str, str]:
        words = self._parts.catalog.text
        if desk.trouble is not None:
            return words("files.no_list"), words(desk.trouble.key, **desk.trouble.values)
        if not desk.loaded:
            return words("files.loading"), ""
        if searched and desk.top.count:
            shown = shorter(safe_text(searched), 40)
            return words("files.nothing_found"), words("files.nothing_found.hint", words=shown)
        hint = "files.empty.hint" if desk.room is None else "files.empty.room_hint"
        return words("files.empty"), words(hint)
