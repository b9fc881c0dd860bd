"""Plays a recording to a server: what clients sent then is sent again, in the same pieces.

Before each piece it waits until as much has come back as had come back then, so that a question
that was asked after an answer is asked after the answer again.
"""

import contextlib
import selectors
import socket
import time
from collections.abc import Iterable
from dataclasses import dataclass, field

from .events import (
    Closed,
    Cut,
    Direction,
    Ended,
    Event,
    Observer,
    Opened,
    Passed,
    Reset,
    Unreachable,
    WasCut,
)
from .frames import Frame, StreamReader
from .link import Address, at
from .side import reset_when_closed

CONNECT_SECONDS = 10.0
# Pauses are kept up to this length: those between the pieces of a split are, those of a person
# who thinks are not.
LONGEST_PAUSE = 0.05
CHUNK = 256 * 1024


@dataclass(slots=True)
class _Line:
    """A connection of the recording, made again: what came back then and now."""

    socket: socket.socket
    then: StreamReader = field(default_factory=StreamReader)
    now: StreamReader = field(default_factory=StreamReader)
    messages_then: int = 0
    messages_now: int = 0
    is_over: bool = False

    def lacks(self, raw: bool) -> bool:
        """Whether less has come back than had then: messages, or bytes where there are none."""
        if self.is_over:
            return False
        if raw or self.then.is_broken or self.now.is_broken:
            return self.now.passed < self.then.passed
        return self.messages_now < self.messages_then


class Player:
    """Sends again to ``to`` what the clients in a recording sent; tells ``observer`` as a proxy.

    It never waits longer than ``patience`` seconds for an answer that came then.
    """

    def __init__(
        self, to: Address, observer: Observer, *, raw: bool = False, patience: float = 2.0
    ) -> None:
        self._to = to
        self._observe = observer
        self._raw = raw
        self._patience = patience
        self._lines: dict[int, _Line] = {}
        self._selector = selectors.DefaultSelector()

    def play(self, events: Iterable[Event]) -> None:
        """Do what the clients did, event by event, and stay until the server has ended."""
        before: float | None = None
        try:
            for event in events:
                pause = 0.0 if before is None else event.time - before
                before = event.time
                self._listen(max(0.0, min(pause, LONGEST_PAUSE)))
                self._do(event)
            for number in list(self._lines):
                self._finish(number)
        finally:
            for line in self._lines.values():
                line.socket.close()
            self._selector.close()

    def _do(self, event: Event) -> None:
        number = event.connection
        if isinstance(event, Opened):
            self._open(number)
        if number not in self._lines:
            return
        line = self._lines[number]
        match event:
            case Passed(direction=Direction.TO_CLIENT, data=data):
                line.messages_then += _messages(line.then, data)
            case Passed(data=data):
                self._wait_for_answers()
                self._send(number, line, data)
            case Ended(direction=Direction.TO_SERVER) | WasCut(how=Cut.CLOSE):
                self._wait_for_answers()
                with contextlib.suppress(OSError):
                    line.socket.shutdown(socket.SHUT_WR)
                self._tell(Ended(time.time(), number, Direction.TO_SERVER))
            case Reset(direction=Direction.TO_SERVER) | WasCut(how=Cut.RESET):
                self._wait_for_answers()
                self._reset(number, line)
            case Closed():
                self._finish(number)

    # --- one connection ---

    def _open(self, number: int) -> None:
        try:
            made = socket.create_connection(self._to, CONNECT_SECONDS)
        except OSError as error:
            reason = error.strerror or str(error)
            self._tell(Unreachable(time.time(), number, at(self._to), reason))
            return
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        made.setblocking(False)
        self._lines[number] = _Line(made)
        self._selector.register(made, selectors.EVENT_READ, number)
        self._tell(Opened(time.time(), number, at(made.getsockname()), at(self._to)))

    def _send(self, number: int, line: _Line, data: bytes) -> None:
        rest, end = memoryview(data), time.monotonic() + self._patience
        while rest and not line.is_over and time.monotonic() < end:
            try:
                sent = line.socket.send(rest)
            except BlockingIOError:
                self._listen(0.01)  # it may have to be read before it reads
                continue
            except OSError:
                self._lost(number, line)
                return
            self._tell(Passed(time.time(), number, Direction.TO_SERVER, bytes(rest[:sent])))
            rest, end = rest[sent:], time.monotonic() + self._patience

    def _reset(self, number: int, line: _Line) -> None:
        with contextlib.suppress(OSError):
            reset_when_closed(line.socket)
        self._tell(Reset(time.time(), number, Direction.TO_SERVER))
        self._close(number)

    def _lost(self, number: int, line: _Line) -> None:
        if not line.is_over:
            line.is_over = True
            self._selector.unregister(line.socket)
            self._tell(Reset(time.time(), number, Direction.TO_CLIENT))

    def _finish(self, number: int) -> None:
        """Wait for the server's end, for a while, and close."""
        line, end = self._lines[number], time.monotonic() + self._patience
        while not line.is_over and (left := end - time.monotonic()) > 0:
            self._listen(left, once=True)
        self._close(number)

    def _close(self, number: int) -> None:
        line = self._lines.pop(number)
        if not line.is_over:
            self._selector.unregister(line.socket)
        line.socket.close()
        self._tell(Closed(time.time(), number, 0))

    # --- what comes back ---

    def _wait_for_answers(self) -> None:
        end = time.monotonic() + self._patience
        while any(line.lacks(self._raw) for line in self._lines.values()):
            if (left := end - time.monotonic()) <= 0:
                return
            self._listen(left, once=True)

    def _listen(self, seconds: float, once: bool = False) -> None:
        """Take what comes back for so long; ``once``: only until something came."""
        end = time.monotonic() + seconds
        while True:
            left = max(0.0, end - time.monotonic())
            if not self._selector.get_map():  # Windows cannot wait for nothing
                time.sleep(left)
                return
            found = self._selector.select(left)
            for key, _ in found:
                self._read(key.data, self._lines[key.data])
            if not found or once or not left:
                return

    def _read(self, number: int, line: _Line) -> None:
        try:
            data = line.socket.recv(CHUNK)
        except BlockingIOError:
            return
        except OSError:
            self._lost(number, line)
            return
        if data:
            line.messages_now += _messages(line.now, data)
            self._tell(Passed(time.time(), number, Direction.TO_CLIENT, data))
            return
        line.is_over = True
        self._selector.unregister(line.socket)
        self._tell(Ended(time.time(), number, Direction.TO_CLIENT))

    def _tell(self, event: Event) -> None:
        self._observe(event)


def _messages(reader: StreamReader, data: bytes) -> int:
    return sum(isinstance(item, Frame) for item in reader.feed(data))
