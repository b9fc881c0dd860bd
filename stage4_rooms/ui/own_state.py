"""How others see one: a button that shows it, and a menu to choose it."""

import tkinter as tk
from collections.abc import Callable
from functools import partial
from tkinter import ttk

from PIL import Image

from stage3_auth.ui.drawing import box_mask
from stage3_auth.ui.palette import parse_colour
from stage3_auth.ui.tooltip import Tooltip
from stage3_auth.ui.window import WindowParts

from .chat_pictures import photo, state_colour

STATES = ("online", "away", "busy", "invisible")
_DOT = 10  # pixels at 100 %


class OwnState(ttk.Frame):
    """The button ``own_state``; ``on_choose(state)`` is called with what the person chose."""

    def __init__(
        self, master: tk.Misc, parts: WindowParts, on_choose: Callable[[str], object]
    ) -> None:
        super().__init__(master)
        self._parts, self._on_choose = parts, on_choose
        self._state = STATES[0]
        self.columnconfigure(0, weight=1)
        self._button = ttk.Button(
            self,
            name="own_state",
            style="Ghost.TButton",
            cursor="hand2",
            compound="left",
            command=self._open,
        )
        self._button.grid(row=0, column=0, sticky="w")
        self._menu = tk.Menu(self, tearoff=False)
        Tooltip(self._button, parts.look, lambda: parts.catalog.text("state.tip"))
        parts.look.changed.connect(self._write, owner=self)
        parts.catalog.follow(self, self._write)

    def show(self, state: str) -> None:
        """Show a state as the one that is in force."""
        self._state = state
        self._write()

    def _open(self) -> None:
        button = self._button
        top = button.winfo_rooty() - self._menu.winfo_reqheight()
        self._menu.tk_popup(button.winfo_rootx(), max(0, top))

    def _write(self) -> None:
        words, theme = self._parts.catalog.text, self._parts.look.theme
        self._button.configure(
            text=f"  {words(f'state.{self._state}')}", image=self._dot(self._state)
        )
        self._menu.delete(0, "end")
        self._menu.configure(
            background=theme.field,
            foreground=theme.text,
            activebackground=theme.selection,
            activeforeground=theme.selection_text,
            font=theme.body,
            borderwidth=1,
            activeborderwidth=0,
            relief="solid",
        )
        for state in STATES:
            self._menu.add_command(
                label=f"  {words(f'state.{state}')}",
                image=self._dot(state),
                compound="left",
                command=partial(self._on_choose, state),
            )

    def _dot(self, state: str) -> tk.PhotoImage:
        theme = self._parts.look.theme
        side = theme.px(_DOT)
        return photo(
            self._parts.look.skin.keep(
                ("dot", state, side, theme.mode),
                lambda: _disc(side, state_colour(state, theme)),
            )
        )


def _disc(side: int, colour: str) -> Image.Image:
    disc = Image.new("RGBA", (side, side), parse_colour(colour))
    disc.putalpha(box_mask((side, side), 0, side / 2))
    return disc
