"""What went over the wire before a failure, in order, both ways, as a table that can be read out.

Made of the steps of a test's story (``story.py``): what has bytes was sent or received, the rest
tells what happened in between.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from ..told_steps import told
from ..view import escape as visible
from ..view import shorten
from .markup import md, md_table, table
from .paths import without_places

TO, FROM, BESIDE = "to", "from", ""
WAYS = {TO: "→ to the program", FROM: "← from the program", BESIDE: ""}
STEPS_SHOWN = 30
BYTES_SHOWN = 16
LONGEST = 400
LONGEST_TEXT = 160  # of bytes that are no frame; how many there are stands beside them
FRAME_HEADER = 4
CUT = re.compile(r" … [\d,]+ characters left out … ")


@dataclass(frozen=True, slots=True)
class Line:
    """One step: who, which way, in words, and the first bytes in hex ("" for none)."""

    number: int
    who: str
    way: str
    words: str
    hex: str = ""


def lines(steps: Sequence[dict[str, Any]]) -> list[Line]:
    """Return the first and the last steps of a story; the failure is what follows them.

    Where steps are left out, a line with the number 0 says which.
    """
    return [
        Line(0, "", BESIDE, step) if isinstance(step, str) else _line(step)
        for step in told(steps, STEPS_SHOWN)
    ]


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
        whole = f"{words}: {shown}".removeprefix(f"{verb}: ")
        # The step keeps some of the bytes: how many it leaves out of those is no true number.
        begin = CUT.split(whole)[0][:LONGEST_TEXT]
        cut = whole if begin == whole else f"{begin} …"
        said = without_places(visible(cut, keep=""))
    return Line(step["number"], actor, way, said, _hex(data, total, is_frame))


def _hex(data: bytes, total: int, is_frame: bool) -> str:
    shown = data[:BYTES_SHOWN].hex(" ")
    if is_frame and len(data) > FRAME_HEADER:
        header, rest = data[:FRAME_HEADER].hex(" "), data[FRAME_HEADER:BYTES_SHOWN].hex(" ")
        shown = f"{header} | {rest}"
    more = f" … {total:,} bytes in all" if total > BYTES_SHOWN else ""
    return shown + more


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
                str(line.number or "…"),
                escape(line.who),
                f'<span class="way">{WAYS[line.way]}</span>',
                f'<span class="said">{said}</span>{code}',
            ]
        )
        classes.append(line.way)
    heads = ("Step", "Who", "Way", "What, and its first bytes")
    return table("What was done and said, in order.", heads, rows, classes, "wire")


def as_markdown(steps: Sequence[dict[str, Any]]) -> list[str]:
    """Return the lines of the table."""
    rows = [
        [str(line.number or "…"), md(line.who), WAYS[line.way], md(line.words), _md_code(line.hex)]
        for line in lines(steps)
    ]
    if not rows:
        return []
    return [*md_table(("Step", "Who", "Way", "What", "First bytes"), rows), ""]


def _md_code(text: str) -> str:
    escaped = text.replace("|", "\\|")
    return f"`{escaped}`" if escaped else ""
