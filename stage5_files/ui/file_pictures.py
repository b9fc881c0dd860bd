"""The icons of kinds of files, and of what is done with them; drawn with Pillow at any scale."""

import tkinter as tk

from PIL import Image

from stage3_auth.ui.drawing import IconGrid, add_icons, box_mask, icon
from stage3_auth.ui.palette import mix, parse_colour, readable
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
        picture = self._look.skin.keep(key, lambda: _tile(kind, theme, size))
        return picture  # type: ignore[return-value]  # Pillow's are photo images to Tk


def _tile(kind: str, theme: Theme, size: int) -> Image.Image:
    side = theme.px(size)
    ground = mix(parse_colour(_INKS[kind]), parse_colour(theme.field), 0.84)
    ink = readable(parse_colour(_INKS[kind]), ground, 3.0)
    picture = Image.new("RGBA", (side, side), ground)
    picture.putalpha(box_mask((side, side), 0, side * 0.28))
    inner = round(side * 0.72)
    at = (side - inner) // 2
    picture.alpha_composite(icon(f"file.{kind}", inner, ink), (at, at))
    return picture


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
    grid.line((3.5, 19), (3.5, 5.5), (9.5, 5.5), (11.5, 8), (20.5, 8), (20.5, 19), (3.5, 19))


def _other(grid: IconGrid) -> None:
    grid.line((13.5, 3.5), (5.5, 3.5), (5.5, 20.5), (18.5, 20.5), (18.5, 8.5), (13.5, 3.5))
    grid.line((13.5, 3.5), (13.5, 8.5), (18.5, 8.5))


def _refresh(grid: IconGrid) -> None:
    grid.line((5, 12), (5.6, 9), (7.5, 6.6), (10.2, 5.2), (13.2, 5.1), (16, 6.3), (18, 8.6))
    grid.line((18.6, 4), (18.4, 9), (13.5, 9))
    grid.line((19, 12), (18.4, 15), (16.5, 17.4), (13.8, 18.8), (10.8, 18.9), (8, 17.7), (6, 15.4))
    grid.line((5.4, 20), (5.6, 15), (10.5, 15))


add_icons(
    {
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
