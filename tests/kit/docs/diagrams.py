"""Bytes drawn as text: a character a line for text of many scripts, boxes for frames."""

import struct

from .blocks import DocumentError

HEADER_BYTES = 4
CELLS = 26  # bytes in one row of a frame's drawing


def characters(data: bytes) -> str:
    """Return a line for each run of ASCII and for each longer character of UTF-8 text."""
    lines: list[tuple[str, str]] = []
    run = ""
    for character in data.decode("utf-8"):
        if character.isascii():
            run += character
            continue
        if run:
            lines.append((run.encode().hex(" "), run))
            run = ""
        lines.append((character.encode().hex(" "), character))
    if run:
        lines.append((run.encode().hex(" "), run))
    width = max(len(digits) for digits, _ in lines)
    return "\n".join(f"{digits:<{width}}   {shown}" for digits, shown in lines)


def frame(data: bytes) -> str:
    """Return a frame drawn in rows: its header, then its payload, each byte over its character."""
    if len(data) < HEADER_BYTES:
        raise DocumentError("a frame has at least a header")
    (length,) = struct.unpack(">I", data[:HEADER_BYTES])
    payload = data[HEADER_BYTES:]
    if length != len(payload):
        raise DocumentError(f"the header says {length}, the payload has {len(payload)} bytes")
    rows = [f"{_digits(data[:HEADER_BYTES])}   the length: {length} bytes follow"]
    for start in range(0, len(payload), CELLS):
        part = payload[start : start + CELLS]
        rows += ["", _digits(part), _characters(part)]
    return "\n".join(row.rstrip() for row in rows)


def _digits(part: bytes) -> str:
    return " ".join(f"{byte:02x}" for byte in part)


def _characters(part: bytes) -> str:
    # A byte of a longer character has no character of its own: it is shown as a dot.
    return " ".join(f"{chr(byte) if 32 < byte < 127 else '·':<2}" for byte in part)
