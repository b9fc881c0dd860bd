"""Small pictures drawn with Pillow at any scale: boxes, icons, the program's own mark.

Pillow draws without anti-aliasing, so everything is drawn several times too large and reduced.
"""

import functools
import math
from collections.abc import Callable, Mapping

from PIL import Image, ImageDraw

from .palette import WHITE, Colour, mix, parse_colour

_FINE = 4
_ICON_GRID = 24  # icons are drawn on a grid of 24 by 24
_ICON_FINE = 8

Point = tuple[float, float]


def rounded_box(
    size: tuple[int, int],
    radius: float,
    *,
    fill: Colour | None = None,
    edge: Colour | None = None,
    line: float = 1.0,
) -> Image.Image:
    """Draw a box with round corners, filled and edged as told, on clear ground (RGBA)."""
    corner = math.ceil(max(radius, line)) + 1
    if size[0] > 2 * corner + 1 < size[1]:
        # Drawing finely costs by the pixel, and all of a large box but its corners is plain.
        small = (2 * corner + 1, 2 * corner + 1)
        return _stretch(rounded_box(small, radius, fill=fill, edge=edge, line=line), corner, size)
    large = size[0] * _FINE, size[1] * _FINE
    inset = line * _FINE if edge else 0.0
    outline = _box_mask(large, 0, radius * _FINE)
    inside = _box_mask(large, inset, max(0.0, radius * _FINE - inset))
    picture = Image.new("RGBA", large, (*(edge or fill or WHITE), 0))
    if edge:
        picture.paste((*edge, 255), (0, 0), outline)
    picture.paste((*(fill or edge or WHITE), 255 if fill else 0), (0, 0), inside)
    return picture.resize(size, Image.Resampling.BOX)


def _stretch(picture: Image.Image, corner: int, size: tuple[int, int]) -> Image.Image:
    """Return the picture at a larger size: the corners stay, what is between them is repeated."""
    wide = Image.new(picture.mode, (size[0], picture.height))
    for part, left, width in _thirds(picture.width, size[0], corner):
        strip = picture.crop((part[0], 0, part[1], picture.height))
        wide.paste(strip.resize((width, picture.height), Image.Resampling.NEAREST), (left, 0))
    whole = Image.new(picture.mode, size)
    for part, top, height in _thirds(picture.height, size[1], corner):
        strip = wide.crop((0, part[0], size[0], part[1]))
        whole.paste(strip.resize((size[0], height), Image.Resampling.NEAREST), (0, top))
    return whole


def _thirds(old: int, new: int, corner: int) -> list[tuple[tuple[int, int], int, int]]:
    """Return, for both corners and the middle: where it is now, where it goes, how long it is."""
    return [
        ((0, corner), 0, corner),
        ((corner, old - corner), corner, new - 2 * corner),
        ((old - corner, old), new - corner, corner),
    ]


def box_mask(size: tuple[int, int], inset: float, radius: float) -> Image.Image:
    """Draw a round-cornered box, ``inset`` pixels inside ``size``, as a mask of 0 to 255."""
    corner = math.ceil(inset + radius) + 1
    if size[0] > 2 * corner + 1 < size[1]:
        small = (2 * corner + 1, 2 * corner + 1)
        return _stretch(box_mask(small, inset, radius), corner, size)
    large = size[0] * _FINE, size[1] * _FINE
    return _box_mask(large, inset * _FINE, radius * _FINE).resize(size, Image.Resampling.BOX)


def _box_mask(size: tuple[int, int], inset: float, radius: float) -> Image.Image:
    mask = Image.new("L", size)
    corners = (inset, inset, size[0] - 1 - inset, size[1] - 1 - inset)
    if corners[0] <= corners[2] and corners[1] <= corners[3]:  # else the inset leaves nothing
        ImageDraw.Draw(mask).rounded_rectangle(corners, radius, fill=255)
    return mask


