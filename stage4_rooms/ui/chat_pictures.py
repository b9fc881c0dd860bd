"""The chat's small pictures: people's avatars, counts, icons; drawn with Pillow at any scale.

An avatar is a pattern made of the name's hash, as long as a person has no picture of their own: it
needs no font, so that a name in any script has one.
"""

import colorsys
import hashlib
import tkinter as tk
from functools import lru_cache
from typing import NamedTuple

from PIL import Image, ImageDraw

from stage3_auth.ui.drawing import IconGrid, add_icons, box_mask, icon
from stage3_auth.ui.palette import Colour, mix, parse_colour, readable
from stage3_auth.ui.theme import Look, Theme

_FINE = 4


class Face(NamedTuple):
    """Whose picture is meant: a person's, with a state (online, away, busy, offline), or a room's.

    A room has no state.
    """

    name: str
    state: str = ""


class ChatPictures:
    """Pictures for the theme in force; each is drawn once and kept by the ``Look``."""

    def __init__(self, look: Look) -> None:
        self._look = look

    def avatar(self, name: str, size: int) -> tk.PhotoImage:
        """Return a person's avatar; ``size`` is at 100 %."""
        theme = self._look.theme
        key = ("avatar", name, size, theme.mode)
        return photo(self._look.skin.keep(key, lambda: draw_avatar(name, theme.px(size), theme)))

    def face(self, face: Face, size: int) -> tk.PhotoImage:
        """Return the picture that is meant; ``size`` is at 100 %."""
        return self.person(face.name, face.state, size) if face.state else self.room(size)

    def person(self, name: str, state: str, size: int) -> tk.PhotoImage:
        """Return an avatar with a dot for the person's state; pale when offline."""
        theme = self._look.theme
        key = ("person", name, state, size, theme.mode)
        return photo(self._look.skin.keep(key, lambda: _person(name, state, theme, size)))

    def icon(self, name: str, size: int = 18, colour: str | None = None) -> tk.PhotoImage:
        """Return an icon; ``colour`` None is the theme's second-rank text colour."""
        theme = self._look.theme
        ink = colour or theme.muted
        key = ("icon", name, size, ink)
        return photo(
            self._look.skin.keep(key, lambda: icon(name, theme.px(size), parse_colour(ink)))
        )

    def room(self, size: int) -> tk.PhotoImage:
        """Return the sign of a room."""
        theme = self._look.theme
        key = ("room", size, theme.mode)
        return photo(self._look.skin.keep(key, lambda: _room(theme, size)))


def sender_colour(name: str, theme: Theme) -> str:
    """Return the colour of a person's name, readable on a transcript's ground."""
    return _readable_hue(_hue(name), theme.mode, theme.field)


