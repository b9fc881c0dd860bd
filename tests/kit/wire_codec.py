"""Frames as the protocol defines them, written apart from the code under test: this is the judge.

A frame is a 4-byte unsigned big-endian length, then that many bytes of UTF-8 JSON, one object
(docs/protocol.md).
"""

import json
import struct
from typing import Any, NoReturn

from .failure import CheckFailed

HEADER = struct.Struct(">I")
# A server never sends a larger frame.
LARGEST_FRAME = 256 * 1024

Message = dict[str, Any]


def encode(message: Message) -> bytes:
    """Return the frame that carries ``message``."""
    text = json.dumps(message, ensure_ascii=False, separators=(",", ":"))
    # A lone surrogate can be asked for on purpose; UTF-8 has none, so it goes as an escape.
    try:
        return frame(text.encode())
    except UnicodeEncodeError:
        return frame(json.dumps(message, separators=(",", ":")).encode())


def frame(payload: bytes) -> bytes:
    """Return ``payload``, whatever it is, with its length before it."""
    return HEADER.pack(len(payload)) + payload


def payload_length(header: bytes) -> int:
    """Return the length that a server's header announces; fails when no frame can be so long."""
    (length,) = HEADER.unpack(header)
    if not 1 <= length <= LARGEST_FRAME:
        raise CheckFailed(
            f"a header announces {length:,} bytes; a frame of a server has 1 to {LARGEST_FRAME:,}. "
            "(Is the length big-endian? Does the body's end really end there?)",
            expected=f"a length from 1 to {LARGEST_FRAME}",
            received=f"{header.hex(' ')} = {length}",
        )
    return int(length)


def decode(payload: bytes) -> Message:
    """Return the object in ``payload``; fails when a server may not send such bytes."""
    try:
        message = json.loads(payload.decode("utf-8"), parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise CheckFailed(
            f"a frame from the server holds no JSON: {error}",
            expected="one JSON object in UTF-8",
            received=payload,
        ) from error
    if not isinstance(message, dict):
        raise CheckFailed("a frame holds no object", expected="{…}", received=message)
    return message


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
