"""The table of files and folders: a ``ttk.Treeview`` that sorts by a click on a heading."""

import contextlib
import time
import tkinter as tk
from collections import deque
from collections.abc import Callable, Iterable
from functools import partial
from tkinter import ttk

from stage3_auth.ui.window import WindowParts
from stage4_rooms.ui.window_widgets import ScrollBar

from ..file_info import FileInfo
from .file_rows import FileRows
from .file_tree import COLUMNS, Entry, Folder, found, in_order
from .files_style import ROW_HEIGHT, STYLE, dress_files, fit_columns, row_below

_TURN_SECONDS = 0.012  # so long may the filling of a long list hold up the window at a time

Opened = Callable[[Entry], object]


class FilesList(ttk.Frame):
    """Shows a place; the ``Treeview`` in it is named ``files_list``.

    ``on_select()`` is called when something else is selected, ``on_open(entry)`` for Return or a
    double click on a file, ``on_menu(x, y)`` for the menu of what is selected, at a place of the
    screen, ``on_view()`` when other rows may be in sight.
    """

    def __init__(
        self,
        master: tk.Misc,
        parts: WindowParts,
        rows: FileRows,
        *,
        on_select: Callable[[], object],
        on_open: Opened,
        on_menu: Callable[[int, int], object],
        on_view: Callable[[], object],
    ) -> None:
        super().__init__(master)
        self._parts, self._rows = parts, rows
        self._top, self._words, self._count = Folder(""), "", 0
        self._shown: dict[str, Entry] = {}
        self._open_folders: set[str] = set()
        self._sorted_by, self._downwards = "time", True  # the newest first
        self._to_insert: deque[tuple[str, Entry]] = deque()
        self._to_select: set[str] = set()
        self._timer = ""
        self._build(on_select, on_open, on_menu, on_view)
        self._dress()
        parts.look.changed.connect(self._dress, owner=self)
        parts.catalog.follow(self, self._write_texts)
        self.bind("<Destroy>", lambda _event: self._stop(), add=True)

    # --- what is shown -------------------------------------------------------------------------

    @property
    def selected(self) -> list[Entry]:
        """The files and folders that are selected."""
        return [self._shown[row] for row in self.tree.selection() if row in self._shown]

    @property
    def count(self) -> int:
        """How many rows there are, not counting those inside folders."""
        return self._count

    def show(self, top: Folder) -> None:
        """Show this place; what is selected and which folders are open stays."""
        if top is self._top:
            return
        self._top = top
        wanted = self._wanted(top)
        self._count = len(wanted)
        if self._to_insert or not self._sync("", wanted):
            self._fill(wanted)

    def search(self, words: str) -> None:
        """Show only the files that have these words; without any, everything."""
        if words != self._words:
            self._words = words
            self._fill()
            self.tree.yview_moveto(0)

    def in_sight(self) -> list[FileInfo]:
        """Return the files whose rows can be seen now, from the top down."""
        tree, px = self.tree, self._parts.look.theme.px
        row, seen = tree.identify_row(px(ROW_HEIGHT)), []
        for _ in range(tree.winfo_height() // px(ROW_HEIGHT) + 1):
            if isinstance(entry := self._shown.get(row), FileInfo):
                seen.append(entry)
            row = row_below(tree, row)
        return seen

    def take_focus(self) -> None:
        """Take the keyboard; something is selected then, so that arrow keys have a beginning."""
        self.tree.focus_set()
        rows = self.tree.get_children()
        if rows and not self.tree.selection():
            self.tree.selection_set(rows[0])
            self.tree.focus(rows[0])

    def redraw(self, entry: Entry) -> None:
        """Draw the row of an entry anew: its picture has come, say."""
        row = self._rows.name(entry)
        if row in self._shown and self.tree.exists(row):
            self.tree.item(row, image=self._rows.picture(entry))

    # --- building ------------------------------------------------------------------------------

    def _build(
        self,
        on_select: Callable[[], object],
        on_open: Opened,
        on_menu: Callable[[int, int], object],
        on_view: Callable[[], object],
    ) -> None:
        self.columnconfigure(0, weight=1)
        self.rowconfigure(0, weight=1)
        self.tree = tree = ttk.Treeview(
            self,
            name="files_list",
            style=STYLE,
            show="tree headings",
            columns=COLUMNS[1:],
            selectmode="extended",
        )
        ScrollBar(tree, on_move=on_view)
        tree.grid(row=0, column=0, sticky="nsew")
        tree.bind("<<TreeviewSelect>>", lambda _event: on_select())
        tree.bind("<<TreeviewOpen>>", lambda _event: self._opened(True))
        tree.bind("<<TreeviewClose>>", lambda _event: self._opened(False))
        tree.bind("<Double-Button-1>", lambda event: self._act(tree.identify_row(event.y), on_open))
        tree.bind("<Return>", lambda _event: self._act(tree.focus(), on_open))
        tree.bind("<<TraverseIn>>", lambda _event: self.take_focus())
        for number, column in enumerate(COLUMNS, start=1):
            tree.bind(f"<Control-Key-{number}>", partial(self._sort, column))
        tree.bind("<Control-a>", lambda _event: self._select_all())
        tree.bind("<Configure>", lambda event: fit_columns(tree, self._parts, event.width))
        for click in ("<Button-3>", "<Button-2>", "<Control-Button-1>"):
            if click == "<Button-3>" or tree.tk.call("tk", "windowingsystem") == "aqua":
                tree.bind(click, lambda event: self._menu_at(event, on_menu))
        for key in ("<Shift-F10>", "<Menu>", "<App>"):
            with contextlib.suppress(tk.TclError):  # not every desktop has a name for each
                tree.bind(key, lambda _event: self._menu_by_key(on_menu))

    def _act(self, row: str, on_open: Opened) -> str | None:
        entry = self._shown.get(row)
        if isinstance(entry, FileInfo):
            on_open(entry)
            return "break"
        return None  # the Treeview itself opens and closes folders

    def _select_all(self) -> str:
        self.tree.selection_set(*self.tree.get_children())
        return "break"

    def _menu_at(
        self, event: "tk.Event[tk.Misc]", on_menu: Callable[[int, int], object]
    ) -> str | None:
        row = self.tree.identify_row(event.y)
        if row not in self._shown:
            return None
        if row not in self.tree.selection():
            self.tree.selection_set(row)
        self.tree.focus(row)
        on_menu(event.x_root, event.y_root)
        return "break"

    def _menu_by_key(self, on_menu: Callable[[int, int], object]) -> str:
        box = self.tree.bbox(self.tree.focus())
        if box and self.selected:
            x, y, _width, height = map(int, box)
            on_menu(self.tree.winfo_rootx() + x + height, self.tree.winfo_rooty() + y + height)
        return "break"

    # --- rows ----------------------------------------------------------------------------------

    def _wanted(self, folder: Folder) -> list[Entry]:
        column, down = self._sorted_by, self._downwards
        if self._words:
            return found(folder, self._words, column, downwards=down)
        return in_order(folder, column, downwards=down)

    def _sync(self, parent: str, wanted: list[Entry]) -> bool:
        """Turn the rows below ``parent`` into those wanted; False if that would take long."""
        rows = [self._rows.name(entry) for entry in wanted]
        here = set(self.tree.get_children(parent))
        fresh, gone = set(rows) - self._shown.keys(), here - set(rows)
        if len(fresh) + len(gone) > 100:
            return False
        self._drop(gone)
        for row, entry in zip(rows, wanted, strict=True):
            if row in fresh:
                self._insert(parent, entry)
            elif self._shown[row] != entry:
                self._rows.write(self.tree, row, entry, whole_name=bool(self._words))
                self._shown[row] = entry
        if list(self.tree.get_children(parent)) != rows:
            self.tree.set_children(parent, *rows)
        opened = [e for e in wanted if isinstance(e, Folder) and e.path in self._open_folders]
        return all(self._sync(self._rows.name(folder), self._wanted(folder)) for folder in opened)

    def _drop(self, rows: Iterable[str]) -> None:
        for row in rows:
            self._drop(self.tree.get_children(row))
            self.tree.delete(row)
            self._shown.pop(row, None)

    def _fill(self, wanted: list[Entry] | None = None) -> None:
        """Write all rows anew, a few at a time."""
        wanted = self._wanted(self._top) if wanted is None else wanted
        self._count = len(wanted)
        self._to_select.update(self.tree.selection())
        self.tree.delete(*self.tree.get_children())
        self._shown.clear()
        self._to_insert = deque(("", entry) for entry in wanted)
        if not self._timer:
            self._fill_some()

    def _fill_some(self) -> None:
        self._timer = ""
        end = time.monotonic() + _TURN_SECONDS
        while self._to_insert and time.monotonic() < end:
            parent, entry = self._to_insert.popleft()
            if not parent or self.tree.exists(parent):
                self._insert(parent, entry)
        if self._to_insert:
            self._timer = self.after(1, self._fill_some)
        elif self._to_select:
            kept = [row for row in self._to_select if self.tree.exists(row)]
            self._to_select.clear()
            self.tree.selection_set(kept)  # at once: each change of it is told

    def _stop(self) -> None:
        if self._timer:
            self.after_cancel(self._timer)
            self._timer = ""

    def _insert(self, parent: str, entry: Entry) -> None:
        row = self._rows.name(entry)
        self._rows.insert(self.tree, parent, entry, whole_name=bool(self._words))
        self._shown[row] = entry
        if isinstance(entry, Folder):
            self.tree.insert(row, "end", iid=f"{row} inside")  # so that it can be opened
            if entry.path in self._open_folders:
                self.tree.item(row, open=True)
                self._show_inside(row, entry)

    def _opened(self, is_open: bool) -> None:
        row = self.tree.focus()
        folder = self._shown.get(row)
        if not isinstance(folder, Folder):
            return
        if is_open:
            self._open_folders.add(folder.path)
            self._show_inside(row, folder)
        else:
            self._open_folders.discard(folder.path)

    def _show_inside(self, row: str, folder: Folder) -> None:
        self._drop(self.tree.get_children(row))
        self._to_insert.extend((row, entry) for entry in self._wanted(folder))
        if not self._timer:
            self._timer = self.after(1, self._fill_some)

    def _sort(self, column: str, _key: "tk.Event[tk.Misc] | None" = None) -> None:
        self._downwards = column == self._sorted_by and not self._downwards
        self._sorted_by = column
        self._fill()
        self._write_headings()

    # --- words and looks -----------------------------------------------------------------------

    def _write_texts(self) -> None:
        self._write_headings()
        self._fill()

    def _write_headings(self) -> None:
        for column in COLUMNS:
            text = self._parts.catalog.text(f"files.{column}")
            if column == self._sorted_by:
                text += " ↓" if self._downwards else " ↑"
            self.tree.heading(
                "#0" if column == "name" else column,
                text=text,
                anchor="e" if column == "size" else "w",
                command=partial(self._sort, column),
            )

    def _dress(self) -> None:
        dress_files(self, self.tree, self._parts.look.theme)
        self._fill()  # the icons are drawn for a theme
