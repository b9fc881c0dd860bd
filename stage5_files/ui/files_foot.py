"""Below the list: the latest news, what can be done with what is selected, where downloads go."""

import tkinter as tk
from collections.abc import Callable
from pathlib import Path
from tkinter import font as tkfont
from tkinter import ttk

from stage1_echo import safe_text
from stage3_auth.ui.window import WindowParts

from .file_words import home_path, shorter

_ACTIONS = ("delete", "show_in_folder", "open", "download")
_LONGEST = 60  # characters of the download folder
_ROOMY = 640  # pixels at 100 %: below that the words have a row of their own


class FilesFoot(ttk.Frame):
    """``files_status``, the buttons ``delete``, ``show_in_folder``, ``open`` and ``download``.

    Below them ``download_folder``, which tells it, and ``change_folder``.
    """

    def __init__(
        self,
        master: tk.Misc,
        parts: WindowParts,
        commands: dict[str, Callable[[], object]],
        on_change_folder: Callable[[], object],
    ) -> None:
        px = parts.look.theme.px
        super().__init__(master, padding=(px(16), px(9), px(16), px(8)))
        self._parts = parts
        self._target: Path | None = None
        self._is_here = False
        self.columnconfigure(0, weight=1)
        self._status = ttk.Label(self, name="files_status", style="Muted.TLabel", width=1)
        self._status.grid(row=0, column=0, sticky="ew")
        self._buttons = {name: self._button(name, commands[name]) for name in _ACTIONS}
        self._build_target(on_change_folder).grid(row=1, column=0, sticky="ew", pady=(px(4), 0))
        self.bind("<Configure>", lambda event: self._fit(event.width))
        parts.catalog.changed.connect(self._write_target, owner=self)

    def say(self, text: str, *, is_error: bool = False) -> None:
        """Show a line of news, or what there is."""
        style = "Error.TLabel" if is_error else "Muted.TLabel"
        self._status.configure(text=text, style=style)

    def allow(self, *, delete: bool, download: bool, is_here: bool) -> None:
        """Say what can be done; ``is_here``: what is selected was downloaded."""
        for name, can in (("delete", delete), ("download", download)):
            self._buttons[name].state(["!disabled" if can else "disabled"])
        self._buttons["download"].configure(style="TButton" if is_here else "Accent.TButton")
        self._is_here = is_here
        self._fit(self.winfo_width())

    def show_target(self, folder: Path) -> None:
        """Tell where downloads go."""
        self._target = folder
        self._write_target()

    def _button(self, name: str, command: Callable[[], object]) -> ttk.Button:
        style = "Accent.TButton" if name == "open" else "TButton"
        button = ttk.Button(self, name=name, style=style, command=command, cursor="hand2")
        self._parts.catalog.label(button, f"files.{name}")
        px = self._parts.look.theme.px
        column = 1 + _ACTIONS.index(name)
        button.grid(row=0, column=column, rowspan=2, padx=(px(8), 0))
        return button

    def _build_target(self, on_change: Callable[[], object]) -> ttk.Frame:
        row = ttk.Frame(self)
        row.columnconfigure(1, weight=1)
        row.bind("<Configure>", lambda event: self._write_target(event.width))
        self._folder = ttk.Label(row, name="download_folder", style="Muted.TLabel")
        self._folder.grid(row=0, column=0, sticky="w")
        change = ttk.Button(
            row, name="change_folder", style="Link.TButton", command=on_change, cursor="hand2"
        )
        self._parts.catalog.label(change, "files.change_target")
        change.grid(row=0, column=1, sticky="w")
        self._row, self._change = row, change
        return row

    def _write_target(self, width: int | None = None) -> None:
        """Tell as much of the folder as there is room for beside the way to change it."""
        if self._target is None:
            return
        path, words = safe_text(home_path(self._target)), self._parts.catalog.text
        room = (width or self._row.winfo_width()) - self._change.winfo_reqwidth()
        font = tkfont.nametofont(self._parts.look.theme.small, self)
        for length in range(_LONGEST, 8, -4):
            text = words("files.target", path=shorter(path, length))
            if font.measure(text) <= room:
                break
        else:
            text = shorter(path, 12)
        self._folder.configure(text=text)

    def _fit(self, width: int) -> None:
        narrow = width < self._parts.look.theme.px(_ROOMY)
        self._status.grid(columnspan=5 if narrow else 1)
        shown = {"delete", "download"}
        if self._is_here:
            shown |= {"open"} if narrow else {"open", "show_in_folder"}  # the menu has it, too
        for name, button in self._buttons.items():
            if name in shown:
                button.grid(row=1 if narrow else 0, rowspan=1 if narrow else 2)
            else:
                button.grid_remove()
