"""A button whose colour is set from outside, many times a second.

ttk draws its buttons from fixed pictures, and ``tk.Button`` ignores colours on macOS. So this is a
label with a picture that Pillow paints anew for each colour, and with a button's manners: Tab
reaches it, Space and Return press it, the focus shows as a ring.
"""

import tkinter as tk
from collections.abc import Callable
from typing import Any

from PIL import Image, ImageTk

from .drawing import box_mask, spinner
from .focus import has_focus
from .palette import BLACK, WHITE, Colour, mix, parse_colour, text_on
from .theme import Look

_RADIUS, _GAP, _RING = 8, 3, 2  # pixels at 100 %; the ring stands a gap inside the edge
_SPINNER_STEPS = 12


class PaletteButton(tk.Label):
    """A button with a text; ``paint(colour)`` colours it, its text is black or white to suit."""

    def __init__(
        self,
        master: tk.Misc,
        look: Look,
        command: Callable[[], object],
        *,
        name: str,
        height: int = 40,
    ) -> None:
        super().__init__(
            master, name=name, compound="center", borderwidth=0, padx=0, pady=0, takefocus=1
        )
        self._look, self._command = look, command
        self._colour: Colour = parse_colour(look.theme.accent)
        self._height = look.theme.px(height)
        self._enabled = True
        self._hover = self._pressed = self._busy = False
        self._step = 0
        self._timer: str | None = None
        self._shape(self._height)
        self._bind_manners()
        self._dress()
        look.changed.connect(self._dress, owner=self)

    # --- for the program -----------------------------------------------------------------------

    def paint(self, colour: Colour) -> None:
        """Give the button a colour."""
        if colour != self._colour:
            self._colour = colour
            self._draw()

    def invoke(self) -> Any:
        """Press the button, unless it is disabled or busy; return what the command returns."""
        return self._command() if self.enabled and not self._busy else None

    @property
    def enabled(self) -> bool:
        """Whether it can be pressed."""
        return self._enabled

    @enabled.setter
    def enabled(self, enabled: bool) -> None:
        self._enabled = enabled
        self.configure(takefocus=enabled, cursor="hand2" if enabled else "")
        self._draw()

    @property
    def busy(self) -> bool:
        """Whether a turning ring shows that the button's work is under way."""
        return self._busy

    @busy.setter
    def busy(self, busy: bool) -> None:
        self._busy = busy
        if self._timer is not None:
            self.after_cancel(self._timer)
            self._timer = None
        if busy:
            self._timer = self.after_idle(self._turn)  # the text may change first
        else:
            self._draw()

    def widen(self, width: int) -> None:
        """Ask for a width in pixels; what the layout gives may be more."""
        self._shape(width)
        self._draw()

    def cget(self, key: str) -> Any:
        """Return an option, as all widgets do.

        ``state`` is ours: Tk draws the picture of a disabled label through a grey grid, so it must
        not know.
        """
        if key == "state":
            return "normal" if self._enabled else "disabled"
        return super().cget(key)

    # --- manners -------------------------------------------------------------------------------

    def _bind_manners(self) -> None:
        self.bind("<Enter>", lambda _event: self._feel(hover=True))
        self.bind("<Leave>", lambda _event: self._feel(hover=False, pressed=False))
        self.bind("<Button-1>", lambda _event: self._feel(pressed=True))
        self.bind("<ButtonRelease-1>", self._released)
        for key in ("<space>", "<Return>", "<KP_Enter>"):
            self.bind(key, lambda _event: self.invoke())
        self.bind("<FocusIn>", lambda _event: self._draw())
        self.bind("<FocusOut>", lambda _event: self._draw())
        self.bind("<Configure>", self._resized)
        self.bind("<Destroy>", lambda _event: self._stop_turning())

    def _feel(self, hover: bool | None = None, pressed: bool = False) -> None:
        self._hover = self._hover if hover is None else hover
        self._pressed = pressed
        self._draw()

    def _released(self, event: "tk.Event[tk.Misc]") -> None:
        inside = 0 <= event.x < self.winfo_width() and 0 <= event.y < self.winfo_height()
        pressed = self._pressed
        self._feel(pressed=False)
        if pressed and inside:
            self.invoke()

    def _turn(self) -> None:
        self._step = (self._step + 1) % _SPINNER_STEPS
        self._draw()
        self._timer = self.after(70, self._turn)

    def _stop_turning(self) -> None:
        if self._timer is not None:
            self.after_cancel(self._timer)
            self._timer = None

    # --- picture -------------------------------------------------------------------------------

    def _resized(self, event: "tk.Event[tk.Misc]") -> None:
        if event.width != self._photo.width():
            self._shape(event.width)
            self._draw()

    def _shape(self, width: int) -> None:
        """Draw the masks for a width; they stay until the next change of size."""
        px = self._look.theme.px
        size = width, self._height
        self._face = box_mask(size, 0, px(_RADIUS))
        self._ring = box_mask(size, px(_GAP), px(_RADIUS - _GAP))
        self._ring.paste(0, (0, 0), box_mask(size, px(_GAP + _RING), px(_RADIUS - _GAP - _RING)))
        self._photo = ImageTk.PhotoImage("RGB", size, master=self)
        self.configure(image=self._photo)

    def _dress(self) -> None:
        theme = self._look.theme
        self.configure(
            font=theme.strong,
            background=theme.background,
            cursor="hand2" if self.enabled else "",
        )
        self._draw()

    def _draw(self) -> None:
        theme = self._look.theme
        colour = self._colour if self.enabled else parse_colour(theme.trough)
        ink = text_on(colour) if self.enabled else parse_colour(theme.muted)
        if self.enabled and not self._busy and (self._hover or self._pressed):
            towards = WHITE if self._pressed == (ink == BLACK) else BLACK
            colour = mix(colour, towards, 0.16 if self._pressed else 0.09)
        picture = Image.new("RGB", self._face.size, parse_colour(theme.background))
        picture.paste(colour, (0, 0), self._face)
        if self.enabled and has_focus(self):
            picture.paste(ink, (0, 0), self._ring)
        if self._busy:
            self._draw_spinner(picture, ink)
        self._photo.paste(picture)
        self.configure(foreground=ink.hex)

    def _draw_spinner(self, picture: Image.Image, ink: Colour) -> None:
        size = self._look.theme.px(16)
        text = int(self.tk.call("font", "measure", self.cget("font"), self.cget("text")))
        x = max(self._look.theme.px(12), (picture.width - text) // 2 - size * 2)
        mask = spinner(size, self._step / _SPINNER_STEPS)
        picture.paste(ink, (x, (picture.height - size) // 2), mask)
