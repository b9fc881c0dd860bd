"""A list at the side of the window: rows with a picture, a note and a count, under headings.

It is a ``ttk.Treeview`` without columns to sort; ``rows`` are compared with what is shown, so that
setting them again costs little, and many rows are written a few at a time.
"""

import time
import tkinter as tk
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from tkinter import ttk

from stage3_auth.ui.theme import Look

from .badges import PILL, Badges
from .chat_pictures import ChatPictures, Face
from .script_order import needs_order, visual
from .tree_style import dress_tree
from .window_widgets import ScrollBar

_STYLE = "Side.Treeview"
_NOTE, _EDGE = "note", "edge"
_PICTURE, _EDGE_WIDTH = 24, 8  # pixels at 100 %
_TURN_SECONDS = 0.012  # so long may the writing of rows hold up the window at a time


@dataclass(frozen=True)
class Row:
    """A row of the list; a ``heading`` cannot be chosen."""

    id: str
    text: str
    face: Face | None = None
    note: str = ""
    count: int = 0  # shown as a badge
    pale: bool = False
    heading: bool = False


class SideList(ttk.Frame):
    """The list; the ``Treeview`` in it has the widget name given.

    ``on_choose(id)`` is called when the person chooses a row; with ``at_once`` False that takes a
    click or Return: moving through the list with the keyboard opens nothing.
    """

    def __init__(
        self,
        master: tk.Misc,
        look: Look,
        *,
        name: str,
        on_choose: Callable[[str], object],
        at_once: bool = True,
    ) -> None:
        super().__init__(master)
        self._look, self._on_choose, self._at_once = look, on_choose, at_once
        self._rows: list[Row] = []
        self._chosen = ""
        self._to_write: dict[str, Row] = {}  # in the order of the list
        self._pictures = ChatPictures(look)
        self._orders = needs_order(self)
        self.columnconfigure(0, weight=1)
        self.rowconfigure(0, weight=1)
        self.tree = ttk.Treeview(
            self, name=name, style=_STYLE, show="tree", columns=(_NOTE, _EDGE), selectmode="browse"
        )
        self.tree.grid(row=0, column=0, sticky="nsew")
        self._badges = Badges(self.tree, look, _EDGE_WIDTH)
        ScrollBar(self.tree, on_move=self._badges.place_soon)
        if at_once:
            self.tree.bind("<<TreeviewSelect>>", lambda _event: self._selected())
        else:
            self.tree.bind("<ButtonRelease-1>", self._clicked)
            for event in ("<Return>", "<KP_Enter>"):
                self.tree.bind(event, lambda _event: self._selected())
        self._dress()
        look.changed.connect(self._dress, owner=self)

    @property
    def rows(self) -> Sequence[Row]:
        """What is shown."""
        return self._rows

    @rows.setter
    def rows(self, rows: Sequence[Row]) -> None:
        if list(rows) == self._rows:
            return
        known = {row.id: row for row in self._rows}
        if list(known) != [row.id for row in rows]:
            self.tree.delete(*self.tree.get_children())
            self._to_write.clear()
            known.clear()
        is_writing = bool(self._to_write)
        self._to_write.update((row.id, row) for row in rows if known.get(row.id) != row)
        self._rows = list(rows)
        self._fit_notes()
        if not is_writing:
            self._write_some()

    def mark(self, id: str) -> None:
        """Show which row is the chosen one, without calling ``on_choose``."""
        is_news = id != self._chosen
        self._chosen = id
        self._mark(over_a_choice=is_news)

    # --- rows ----------------------------------------------------------------------------------

    def _write_some(self) -> None:
        end = time.monotonic() + _TURN_SECONDS
        while self._to_write and time.monotonic() < end:
            id = next(iter(self._to_write))
            self._write(self._to_write.pop(id))
        if self._to_write:
            self.after(1, self._write_some)
        self._mark()
        self._badges.show({row.id: row.count for row in self._rows if row.count})

    def _write(self, row: Row) -> None:
        tags = [
            tag
            for tag, applies in (
                ("heading", row.heading),
                ("pale", row.pale),
                ("unread", row.count > 0),
            )
            if applies
        ]
        note = str(row.count) if row.count else row.note
        text = visual(row.text) if self._orders else row.text
        text = text if row.face is None else f"  {text}"
        picture = "" if row.face is None else self._pictures.face(row.face, _PICTURE)
        if not self.tree.exists(row.id):
            self.tree.insert("", "end", iid=row.id)
        self.tree.item(row.id, text=text, image=picture, values=(note, ""), tags=tags)

    def _fit_notes(self) -> None:
        """Leave the notes just the width they take: a narrow list is for names."""
        measure = partial(self.tree.tk.call, "font", "measure", self._look.theme.strong)
        words = [str(row.count) if row.count else row.note for row in self._rows]
        widest = max((int(measure(word)) for word in set(words) if word), default=0)
        px = self._look.theme.px
        if any(row.count for row in self._rows):
            widest = max(widest, px(PILL[0] - 8))
        self.tree.column(_NOTE, width=widest + px(10 if widest else 1), minwidth=1)

    def _mark(self, *, over_a_choice: bool = False) -> None:
        """Select the chosen row; what the person has just selected is told soon, and then chosen.

        ``over_a_choice`` takes that back.
        """
        if self._at_once and not over_a_choice and self._is_choosing():
            return
        if self._chosen and self.tree.exists(self._chosen):  # "" is the root
            if self.tree.selection() != (self._chosen,):
                self.tree.selection_set(self._chosen)
                self.tree.focus(self._chosen)
        elif self.tree.selection():
            self.tree.selection_set()

    def _is_choosing(self) -> bool:
        """Tell whether another row is selected: Tk tells of that with an event, a little later."""
        selected = self.tree.selection()
        return bool(selected) and selected[0] != self._chosen

    def _clicked(self, event: "tk.Event[ttk.Treeview]") -> None:
        if self.tree.identify_row(event.y):  # not below the last row
            self._selected()

    def _selected(self) -> None:
        selection = self.tree.selection()
        row = next((row for row in self._rows if row.id in selection), None)
        if row is None or row.heading:
            self._mark(over_a_choice=True)
        elif not self._at_once:
            self._on_choose(row.id)
        elif row.id != self._chosen:
            self._chosen = row.id
            self._on_choose(row.id)

    # --- looks ---------------------------------------------------------------------------------

    def _dress(self) -> None:
        theme, px = self._look.theme, self._look.theme.px
        dress_tree(self, _STYLE, theme, ground=theme.background, row_height=34, inset=8)
        tree = self.tree
        tree.tag_configure("heading", foreground=theme.muted, font=theme.small)
        tree.tag_configure("pale", foreground=theme.muted)
        tree.tag_configure("unread", font=theme.strong)
        tree.column("#0", minwidth=px(60), stretch=True)
        tree.column(_NOTE, stretch=False, anchor="e")
        self._fit_notes()
        tree.column(_EDGE, width=px(_EDGE_WIDTH), minwidth=1, stretch=False)
        is_writing = bool(self._to_write)
        self._to_write = {row.id: row for row in self._rows}  # pictures are drawn for a theme
        if not is_writing:
            self._write_some()
