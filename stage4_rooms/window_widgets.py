"""Small things that the windows from stage 4 on share."""

import tkinter as tk
from collections.abc import Callable
from tkinter import ttk

from stage3_auth.theme import Look
from stage3_auth.tooltip import Tooltip
from stage3_auth.window import WindowParts

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
