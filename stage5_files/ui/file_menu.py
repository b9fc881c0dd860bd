"""The menu of what is selected: all that can be done with it."""

import tkinter as tk
from collections.abc import Callable, Sequence

from stage3_auth.ui.window import WindowParts

from .files_style import dress_menu

Command = Callable[[], object]


class FileMenu(tk.Menu):
    """A menu named ``file_menu``; it is written anew each time it is shown."""

    def __init__(self, master: tk.Misc, parts: WindowParts) -> None:
        super().__init__(master, name="file_menu", tearoff=False)
        self._parts = parts

    def show(self, x: int, y: int, entries: Sequence[tuple[str, Command, bool]]) -> None:
        """Show ``(key of the words, what it does, whether it can be done)`` at (x, y)."""
        dress_menu(self, self._parts.look.theme)
        self.delete(0, "end")
        for key, command, can in entries:
            self.add_command(
                label=f"  {self._parts.catalog.text(key)}  ",
                command=command,
                state="normal" if can else "disabled",
            )
        self.tk_popup(x, y)