def draw_avatar(name: str, side: int, theme: Theme) -> Image.Image:
    """Draw a person's pattern: five by five cells, left and right alike (RGBA)."""
    hue = _hue(name)
    dark = theme.mode == "dark"
    ground = _of_hue(hue, 0.30 if dark else 0.86, 0.42 if dark else 0.62)
    ink = _of_hue(hue, 0.72 if dark else 0.42, 0.62)
    bits = int.from_bytes(hashlib.sha256(name.encode("utf-8", "replace")).digest()[4:8], "big")
    cell = max(1, side * _FINE // 7)
    edge = (side * _FINE - 5 * cell) // 2
    picture = Image.new("RGB", (side * _FINE, side * _FINE), ground)
    draw = ImageDraw.Draw(picture)
    for row in range(5):
        for column in range(3):
            if bits >> (row * 3 + column) & 1:
                for x in (column, 4 - column):
                    left, top = edge + x * cell, edge + row * cell
                    draw.rectangle((left, top, left + cell - 1, top + cell - 1), fill=ink)
    small = picture.resize((side, side), Image.Resampling.BOX).convert("RGBA")
    small.putalpha(box_mask((side, side), 0, side * 0.28))
    return small


def state_colour(state: str, theme: Theme) -> str:
    """Return the colour of a dot for a person's state."""
    dark = theme.mode == "dark"
    return {
        "online": "#3fb96b" if dark else "#2aa457",
        "away": "#e5b13c" if dark else "#d99a14",
        "busy": "#ef6a6a" if dark else "#d64545",
    }.get(state, theme.faint)


def _person(name: str, state: str, theme: Theme, size: int) -> Image.Image:
    side = theme.px(size)
    picture = draw_avatar(name, side, theme)
    if state == "offline":
        picture.putalpha(picture.getchannel("A").point(lambda value: value * 2 // 5))
        return picture
    dot, ring = round(side * 0.40), max(1, theme.px(1.6))
    at = side - dot
    hole = Image.new("L", (side, side), 255)
    whole = dot + 2 * ring
    hole.paste(0, (at - ring, at - ring), box_mask((whole, whole), 0, whole / 2))
    picture.putalpha(Image.composite(picture.getchannel("A"), hole, hole))
    ink = Image.new("RGBA", (dot, dot), parse_colour(state_colour(state, theme)))
    picture.paste(ink, (at, at), box_mask((dot, dot), 0, dot / 2))
    return picture


def _room(theme: Theme, size: int) -> Image.Image:
    side = theme.px(size)
    muted, ground = parse_colour(theme.muted), parse_colour(theme.background)
    picture = Image.new("RGBA", (side, side), mix(muted, ground, 0.84))
    picture.putalpha(box_mask((side, side), 0, side * 0.28))
    inner = round(side * 0.66)
    sign = icon("hash", inner, muted)
    picture.alpha_composite(sign, ((side - inner) // 2, (side - inner) // 2))
    return picture


def _hue(name: str) -> int:
    """Return one of 24 hues; neighbours on the wheel are hard to tell, so there are no more."""
    return hashlib.sha256(name.encode("utf-8", "replace")).digest()[0] * 24 // 256


def _of_hue(hue: int, lightness: float, saturation: float) -> Colour:
    channels = colorsys.hls_to_rgb(hue / 24, lightness, saturation)
    return Colour(*(round(channel * 255) for channel in channels))


@lru_cache(maxsize=256)
def _readable_hue(hue: int, mode: str, ground: str) -> str:
    colour = _of_hue(hue, 0.68 if mode == "dark" else 0.40, 0.62)
    return readable(colour, parse_colour(ground)).hex


def photo(picture: object) -> tk.PhotoImage:
    """Return a picture of Pillow's as what widgets take: to Tk it is a photo image."""
    return picture  # type: ignore[return-value]  # Pillow's are photo images to Tk


# --- icons, on the grid of 24 by 24 ---------------------------------------------------------------


def _hash(grid: IconGrid) -> None:
    grid.line((9.5, 4), (7.5, 20))
    grid.line((16.5, 4), (14.5, 20))
    grid.line((4.5, 9), (20, 9))
    grid.line((4, 15), (19.5, 15))


def _plus(grid: IconGrid) -> None:
    grid.line((12, 5), (12, 19))
    grid.line((5, 12), (19, 12))


def _people(grid: IconGrid) -> None:
    grid.disc(9, 8, 3.6)
    grid.box(2.5, 13.5, 15.5, 20, 3.2)
    grid.disc(17, 9, 2.8)
    grid.box(17, 14, 21.8, 19.5, 2.4)


def _send(grid: IconGrid) -> None:
    for step in range(0, 25):  # a paper plane: lines from its tip to the two wings
        share = step / 24
        tip, tail = (21.0, 12.0), (4.0, 4.5 + 15 * share)
        if 0.40 < share < 0.60:
            continue
        grid.line(tail, tip, width=0.9)
    grid.line((3.8, 4.5), (21, 12), (3.8, 19.5), width=1.4)


def _smile(grid: IconGrid) -> None:
    grid.disc(12, 12, 9)
    grid.disc(12, 12, 7.3, ink=0)
    for x in (9, 15):
        grid.disc(x, 10, 1.25)
    curve = [(12 + 4 * t, 16.2 - 2.4 * t * t) for t in (step / 6 for step in range(-6, 7))]
    grid.line(*curve, width=1.6)


def _down(grid: IconGrid) -> None:
    grid.line((12, 5), (12, 18.5))
    grid.line((6, 12.5), (12, 18.5), (18, 12.5))


def _up(grid: IconGrid) -> None:
    grid.line((12, 19), (12, 5.5))
    grid.line((6, 11.5), (12, 5.5), (18, 11.5))


def _leave(grid: IconGrid) -> None:
    grid.line((13, 4.5), (5, 4.5), (5, 19.5), (13, 19.5))
    grid.line((10.5, 12), (20, 12))
    grid.line((16, 8), (20, 12), (16, 16))


def _close(grid: IconGrid) -> None:
    grid.line((6.5, 6.5), (17.5, 17.5))
    grid.line((17.5, 6.5), (6.5, 17.5))


def _pencil(grid: IconGrid) -> None:
    grid.line((5, 19), (6.2, 14.6), (16, 4.8), (19.2, 8), (9.4, 17.8), (5, 19))
    grid.line((13.6, 7.2), (16.8, 10.4))


def _menu(grid: IconGrid) -> None:
    for y in (6.5, 12, 17.5):
        grid.line((4.5, y), (19.5, y))


add_icons(
    {
        "hash": _hash,
        "plus": _plus,
        "people": _people,
        "send": _send,
        "smile": _smile,
        "down": _down,
        "up": _up,
        "leave": _leave,
        "close": _close,
        "menu": _menu,
        "pencil": _pencil,
    }
)
