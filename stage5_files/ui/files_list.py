"""The table of files: a ``ttk.Treeview`` that sorts by a click on a heading."""

import time
import tkinter as tk
from collections import deque
from collections.abc import Callable, Sequence
from tkinter import ttk
from typing import Any, Literal

from stage1_echo import safe_text
from stage3_auth import name_key
from stage3_auth.ui.window import WindowParts
from stage4_rooms.ui.tree_style import dress_tree
from stage4_rooms.ui.window_widgets import ScrollBar

from ..file_info import FileInfo
from .file_pictures import FilePictures
from .file_words import kind_of, size_text, time_text

_STYLE = "Files.Treeview"
_TURN_SECONDS = 0.012  # so long may the filling of a long list hold up the window at a time
_NARROW = 620  # pixels at 100 %: below that, type and time are left out

SortKey = Callable[[FileInfo], tuple[object, ...]]
# A second key makes the order certain where the first is the same.
_KEYS: dict[str, SortKey] = {
    "name": lambda info: (name_key(info.full_name), info.uid),
    "size": lambda info: (info.size or 0, info.uid),
    "type": lambda info: (kind_of(info.lx), info.lx, name_key(info.full_name), info.uid),
    "own": lambda info: (name_key(info.own), info.uid),
    "time": lambda info: (info.data, info.uid),
}
_WIDTHS = {"name": 280, "size": 84, "type": 100, "own": 90, "time": 150}


