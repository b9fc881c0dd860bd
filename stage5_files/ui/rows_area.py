"""Rows one above the other, that scroll when there are more than the window has room for."""

import tkinter as tk
from collections.abc import Callable
from tkinter import ttk

from stage3_auth.ui.bindings import bind_while
from stage3_auth.ui.theme import Look, style_canvas


class RowsArea(ttk.Frame):
    """Put the rows into ``inside`` (column 0); ``most`` is the most height it takes, in pixels."""

    def __init__(self, master: tk.Misc, look: Look) -> None:
        super().__init__(master)
        self._look = look
        self._most = 200
        self.columnconfigure(0, weight=1)
        self._canvas = canvas = tk.Canvas(self, height=1, takefocus=False)
        canvas.grid(row=0, column=0, sticky="nsew")
        self._bar = ttk.Scrollbar(self, orient="vertical", command=canvas.yview)
        self.columnconfigure(1, minsize=self._bar.winfo_reqwidth())
        canvas.configure(yscrollcommand=self._show_bar)
        px = look.theme.px
        self.inside = ttk.Frame(canvas, padding=(px(16), 0, px(4), px(4)))
        self.inside.columnconfigure(0, weight=1)
        self._item = canvas.create_window(0, 0, anchor="nw", window=self.inside)
        self.inside.bind("<Configure>", lambda _event: self._fit())
        canvas.bind(
            "<Configure>", lambda event: canvas.itemconfigure(self._item, width=event.width)
        )
        for wheel, step in (("<Button-4>", -1), ("<Button-5>", 1), ("<MouseWheel>", 0)):
            bind_while(self, self.winfo_toplevel(), wheel, self._wheel(step))
        bind_while(self, self.winfo_toplevel(), "<FocusIn>", self._follow_focus)
        look.changed.connect(self._dress, owner=self)
        self._dress()

    @property
    def most(self) -> int:
        """The most height that it takes."""
        return self._most

    @most.setter
    def most(self, most: int) -> None:
        if most != self._most:
            self._most = most
            self._fit()

    def _fit(self) -> None:
        height = self.inside.winfo_reqheight()
        self._canvas.configure(
            height=min(height, self._most), scrollregion=(0, 0, 1, max(1, height))
        )

    def _show_bar(self, first: float, last: float) -> None:
        self._bar.set(first, last)
        if float(first) <= 0 and float(last) >= 1:  # Tk hands over text
            self._bar.grid_remove()
        else:
            self._bar.grid(row=0, column=1, sticky="ns")

    def _wheel(self, step: int) -> "Callable[[tk.Event[tk.Misc]], None]":
        def turned(event: "tk.Event[tk.Misc]") -> None:
            if self._is_inside(event.widget) and self.inside.winfo_reqheight() > self._most:
                way = step or (-1 if event.delta > 0 else 1)
                self._canvas.yview_scroll(way * self._look.theme.px(40), "units")

        return turned

    def _follow_focus(self, event: "tk.Event[tk.Misc]") -> None:
        """Bring the row with the focus in sight, for those who have no mouse."""
        if not self._is_inside(event.widget) or event.widget is self._canvas:
            return
        whole = max(1, self.inside.winfo_reqheight())
        top = event.widget.winfo_rooty() - self.inside.winfo_rooty()
        seen, shown = self._canvas.canvasy(0), self._canvas.winfo_height()
        if not seen <= top <= seen + shown - event.widget.winfo_height():
            self._canvas.yview_moveto(max(0, top - shown // 3) / whole)

    def _is_inside(self, widget: object) -> bool:
        return str(widget).startswith(str(self))

    def _dress(self) -> None:
        style_canvas(self._canvas, self._look.theme)
        self._canvas.configure(yscrollincrement=1)
