"""The palette of 140 colours, and the arithmetic that keeps drifting colours readable.

No Tk in here: a colour is three integers, a drift is a function of time. The window asks
``ColourDrift.at(now)`` whenever it wants to paint.
"""

import colorsys
import random
from collections.abc import Sequence
from importlib import resources
from typing import NamedTuple

READABLE = 4.5  # the contrast ratio WCAG 2.2 asks of text (success criterion 1.4.3)


class Colour(NamedTuple):
    """Red, green and blue, 0 to 255 each."""

    red: int
    green: int
    blue: int

    @property
    def hex(self) -> str:
        """The colour as Tk writes it: ``#rrggbb``."""
        return f"#{self.red:02x}{self.green:02x}{self.blue:02x}"


BLACK, WHITE = Colour(0, 0, 0), Colour(255, 255, 255)


def parse_colour(text: str) -> Colour:
    """Read ``#RRGGBB``; ``ValueError`` tells what was got instead."""
    if len(text) != 7 or text[0] != "#":
        raise ValueError(f"got {text!r}, a colour is # and six hexadecimal digits")
    value = int(text[1:], 16)
    return Colour(value >> 16, value >> 8 & 255, value & 255)


def load_palette() -> tuple[Colour, ...]:
    """Return the 140 colours of ``palette.txt`` in its order; two of them stand there twice."""
    text = resources.files(__package__).joinpath("palette.txt").read_text(encoding="utf-8")
    return tuple(parse_colour(line) for line in text.split())


def mix(first: Colour, second: Colour, share: float) -> Colour:
    """Return the colour ``share`` (0 to 1) of the way from ``first`` to ``second``."""
    return Colour(*(round(a + (b - a) * share) for a, b in zip(first, second, strict=True)))


def luminance(colour: Colour) -> float:
    """Return the relative luminance of WCAG 2.2, 0 for black to 1 for white."""

    def linear(channel: int) -> float:
        value = channel / 255
        return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4

    return 0.2126 * linear(colour[0]) + 0.7152 * linear(colour[1]) + 0.0722 * linear(colour[2])


def contrast(first: Colour, second: Colour) -> float:
    """Return the contrast ratio of WCAG 2.2, 1 (equal) to 21 (black and white)."""
    darker, lighter = sorted((luminance(first), luminance(second)))
    return (lighter + 0.05) / (darker + 0.05)


def text_on(background: Colour) -> Colour:
    """Return black or white, whichever reads better on ``background``: never below 4.5."""
    return max(WHITE, BLACK, key=lambda text: contrast(text, background))


def readable(colour: Colour, background: Colour, ratio: float = READABLE) -> Colour:
    """Return ``colour``, darkened or lightened as little as it takes to reach ``ratio``.

    It moves straight towards black or white, so that its hue stays.
    """
    if contrast(colour, background) >= ratio:
        return colour
    away = text_on(background)
    low, high = 0.0, 1.0
    for _ in range(7):  # halving seven times is finer than one step of a channel in 128
        middle = (low + high) / 2
        if contrast(mix(colour, away, middle), background) >= ratio:
            high = middle
        else:
            low = middle
    return mix(colour, away, high)


def legible_palette(palette: Sequence[Colour], background: Colour) -> tuple[Colour, ...]:
    """Return the palette with each entry made readable on ``background``, hue and saturation kept.

    Pale entries become deep ones of their hue (on a dark ground the other way round), where
    ``readable`` alone would make them grey.
    """
    return tuple(_legible(colour, background) for colour in palette)


def _legible(colour: Colour, background: Colour) -> Colour:
    if contrast(colour, background) >= READABLE:
        return colour
    hue, lightness, saturation = colorsys.rgb_to_hls(*(channel / 255 for channel in colour))
    end = 0.0 if text_on(background) == BLACK else 1.0
    found = colour
    for step in range(1, 33):
        shade = lightness + (end - lightness) * step / 32
        found = Colour(*(round(c * 255) for c in colorsys.hls_to_rgb(hue, shade, saturation)))
        if contrast(found, background) >= READABLE:
            break
    return found


class ColourDrift:
    """A colour that wanders through a palette at random, without ever jumping.

    ``palette`` may be replaced at any time by another one of the same length: the same entries for
    another background. ``at`` is asked with times that never go back, in seconds of any one clock.
    A crossing from one entry to the next takes ``seconds``, give or take a third, so that several
    drifts that begin together soon go their own ways.
    """

    def __init__(
        self, palette: Sequence[Colour], chance: random.Random, seconds: float = 3.0
    ) -> None:
        self.palette = palette
        self._chance = chance
        self._seconds = seconds
        self._from = self._to = chance.randrange(len(palette))
        self._began = self._ends = float("-inf")

    def at(self, now: float) -> Colour:
        """Return the colour at the time ``now``."""
        # BEGIN SOLUTION 3.10
        if now >= self._ends:
            self._from, self._to = self._to, self._chance.randrange(len(self.palette))
            self._began = now
            self._ends = now + self._seconds * self._chance.uniform(2 / 3, 4 / 3)
        share = (now - self._began) / (self._ends - self._began)
        eased = share * share * (3 - 2 * share)  # slow, fast, slow
        return mix(self.palette[self._from], self.palette[self._to], eased)
        # END SOLUTION
