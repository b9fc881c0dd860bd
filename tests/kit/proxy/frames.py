"""Reads a stream of frames as it passes, however it is cut; the stream itself is left alone.

No socket and no clock: bytes go in, items come out. Never raises: what is no frame is an item too.
"""

from dataclasses import dataclass, field
from typing import Any

from ..wire_codec import HEADER, LARGEST_FRAME
from .payload import Payload, read_payload


@dataclass(frozen=True, slots=True)
class Frame:
    """A whole frame; ``end`` is its end in the stream, counted in bytes.

    ``pieces`` are the numbers of its bytes in each piece that brought some; ``joined``: it began
    in the middle of a piece, behind something else.
    """

    payload: bytes
    content: Payload
    end: int
    pieces: tuple[int, ...]
    joined: bool

    @property
    def header(self) -> bytes:
        """The 4 bytes before the payload."""
        return HEADER.pack(len(self.payload))

    @property
    def body(self) -> int:
        """How many raw bytes it announces behind it."""
        announced: Any = (self.content.message or {}).get("body")
        return announced if type(announced) is int and announced > 0 else 0


@dataclass(frozen=True, slots=True)
class Body:
    """The last of ``size`` raw bytes behind a frame has passed."""

    size: int


@dataclass(frozen=True, slots=True)
class BadHeader:
    """4 bytes that announce ``length``, which no frame has; there are no frames behind them."""

    header: bytes
    length: int


@dataclass(frozen=True, slots=True)
class Loose:
    """Bytes behind a bad header: nobody can say what they are."""

    data: bytes


Item = Frame | Body | BadHeader | Loose


@dataclass(slots=True)
class StreamReader:
    """Cuts one direction of a connection into items; keeps at most one frame of it."""

    passed: int = 0
    is_broken: bool = False
    body: int = 0
    body_left: int = 0
    _buffer: bytearray = field(default_factory=bytearray)
    _pieces: list[int] = field(default_factory=list)
    _joined: bool = False

    def feed(self, piece: bytes) -> list[Item]:
        """Take the bytes of one send; return what they complete."""
        items: list[Item] = []
        if self._buffer:
            self._pieces.append(0)
        at = 0
        while at < len(piece):
            taken = self._take(piece, at, items)
            at += taken
            self.passed += taken
        return items

    @property
    def unfinished(self) -> str:
        """What is half here, in words; "" between frames."""
        if self.body_left:
            return f"{self.body - self.body_left:,} of {self.body:,} bytes of a body"
        have = len(self._buffer)
        if have == 0:
            return ""
        if have < HEADER.size:
            return f"{have} of {HEADER.size} bytes of a header ({self._buffer.hex(' ')})"
        header = bytes(self._buffer[: HEADER.size])
        length = int.from_bytes(header)
        return f"{have - HEADER.size:,} of {length:,} bytes of a frame (header {header.hex(' ')})"

    def _take(self, piece: bytes, at: int, items: list[Item]) -> int:
        if self.is_broken:
            items.append(Loose(piece[at:]))
            return len(piece) - at
        if self.body_left:
            return self._take_body(len(piece) - at, items)
        if not self._buffer:
            self._pieces, self._joined = [0], at > 0
        part = piece[at : at + self._wanted()]
        self._buffer += part
        self._pieces[-1] += len(part)
        if self._wanted() == 0:
            self._finish(len(part), items)
        return len(part)

    def _wanted(self) -> int:
        """Return how many bytes the header, or the frame behind it, still lacks."""
        have = len(self._buffer)
        if have < HEADER.size:
            return HEADER.size - have
        length = int.from_bytes(self._buffer[: HEADER.size])
        # A length that no frame has wants nothing: _finish calls it what it is.
        return HEADER.size + length - have if 1 <= length <= LARGEST_FRAME else 0

    def _take_body(self, available: int, items: list[Item]) -> int:
        taken = min(available, self.body_left)
        self.body_left -= taken
        if not self.body_left:
            items.append(Body(self.body))
        return taken

    def _finish(self, taken: int, items: list[Item]) -> None:
        header, payload = bytes(self._buffer[: HEADER.size]), bytes(self._buffer[HEADER.size :])
        self._buffer.clear()
        if not payload:
            self.is_broken = True
            items.append(BadHeader(header, int.from_bytes(header)))
            return
        end = self.passed + taken
        frame = Frame(payload, read_payload(payload), end, tuple(self._pieces), self._joined)
        self.body = self.body_left = frame.body
        items.append(frame)
