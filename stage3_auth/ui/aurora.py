"""The picture behind the login card: soft lights that wander, and speech bubbles that rise.

Pillow only, no Tk and no clock: ``frame(now)`` returns images. What keeps a frame cheap:

- lights are painted about 64 pixels high and enlarged twice, smoothly and then by plain repetition;
  neighbours differ by less than one step of grey there, so nobody sees the second step;
- new lights are painted for every second frame: they wander slowly, and are soft;
- only what the card leaves visible is painted: at the usual size that is half of the window;
- grain, shadow and card are drawn once for each size, then only laid over.
"""

import colorsys
import math
import random
from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image, ImageDraw, ImageFilter

from .drawing import rounded_box
from .palette import BLACK, Colour, ColourDrift, mix

Box = tuple[int, int, int, int]  # left, top, right, bottom; right and bottom are outside

_LIGHTS = 6
_BUBBLES = 9
_SMALL = 64  # the longer side of the first, smallest picture
_MIDDLE = 80_000  # pixels of the second one, which is enlarged by whole steps
_LIGHTS_SECONDS = 0.06  # every second frame has new lights
_GRAIN = 6  # opacity of the grain, of 255
# Pillow's radial gradient is 181 at the middle of an edge: fade to nothing there, softly.
_GLOW = Image.radial_gradient("L").point(
    [round(127.5 + 127.5 * math.cos(math.pi * min(1, value / 181))) for value in range(256)]
)


@dataclass(frozen=True)
class Tones:
    """What light and dark mean for the picture."""

    base: Colour
    strength: float  # share of a palette colour in a light
    bubble: Colour
    bubble_strength: float  # opacity of the nearest bubbles
    card: Colour
    card_edge: Colour
    shadow_strength: float


@dataclass(frozen=True)
class Card:
    """Where the card stands; ``hole`` is what widgets cover, so nothing is painted there."""

    box: Box
    hole: Box
    radius: int
    shadow: int


class _Light:
    """One soft light: it circles on its own path and has its own drift of colour."""

    def __init__(self, palette: Sequence[Colour], chance: random.Random) -> None:
        self.colour = ColourDrift(palette, chance, seconds=9.0)
        self._speed = chance.uniform(0.05, 0.12), chance.uniform(0.05, 0.12)
        self._phase = chance.uniform(0, math.tau), chance.uniform(0, math.tau)
        self.radius = chance.uniform(0.5, 0.8)

    def place(self, now: float) -> tuple[float, float]:
        x, y = (
            0.5 + 0.55 * math.sin(now * speed * math.tau + phase)
            for speed, phase in zip(self._speed, self._phase, strict=True)
        )
        return x, y


class _Bubble:
    """One speech bubble that rises, sways, and comes in again from below."""

    def __init__(self, number: int, chance: random.Random) -> None:
        self.depth = (number + 0.5) / _BUBBLES  # 0 far, small and faint; 1 near
        self._x = chance.random()
        self._y = chance.random()
        self._speed = 0.012 + 0.03 * self.depth  # window heights a second
        self._sway = chance.uniform(0, math.tau)
        self.flipped = chance.random() < 0.5

    def place(self, now: float, size: tuple[int, int], sprite: tuple[int, int]) -> tuple[int, int]:
        way = (self._y + now * self._speed) % 1.0
        sway = 0.02 * math.sin(now * 0.5 + self._sway)
        x = (self._x + sway) * (size[0] + sprite[0]) - sprite[0]
        y = size[1] - way * (size[1] + sprite[1])
        return round(x), round(y)


class AuroraPainter:
    """Paints the picture for any time, size and tones; give one ``chance`` to repeat a picture."""

    def __init__(
        self, palette: Sequence[Colour], tones: Tones, chance: random.Random | None = None
    ) -> None:
        chance = chance or random.Random()
        cool = [colour for colour in palette if _is_vivid_and_cool(colour)]
        self._lights = [_Light(cool, chance) for _ in range(_LIGHTS)]
        self._bubbles = [_Bubble(number, chance) for number in range(_BUBBLES)]
        self._tones = tones
        self._layers: list[_Region] = []
        self._size = (1, 1)
        self._lights_of: tuple[float, Image.Image | None] = (0.0, None)  # painted when, what

    def lay_out(
        self, size: tuple[int, int], card: Card | None, scale: float, tones: Tones
    ) -> list[Box]:
        """Prepare for a window size; return the boxes whose pictures ``frame`` will paint."""
        self._size, self._tones = size, tones
        self._lights_of = (0.0, None)
        overlay = _draw_grain(size)
        if card is not None:
            overlay.alpha_composite(_draw_card(size, card, tones))
        boxes = _visible(size, card.hole if card else None)
        self._layers = [_Region.cut(box, overlay) for box in boxes]
        self._sprites = [_draw_bubble(bubble, tones, scale) for bubble in self._bubbles]
        return boxes

    def frame(self, now: float) -> list[Image.Image]:
        """Return the picture of the time ``now`` (seconds), one RGB image for each box."""
        width, height = self._size
        lights = self._kept_lights(now)
        sx, sy = lights.width / width, lights.height / height
        places = [
            bubble.place(now, self._size, sprite.size)
            for bubble, sprite in zip(self._bubbles, self._sprites, strict=True)
        ]
        pictures = []
        for region in self._layers:
            left, top, right, bottom = region.box
            picture = lights.resize(
                (right - left, bottom - top),
                Image.Resampling.NEAREST,
                box=(
                    left * sx,
                    top * sy,
                    min(right * sx, lights.width),
                    min(bottom * sy, lights.height),
                ),
            )
            for (x, y), sprite in zip(places, self._sprites, strict=True):
                # Most bubbles are elsewhere, and a paste that hits nothing still takes its time.
                if left - sprite.width < x < right and top - sprite.height < y < bottom:
                    picture.paste(self._tones.bubble, (x - left, y - top), sprite)
            picture.paste(region.overlay, (0, 0), region.mask)
            pictures.append(picture)
        return pictures

    def _kept_lights(self, now: float) -> Image.Image:
        """Return the lights of ``now``, or those of a moment ago: they wander slowly."""
        painted, lights = self._lights_of
        if lights is None or not painted <= now < painted + _LIGHTS_SECONDS:
            lights = self._paint_lights(now)
            self._lights_of = now, lights
        return lights

    def _paint_lights(self, now: float) -> Image.Image:
        width, height = self._size
        shrink = max(width, height) / _SMALL
        small = max(2, round(width / shrink)), max(2, round(height / shrink))
        picture = Image.new("RGB", small, self._tones.base)
        for light in self._lights:
            x, y = light.place(now)
            colour = mix(self._tones.base, light.colour.at(now), self._tones.strength)
            # Pasting would jump from pixel to pixel; an affine transform moves by fractions.
            step = _GLOW.width / (2 * light.radius * _SMALL)
            centre = _GLOW.width / 2
            moved = (step, 0, centre - x * small[0] * step, 0, step, centre - y * small[1] * step)
            glow = _GLOW.transform(small, Image.Transform.AFFINE, moved, Image.Resampling.BILINEAR)
            picture.paste(colour, (0, 0), glow)
        factor = max(1, math.ceil(math.sqrt(width * height / _MIDDLE)))
        middle = math.ceil(width / factor), math.ceil(height / factor)
        return picture.resize(middle, Image.Resampling.BICUBIC)


