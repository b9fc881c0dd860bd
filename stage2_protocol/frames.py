"""Frames: a 4-byte length, then that many bytes. This is what solves sticky packets.

TCP carries a stream of bytes, not messages: two sends may arrive in one read, one send in several.
The decoder below does not care. It is fed whatever a read returned and gives back whole frames; it
touches no socket, so a test can cut the stream at every byte (docs/stage2.md).
"""

import struct

from .errors import FrameLengthError

# BEGIN SOLUTION 2.1
HEADER = struct.Struct(">I")  # unsigned, 4 bytes, big-endian: the byte order of networks
# END SOLUTION
LIMIT_BEFORE_LOGIN = 16 * 1024
LIMIT = 256 * 1024


def encode_frame(payload: bytes) -> bytes:
    """Return ``payload`` with its header; raises FrameLengthError outside 1 to LIMIT bytes."""
    # BEGIN SOLUTION 2.1
    if not 1 <= len(payload) <= LIMIT:
        raise FrameLengthError(len(payload), LIMIT)
    return HEADER.pack(len(payload)) + payload
    # END SOLUTION


class FrameDecoder:
    """Cuts a stream of bytes into frames.

    ``limit`` is the largest payload accepted, in bytes; it may be changed between frames (a login
    raises it). A length outside 1 to ``limit`` raises FrameLengthError before anything of the
    frame is stored, and raises it again ever after: behind a bad header nothing can be trusted.
    """

    def __init__(self, limit: int = LIMIT) -> None:
        # BEGIN SOLUTION 2.1
        self.limit = limit
        self._buffer = bytearray()
        # END SOLUTION

    def feed(self, data: bytes | bytearray | memoryview) -> None:
        """Take the bytes that one read returned, however they are cut."""
        # BEGIN SOLUTION 2.1
        self._buffer += data
        # END SOLUTION

    def next_frame(self) -> bytes | None:
        """Return the payload of the next whole frame, or None while more bytes are needed."""
        # BEGIN SOLUTION 2.1
        if len(self._buffer) < HEADER.size:
            return None
        (length,) = HEADER.unpack_from(self._buffer)
        if not 1 <= length <= self.limit:
            raise FrameLengthError(length, self.limit)
        end = HEADER.size + length
        if len(self._buffer) < end:
            return None
        payload = bytes(self._buffer[HEADER.size : end])
        del self._buffer[:end]
        return payload
        # END SOLUTION

    def take(self, count: int) -> bytes:
        """Return up to ``count`` raw bytes that lie behind the last frame: the start of a body."""
        # BEGIN SOLUTION 2.1
        raw = bytes(self._buffer[:count])
        del self._buffer[:count]
        return raw
        # END SOLUTION

    @property
    def buffered(self) -> int:
        """How many bytes were fed and not yet given out."""
        # BEGIN SOLUTION 2.1
        return len(self._buffer)
        # END SOLUTION
