"""What a proxy does to a stream on purpose: split, join, delay, cut; the same seed, the same cuts.

No socket and no clock: bytes and the time go in, pieces come out when their time has come. The
content is never changed, and nothing is lost before a cut.
"""

import random
from collections import deque
from dataclasses import dataclass
from enum import Enum
from typing import Literal

from .events import Cut, Direction
from .frames import Frame, StreamReader

# A random piece has 1 byte to 8 KiB, each power of two as likely as the next: small ones abound,
# which cut headers, and a large frame does not take all day.
RANDOM_POWERS = 13
# What is gathered by ``join`` is passed on at once when it is so much.
JOIN_LIMIT = 64 * 1024


class End(Enum):
    """How a side ends its stream: in order, or by breaking the connection."""

    FIN = "fin"
    RESET = "reset"


@dataclass(frozen=True, slots=True, kw_only=True)
class Faults:
    """What to do to each connection; without arguments nothing: bytes pass as they come.

    ``split``: no piece is longer than so many bytes, or cut at random places chosen by ``seed``;
    the pause ``gap_ms`` between the pieces lets the receiver read them one by one.
    ``join_ms``: gather what comes in that time and pass it as one piece.
    ``delay_ms``: pass everything so much later; order and pieces stay.
    ``cut_after_bytes``, ``cut_after_frames``: cut the connection when so many have passed in one
    direction (0: as soon as it is open), in the way ``cut``.
    ``direction``: where all this holds. ``first``: only on so many connections, then no more.
    Times are milliseconds. Raises ValueError naming what is allowed.
    """

    split: int | Literal["random"] | None = None
    gap_ms: float = 1.0
    join_ms: float = 0.0
    delay_ms: float = 0.0
    cut_after_bytes: int | None = None
    cut_after_frames: int | None = None
    cut: Cut | Literal["reset", "close", "hang"] = Cut.RESET
    direction: Direction | Literal["to-server", "to-client"] | None = None
    first: int | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        if self.split != "random":
            _check("split", self.split, 1)
        _check("first", self.first, 1)
        for name in ("gap_ms", "join_ms", "delay_ms", "cut_after_bytes", "cut_after_frames"):
            _check(name, getattr(self, name), 0)
        Cut(self.cut)
        if self.direction is not None:
            Direction(self.direction)

    def __str__(self) -> str:
        told = {
            f"split {self.split}, gap {self.gap_ms:g} ms": self.split is not None,
            f"join {self.join_ms:g} ms": self.join_ms > 0,
            f"delay {self.delay_ms:g} ms": self.delay_ms > 0,
            f"{self.cut} behind byte {self.cut_after_bytes}": self.cut_after_bytes is not None,
            f"{self.cut} behind frame {self.cut_after_frames}": self.cut_after_frames is not None,
        }
        words = ", ".join(word for word, is_on in told.items() if is_on)
        if not words:
            return "nothing is changed"
        where = "" if self.direction is None else f", only {self.direction}"
        first = "" if self.first is None else f", only on the first {self.first}"
        seed = f", seed {self.seed}" if self.split == "random" else ""
        return f"{words}{seed}{where}{first}"

    @property
    def is_any(self) -> bool:
        """Whether anything is done at all."""
        cuts = self.cut_after_bytes is not None or self.cut_after_frames is not None
        return cuts or bool(self.split or self.join_ms or self.delay_ms)

    def plan(self, connection: int, direction: Direction) -> "Plan":
        """Return the plan for one direction of a connection (numbered from 1)."""
        spared = self.first is not None and connection > self.first
        elsewhere = self.direction is not None and Direction(self.direction) != direction
        faults = Faults() if spared or elsewhere else self
        return Plan(faults, f"{self.seed}/{connection}/{direction}")


def _check(name: str, value: float | None, least: int) -> None:
    if value is not None and value < least:
        raise ValueError(f"{name} is {value}; it must be at least {least}")


