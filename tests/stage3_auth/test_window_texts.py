"""Texts, colours and one-line input of the windows, as far as they need no display."""

from typing import Any

import pytest

from tests.kit import check
from tests.kit.probe import Probe

pytestmark = pytest.mark.parts("tk")

Rgb = tuple[int, int, int]
LIGHT, DARK = (250, 250, 250), (28, 28, 28)


@pytest.mark.task("3.11", hint="What must hold for every colour and every text of the window?")
def test_both_languages_have_every_text_with_the_same_places(probe: Probe) -> None:
    texts = probe.get("stage3_auth.ui.login_texts:LOGIN_TEXTS")
    check.equal(sorted(texts), ["en", "zh"], "the languages")
    probe.call("stage3_auth.ui.catalog:check_texts", texts)
    reasons = probe.get("stage3_auth.validation:REASONS")
    missing = [key for key in reasons if f"reason.{key}" not in texts["zh"]]
    check.equal(missing, [], "reasons of validation that the window has no text for")


@pytest.mark.task("3.11", hint="What must hold for every colour and every text of the window?")
@pytest.mark.parametrize(
    ("english", "chinese", "complaint"),
    [
        ({"a": "x", "b": "y"}, {"a": "x"}, "b"),
        ({"a": "to {name}"}, {"a": "给"}, "name"),
        ({"a": "to"}, {"a": "给 {name}"}, "name"),
    ],
    ids=["a key is missing", "a place is missing", "a place too many"],
)
def test_a_translation_that_does_not_fit_is_refused(
    probe: Probe, english: dict[str, str], chinese: dict[str, str], complaint: str
) -> None:
    catalog = probe.new("stage3_auth.ui.catalog:Catalog", "en")
    error = catalog.raises("extend", {"en": english, "zh": chinese})
    check.that("CourseError" in error.bases, f"it is one of the course's errors: {error}")
    check.that(complaint in error.message, f"it names what is missing: {error}")


@pytest.mark.task("3.11", hint="What must hold for every colour and every text of the window?")
def test_a_text_that_is_missing_or_taken_is_an_error(probe: Probe) -> None:
    catalog = probe.new("stage3_auth.ui.catalog:Catalog", "zh")
    catalog.call("extend", {"en": {"hi": "Hi, {name}"}, "zh": {"hi": "你好，{name}"}})
    check.equal(catalog.call("text", "hi", name="{x}"), "你好，{x}", "a value is no template")
    check.that("nowhere" in catalog.raises("text", "nowhere").message, "the key is named")
    check.that("name" in catalog.raises("text", "hi").message, "the place is named")
    catalog.raises("extend", {"en": {"hi": "Ho"}, "zh": {"hi": "嗨"}})


def rgb(colour: Any) -> Rgb:
    """Return a colour that came from the code under test, or its ``#rrggbb``, as a tuple."""
    if isinstance(colour, str):
        return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
    if isinstance(colour, tuple):
        return colour
    return colour.red, colour.green, colour.blue


def contrast(first: Rgb, second: Rgb) -> float:
    """Return the contrast ratio as WCAG 2.2 defines it, 1 to 21."""

    def luminance(colour: Rgb) -> float:
        parts = [channel / 255 for channel in colour]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    low, high = sorted((luminance(first), luminance(second)))
    return (high + 0.05) / (low + 0.05)


def load_palette(probe: Probe) -> list[Rgb]:
    return [rgb(colour) for colour in probe.call("stage3_auth.ui.palette:load_palette")]


@pytest.mark.task("3.11", hint="What must hold for every colour and every text of the window?")
def test_the_palette_is_the_model_s(probe: Probe) -> None:
    palette = load_palette(probe)
    check.equal(len(palette), 140, "entries")
    check.equal(len(set(palette)), 138, "different entries")


@pytest.mark.task("3.11", hint="What must hold for every colour and every text of the window?")
@pytest.mark.parametrize("ground", [LIGHT, DARK], ids=["light", "dark"])
def test_every_drifting_colour_can_be_read_and_bears_a_text(probe: Probe, ground: Rgb) -> None:
    palette = load_palette(probe)
    found = probe.call("stage3_auth.ui.palette:legible_palette", palette, ground)
    legible = [rgb(colour) for colour in found]
    # Half-way between an entry and another one: what a drift passes through.
    pairs = [(colour, legible[i - 10], 0.5) for i, colour in enumerate(legible)]
    between = [rgb(made.value) for made in probe.map("stage3_auth.ui.palette:mix", pairs)]
    asked = [(colour, ground) for colour in legible + between]
    colours = [rgb(made.value) for made in probe.map("stage3_auth.ui.palette:readable", asked)]
    poor = [colour for colour in colours if contrast(colour, ground) < 4.5]
    check.equal(poor, [], "colours with too little contrast to their ground")
    texts = probe.map("stage3_auth.ui.palette:text_on", [(colour,) for colour in colours])
    pairs_on = zip(colours, (rgb(text.value) for text in texts), strict=True)
    poor_texts = [pair for pair in pairs_on if contrast(*pair) < 4.5]
    check.equal(poor_texts, [], "texts with too little contrast to their button")


@pytest.mark.task("3.11", hint="What must hold for every colour and every text of the window?")
@pytest.mark.parametrize("mode", ["light_theme", "dark_theme"])
def test_every_text_colour_of_a_theme_can_be_read(probe: Probe, mode: str) -> None:
    theme = probe.call(f"stage3_auth.ui.theme:{mode}")
    for ground in ("background", "field"):
        for text in ("text", "muted", "accent", "error", "success"):
            ratio = contrast(rgb(getattr(theme, text)), rgb(getattr(theme, ground)))
            check.that(ratio >= 4.5, f"{text} on {ground} has a contrast of {ratio:.2f}")


@pytest.mark.task("3.11", hint="What must hold for every colour and every text of the window?")
@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("plain", "plain"),
        ("two\nlines", "two lines"),
        ("a\r\n\tb", "a b"),
        ("from a file\n", "from a file"),
        ("a\x00b\x1b[31mc\x7f", "ab[31mc"),
        ("halves \ud83d\ude00 joined", "halves 😀 joined"),
        ("lone \ud83d half", "lone  half"),
        ("👨‍👩‍👧 ن é", "👨‍👩‍👧 ن é"),
    ],
)
def test_what_is_typed_or_pasted_becomes_one_sound_line(probe: Probe, raw: str, clean: str) -> None:
    check.equal(probe.call("stage3_auth.ui.entry:clean_line", raw), clean, "the cleaned line")
