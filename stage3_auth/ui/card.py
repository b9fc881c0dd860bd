"""A card in the middle of the moving picture: for a login, a welcome, a short question."""

import random
import tkinter as tk
from tkinter import ttk

from .animation import AnimatedBackground
from .aurora import Card
from .palette import load_palette
from .theme import Look

PADDING = 26  # pixels at 100 %, as all lengths here
_INSET = 6  # the frame lies so far inside the drawn card that the round corners stay free


class BackdropCard(ttk.Frame):
    """Fills its place with the moving picture; widgets go into ``card``, which stays centred.

    ``width`` is that of the card's content at 100 %. ``animator`` decides whether things move;
    ``chance`` makes their colours and ways repeatable.
    """

    def __init__(
        self,
        master: tk.Misc,
        look: Look,
        *,
        name: str,
        width: int = 400,
        reduced_motion: bool = False,
        chance: random.Random | None = None,
    ) -> None:
        super().__init__(master, name=name)
        self._look = look
        self.chance = chance or random.Random()
        self.palette = load_palette()
        self.background = AnimatedBackground(
            self, look, self.palette, reduced=reduced_motion, chance=self.chance
        )
        self.background.place(relwidth=1, relheight=1)
        self.animator = self.background.animator
        self.card = ttk.Frame(self.background, padding=look.theme.px(PADDING - _INSET))
        self.card.place(relx=0.5, rely=0.5, anchor="center")
        self.card.columnconfigure(0, weight=1, minsize=look.theme.px(width))
        for event in ("<Configure>", "<Map>"):
            self.card.bind(event, lambda _event: self._draw_card(), add=True)
        self.background.bind("<Configure>", lambda _event: self._draw_card(), add=True)

    def _draw_card(self) -> None:
        """Tell the background where the card lies; the card's frame covers the hole."""
        card, px = self.card, self._look.theme.px
        left, top = card.winfo_x(), card.winfo_y()
        right, bottom = left + card.winfo_width(), top + card.winfo_height()
        if right - left < 2:
            return  # not laid out yet
        inset = px(_INSET)
        box = left - inset, top - inset, right + inset, bottom + inset
        hole = left, top, right, bottom
        self.background.set_card(Card(box, hole, radius=px(18), shadow=px(44)))
