"""Scripts that run from right to left, put in the order in which they are seen.

Tk on Windows and macOS leaves that to the system. On X11 it draws one character after the other
from left to right; so there a text is put in visual order first (Unicode Standard Annex 9), and
Arabic letters take the forms they have within a word. A line of the window is ordered at a time:
where it is broken must be known before.
"""

import re
import tkinter as tk
from collections.abc import Callable, Sequence
from functools import lru_cache
from importlib.util import find_spec
from typing import Generic, NamedTuple, TypeVar

# Installed where Tk on X11 needs them; elsewhere a text is drawn as it comes.
_CAN_ORDER = find_spec("bidi") is not None and find_spec("arabic_reshaper") is not None

# Hebrew, Arabic and their relatives, and the forms that letters of theirs take.
_RIGHT_TO_LEFT = re.compile(
    "[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]"
)
_WORDS = re.compile(r"\s+|\S+")
# What must not be taken apart stands as one character while the order is found: a picture for
# something without a direction of its own, a private one for something from left to right.
_NEUTRAL, _LEFT_TO_RIGHT = 0x1F400, 0xF0000

T = TypeVar("T")


class Part(NamedTuple, Generic[T]):
    """A piece of text with what it is to its owner; ``whole`` is not to be taken apart."""

    text: str
    owner: T
    whole: bool = False
    neutral: bool = False


def runs_right_to_left(text: str) -> bool:
    """Tell whether a text has anything that runs from right to left."""
    return _RIGHT_TO_LEFT.search(text) is not None


def needs_order(widget: tk.Misc) -> bool:
    """Tell whether this Tk needs texts in visual order, and whether that can be done here."""
    return _CAN_ORDER and str(widget.tk.call("tk", "windowingsystem")) == "x11"


@lru_cache(maxsize=1000)
def visual(text: str) -> str:
    """Return one line in visual order."""
    return _display(text) if _CAN_ORDER and runs_right_to_left(text) else text


def begins_right(text: str) -> bool:
    """Tell whether a paragraph as a whole runs from right to left."""
    if not _CAN_ORDER:
        return False
    from bidi.algorithm import get_base_level

    return bool(get_base_level(text) == 1)


def visual_lines(
    paragraph: Sequence[Part[T]], width: int, measure: Callable[[str, T], int]
) -> list[list[tuple[str, T]]]:
    """Break a paragraph into lines of ``width`` pixels, each in visual order.

    ``measure(text, owner)`` is the width of a part of it. Words that are wider than a line are
    left to the widget to break.
    """
    lines: list[list[Part[T]]] = [[]]
    used = 0
    for part in paragraph:
        words = [part.text] if part.whole else _WORDS.findall(part.text)
        for word in words:
            wide = measure(word, part.owner)
            if used and used + wide > width and not word.isspace():
                lines.append([])
                used = 0
            lines[-1].append(part._replace(text=word))
            used += wide
    base = "R" if begins_right("".join(part.text for part in paragraph)) else "L"
    return [_ordered(line, base) for line in lines]


def _ordered(line: Sequence[Part[T]], base: str) -> list[tuple[str, T]]:
    """Return the parts of a line in visual order."""
    stand_ins: dict[str, Part[T]] = {}
    owners: list[T] = []
    coded = []
    for part in line:
        if part.whole:
            first = _NEUTRAL if part.neutral else _LEFT_TO_RIGHT
            stand_in = chr(first + len(stand_ins))
            stand_ins[stand_in] = part
            coded.append(stand_in)
        else:
            coded.append(part.text)
            owners.append(part.owner)
    shown = _display("".join(coded), base)
    found: list[tuple[str, T]] = []
    for text in re.split(f"([{''.join(stand_ins)}])" if stand_ins else "(?!)", shown):
        if text in stand_ins:
            found.append((stand_ins[text].text, stand_ins[text].owner))
        elif text:
            found.append((text, owners[0]))  # plain parts of a paragraph share their owner's looks
    return found


@lru_cache(maxsize=2000)  # what is drawn is drawn again when one turns back to it
def _display(text: str, base: str | None = None) -> str:
    # Only here: few people need them, and they take time to load.
    from arabic_reshaper import reshape
    from bidi.algorithm import get_display  # the package's other one leaves brackets as they are

    return str(get_display(reshape(text), base_dir=base))