def spinner(size: int, turn: float) -> Image.Image:
    """Draw a three-quarter ring, turned by ``turn`` (0 to 1), as a mask: something is under way."""
    large = size * _FINE
    mask = Image.new("L", (large, large))
    start = turn * 360
    width = max(1, large // 8)
    box = (1, 1, large - 2, large - 2)
    ImageDraw.Draw(mask).arc(box, start, start + 270, fill=255, width=width)
    return mask.resize((size, size), Image.Resampling.BOX)


def icon(name: str, size: int, colour: Colour) -> Image.Image:
    """Draw the icon ``name`` in one colour on clear ground (RGBA, ``size`` pixels square)."""
    grid = IconGrid()
    _ICONS[name](grid)
    picture = Image.new("RGBA", (size, size), (*colour, 0))
    picture.putalpha(grid.mask.resize((size, size), Image.Resampling.BOX))
    return picture


def add_icons(paints: Mapping[str, "Callable[[IconGrid], None]"]) -> None:
    """Add a later stage's icons to those that ``icon`` draws."""
    _ICONS.update(paints)


class IconGrid:
    """A mask to draw an icon on, 24 by 24 units, with lines that have round ends."""

    def __init__(self) -> None:
        side = _ICON_GRID * _ICON_FINE
        self.mask = Image.new("L", (side, side))
        self._draw = ImageDraw.Draw(self.mask)

    def line(self, *points: Point, width: float = 1.8, ink: int = 255) -> None:
        large = [(x * _ICON_FINE, y * _ICON_FINE) for x, y in points]
        self._draw.line(large, fill=ink, width=round(width * _ICON_FINE), joint="curve")
        for x, y in points:
            self.disc(x, y, width / 2, ink)

    def disc(self, x: float, y: float, radius: float, ink: int = 255) -> None:
        box = [value * _ICON_FINE for value in (x - radius, y - radius, x + radius, y + radius)]
        self._draw.ellipse(box, fill=ink)

    def box(self, left: float, top: float, right: float, bottom: float, radius: float) -> None:
        corners = [value * _ICON_FINE for value in (left, top, right, bottom)]
        self._draw.rounded_rectangle(corners, radius * _ICON_FINE, fill=255)


def _eye(grid: IconGrid) -> None:
    upper, lower = (
        [(12 + 10 * t, 12 - side * 6.2 * math.cos(t * math.pi / 2)) for t in _steps()]
        for side in (1, -1)
    )
    grid.line(*upper)
    grid.line(*lower)
    grid.disc(12, 12, 3.1)


def _eye_off(grid: IconGrid) -> None:
    _eye(grid)
    grid.line((4.5, 20.5), (20.5, 4.5), width=5, ink=0)
    grid.line((4, 20), (20, 4))


def _sun(grid: IconGrid) -> None:
    grid.disc(12, 12, 4.3)
    for ray in range(8):
        x, y = math.cos(ray * math.pi / 4), math.sin(ray * math.pi / 4)
        grid.line((12 + 7.4 * x, 12 + 7.4 * y), (12 + 9.6 * x, 12 + 9.6 * y))


def _moon(grid: IconGrid) -> None:
    grid.disc(11.5, 12.5, 8.5)
    grid.disc(15.5, 8.6, 7.4, ink=0)


def _pause(grid: IconGrid) -> None:
    grid.box(6.5, 5, 10, 19, 1.2)
    grid.box(14, 5, 17.5, 19, 1.2)


def _play(grid: IconGrid) -> None:
    for share in range(0, 11):  # a triangle with round corners, filled by lines side by side
        grid.line((8 + share * 0.95, 5.5 + share * 0.62), (8 + share * 0.95, 18.5 - share * 0.62))


def _chevron(grid: IconGrid) -> None:
    grid.line((6, 9.5), (12, 15.5), (18, 9.5), width=2.2)


def _cross(grid: IconGrid) -> None:
    grid.line((6.5, 6.5), (17.5, 17.5), width=2)
    grid.line((17.5, 6.5), (6.5, 17.5), width=2)


def _check(grid: IconGrid) -> None:
    grid.disc(12, 12, 10)
    grid.line((7.3, 12.4), (10.6, 15.7), (16.7, 9), width=2.4, ink=0)


def _alert(grid: IconGrid) -> None:
    grid.disc(12, 12, 10)
    grid.line((12, 6.8), (12, 12.6), width=2.6, ink=0)
    grid.disc(12, 16.8, 1.6, ink=0)


def _server(grid: IconGrid) -> None:
    for top in (4, 13):
        grid.box(3, top, 21, top + 7.2, 2)
        grid.disc(7.2, top + 3.6, 1.3, ink=0)
        grid.line((12, top + 3.6), (17.5, top + 3.6), width=1.6, ink=0)


def _steps() -> list[float]:
    return [step / 12 for step in range(-12, 13)]


_ICONS = {
    "eye": _eye,
    "eye_off": _eye_off,
    "sun": _sun,
    "moon": _moon,
    "pause": _pause,
    "play": _play,
    "chevron": _chevron,
    "cross": _cross,
    "check": _check,
    "alert": _alert,
    "server": _server,
}


def mark(size: int) -> Image.Image:
    """Draw the program's mark: one speech bubble that is the echo of another (RGBA, square)."""
    return _fine_mark().resize((size, size), Image.Resampling.BOX)


@functools.cache
def _fine_mark() -> Image.Image:
    side = 1024  # all sizes are made from this one: to draw each anew made every start slower
    top, bottom = parse_colour("#6a5acd"), parse_colour("#1e90ff")
    ground = Image.new("RGB", (1, 64))
    for y in range(64):
        ground.putpixel((0, y), mix(top, bottom, y / 63))
    picture = ground.resize((side, side), Image.Resampling.BILINEAR).convert("RGBA")
    far = Image.new("RGBA", (side, side))
    _bubble(far, (0.40, 0.20, 0.84, 0.52), tail=0.72, fill=(*WHITE, 120))
    near = Image.new("RGBA", (side, side))
    _bubble(near, (0.16, 0.36, 0.66, 0.72), tail=0.28, fill=(*WHITE, 255))
    for at, end in ((0.48, 0.56), (0.59, 0.48)):  # two lines of writing in the near bubble
        line = (0.26 * side, at * side, end * side, (at + 0.045) * side)
        ink = mix(top, bottom, at)
        ImageDraw.Draw(near).rounded_rectangle(line, 0.03 * side, fill=(*ink, 255))
    picture.alpha_composite(far)
    picture.alpha_composite(near)
    picture.putalpha(_box_mask((side, side), 0, side * 0.24))
    return picture


def _bubble(
    picture: Image.Image,
    box: tuple[float, float, float, float],
    tail: float,
    fill: tuple[int, int, int, int],
) -> None:
    """Draw a speech bubble; lengths are shares of the picture, ``tail`` is where it points down."""
    side = picture.width
    draw = ImageDraw.Draw(picture)
    left, top, right, bottom = (value * side for value in box)
    draw.rounded_rectangle((left, top, right, bottom), 0.11 * side, fill=fill)
    x = tail * side
    half = 0.08 * side
    draw.polygon([(x - half, bottom - 1), (x + half, bottom - 1), (x, bottom + 0.12 * side)], fill)
