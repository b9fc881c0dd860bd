"""What moves in the login window, and how often: one callback that Tk calls through ``after``.

Why not threads? Tk is not thread-safe: its widgets, and the interpreter behind them, belong to the
one thread that runs ``mainloop``. A thread that sets a colour works a thousand times and then
crashes, freezes or draws rubbish, depending on what the other thread was doing just then. ``after``
asks Tk to call back in its own thread, between two events, when nothing else is being drawn. A
callback must only be short: while it runs, no key is seen and nothing is drawn.

``Pace`` decides when the next frame is due, ``Animator`` runs the frames, ``AnimatedBackground``
shows the pictures of ``aurora``.
"""

import random
import time
import tkinter as tk
from collections.abc import Callable, Sequence

from PIL import ImageTk

from .aurora import AuroraPainter, Box, Card, Tones
from .bindings import bind_while
from .palette import WHITE, Colour, parse_colour
from .theme import Look, Theme

FRAME_RATE = 30.0
CPU_SHARE = 0.14  # of one core: painting, Tk's drawing, and what the program does between frames
_BETWEEN_SECONDS = 0.002  # counted of the latter: a page that is turned must not slow the picture


class Pace:
    """Says how long to wait between frames: 1/``rate``, or longer so as not to exceed ``share``.

    Times are seconds. The cost is averaged over about ten frames, because one frame's cost is
    often hidden by the coarse clocks of some systems.
    """

    def __init__(self, rate: float = FRAME_RATE, share: float = CPU_SHARE) -> None:
        self._shortest = 1 / rate
        self._share = share
        self._cost = 0.0

    def interval(self, cost: float) -> float:
        """Return the time from the beginning of a frame that took ``cost`` to the next one."""
        self._cost += (cost - self._cost) / 10
        return max(self._shortest, self._cost / self._share)


class Animator:
    """Calls its parts with the time, again and again, as long as somebody can see them.

    It stops while the window is withdrawn, iconified or wholly covered, and while motion is
    ``reduced``; its time stops with it, so that nothing jumps when it goes on.
    """

    def __init__(self, widget: tk.Misc, *, reduced: bool = False) -> None:
        self._widget = widget
        self._parts: list[Callable[[float], object]] = []
        self._pace = Pace()
        self._reduced = reduced
        self._covered = False
        self._timer: str | None = None
        self._now = self._due = 0.0
        self._rested = 0.0  # processor time when the last frame was done
        self.frames = 0  # painted so far: what a test or a benchmark reads
        # A window that is withdrawn tells only itself; its children just cannot be seen any more.
        window = widget.winfo_toplevel()
        for event in ("<Map>", "<Unmap>"):
            bind_while(widget, window, event, lambda _event: self._start_or_stop())
        widget.bind("<Map>", lambda _event: self._start_or_stop(), add=True)
        widget.bind("<Unmap>", lambda _event: self._start_or_stop(), add=True)
        widget.bind("<Visibility>", self._covered_or_not, add=True)
        widget.bind("<Destroy>", self._destroyed, add=True)

    @property
    def running(self) -> bool:
        """Whether another frame is on its way."""
        return self._timer is not None

    @property
    def reduced(self) -> bool:
        """Whether the person asked for a picture that stands still."""
        return self._reduced

    @reduced.setter
    def reduced(self, reduced: bool) -> None:
        self._reduced = reduced
        self._start_or_stop()

    def add(self, part: Callable[[float], object]) -> None:
        """Call ``part(now)`` at each frame, ``now`` in seconds of running; once at once."""
        self._parts.append(part)
        part(self._now)

    def repaint(self) -> None:
        """Paint one frame of the present time: something else than the time has changed."""
        for part in self._parts:
            part(self._now)

    def _frame(self) -> None:
        # BEGIN SOLUTION 3.10
        started = time.monotonic()
        used = time.process_time()
        between = min(used - self._rested, _BETWEEN_SECONDS)
        self.frames += 1
        self.repaint()
        self._widget.update_idletasks()  # so that the drawing is counted, too
        if self._timer is None:
            return  # a part stopped the animation or closed the window
        self._rested = time.process_time()
        interval = self._pace.interval(self._rested - used + between)
        # Frames are due at even times; after a hold-up they begin a new count, not a hunt.
        self._due = max(self._due + interval, started)
        self._now += interval
        wait = max(1, round((self._due - time.monotonic()) * 1000))
        self._timer = self._widget.after(wait, self._frame)
        # END SOLUTION

    def _start_or_stop(self) -> None:
        # BEGIN SOLUTION 3.10
        wanted = not self._reduced and not self._covered and bool(self._widget.winfo_viewable())
        if wanted and self._timer is None:
            self._due, self._rested = time.monotonic(), time.process_time()
            self._timer = self._widget.after(1, self._frame)
        elif not wanted and self._timer is not None:
            self._widget.after_cancel(self._timer)
            self._timer = None
        # END SOLUTION

    def _covered_or_not(self, event: "tk.Event[tk.Misc]") -> None:
        if event.widget is self._widget:
            self._covered = str(event.state) == "VisibilityFullyObscured"
            self._start_or_stop()

    def _destroyed(self, event: "tk.Event[tk.Misc]") -> None:
        if event.widget is self._widget and self._timer is not None:
            self._widget.after_cancel(self._timer)
            self._timer = None


