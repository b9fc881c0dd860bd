"""What a frame holds, judged and made short for people; bytes in, words out.

Unlike the judge of the suites (wire_codec.py) it never fails: whatever passes can be shown.
"""

import codecs
import json
import math
import re
from dataclasses import dataclass
from typing import Any, NoReturn

from ..view import decode_text, escape, shorten
from ..wire_codec import LARGEST_FRAME

# Level 1 is the frame's object itself.
DEEPEST = 32
LONGEST_STRING = 120
MOST_ITEMS = 8
MOST_LEVELS = 6
# JSON up to this width stands on one line.
ONE_LINE = 100
MOST_LINES = 30
LONGEST_LINE = 200

_SURROGATE = re.compile("[\ud800-\udfff]")
_KINDS = {list: "a list", str: "a text", int: "a number", float: "a number"}


@dataclass(frozen=True, slots=True)
class Payload:
    """The object in a frame, None if there is none, and what breaks the protocol's rules if so."""

    message: dict[str, Any] | None
    problem: str = ""


def read_payload(payload: bytes) -> Payload:
    """Return what ``payload`` holds, and the first rule of the protocol that it breaks."""
    try:
        text = payload.decode("utf-8")
    except UnicodeDecodeError as error:
        return Payload(None, f"not UTF-8: {error.reason} at byte {error.start}")
    if text.startswith("\ufeff"):
        return Payload(None, "begins with a byte order mark")
    try:
        value = json.loads(text, parse_constant=_no_constant, parse_float=_finite)
    except RecursionError:
        return Payload(None, f"nested far deeper than {DEEPEST} levels")
    except ValueError as error:
        return Payload(None, f"not JSON: {error}")
    if not isinstance(value, dict):
        return Payload(None, f"JSON, but {_KINDS.get(type(value), 'a constant')}, not an object")
    return Payload(value, _problem_inside(value))


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number of JSON")


def _finite(digits: str) -> float:
    number = float(digits)
    if math.isinf(number):
        raise ValueError(f"the number {shorten(digits, 20)} is too large")
    return number


def _problem_inside(value: object) -> str:
    # By levels, not recursive: what is nested deeply is what we look for.
    level, depth = [value], 0
    while level:
        depth += 1
        inner: list[object] = []
        for item in level:
            if isinstance(item, str) and _SURROGATE.search(item):
                return "holds half of a surrogate pair"
            if isinstance(item, dict):
                inner += [*item.keys(), *item.values()]
            elif isinstance(item, list):
                inner += item
        if depth > DEEPEST and any(isinstance(item, dict | list) for item in level):
            return f"nested deeper than {DEEPEST} levels"
        level = inner
    return ""


def show_payload(payload: bytes, message: dict[str, Any] | None) -> list[str]:
    """Return a frame's content as a few safe lines: JSON, or the bytes if it is none."""
    if message is None:
        return [shorten(decode_text(payload), LONGEST_LINE)]
    lines = _laid_out(_abridged(message, 1), "", "")
    if len(lines) > MOST_LINES:
        lines = [*lines[: MOST_LINES - 1], f"… {len(lines) - MOST_LINES + 1} lines more"]
    return [shorten(escape(line, keep=""), LONGEST_LINE) for line in lines]


def _laid_out(value: object, before: str, after: str) -> list[str]:
    """Return JSON on one line if it is short, else its parts laid out so, plain ones together."""
    line = f"{before}{json.dumps(value, ensure_ascii=False)}{after}"
    if len(line) <= ONE_LINE or not isinstance(value, dict | list) or not value:
        return [line]
    inner = " " * (len(before) - len(before.lstrip()) + 2)
    if isinstance(value, dict):
        pairs = [(f"{json.dumps(key, ensure_ascii=False)}: ", item) for key, item in value.items()]
    else:
        pairs = [("", item) for item in value]
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    lines, packs = [before + opening], False
    for number, (name, item) in enumerate(pairs, 1):
        part = _laid_out(item, inner + name, "," if number < len(pairs) else "")
        is_plain = not isinstance(item, dict | list)
        together = f"{lines[-1]} {part[0].lstrip()}"
        if packs and is_plain and len(together) <= ONE_LINE:
            lines[-1] = together
        else:
            lines += part
        packs = is_plain
    return [*lines, inner[2:] + closing + after]


def _abridged(value: Any, level: int) -> Any:
    """Return ``value`` with long texts, long lists and deep levels cut; says what is left out."""
    if isinstance(value, str):
        return shorten(value, LONGEST_STRING)
    if not isinstance(value, dict | list) or not value:
        return value
    if level > MOST_LEVELS:
        return "…"
    rest = len(value) - MOST_ITEMS * (1 if isinstance(value, list) else 3)
    if isinstance(value, list):
        kept = [_abridged(item, level + 1) for item in value[:MOST_ITEMS]]
        return [*kept, f"… {rest:,} more"] if rest > 0 else kept
    pairs = list(value.items())[: MOST_ITEMS * 3]
    fields = {shorten(key, LONGEST_STRING): _abridged(item, level + 1) for key, item in pairs}
    return {**fields, "…": f"{rest:,} more"} if rest > 0 else fields


def explain_header(header: bytes) -> str:
    """Return what 4 bytes may be that are no header: text, TLS, a length in the wrong order."""
    if not int.from_bytes(header):
        return "a frame holds at least 1 byte"
    if header[:2] == b"\x16\x03":
        return "it looks like the start of TLS, which cannot be read from outside"
    if 1 <= (little := int.from_bytes(header, "little")) <= LARGEST_FRAME:
        return f"with the bytes in the other order it would be {little:,}"
    try:
        text = codecs.getincrementaldecoder("utf-8")().decode(header)
    except UnicodeDecodeError:
        text = ""
    if text and all(char.isprintable() or char in "\r\n\t" for char in text):
        return f"it looks like text, {decode_text(text.encode())!r}; --raw shows bytes"
    return f"a frame holds at most {LARGEST_FRAME:,} bytes"
