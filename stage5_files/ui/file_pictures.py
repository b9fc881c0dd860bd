"""The icons of kinds of files, and of what is done with them; drawn with Pillow at any scale."""

import math
import tkinter as tk

from PIL import Image, ImageChops, ImageOps

from stage3_auth.ui.drawing import IconGrid, add_icons, box_mask, icon
from stage3_auth.ui.palette import mix, parse_colour, readable, text_on
from stage3_auth.ui.theme import Look, Theme

# A hue for each kind, the same in both themes; drawn on a ground of its own hue.
_INKS = {
    "image": "#2aa457",
    "audio": "#c2569b",
    "video": "#8a5fd6",
    "text": "#3b7dd8",
    "archive": "#c98a1b",
    "pdf": "#d64545",
    "folder": "#d39a22",
    "other": "#7d828e",
}


class FilePictures:
    """Icons for the theme in force; each is drawn once and kept by the ``Look``."""

    def __init__(self, look: Look) -> None:
        self._look = look

    def kind(self, kind: str, size: int = 24) -> tk.PhotoImage:
        """Return the icon of a kind of file (``kind_of``); ``size`` is at 100 %."""
        theme = self._look.theme
        key = ("file", kind, size, theme.mode)
        return _photo(self._look.skin.keep(key, lambda: _tile(kind, theme, size)))

    def moving(self, kind: str, *, up: bool, size: int = 32) -> tk.PhotoImage:
        """Return the icon of a kind with an arrow: it goes up to the server, or comes down."""
        theme = self._look.theme
        key = ("moving file", kind, up, size, theme.mode)
        return _photo(self._look.skin.keep(key, lambda: _moving_tile(kind, up, theme, size)))


def thumbnail(picture: Image.Image, side: int) -> Image.Image:
    """Return the middle of a picture as a square with round corners; ``side`` in pixels."""
    small = ImageOps.fit(picture.convert("RGBA"), (side, side), Image.Resampling.BICUBIC)
    whole = box_mask((side, side), 0, side * 0.2)
    small.putalpha(ImageChops.multiply(small.getchannel("A"), whole))
    return small


