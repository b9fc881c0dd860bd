"""A TCP client for bytes: what stage 1 is tested with, and what the frame client is built on.

Every call has a deadline and adds a step to the story. A read that cannot succeed any more (wrong
byte, closed connection) fails at once, not at the deadline.
"""

import contextlib
import selectors
import socket
import struct
from typing import NoReturn

from . import story
from .deadlines import ANSWER_SECONDS, Deadline, note_waited_in_vain, within
from .failure import NOT_GIVEN, CheckFailed
from .patience import Patience
from .processes import WINDOWS
from .programs import Server

CHUNK = 256 * 1024
CLOSED = "closed the connection"
# How long a server may take no bytes at all before that is a failure.
SEND_SECONDS = 10.0
# What nobody has read yet: a program that sends without end costs us no more memory than this.
MOST_UNREAD = 256 * 1024 * 1024
# Whether a server has ever answered anything.
_answers = Patience()


class ByteClient:
    """One connection to ``server``, called ``name`` in the story; raises CheckFailed throughout.

    ``accepted`` is a socket that is connected already: the harness then plays the server for a
    client under test (listening.py).
    """

    def __init__(
        self, server: Server, name: str = "the client", accepted: socket.socket | None = None
    ) -> None:
        self.name = name
        self.server = server
        self.other = "the client" if accepted else "the server"
        self._buffer = bytearray()
        self._ended = ""  # why nothing more can arrive: "closed the connection" or "broke it"
        self._socket = accepted or self._connect()
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.setblocking(False)  # who waits, waits in _wait, for both directions

    def _connect(self) -> socket.socket:
        where = f"{self.server.host}:{self.server.port}"
        try:
            address = (self.server.host, self.server.port)
            connected = socket.create_connection(address, Deadline().seconds)
        except OSError as error:
            self._tell(f"cannot connect to {self.server.name} at {where}")
            self.server.assert_alive()
            self._fail(f"cannot connect to {where}: {error}")
        self._tell(f"connects to {self.server.name} at {where}")
        return connected

    # --- sending ---

    def send_bytes(self, data: bytes, words: str = "sends") -> None:
        """Send all of ``data``; what arrives meanwhile is kept, so that nobody blocks anybody."""
        self._tell(words, data)
        self._send_all(data)

    def send_until_blocked(self, data: bytes, quiet_seconds: float = 0.5) -> int:
        """Send without ever reading until the server takes no more; return how much it took."""
        sent = 0
        while sent < len(data):
            if not self._wait(within(quiet_seconds), read=False, write=True):
                break
            try:
                sent += self._socket.send(data[sent : sent + CHUNK])
            except BlockingIOError:
                continue
            except OSError as error:
                self._lost(error)
                break
        self._tell(f"sends {sent:,} of {len(data):,} bytes without reading anything")
        return sent

    def half_close(self) -> None:
        """Say that nothing more will be sent; answers can still arrive."""
        self._tell("ends its sending side")
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_WR)

    def reset(self) -> None:
        """Break the connection with a reset (RST), as a crashed program ends it."""
        self._tell("resets the connection")
        # struct linger: on, 0 seconds; its fields are shorts on Windows.
        linger = struct.pack("hh" if WINDOWS else "ii", 1, 0)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self._socket.close()

    def close(self) -> None:
        """Close the connection in the ordinary way."""
        if self._socket.fileno() >= 0:
            self._tell("closes the connection")
            self.dispose()

    def dispose(self) -> None:
        """Close without a word in the story."""
        self._socket.close()

    # --- receiving ---

    def recv_exactly(self, count: int, seconds: float = ANSWER_SECONDS) -> bytes:
        """Return the next ``count`` bytes; the deadline is for each piece, not for all of them."""
        while len(self._buffer) < count:
            self._more(f"{count:,} bytes", self._deadline(seconds))
        return self._take(count)

    def recv_until(self, end: bytes, seconds: float = ANSWER_SECONDS) -> bytes:
        """Return everything up to and with the next ``end``."""
        deadline, searched = self._deadline(seconds), 0
        while (at := self._buffer.find(end, max(0, searched - len(end)))) < 0:
            searched = len(self._buffer)
            self._more(f"bytes that end with {end!r}", deadline)
        return self._take(at + len(end))

    def recv_some(self, seconds: float = ANSWER_SECONDS) -> bytes:
        """Return what arrives next, at least one byte."""
        if not self._buffer:
            self._more("something", self._deadline(seconds))
        return self._take(len(self._buffer))

    def recv_all(self, seconds: float = ANSWER_SECONDS) -> bytes:
        """Return everything until the server closes the connection."""
        while not self._ended:
            with contextlib.suppress(_Ended):
                self._fill("the end of the connection", Deadline(seconds))
        return self._take(len(self._buffer))

    def expect_bytes(self, expected: bytes, seconds: float = ANSWER_SECONDS) -> None:
        """Read exactly ``expected``; fails at the first byte that differs."""
        checked = 0
        while True:
            arrived = bytes(self._buffer[: len(expected)])
            if arrived[checked:] != expected[checked : len(arrived)]:
                self._tell("receives", bytes(self._buffer))
                received = bytes(self._buffer[: len(expected) + 32])
                self._fail("wrong bytes arrived", expected=expected, received=received)
            checked = len(arrived)
            if checked == len(expected):
                break
            self._more(f"{len(expected):,} bytes", self._deadline(seconds), expected)
        self._take(len(expected))

    def expect_closed(self, seconds: float = ANSWER_SECONDS) -> None:
        """Wait until the server closes the connection; fails when anything arrives before that."""
        self._wait_end(seconds)

    def expect_orderly_end(self, seconds: float = ANSWER_SECONDS) -> None:
        """As expect_closed, and a reset will not do: it can lose what was sent before it."""
        self._wait_end(seconds)
        if self._ended != CLOSED:
            self._fail(
                f"{self.other} {self._ended}; was it closed with bytes in it that nobody had read?",
                expected="the end of the stream (recv returns no bytes)",
                received="a reset",
            )

    def _wait_end(self, seconds: float) -> None:
        with contextlib.suppress(_Ended):
            while not self._buffer:
                self._fill("the end of the connection", Deadline(seconds))
        if self._buffer:
            rest = self._take(len(self._buffer))
            self._fail("bytes arrived where the end was expected", expected=b"", received=rest)

    # --- the inside ---

    @property
    def _peer(self) -> str:
        return f"{self.other} {self.server.name}"

    def _deadline(self, seconds: float) -> Deadline:
        return Deadline(_answers.seconds(self._peer, seconds))

    def _take(self, count: int) -> bytes:
        data = self._cut(count)
        self._tell("receives", data)
        return data

    def _cut(self, count: int) -> bytes:
        data = bytes(self._buffer[:count])
        del self._buffer[:count]
        return data

    def _send_all(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            sent = self._send_some(view[:CHUNK], Deadline(SEND_SECONDS))
            view = view[sent:]

    def _more(self, wanted: str, deadline: Deadline, expected: bytes | None = None) -> None:
        """Read once; turns the end of the connection into a failure that names ``wanted``."""
        try:
            self._fill(wanted, deadline, expected)
        except _Ended:
            self._missing(f"{self.other} {self._ended}; {self.name} waited for {wanted}", expected)

    def _fill(self, wanted: str, deadline: Deadline, expected: bytes | None = None) -> None:
        """Read once into the buffer. Raises _Ended when nothing can arrive any more."""
        if self._ended:
            raise _Ended
        if not self._wait(deadline.remaining, read=True, write=False):
            _answers.in_vain(self._peer)
            note_waited_in_vain()
            seconds = f"{deadline.seconds:.1f} s"
            self._missing(f"{self.name} waited {seconds} for {wanted}", expected)
        self._read_once()
        if self._ended:
            raise _Ended

    def _read_once(self) -> None:
        try:
            data = self._socket.recv(CHUNK)
        except BlockingIOError:
            return
        except OSError as error:
            self._lost(error)
            return
        if data:
            _answers.worked(self._peer)
            self._buffer += data
            if len(self._buffer) > MOST_UNREAD:
                del self._buffer[CHUNK:]
                self._fail(f"{self.other} sends without end, {MOST_UNREAD >> 20} MB were unread")
        else:
            self._ended = CLOSED
            self._tell(f"sees that {self.other} {self._ended}")

    def _send_some(self, piece: memoryview, deadline: Deadline) -> int:
        ready = self._wait(deadline.remaining, read=not self._ended, write=True)
        if not ready:
            note_waited_in_vain()
            self._fail(f"{self.other} took no more bytes for {deadline.seconds:.0f} s")
        if ready & selectors.EVENT_READ:
            self._read_once()
        if not ready & selectors.EVENT_WRITE:
            return 0
        try:
            return self._socket.send(piece)
        except BlockingIOError:
            return 0
        except OSError as error:
            self._lost(error)
            self._fail(f"{self.other} {self._ended} while {self.name} was sending")

    def _wait(self, seconds: float, *, read: bool, write: bool) -> int:
        """Wait until the socket can be read or written; return which, 0 when the time is up."""
        events = selectors.EVENT_READ * read | selectors.EVENT_WRITE * write
        # A selector of the best kind: select() itself fails for more than 1,024 connections.
        with selectors.DefaultSelector() as selector:
            selector.register(self._socket, events)
            return sum(found for _, found in selector.select(seconds))

    def _lost(self, error: OSError) -> None:
        if not self._ended:
            self._ended = f"broke the connection ({error.strerror or error})"
            self._tell(f"sees that {self.other} {self._ended}")

    def _missing(self, what: str, expected: bytes | None) -> NoReturn:
        if self._buffer:
            self._tell("has received", bytes(self._buffer))
        if self.other == "the server":
            self.server.assert_alive()
        received = bytes(self._buffer)
        if expected is None:
            self._fail(what, received=received if received else NOT_GIVEN)
        self._fail(what, expected=expected, received=received)

    def _tell(self, words: str, data: bytes | None = None, *, shown: bool = True) -> None:
        story.current().tell(self.name, words, data, shown=shown)

    def _fail(
        self, message: str, *, expected: object = NOT_GIVEN, received: object = NOT_GIVEN
    ) -> NoReturn:
        raise CheckFailed(message, expected=expected, received=received)


class _Ended(Exception):
    """Nothing more can arrive on this connection."""
