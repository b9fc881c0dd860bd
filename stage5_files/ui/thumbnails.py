"""Small pictures of strangers' pictures. No Tk: to be called on a worker thread.

A picture file is code for a decoder, written by anybody. So only formats that everybody has are
read, and a size that would fill the memory is refused from the header, before anything is decoded.
"""

import warnings
from pathlib import Path

from PIL import Image, ImageOps

from ..errors import FileError

FORMATS = ("PNG", "JPEG", "GIF", "WEBP", "BMP")
MOST_PIXELS = 32_000_000  # of a picture when it is decoded: 128 MB
# A JPEG is made smaller while it is decoded, up to 8 times in both directions.
MOST_JPEG_PIXELS = 100_000_000

# The limits above are lower than Pillow's, whose warning would only fill the terminal.
warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)


class NoPreview(FileError):
    """This file cannot be shown small: no picture, damaged, or too large to be safe."""


def small_picture(source: Path, side: int) -> Image.Image:
    """Return the picture in a file with no side over ``side`` pixels, upright, RGB or RGBA.

    Of one that moves it is the first frame. Raises NoPreview, whatever is in the file.
    """
    try:
        with Image.open(source, formats=FORMATS) as picture:
            if picture.width * picture.height > _most_pixels(picture):
                raise NoPreview(f"a picture of {picture.width} x {picture.height} is too large")
            picture.draft("RGB", (side, side))
            if picture.width * picture.height > MOST_PIXELS:
                raise NoPreview(f"a picture of {picture.width} x {picture.height} is too large")
            picture.thumbnail((side, side), Image.Resampling.BICUBIC, reducing_gap=2.0)
            upright = ImageOps.exif_transpose(picture)
            return upright.convert("RGBA" if _is_clear(upright) else "RGB")
    except NoPreview:
        raise
    except Exception as error:  # a decoder may fail in any way on bytes made to make it fail
        raise NoPreview(f"this is no picture that can be read: {error}") from error


def _most_pixels(picture: Image.Image) -> int:
    return MOST_JPEG_PIXELS if picture.format == "JPEG" else MOST_PIXELS


def _is_clear(picture: Image.Image) -> bool:
    return "A" in picture.mode or "a" in picture.mode or "transparency" in picture.info
