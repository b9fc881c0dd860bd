"""What a row of the table of files says and shows."""

import tkinter as tk
from collections.abc import Callable
from tkinter import ttk
from typing import Any

from stage1_echo import safe_text
from stage3_auth.ui.window import WindowParts

from ..file_info import FileInfo
from .file_pictures import FilePictures
from .file_tree import Entry, Folder
from .file_words import kind_of, size_text, time_text

PICTURE_SIDE = 32  # pixels at 100 %


class FileRows:
    """Writes rows. ``thumbnail(info)`` returns a file's own small picture where there is one."""

    def __init__(
        self, parts: WindowParts, thumbnail: Callable[[FileInfo], tk.PhotoImage | None]
    ) -> None:
        self._parts, self._thumbnail = parts, thumbnail
        self._pictures = FilePictures(parts.look)
        # Not the path itself: Tk 8.6 gives emoji back as something else.
        self._numbers: dict[str, int] = {}

    def name(self, entry: Entry) -> str:
        """Return the name of an entry's row; the same as long as the window lives."""
        if isinstance(entry, FileInfo):
            return str(entry.uid)
        return f"folder {self._numbers.setdefault(entry.path, len(self._numbers))}"

    def picture(self, entry: Entry) -> tk.PhotoImage:
        """Return what stands before the name."""
        if isinstance(entry, Folder):
            return self._pictures.kind("folder", PICTURE_SIDE)
        return self._thumbnail(entry) or self._pictures.kind(kind_of(entry.lx), PICTURE_SIDE)

    def insert(self, tree: ttk.Treeview, parent: str, entry: Entry, *, whole_name: bool) -> None:
        """Put a row at the end of those below ``parent``."""
        options = self._options(entry, whole_name)
        tree.insert(parent, "end", iid=self.name(entry), **options)

    def write(self, tree: ttk.Treeview, row: str, entry: Entry, *, whole_name: bool) -> None:
        """Write a row anew; ``whole_name`` has the folders before the name."""
        tree.item(row, **self._options(entry, whole_name))

    def _options(self, entry: Entry, whole_name: bool) -> dict[str, Any]:
        words = self._parts.catalog.text
        size: int | None
        if isinstance(entry, Folder):
            owners = sorted(entry.owners)
            own = owners[0] if len(owners) == 1 else words("files.owners", count=len(owners))
            name, size, time = entry.name, entry.size, entry.newest
            kind = words("kind.folder", count=entry.count)
        else:
            name = entry.full_name if whole_name else entry.filename
            own, time = entry.own, entry.data
            size, kind = entry.size, words(f"kind.{kind_of(entry.lx)}")
        return {
            "text": f"  {safe_text(name)}",
            "image": self.picture(entry),
            "values": (size_text(size), kind, safe_text(own), time_text(time, words)),
        }