def stage(theme: Theme, size: tuple[int, int], picture: Image.Image | str) -> Image.Image:
    """Return a picture, or a kind's icon, in the middle of a quiet ground; ``size`` in pixels."""
    ground = Image.new("RGBA", size, parse_colour(theme.trough))
    if isinstance(picture, str):
        show = _tile(picture, theme, 64)
    else:
        show = picture.convert("RGBA")
        show.thumbnail(size, Image.Resampling.BICUBIC)
    ground.alpha_composite(show, ((size[0] - show.width) // 2, (size[1] - show.height) // 2))
    ground.putalpha(box_mask(size, 0, theme.px(9)))
    return ground


def _tile(kind: str, theme: Theme, size: int) -> Image.Image:
    side = theme.px(size)
    ground = mix(parse_colour(_INKS[kind]), parse_colour(theme.field), 0.84)
    ink = readable(parse_colour(_INKS[kind]), ground, 3.0)
    picture = Image.new("RGBA", (side, side), ground)
    picture.putalpha(box_mask((side, side), 0, side * 0.24))
    inner = round(side * 0.64)
    at = (side - inner) // 2
    picture.alpha_composite(icon(f"file.{kind}", inner, ink), (at, at))
    return picture


def _moving_tile(kind: str, up: bool, theme: Theme, size: int) -> Image.Image:
    picture = _tile(kind, theme, size)
    side = picture.width
    badge, ring = round(side * 0.5), max(1, theme.px(1.5))
    whole = badge + 2 * ring
    canvas = Image.new("RGBA", (side + ring + badge // 4, side + ring + badge // 4))
    canvas.paste(picture, (0, 0))
    at = canvas.width - whole
    canvas.paste((0, 0, 0, 0), (at, at), box_mask((whole, whole), 0, whole / 2))
    accent = parse_colour(theme.accent)
    disc = Image.new("RGBA", (badge, badge), accent)
    arrow = icon("up" if up else "down", round(badge * 0.72), text_on(accent))
    middle = (badge - arrow.width) // 2
    disc.alpha_composite(arrow, (middle, middle))
    canvas.paste(disc, (at + ring, at + ring), box_mask((badge, badge), 0, badge / 2))
    return canvas


def _photo(picture: object) -> tk.PhotoImage:
    return picture  # type: ignore[return-value]  # Pillow's are photo images to Tk


# --- icons, on the grid of 24 by 24 ---------------------------------------------------------------


def _image(grid: IconGrid) -> None:
    grid.line((3.5, 5), (20.5, 5), (20.5, 19), (3.5, 19), (3.5, 5))
    grid.line((4.5, 17), (9.5, 11.5), (13, 15), (16, 12.5), (19.5, 16.5))
    grid.disc(15.5, 8.8, 1.5)


def _audio(grid: IconGrid) -> None:
    grid.line((9.5, 17), (9.5, 5.5), (18.5, 4), (18.5, 15))
    grid.disc(7.2, 17.2, 2.7)
    grid.disc(16.2, 15.4, 2.7)


def _video(grid: IconGrid) -> None:
    for share in range(11):  # a triangle, filled by lines side by side
        grid.line((7 + share, 5 + share * 0.68), (7 + share, 19 - share * 0.68))


def _text(grid: IconGrid) -> None:
    for y, end in ((6, 19), (10, 19), (14, 19), (18, 13)):
        grid.line((5, y), (end, y))


def _archive(grid: IconGrid) -> None:
    grid.line((3.5, 4.5), (20.5, 4.5), (20.5, 9), (3.5, 9), (3.5, 4.5))
    grid.line((5, 9), (5, 19.5), (19, 19.5), (19, 9))
    grid.line((10, 13), (14, 13))


def _pdf(grid: IconGrid) -> None:
    grid.line((13.5, 3.5), (5.5, 3.5), (5.5, 20.5), (18.5, 20.5), (18.5, 8.5), (13.5, 3.5))
    grid.line((13.5, 3.5), (13.5, 8.5), (18.5, 8.5))
    grid.line((9, 13), (15, 13))
    grid.line((9, 16.5), (13, 16.5))


def _folder(grid: IconGrid) -> None:
    grid.box(2.5, 4.5, 11, 12, 2)
    grid.box(2.5, 7, 21.5, 19.8, 2)


def _other(grid: IconGrid) -> None:
    grid.line((13.5, 3.5), (5.5, 3.5), (5.5, 20.5), (18.5, 20.5), (18.5, 8.5), (13.5, 3.5))
    grid.line((13.5, 3.5), (13.5, 8.5), (18.5, 8.5))


def _refresh(grid: IconGrid) -> None:
    grid.line((5, 12), (5.6, 9), (7.5, 6.6), (10.2, 5.2), (13.2, 5.1), (16, 6.3), (18, 8.6))
    grid.line((18.6, 4), (18.4, 9), (13.5, 9))
    grid.line((19, 12), (18.4, 15), (16.5, 17.4), (13.8, 18.8), (10.8, 18.9), (8, 17.7), (6, 15.4))
    grid.line((5.4, 20), (5.6, 15), (10.5, 15))


def _search(grid: IconGrid) -> None:
    ring = [step * math.pi / 12 for step in range(25)]
    grid.line(*((10.5 + 6.2 * math.cos(t), 10.5 + 6.2 * math.sin(t)) for t in ring))
    grid.line((15.2, 15.2), (20, 20), width=2.2)


def _retry(grid: IconGrid) -> None:
    arc = [math.pi * (0.12 + 1.6 * step / 24) for step in range(25)]
    grid.line(*((11.5 + 7.4 * math.cos(t), 12.5 + 7.4 * math.sin(t)) for t in arc), (20.4, 9.8))
    grid.line((20.4, 4.2), (20.4, 9.8), (14.8, 9.8))


def _out(grid: IconGrid) -> None:
    grid.line((11, 5.5), (4.5, 5.5), (4.5, 19.5), (18.5, 19.5), (18.5, 13))
    grid.line((10.5, 13.5), (20, 4))
    grid.line((14.5, 4), (20, 4), (20, 9.5))


def _open_folder(grid: IconGrid) -> None:
    grid.line((5.5, 19), (3.5, 19), (3.5, 5.5), (9.5, 5.5), (11.5, 8), (19, 8), (19, 11))
    grid.line((3.8, 19), (7, 11.2), (21.5, 11.2), (18.4, 19), (3.8, 19))


add_icons(
    {
        "files.search": _search,
        "files.retry": _retry,
        "files.open": _out,
        "files.open_folder": _open_folder,
        "file.image": _image,
        "file.audio": _audio,
        "file.video": _video,
        "file.text": _text,
        "file.archive": _archive,
        "file.pdf": _pdf,
        "file.folder": _folder,
        "file.other": _other,
        "refresh": _refresh,
    }
)
