"""Counts drawn over the rows of a ``Treeview``, which has pictures in its first column only."""

import tkinter as tk
from tkinter import ttk

from PIL import ImageTk

from stage3_auth.ui.drawing import rounded_box
from stage3_auth.ui.palette import WHITE, parse_colour, readable
from stage3_auth.ui.theme import Look

PILL = (28, 19)  # pixels at 100 %
_MOST = 99


class Badges:
    """Labels that lie over the right end of rows and follow them; ``edge`` is at 100 %."""

    def __init__(self, tree: ttk.Treeview, look: Look, edge: int) -> None:
        self._tree, self._look, self._edge = tree, look, edge
        self._labels: dict[str, tk.Label] = {}
        self._due = False
        for event in ("<Configure>", "<<TreeviewSelect>>"):
            tree.bind(event, lambda _event: self.place_soon(), add=True)
        look.changed.connect(self._dress_all, owner=tree)

    def show(self, counts: dict[str, int]) -> None:
        """Show these counts, by the id of the row."""
        for id in [id for id in self._labels if id not in counts]:
            self._labels.pop(id).destroy()
        for id, count in counts.items():
            if id not in self._labels:
                self._labels[id] = self._new(id)
            self._labels[id].configure(text=f"{_MOST}+" if count > _MOST else str(count))
        self.place_soon()

    def place_soon(self) -> None:
        """Put each label where its row is, once the rows are where they will be."""
        if not self._due and self._labels:
            self._due = True
            self._tree.after_idle(self._place)

    def _place(self) -> None:
        self._due = False
        theme, selected = self._look.theme, self._tree.selection()
        for id, label in self._labels.items():
            box = self._tree.bbox(id) if self._tree.exists(id) else ""
            if not box:  # scrolled out of sight
                label.place_forget()
                continue
            _x, y, _width, height = box
            right = self._tree.winfo_width() - theme.px(self._edge)
            label.place(x=right, y=y + height // 2, anchor="e")
            label.configure(background=theme.trough if id in selected else theme.background)

    def _new(self, id: str) -> tk.Label:
        label = tk.Label(self._tree, compound="center", borderwidth=0, padx=0, pady=0)
        label.bind("<Button-1>", lambda _event: self._tree.selection_set(id))
        self._dress(label)
        return label

    def _dress_all(self) -> None:
        for label in self._labels.values():
            self._dress(label)
        self.place_soon()

    def _dress(self, label: tk.Label) -> None:
        label.configure(image=self._pill(), font=self._look.theme.small, foreground=WHITE.hex)

    def _pill(self) -> ImageTk.PhotoImage:
        theme = self._look.theme
        size = theme.px(PILL[0]), theme.px(PILL[1])
        ground = readable(parse_colour(theme.selection), WHITE)
        key = ("pill", theme.mode)
        return self._look.skin.keep(key, lambda: rounded_box(size, size[1] / 2, fill=ground))