class Plan:
    """One direction of one connection: bytes are fed, pieces are taken when they are due.

    ``seed`` decides random cuts by their place in the stream alone: however the bytes arrive, the
    same stream is cut at the same places (and where an arrival ends, for nothing is held back to
    fill a piece). All times are seconds of one clock.
    """

    def __init__(self, faults: Faults, seed: str) -> None:
        self._faults = faults
        self._random = random.Random(seed)
        self._gathered = bytearray()
        self._gather_until = 0.0
        self._waiting: deque[tuple[float, memoryview | End]] = deque()
        self._not_before = 0.0  # the gap between pieces
        self._passed = 0
        self._next_cut = self._room()
        self._frames_left = faults.cut_after_frames
        self._reader = StreamReader() if faults.cut_after_frames is not None else None
        self.held = 0  # bytes that were fed and not yet taken

    # --- in ---

    def feed(self, now: float, data: bytes) -> None:
        """Take what has arrived."""
        self.held += len(data)
        if not self._faults.join_ms:
            self._queue(now, data)
            return
        if not self._gathered:
            self._gather_until = now + self._faults.join_ms / 1000
        self._gathered += data
        if len(self._gathered) >= JOIN_LIMIT:
            self._flush(now)

    def end(self, now: float, how: End) -> None:
        """Note that the stream ends here; the end keeps its place behind the bytes."""
        self._flush(now)
        self._queue(now, how)

    def clear(self) -> None:
        """Forget all that waits: nobody is left to take it."""
        self._gathered.clear()
        self._waiting.clear()
        self.held = 0

    def _flush(self, now: float) -> None:
        if self._gathered:
            self._queue(now, bytes(self._gathered))
            self._gathered.clear()

    def _queue(self, now: float, data: bytes | End) -> None:
        # A view, because it may be taken byte by byte: cutting bytes would copy the rest each time.
        entry = data if isinstance(data, End) else memoryview(data)
        self._waiting.append((now + self._faults.delay_ms / 1000, entry))

    # --- out ---

    def take(self, now: float) -> bytes | End | None:
        """Return the next piece or the end if its time has come; None: not now (see wake_at)."""
        if self.must_cut:
            return None
        if self._gathered and now >= self._gather_until:
            self._flush(self._gather_until)
        if not self._waiting or now < self._due():
            return None
        due, data = self._waiting.popleft()
        if isinstance(data, End):
            return data
        piece, rest = self._cut(data)
        if rest:
            self._waiting.appendleft((due, rest))
        self.held -= len(piece)
        self._passed += len(piece)
        if self._passed == self._next_cut or self._faults.split != "random":
            self._next_cut = self._passed + self._room()
        if self._faults.split is not None:
            self._not_before = now + self._faults.gap_ms / 1000
        return piece

    def wake_at(self) -> float | None:
        """Return when take() may have something; None: not before something is fed."""
        times = [self._due()] if self._waiting else []
        return min([*times, self._gather_until] if self._gathered else times, default=None)

    @property
    def must_cut(self) -> bool:
        """Whether the connection is to be cut now: what was to pass before has been taken."""
        return self._frames_left == 0 or self._passed == self._faults.cut_after_bytes

    def is_reset(self, now: float) -> bool:
        """Whether a reset waits and its time has come, whatever lies before it."""
        if not self._waiting:
            return False
        due, last = self._waiting[-1]
        return last is End.RESET and now >= due

    def _due(self) -> float:
        return max(self._waiting[0][0], self._not_before)

    def _room(self) -> int:
        """Return how far the next cut is from the last one."""
        match self._faults.split:
            case None:
                return 1 << 62
            case "random":
                return self._random.randrange(1, 2 << self._random.randrange(RANDOM_POWERS))
            case size:
                return size

    def _cut(self, data: memoryview) -> tuple[bytes, memoryview]:
        """Return ``data`` in two: what may pass as one piece, and what waits."""
        size = min(len(data), self._next_cut - self._passed)
        if self._faults.cut_after_bytes is not None:
            size = min(size, self._faults.cut_after_bytes - self._passed)
        if self._reader is not None:
            size = self._size_with_frames(bytes(data[:size]))
        return bytes(data[:size]), data[size:]

    def _size_with_frames(self, piece: bytes) -> int:
        """Return how much of ``piece`` passes before the last frame that may has passed."""
        if self._reader is None or self._frames_left is None:
            return len(piece)
        for item in self._reader.feed(piece):
            if isinstance(item, Frame):
                self._frames_left -= 1
                if self._frames_left == 0:
                    return item.end - self._passed
        return len(piece)
