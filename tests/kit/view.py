"""Bytes and values as text for people: escaped, shortened, a caret under the first wrong byte."""

from typing import Any

from .inside.values import Record
from .json_types import Json

ROW = 16
# How much of a long piece is shown before and after the interesting place.
CONTEXT_ROWS = 2
LONGEST_TEXT = 600
LONGEST_BYTES = 80  # of those among other values


def escape(text: str, keep: str = "\n") -> str:
    """Return ``text`` with everything that could drive a terminal or hide itself as an escape.

    Printable characters of all scripts stay; controls, format characters (also the ones that
    turn the writing direction) and lone surrogates become ``\\x..`` or ``\\u....``.
    """
    return "".join(
        char if char.isprintable() or char in keep else _escape_char(char) for char in text
    )


def _escape_char(char: str) -> str:
    return char.encode("unicode_escape", "backslashreplace").decode("ascii")


def shorten(text: str, longest: int = LONGEST_TEXT) -> str:
    """Return ``text``, its middle left out when it is longer than ``longest`` characters."""
    if len(text) <= longest:
        return text
    half = longest // 2
    return f"{text[:half]} … {len(text) - 2 * half:,} characters left out … {text[-half:]}"


def show_value(value: object, longest: int = LONGEST_TEXT) -> str:
    """Return a value as Python writes it, escaped and shortened."""
    return shorten(escape(repr(value)), longest)


def decode_text(data: bytes) -> str:
    """Return bytes read as UTF-8 for a person; what is not valid stands as ``\\x..``."""
    return escape(data.decode("utf-8", "backslashreplace"), keep="").replace("\n", "\\n")


def show_bytes(data: bytes, total: int | None = None) -> str:
    """Return one line for ``data``: how many bytes and what they say; ``total`` if it is a part."""
    count = len(data) if total is None else total
    more = " …" if count > len(data) else ""
    unit = "byte" if count == 1 else "bytes"
    return f"{count:,} {unit}: {shorten(decode_text(data), 120)}{more}" if count else "0 bytes"


def first_difference(expected: bytes, received: bytes) -> int | None:
    """Return the index of the first byte in which the two differ, None when they are equal."""
    if expected == received:
        return None
    low, high = 0, min(len(expected), len(received))
    # Halving keeps the comparison in C: these may be 50 MB.
    while low < high:
        middle = (low + high) // 2
        if expected[low : middle + 1] == received[low : middle + 1]:
            low = middle + 1
        else:
            high = middle
    return low


def hex_window(data: bytes, index: int) -> str:
    """Return rows of hex and characters around byte ``index``, with a caret under that byte."""
    row = index // ROW
    first = max(0, row - CONTEXT_ROWS)
    last = min((max(len(data), index + 1) - 1) // ROW, row + CONTEXT_ROWS)
    lines = []
    for number in range(first, last + 1):
        lines.append(hex_row(data, number))
        if number == row:
            lines.append(" " * (10 + 3 * (index % ROW)) + "^^")
    return "\n".join(lines)


def hex_row(data: bytes, number: int) -> str:
    """Return 16 bytes of ``data``, from byte ``number`` * 16 on, as hex and as characters."""
    part = data[number * ROW : (number + 1) * ROW]
    digits = " ".join(f"{byte:02x}" for byte in part)
    shown = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in part)
    return f"{number * ROW:08x}  {digits:<{3 * ROW - 1}}  |{shown}|"


def show_byte(data: bytes, index: int) -> str:
    """Return how byte ``index`` is called in a sentence; past the end it is "the end"."""
    if index >= len(data):
        return "the end"
    byte = data[index]
    return f"0x{byte:02x}" + (f" {chr(byte)!r}" if 32 <= byte < 127 else "")


def indent(text: str, by: str = "    ") -> str:
    """Return ``text`` with every line moved to the right."""
    return "\n".join(by + line for line in text.split("\n"))


def jsonable(value: object) -> Json:
    """Return ``value`` as something JSON can hold: itself if it can, else its text in Python."""
    return _plain(value) if _is_plain(value) else shorten(escape(_written(value), keep=""))


def _is_plain(value: object) -> bool:
    if isinstance(value, dict):
        return all(map(_is_plain, value.values()))
    if isinstance(value, list | tuple | set | frozenset):
        return all(map(_is_plain, value))
    return value is None or isinstance(value, bool | int | float | str)


def _plain(value: Any) -> Json:
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(item) for item in value]
    scalar: Json = value
    return scalar


def _written(value: object) -> str:
    """Return ``value`` as Python writes it, the bytes in it shortened."""
    if isinstance(value, bytes | bytearray):
        return bytes_literal(bytes(value))
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key!r}: {_written(item)}' for key, item in value.items())}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(_written, value))}]"
    if isinstance(value, tuple):
        return f"({', '.join(map(_written, value))}{',' if len(value) == 1 else ''})"
    if isinstance(value, Record):
        inner = (f"{name}={_written(item)}" for name, item in value.fields.items())
        return f"{value.type}({', '.join(inner)})"
    return repr(value)


def bytes_literal(data: bytes) -> str:
    """Return bytes as Python writes them; of many only the first, with how many there are."""
    more = f" … {len(data):,} bytes in all" if len(data) > LONGEST_BYTES else ""
    return f"{data[:LONGEST_BYTES]!r}{more}"
