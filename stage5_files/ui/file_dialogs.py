"""The dialogs in which a person browses for files and folders, as a part that can be exchanged."""

import tkinter as tk
from pathlib import Path
from tkinter import filedialog
from typing import Protocol


class FileDialogs(Protocol):
    """Asks a person for paths; an empty answer means that they thought better of it."""

    def files_to_send(self, parent: tk.Misc, title: str) -> list[Path]: ...
    def folder_to_send(self, parent: tk.Misc, title: str) -> Path | None: ...
    def folder_to_fill(self, parent: tk.Misc, title: str) -> Path | None: ...


class TkFileDialogs:
    """The dialogs of the desktop, where Tk has them, else Tk's own."""

    def files_to_send(self, parent: tk.Misc, title: str) -> list[Path]:
        """Ask for any number of files."""
        chosen = filedialog.askopenfilenames(parent=parent, title=title)
        return [Path(name) for name in chosen or ()]

    def folder_to_send(self, parent: tk.Misc, title: str) -> Path | None:
        """Ask for a folder that is there."""
        return _folder(parent, title)

    def folder_to_fill(self, parent: tk.Misc, title: str) -> Path | None:
        """Ask for the folder in which downloads shall lie."""
        return _folder(parent, title)


def _folder(parent: tk.Misc, title: str) -> Path | None:
    chosen = filedialog.askdirectory(parent=parent, title=title, mustexist=True)
    return Path(chosen) if chosen else None
