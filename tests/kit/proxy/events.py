"""What happens between a client and a server, as values: the proxy makes them, others use them.

A watcher turns them into lines (watch.py), a recording keeps them in a file (recording.py).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum


class Direction(StrEnum):
    """Which way bytes go; the value is the word of ``--direction``."""

    TO_SERVER = "to-server"
    TO_CLIENT = "to-client"

    @property
    def other(self) -> "Direction":
        """The opposite way."""
        return Direction.TO_CLIENT if self is Direction.TO_SERVER else Direction.TO_SERVER


class Cut(StrEnum):
    """How a connection is cut: both ends see a reset, both see an orderly end, nobody sees a thing.

    HANG is a pulled cable: what is sent disappears, and no end arrives.
    """

    RESET = "reset"
    CLOSE = "close"
    HANG = "hang"


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened at ``time`` (Unix seconds) on a connection, numbered from 1."""

    time: float
    connection: int


@dataclass(frozen=True, slots=True)
class Opened(Event):
    """A client at ``client`` is connected to the server at ``server`` (host:port)."""

    client: str
    server: str


@dataclass(frozen=True, slots=True)
class Unreachable(Event):
    """The server could not be reached for this client, which was reset."""

    server: str
    reason: str


@dataclass(frozen=True, slots=True)
class Passed(Event):
    """A piece of the stream was written on: ``data``, by one send."""

    direction: Direction
    data: bytes


@dataclass(frozen=True, slots=True)
class Ended(Event):
    """The end of this direction (FIN) was passed on."""

    direction: Direction


@dataclass(frozen=True, slots=True)
class Reset(Event):
    """A reset (RST) was passed on; it travelled in ``direction``."""

    direction: Direction


@dataclass(frozen=True, slots=True)
class WasCut(Event):
    """The proxy itself cut the connection, as it was told to."""

    how: Cut


@dataclass(frozen=True, slots=True)
class Closed(Event):
    """Both sockets are closed; ``lost`` bytes had come from either side and were never passed."""

    lost: int


Observer = Callable[[Event], None]


def pieces(events: Iterable[Event], direction: Direction, connection: int = 1) -> list[bytes]:
    """Return the pieces that passed in one direction of a connection."""
    wanted = (connection, direction)
    return [
        event.data
        for event in events
        if isinstance(event, Passed) and (event.connection, event.direction) == wanted
    ]