class FilesList(ttk.Frame):
    """Shows files; the ``Treeview`` in it is named ``files_list``, its items are uids.

    ``on_select()`` is called when other files are selected, ``on_open()`` for a double click.
    """

    def __init__(
        self,
        master: tk.Misc,
        parts: WindowParts,
        *,
        on_select: Callable[[], object],
        on_open: Callable[[], object],
    ) -> None:
        super().__init__(master)
        self._parts = parts
        self._pictures = FilePictures(parts.look)
        self._files: dict[str, FileInfo] = {}
        self._sorted_by, self._downwards = "time", True  # the newest first
        self._to_insert: deque[FileInfo] = deque()
        self._to_select: set[str] = set()
        self._build(on_select, on_open)
        self._dress()
        parts.look.changed.connect(self._dress, owner=self)
        parts.catalog.follow(self, self._write_texts)

    @property
    def selected(self) -> list[FileInfo]:
        """The files that are selected."""
        return [self._files[uid] for uid in self.tree.selection() if uid in self._files]

    def show(self, files: Sequence[FileInfo]) -> None:
        """Show these files, and keep what is selected."""
        fresh = {str(info.uid): info for info in files}
        if fresh == self._files:
            return
        old, self._files = self._files, fresh
        gone = [uid for uid in old if fresh.get(uid) != old[uid] and self.tree.exists(uid)]
        self.tree.delete(*gone)
        new = [info for uid, info in fresh.items() if old.get(uid) != info]
        if self._to_insert or len(new) > 100:
            self._fill()
            return
        order = {str(info.uid): place for place, info in enumerate(self._in_order())}
        for info in sorted(new, key=lambda info: order[str(info.uid)]):
            self._insert(info, order[str(info.uid)])

    # --- building ------------------------------------------------------------------------------

    def _build(self, on_select: Callable[[], object], on_open: Callable[[], object]) -> None:
        self.columnconfigure(0, weight=1)
        self.rowconfigure(0, weight=1)
        self.tree = tree = ttk.Treeview(
            self,
            name="files_list",
            style=_STYLE,
            show="tree headings",
            columns=("size", "type", "own", "time"),
            selectmode="extended",
        )
        ScrollBar(tree)
        tree.grid(row=0, column=0, sticky="nsew")
        tree.bind("<<TreeviewSelect>>", lambda _event: on_select())
        tree.bind("<Double-Button-1>", lambda event: self._double_click(event, on_open))
        tree.bind("<Return>", lambda _event: on_open())
        tree.bind("<Control-a>", lambda _event: tree.selection_set(*tree.get_children()))
        tree.bind("<Configure>", lambda event: self._fit(event.width))

    def _double_click(self, event: "tk.Event[tk.Misc]", on_open: Callable[[], object]) -> None:
        if self.tree.identify_row(event.y):
            on_open()

    def _fit(self, width: int) -> None:
        narrow = width < self._parts.look.theme.px(_NARROW)
        shown = ("size", "own") if narrow else ("size", "type", "own", "time")
        if tuple(self.tree.cget("displaycolumns")) != shown:
            self.tree.configure(displaycolumns=shown)

    # --- rows ----------------------------------------------------------------------------------

    def _in_order(self) -> list[FileInfo]:
        return sorted(self._files.values(), key=_KEYS[self._sorted_by], reverse=self._downwards)

    def _fill(self) -> None:
        """Write all rows anew, a few at a time."""
        is_filling = bool(self._to_insert)
        self._to_select.update(self.tree.selection())
        self.tree.delete(*self.tree.get_children())
        self._to_insert = deque(self._in_order())
        if not is_filling:
            self._fill_some()

    def _fill_some(self) -> None:
        end = time.monotonic() + _TURN_SECONDS
        while self._to_insert and time.monotonic() < end:
            info = self._to_insert.popleft()
            self._insert(info, "end")
            if str(info.uid) in self._to_select:
                self.tree.selection_add(str(info.uid))
        if self._to_insert:
            self.after(1, self._fill_some)
        else:
            self._to_select.clear()

    def _insert(self, info: FileInfo, place: int | Literal["end"]) -> None:
        kind, words = kind_of(info.lx), self._parts.catalog.text
        self.tree.insert(
            "",
            place,
            iid=str(info.uid),
            text=f"  {safe_text(info.full_name)}",
            image=self._pictures.kind(kind),
            values=(
                size_text(info.size),
                words(f"kind.{kind}"),
                safe_text(info.own),
                time_text(info.data, words),
            ),
        )

    def _sort(self, column: str) -> None:
        self._downwards = column == self._sorted_by and not self._downwards
        self._sorted_by = column
        self._fill()
        self._write_headings()

    # --- words and looks -----------------------------------------------------------------------

    def _write_texts(self) -> None:
        self._write_headings()
        self._fill()

    def _write_headings(self) -> None:
        for column in _WIDTHS:
            text = self._parts.catalog.text(f"files.{column}")
            if column == self._sorted_by:
                text += "  ▾" if self._downwards else "  ▴"
            self.tree.heading(
                "#0" if column == "name" else column,
                text=text,
                anchor="e" if column == "size" else "w",
                command=lambda column=column: self._sort(column),
            )

    def _dress(self) -> None:
        theme, px = self._parts.look.theme, self._parts.look.theme.px
        style = dress_tree(self, _STYLE, theme, ground=theme.field, row_height=36, inset=4)
        self.configure(padding=(px(12), 0, 0, 0), style="Page.TFrame")
        style.configure("Page.TFrame", background=theme.field)
        heading: Any = [("Treeheading.text", {"sticky": "we"})]
        style.layout(
            f"{_STYLE}.Heading", [("Treeheading.padding", {"sticky": "we", "children": heading})]
        )
        style.configure(
            f"{_STYLE}.Heading",
            font=theme.small,
            foreground=theme.muted,
            background=theme.field,
            padding=(px(4), px(7)),
        )
        style.map(f"{_STYLE}.Heading", foreground=[("active", theme.text)])
        for column, width in _WIDTHS.items():
            self.tree.column(
                "#0" if column == "name" else column,
                width=px(width),
                minwidth=px(70),
                stretch=column == "name",
                anchor="e" if column == "size" else "w",
            )
        self._fill()  # the icons are drawn for a theme
