"""A list at the side of the window: rows with a picture, a note and a count, under headings.

It is a ``ttk.Treeview`` without columns to sort; ``rows`` are compared with what is shown, so that
setting them again costs little.
"""

import tkinter as tk
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from tkinter import ttk
from typing import Any

from PIL import ImageTk

from stage3_auth.drawing import rounded_box
from stage3_auth.palette import WHITE, parse_colour, readable
from stage3_auth.theme import Look

from .window_widgets import ScrollBar

_STYLE = "Side.Treeview"
_NOTE, _EDGE = "note", "edge"
_EDGE_WIDTH = 8  # pixels at 100 %: a count stands so far from the edge


@dataclass(frozen=True)
class Row:
    """A row of the list; a ``heading`` cannot be chosen."""

    id: str
    text: str
    picture: tk.PhotoImage | None = None
    note: str = ""
    count: int = 0  # shown as a badge
    pale: bool = False
    heading: bool = False


class SideList(ttk.Frame):
    """The list; the ``Treeview`` in it has the widget name given.

    ``on_choose(id)`` is called when the person chooses a row; with ``at_once`` False that takes a
    double click or Return.
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
        self._badges: dict[str, tk.Label] = {}
        self.columnconfigure(0, weight=1)
        self.rowconfigure(0, weight=1)
        self.tree = ttk.Treeview(
            self, name=name, style=_STYLE, show="tree", columns=(_NOTE, _EDGE), selectmode="browse"
        )
        self.tree.grid(row=0, column=0, sticky="nsew")
        ScrollBar(self.tree, on_move=lambda: self.after_idle(self._place_badges))
        self.tree.bind("<Configure>", lambda _event: self.after_idle(self._place_badges))
        if at_once:
            self.tree.bind("<<TreeviewSelect>>", lambda _event: self._selected())
        else:
            for event in ("<Double-Button-1>", "<Return>", "<KP_Enter>"):
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
        if [row.id for row in rows] != [row.id for row in self._rows]:
            self.tree.delete(*self.tree.get_children())
            for row in rows:
                self.tree.insert("", "end", iid=row.id)
            self._rows = []
        known = {row.id: row for row in self._rows}
        for row in rows:
            if known.get(row.id) != row:
                self._write(row)
        self._rows = list(rows)
        self._mark()
        self._draw_badges()

    def mark(self, id: str) -> None:
        """Show which row is the chosen one, without calling ``on_choose``."""
        self._chosen = id
        self._mark()

    # --- rows ----------------------------------------------------------------------------------

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
        text = row.text if row.picture is None else f"  {row.text}"
        self.tree.item(row.id, text=text, image=row.picture or "", values=(note, ""), tags=tags)

    def _mark(self) -> None:
        if self._chosen and self.tree.exists(self._chosen):  # "" is the root
            if self.tree.selection() != (self._chosen,):
                self.tree.selection_set(self._chosen)
                self.tree.focus(self._chosen)
        elif self.tree.selection():
            self.tree.selection_set()

    def _selected(self) -> None:
        selection = self.tree.selection()
        row = next((row for row in self._rows if row.id in selection), None)
        if row is None or row.heading:
            self._mark()
        elif not self._at_once:
            self._on_choose(row.id)
        elif row.id != self._chosen:
            self._chosen = row.id
            self._on_choose(row.id)

    # --- badges: a Treeview has pictures in its first column only ------------------------------

    def _draw_badges(self) -> None:
        counts = {row.id: row.count for row in self._rows if row.count}
        for id in [id for id in self._badges if id not in counts]:
            self._badges.pop(id).destroy()
        for id, count in counts.items():
            if id not in self._badges:
                self._badges[id] = self._new_badge(id)
            self._badges[id].configure(text="99+" if count > 99 else str(count))
        self.after_idle(self._place_badges)

    def _new_badge(self, id: str) -> tk.Label:
        badge = tk.Label(self.tree, compound="center", borderwidth=0, padx=0, pady=0)
        badge.bind("<Button-1>", lambda _event: self.tree.selection_set(id))
        self._dress_badge(badge)
        return badge

    def _dress_badge(self, badge: tk.Label) -> None:
        theme = self._look.theme
        badge.configure(
            image=self._pill(),
            font=theme.small,
            foreground="#ffffff",
            background=theme.background,
        )

    def _pill(self) -> ImageTk.PhotoImage:
        theme = self._look.theme
        size = theme.px(28), theme.px(19)
        ground = readable(parse_colour(theme.selection), WHITE)
        return self._look.skin.keep(
            ("pill", theme.mode), lambda: rounded_box(size, size[1] / 2, fill=ground)
        )

    def _place_badges(self) -> None:
        for id, badge in self._badges.items():
            box = self.tree.bbox(id)
            if not box:  # scrolled out of sight
                badge.place_forget()
                continue
            _x, y, _width, height = box
            right = self.tree.winfo_width() - self._look.theme.px(_EDGE_WIDTH)
            badge.place(x=right, y=y + height // 2, anchor="e")

    # --- looks ---------------------------------------------------------------------------------

    def _dress(self) -> None:
        theme, style = self._look.theme, ttk.Style(self)
        px = theme.px
        style.layout(_STYLE, [("Treeview.treearea", {"sticky": "nsew"})])
        label: Any = [
            ("Treeitem.image", {"side": "left", "sticky": ""}),
            ("Treeitem.text", {"side": "left", "sticky": ""}),
        ]
        style.layout(
            f"{_STYLE}.Item", [("Treeitem.padding", {"sticky": "nsew", "children": label})]
        )
        style.configure(f"{_STYLE}.Item", padding=(px(8), 0))
        style.configure(
            _STYLE,
            rowheight=px(34),
            background=theme.background,
            fieldbackground=theme.background,
            foreground=theme.text,
            font=theme.body,
            borderwidth=0,
        )
        style.map(
            _STYLE,
            background=[("selected", theme.trough)],
            foreground=[("selected", theme.text)],
        )
        tree = self.tree
        tree.tag_configure("heading", foreground=theme.muted, font=theme.small)
        tree.tag_configure("pale", foreground=theme.muted)
        tree.tag_configure("unread", font=theme.strong)
        tree.column("#0", minwidth=px(60), stretch=True)
        tree.column(_NOTE, width=px(56), minwidth=px(40), stretch=False, anchor="e")
        tree.column(_EDGE, width=px(_EDGE_WIDTH), minwidth=1, stretch=False)
        for badge in self._badges.values():
            self._dress_badge(badge)
