"""The harness as the server: for clients under test, so that they are judged apart from servers."""

import contextlib
import socket
from typing import Generic, Protocol, TypeVar

from . import story
from .byte_client import ByteClient
from .deadlines import ANSWER_SECONDS, Deadline
from .failure import CheckFailed
from .patience import AGAIN_SECONDS, Patience

Kind = TypeVar("Kind", bound=ByteClient)
# How often it is looked whether those who should connect still live.
LOOK_SECONDS = 0.1
# Whether a program has ever connected.
_connected = Patience()


class Guest(Protocol):
    """A program that was told to connect here."""

    name: str

    def assert_alive(self) -> None:
        """Raise ProgramFailed when it has ended."""


class Listening(Generic[Kind]):
    """A loopback port on which the test itself answers; each connection is a ``kind`` of client.

    ``host``, ``port`` and ``name`` are as those of a server under test.
    """

    def __init__(self, kind: type[Kind], name: str = "the test") -> None:
        self.name = name
        self._kind = kind
        self._accepted: list[Kind] = []
        self.expected: list[Guest] = []  # when one of them has ended, nobody waits for it
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.host, self.port = self._socket.getsockname()[:2]
        story.current().tell(name, f"listens on {self.host}:{self.port}")

    def accept(self, seconds: float = ANSWER_SECONDS) -> Kind:
        """Return the next connection; raises CheckFailed when nobody connects in time.

        A program that should connect and has ended is a ProgramFailed at once.
        """
        guests = ", ".join(guest.name for guest in self.expected)
        again = min(seconds, AGAIN_SECONDS)
        wait = _connected.seconds(guests, seconds, again) if guests else seconds
        try:
            accepted = self._next(Deadline(wait))
        except CheckFailed:
            _connected.in_vain(guests)
            raise
        _connected.worked(guests)
        story.current().tell(self.name, "accepts a connection")
        self._accepted.append(self._kind(self, self.name, accepted))
        return self._accepted[-1]

    def _next(self, deadline: Deadline) -> socket.socket:
        while not deadline.passed:
            self._socket.settimeout(min(LOOK_SECONDS, max(0.001, deadline.remaining)))
            with contextlib.suppress(TimeoutError):
                return self._socket.accept()[0]
            for guest in self.expected:
                guest.assert_alive()
        raise CheckFailed(f"nobody connected to {self.host}:{self.port}")

    def assert_alive(self) -> None:
        """Do nothing: this server is the test itself."""

    def dispose(self) -> None:
        """Stop listening and close what was accepted."""
        for client in self._accepted:
            client.dispose()
        with contextlib.suppress(OSError):
            self._socket.close()
