"""Small things that the windows from stage 4 on share."""

import tkinter as tk
from collections.abc import Callable
from tkinter import ttk
from typing import Any

from stage3_auth.ui.theme import Look
from stage3_auth.ui.tooltip import Tooltip
from stage3_auth.ui.window import WindowParts

from .chat_pictures import ChatPictures


class Content(ttk.Frame):
    """What stands in a window after the login."""

    def close(self, then: Callable[[], object]) -> None:
        """Finish what is under way and call ``then``, soon; the frame is destroyed after that."""
        then()


def icon_button(
    master: tk.Misc,
    parts: WindowParts,
    icon: str,
    tip: str,
    command: Callable[[], object],
    *,
    name: str,
    style: str = "Icon.TButton",
) -> ttk.Button:
    """Return a button that shows an icon; ``tip`` is the key of the words that explain it."""
    button = ttk.Button(master, name=name, style=style, cursor="hand2", command=command)
    pictures = ChatPictures(parts.look)

    def draw() -> None:
        button.configure(image=pictures.icon(icon))

    draw()
    parts.look.changed.connect(draw, owner=button)
    Tooltip(button, parts.look, lambda: parts.catalog.text(tip))
    return button


class ScrollBar(ttk.Scrollbar):
    """An upright scroll bar beside ``view`` (row 0 of its parent), hidden while all is in sight.

    It keeps its column while it is hidden, so that nothing beside it is laid out anew.
    ``on_move()`` is called whenever something else of the view may be in sight.
    """

    def __init__(
        self,
        view: tk.Text | ttk.Treeview,
        command: Any = None,
        on_move: Callable[[], object] = lambda: None,
    ) -> None:
        super().__init__(view.master, orient="vertical", command=command or view.yview)
        self._on_move = on_move
        view.master.columnconfigure(1, minsize=self.winfo_reqwidth())
        view.configure(yscrollcommand=self._show)

    def _show(self, first: float, last: float) -> None:
        self.set(first, last)
        if float(first) <= 0 and float(last) >= 1:  # Tk hands over text
            self.grid_remove()
        else:
            self.grid(row=0, column=1, sticky="ns")
        self._on_move()


class Hairline(tk.Frame):
    """A line one pixel thin that separates two areas."""

    def __init__(self, master: tk.Misc, look: Look, *, upright: bool = False) -> None:
        thin = max(1, look.theme.px(0.8))
        super().__init__(master)
        self.configure({"width" if upright else "height": thin})
        look.changed.connect(self._dress, owner=self)
        self._look = look
        self._dress()

    def _dress(self) -> None:
        self.configure(background=self._look.theme.edge)
