"""A service is a table of verbs over a peer; an engine moves the bytes.

The service never sees a socket: it is handed a ``Peer`` to push to and the arguments of a request,
and returns what to answer. So the same service runs on the threaded engine of this stage and on any
other, and a later stage extends a service by adding rows to its table.
"""

import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Protocol

from .args import Args
from .errors import Refused
from .frames import LIMIT, LIMIT_BEFORE_LOGIN
from .status import Status

HELLO, PING, BYE = 90, 91, 92

Data = dict[str, Any]


class Peer(Protocol):
    """The other end of one connection, as a service sees it. All of it may be used by any thread.

    ``trusted`` is set by a service once this peer has logged in: larger frames are then accepted.
    """

    number: int
    address: str
    trusted: bool

    def push(self, frame: bytes, count: int = 1) -> None:
        """Queue a frame (or ``count`` frames joined); never blocks. A full queue ends the peer."""

    def close(self, reason: str) -> None:
        """End the connection now; ``reason`` goes to the log."""


@dataclass(frozen=True)
class FileBody:
    """Raw bytes that follow a reply: ``length`` bytes of ``file`` from ``offset`` on.

    Whoever sends it closes ``file``.
    """

    file: BinaryIO
    offset: int
    length: int


@dataclass(frozen=True)
class Answer:
    """What a verb answers when data alone is not enough."""

    data: Data = field(default_factory=dict)
    body: FileBody | None = None
    close: bool = False  # the connection ends once this answer is sent


# A verb answers at once, or with a Future for what is still on its way to the disk.
Result = Data | Answer | Future[Data] | None


Turn = Callable[[Peer, Args], AbstractContextManager[object]]


class BodySink(Protocol):
    """Where the raw bytes behind a request go while they arrive, in chunks of any size."""

    def write(self, chunk: memoryview) -> None:
        """Take the next bytes; may raise Refused, then the rest is dropped."""

    def finish(self) -> Result:
        """All bytes have arrived: return the answer."""

    def abort(self) -> None:
        """The connection broke before the end; what arrived may be kept."""


@dataclass(frozen=True)
class Verb:
    """One row of a service's table.

    ``run(peer, args)`` returns the result or raises Refused. A ``pipelined`` verb may start before
    the answers to earlier requests of its connection are ready; every other verb waits for them,
    so that it sees their effects. Answers go out in the order of the requests in any case.

    ``turn(peer, args)``, if given, returns what is held (a lock, say) from before ``run`` until the
    answer is queued: so no push about a later change can overtake it. It may raise Refused. A verb
    with a turn does not return a Future.
    """

    op: int
    name: str
    run: Callable[[Peer, Args], Result]
    pipelined: bool = False
    turn: Turn | None = None


@dataclass(frozen=True)
class BodyVerb:
    """A row for a request that raw bytes follow: ``begin`` returns the sink for that many."""

    op: int
    name: str
    begin: Callable[[Peer, Args, int], BodySink]  # (peer, args, length)
    pipelined: bool = False  # as in Verb


class Service:
    """The base of all services: HELLO, PING and BYE, and the hooks an engine calls.

    ``clock`` returns Unix seconds. ``limits`` are told by HELLO beside the frame limit in force.
    """

    name = "service"
    version = "1"

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self.clock = clock
        self.limits: dict[str, int] = dict.fromkeys(
            ("text", "topic", "room", "cid", "history", "list", "file"), 0
        )
        self.verbs: dict[int, Verb | BodyVerb] = {}
        self.add(
            Verb(HELLO, "HELLO", self._hello),
            Verb(PING, "PING", self._ping, pipelined=True),
            Verb(BYE, "BYE", self._bye),
        )

    def add(self, *verbs: Verb | BodyVerb) -> None:
        """Extend the table; an op that is taken is a mistake of the programmer (ValueError)."""
        for verb in verbs:
            if verb.op in self.verbs:
                raise ValueError(f"op {verb.op} is {self.verbs[verb.op].name} already")
            self.verbs[verb.op] = verb

    def opened(self, peer: Peer) -> None:
        """Hook: a peer has connected."""

    def closed(self, peer: Peer) -> None:
        """Hook: a peer is gone. Called exactly once for each opened peer."""

    def started(self) -> None:
        """Hook: the engine is about to serve."""

    def stopped(self) -> None:
        """Hook: the engine has ended; release what the service holds."""

    def check(self, peer: Peer, verb: Verb | BodyVerb) -> None:
        """Hook before every verb: raise Refused when this peer may not use it now."""

    def _hello(self, peer: Peer, _args: Args) -> Data:
        frame = frame_limit(peer)
        return {
            "service": self.name,
            "version": self.version,
            "limits": {"frame": frame, **self.limits},
            "time": self.clock(),
        }

    def _ping(self, _peer: Peer, _args: Args) -> Data:
        return {"time": self.clock()}

    def _bye(self, _peer: Peer, _args: Args) -> Answer:
        return Answer(close=True)


def frame_limit(peer: Peer) -> int:
    """Return the largest payload accepted from ``peer`` now, in bytes."""
    return LIMIT if peer.trusted else LIMIT_BEFORE_LOGIN


def unknown_op(op: int) -> Refused:
    """Return the refusal of an op that the service's table does not have."""
    return Refused(Status.UNKNOWN_OP, f"unknown op {op}")
