"""What went over the wire before a failure, in order, both ways, as a table that can be read out.

Made of the steps of a test's story (``story.py``): what has bytes was sent or received, the rest
tells what happened in between.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from ..view import escape as visible
from ..view import shorten
from .markup import md, md_table, table
from .paths import without_places

TO, FROM, BESIDE = "to", "from", ""
WAYS = {TO: "→ to the program", FROM: "← from the program", BESIDE: ""}
STEPS_SHOWN = 30
BYTES_SHOWN = 16
LONGEST = 400
FRAME_HEADER = 4


@dataclass(frozen=True, slots=True)
class Line:
    """One step: who, which way, in words, and the first bytes in hex ("" for none)."""

    number: int
    who: str
    way: str
    words: str
    hex: str = ""


def lines(steps: Sequence[dict[str, Any]]) -> list[Line]:
    """Return the last steps of a story; the failure is what follows them."""
    return [_line(step) for step in steps[-STEPS_SHOWN:]]


def _line(step: dict[str, Any]) -> Line:
    actor, words = str(step["actor"]), str(step["words"])
    said = without_places(visible(shorten(words, LONGEST), keep=""))
    if "bytes" not in step:
        way = FROM if words.startswith("prints: ") else BESIDE
        return Line(step["number"], actor, way, said)
    way = FROM if words.startswith(("receives", "has received")) else TO
    data, total = bytes.fromhex(step["bytes"]), int(step["total"])
    verb, _, message = said.partition(" ")
    is_frame = message.startswith("{")
    if is_frame:
        said = message
    else:
        # The step's own text shows the bytes as text, behind its words.
        shown = str(step["text"]).partition(f"{words} ")[2]
        said = without_places(visible(shorten(f"{words}: {shown}", LONGEST), keep=""))
        said = said.removeprefix(f"{verb}: ")
    return Line(step["number"], actor, way, said, _hex(data, total, is_frame))


def _hex(data: bytes, total: int, is_frame: bool) -> str:
    shown = data[:BYTES_SHOWN].hex(" ")
    if is_frame and len(data) > FRAME_HEADER:
        header, rest = data[:FRAME_HEADER].hex(" "), data[FRAME_HEADER:BYTES_SHOWN].hex(" ")
        shown = f"{header} | {rest}"
    more = f" … {total:,} bytes in all" if total > BYTES_SHOWN else ""
    return shown + more


def left_out(steps: Sequence[dict[str, Any]]) -> str:
    """Return what is said of steps that are not shown, "" when all are."""
    first = max(0, len(steps) - STEPS_SHOWN)
    number = int(steps[first]["number"]) - 1 if steps else 0
    return f"{number} steps came before these. " if number > 0 else ""


def as_html(steps: Sequence[dict[str, Any]]) -> str:
    """Return the table; "" for no steps."""
    if not steps:
        return ""
    rows, classes = [], []
    for line in lines(steps):
        code = f'<span class="bytes"><code>{escape(line.hex)}</code></span>' if line.hex else ""
        said = escape(line.words)
        rows.append(
            [
                str(line.number),
                escape(line.who),
                f'<span class="way">{WAYS[line.way]}</span>',
                f'<span class="said">{said}</span>{code}',
            ]
        )
        classes.append(line.way)
    caption = f"{left_out(steps)}What was done and said, in order."
    heads = ("Step", "Who", "Way", "What, and its first bytes")
    return table(caption, heads, rows, classes, "wire")


def as_markdown(steps: Sequence[dict[str, Any]]) -> list[str]:
    """Return the lines of the table."""
    rows = [
        [str(line.number), md(line.who), WAYS[line.way], md(line.words), _md_code(line.hex)]
        for line in lines(steps)
    ]
    if not rows:
        return []
    return [*md_table(("Step", "Who", "Way", "What", "First bytes"), rows), ""]


def _md_code(text: str) -> str:
    escaped = text.replace("|", "\\|")
    return f"`{escaped}`" if escaped else ""