class AnimatedBackground(tk.Canvas):
    """A canvas with the moving picture, and a card drawn on it where ``set_card`` says."""

    def __init__(
        self,
        master: tk.Misc,
        look: Look,
        palette: Sequence[Colour],
        *,
        reduced: bool = False,
        chance: random.Random | None = None,
    ) -> None:
        super().__init__(master, name="background", highlightthickness=0, borderwidth=0)
        self._look = look
        self._painter = AuroraPainter(palette, tones_of(look.theme), chance)
        self._photos: list[ImageTk.PhotoImage] = []
        self._card: Card | None = None
        self._laid_out: tuple[object, ...] = ()
        self.animator = Animator(self, reduced=reduced)
        self.animator.add(self._paint)
        self.bind("<Configure>", lambda _event: self._lay_out(), add=True)
        look.changed.connect(self._lay_out, owner=self)

    def set_card(self, card: Card | None) -> None:
        """Draw the card's shadow, edge and face here from now on."""
        self._card = card
        self._lay_out()

    def _lay_out(self) -> None:
        size = self.winfo_width(), self.winfo_height()
        theme = self._look.theme
        wanted = (size, self._card, theme)
        if wanted == self._laid_out or min(size) < 2:
            return
        self._laid_out = wanted
        boxes = self._painter.lay_out(size, self._card, theme.scale, tones_of(theme))
        self.configure(background=theme.backdrop)
        self._place_photos(boxes)
        self.animator.repaint()

    def _place_photos(self, boxes: Sequence[Box]) -> None:
        self.delete("all")
        self._photos = []
        for left, top, right, bottom in boxes:
            photo = ImageTk.PhotoImage("RGB", (right - left, bottom - top), master=self)
            self.create_image(left, top, image=photo, anchor="nw")
            self._photos.append(photo)

    def _paint(self, now: float) -> None:
        if self._photos:
            for photo, picture in zip(self._photos, self._painter.frame(now), strict=True):
                photo.paste(picture)


def tones_of(theme: Theme) -> Tones:
    """Return the tones of the picture behind a card for a theme."""
    dark = theme.mode == "dark"
    return Tones(
        base=parse_colour(theme.backdrop),
        strength=0.42 if dark else 0.54,
        bubble=WHITE,
        bubble_strength=0.13 if dark else 0.5,
        card=parse_colour(theme.background),
        card_edge=parse_colour(theme.edge),
        shadow_strength=0.6 if dark else 0.28,
    )