@dataclass(frozen=True)
class _Region:
    """One visible box, and the part of grain, shadow and card that lies over it."""

    box: Box
    overlay: Image.Image
    mask: Image.Image

    @classmethod
    def cut(cls, box: Box, overlay: Image.Image) -> "_Region":
        part = overlay.crop(box)
        return cls(box, part.convert("RGB"), part.getchannel("A"))


def _is_vivid_and_cool(colour: Colour) -> bool:
    """Tell whether a colour serves as a light: warm ones turn brown where they meet cool ones."""
    hue, saturation, value = colorsys.rgb_to_hsv(*(channel / 255 for channel in colour))
    return 0.46 < hue < 0.96 and saturation > 0.4 and value > 0.6


def _visible(size: tuple[int, int], hole: Box | None) -> list[Box]:
    """Return the boxes that make up the window without the hole: top, left, right, bottom."""
    width, height = size
    if hole is None:
        return [(0, 0, width, height)]
    left, top = max(0, hole[0]), max(0, hole[1])  # a card may be larger than its window
    right, bottom = min(width, hole[2]), min(height, hole[3])
    boxes = [
        (0, 0, width, top),
        (0, top, left, bottom),
        (right, top, width, bottom),
        (0, bottom, width, height),
    ]
    return [box for box in boxes if box[0] < box[2] and box[1] < box[3]]


def _draw_grain(size: tuple[int, int]) -> Image.Image:
    """Draw a hardly visible grain: without it, soft dark colours show steps of one grey."""
    tile = Image.effect_noise((256, 256), 64).convert("RGBA")
    tile.putalpha(_GRAIN)
    whole = Image.new("RGBA", size)
    for x in range(0, size[0], tile.width):
        for y in range(0, size[1], tile.height):
            whole.paste(tile, (x, y))
    return whole


def _draw_card(size: tuple[int, int], card: Card, tones: Tones) -> Image.Image:
    """Draw shadow, edge and face of the card into an RGBA layer of the window's size."""
    # A blur costs by the pixel: the shadow is blurred at a quarter of its size and enlarged.
    small = max(1, size[0] // 4), max(1, size[1] // 4)
    left, top, right, bottom = card.box
    drop = card.shadow // 3
    shadow = Image.new("L", small)
    ImageDraw.Draw(shadow).rounded_rectangle(
        (left / 4, (top + drop) / 4, right / 4, (bottom + drop) / 4),
        card.radius / 4,
        fill=round(255 * tones.shadow_strength),
    )
    shadow = shadow.filter(ImageFilter.GaussianBlur(card.shadow / 8))
    layer = Image.new("RGBA", size, (*BLACK, 0))
    layer.putalpha(shadow.resize(size, Image.Resampling.BICUBIC))
    face = rounded_box(
        (right - left, bottom - top), card.radius, fill=tones.card, edge=tones.card_edge
    )
    layer.alpha_composite(face, (left, top))
    return layer


def _draw_bubble(bubble: _Bubble, tones: Tones, scale: float) -> Image.Image:
    """Draw the mask of one speech bubble; its grey is the bubble's opacity."""
    fine = 4
    width = round((34 + 70 * bubble.depth) * scale) * fine
    height = round(width * 0.72)
    mask = Image.new("L", (width, height))
    draw = ImageDraw.Draw(mask)
    body = round(height * 0.8)
    ink = round(255 * tones.bubble_strength * (0.45 + 0.55 * bubble.depth))
    draw.rounded_rectangle((0, 0, width - 1, body), body * 0.42, fill=ink)
    tail = [(width * 0.18, body - 2), (width * 0.2, height - 1), (width * 0.42, body - 2)]
    draw.polygon(tail, fill=ink)
    if bubble.flipped:
        mask = mask.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    return mask.resize((width // fine, height // fine), Image.Resampling.BOX)
