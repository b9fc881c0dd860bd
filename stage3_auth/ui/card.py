"""A card in the middle of the moving picture: for a login, a welcome, a short question."""

import random
import tkinter as tk
from collections.abc import Callable
from tkinter import ttk

from .animation import AnimatedBackground
from .aurora import Card
from .bindings import bind_while
from .palette import Colour, ColourDrift, legible_palette, load_palette, parse_colour, readable
from .theme import Look

PADDING = 24  # pixels at 100 %, as all lengths here
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
        self._drifts: list[ColourDrift] = []
        self._legible = legible_palette(self.palette, self._ground)
        self._shift = 0  # of a card that is too tall, in pixels below the middle
        look.changed.connect(self._suit_drifts, owner=self)
        for event in ("<Configure>", "<Map>"):
            self.card.bind(event, lambda _event: self._resized(), add=True)
        self.background.bind("<Configure>", lambda _event: self._resized(), add=True)
        self._follow_keyboard(self.winfo_toplevel())

    def bring_into_view(self, widget: tk.Misc) -> None:
        """Shift a card that is taller than its window so that ``widget`` can be seen."""
        top = widget.winfo_rooty() - self.background.winfo_rooty()
        around = self._look.theme.px(50)  # its caption above, its hint below
        above = around - top
        below = top + widget.winfo_height() + around - self.background.winfo_height()
        if above > 0 or below > 0:
            self._shift_to(self._shift + (above if above > 0 else -below))

    def show_top(self) -> None:
        """Shift a card that is taller than its window to its beginning."""
        self._shift_to(self.card.winfo_reqheight())

    def _shift_to(self, shift: float) -> None:
        """Move the card down by ``shift`` pixels from the middle, no farther than its end."""
        margin = self._look.theme.px(PADDING)
        room = self.card.winfo_reqheight() + 2 * margin - self.background.winfo_height()
        shift = round(max(-room / 2, min(room / 2, shift))) if room > 0 else 0
        if shift != self._shift:
            self._shift = shift
            self.card.place_configure(y=shift)

    def _follow_keyboard(self, window: tk.Misc) -> None:
        """Keep what has the focus in view, and let the wheel move a card that is too tall."""
        step = self._look.theme.px(60)

        def focused(event: "tk.Event[tk.Misc]") -> None:
            if str(event.widget).startswith(f"{self.card}."):
                self.bring_into_view(event.widget)

        bind_while(self, window, "<FocusIn>", focused)

        def turned(event: "tk.Event[tk.Misc]") -> None:
            up = event.num == 4 or event.delta > 0  # X11 has buttons for the wheel
            self._shift_to(self._shift + (step if up else -step))

        for sequence in ("<Button-4>", "<Button-5>", "<MouseWheel>"):
            bind_while(self, window, sequence, turned)

    def drift(self, widget: tk.Widget, paint: Callable[[Colour], object]) -> None:
        """Have ``paint`` called with a colour that wanders through the palette, always readable.

        It is called while ``widget`` can be seen.
        """
        drift = ColourDrift(self._legible, self.chance)
        self._drifts.append(drift)

        def paint_at(now: float) -> None:
            if widget.winfo_ismapped():  # not those of the other pages
                # Two readable colours may meet in one that is not quite.
                paint(readable(drift.at(now), self._ground))

        self.animator.add(paint_at)
        widget.bind("<Map>", lambda _event: self.animator.repaint(), add=True)

    @property
    def _ground(self) -> Colour:
        return parse_colour(self._look.theme.background)

    def _suit_drifts(self) -> None:
        self._legible = legible_palette(self.palette, self._ground)
        for drift in self._drifts:
            drift.palette = self._legible

    def _resized(self) -> None:
        self._shift_to(self._shift)
        self._draw_card()

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
