"""Frames, a first attempt: right on the way out, and on the way in right until TCP cuts."""

import struct

from .errors import FrameLengthError

HEADER = struct.Struct(">I")  # unsigned, 4 bytes, big-endian
LIMIT_BEFORE_LOGIN = 16 * 1024
LIMIT = 256 * 1024


def encode_frame(payload: bytes) -> bytes:
    if not 1 <= len(payload) <= LIMIT:
        raise FrameLengthError(len(payload), LIMIT)
    return HEADER.pack(len(payload)) + payload


class FrameDecoder:
    def __init__(self, limit: int = LIMIT) -> None:
        self.limit = limit
        self._data = b""

    def feed(self, data: bytes | bytearray | memoryview) -> None:
        self._data = bytes(data)  # what one read returned is one frame, is it not?

    def next_frame(self) -> bytes | None:
        payload, self._data = self._data[HEADER.size :], b""
        return payload or None
