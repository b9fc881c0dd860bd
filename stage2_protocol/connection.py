"""The client's end of one connection: requests matched to replies by id, pushes to a callback."""

import contextlib
import itertools
import socket
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from dataclasses import dataclass
from typing import Any, BinaryIO

from .bodies import IncomingBody
from .errors import ConnectionLost, MessageError, ProtocolError, Refused, RequestTimeout
from .frames import FrameDecoder
from .messages import FIRST_PUSH_OP, encode_message, parse_message
from .service import PING, Data

CONNECT_SECONDS = 10.0
REQUEST_SECONDS = 30.0
# Servers drop a connection silent for 75 s (--idle); a client speaks up well before that.
HEARTBEAT_SECONDS = 30.0
READ_SIZE = 64 * 1024

OnPush = Callable[[int, Data], None]
OnLost = Callable[[ConnectionLost], None]
# Takes the data of a reply, returns what takes the raw bytes behind it.
Sink = Callable[[Data], Callable[[memoryview], object]]


@dataclass(frozen=True)
class _Waiting:
    """A request that has not been answered yet."""

    answer: Future[Data]
    sink: Sink | None


class ClientConnection:
    """One TCP connection to a server; its methods may be called from any thread.

    ``on_push(op, data)`` and ``on_lost(error)`` are called on the connection's own reader thread:
    they must not wait for a request of this connection (nobody would read its answer).
    Raises ConnectionLost when the server cannot be reached.
    """

    def __init__(
        self,
        host: str,
        port: int,
        *,
        on_push: OnPush | None = None,
        on_lost: OnLost | None = None,
        heartbeat: float = HEARTBEAT_SECONDS,
    ) -> None:
        self._on_push = on_push
        self._on_lost = on_lost
        self._heartbeat = heartbeat
        self._ids = itertools.count(1)
        self._waiting: dict[int, _Waiting] = {}  # guarded by _lock
        self._lock = threading.Lock()
        self._sending = threading.Lock()  # held while a frame and its body go out, as one piece
        self._lost: ConnectionLost | None = None
        self._ended = threading.Event()
        self._last_sent = self._last_received = time.monotonic()
        self._decoder = FrameDecoder()
        self._socket = _connect(host, port)
        for task in (self._read, self._beat):
            threading.Thread(target=task, name=f"client {task.__name__}", daemon=True).start()

    def request(
        self,
        op: int,
        args: Data | None = None,
        *,
        timeout: float | None = REQUEST_SECONDS,
        sink: Sink | None = None,
    ) -> Data:
        """Ask and wait for the answer; return its data.

        Raises Refused when the server answers with a failure, RequestTimeout when it does not
        answer within ``timeout`` seconds, ConnectionLost when the connection breaks first.
        """
        answer = self.submit(op, args, sink=sink)
        try:
            return answer.result(timeout)
        except FutureTimeout:
            raise RequestTimeout(f"no answer to op {op} within {timeout:g} seconds") from None

    def submit(
        self,
        op: int,
        args: Data | None = None,
        *,
        sink: Sink | None = None,
        body: tuple[BinaryIO, int] | None = None,
    ) -> Future[Data]:
        """Send a request and return the future of its answer; many may be under way at once.

        ``body`` is (file, length): so many bytes of the file are sent behind the request.
        """
        id = next(self._ids)
        waiting = _Waiting(Future(), sink)
        with self._lock:
            if self._lost is not None:
                raise self._lost
            self._waiting[id] = waiting
        message: Data = {"op": op, "id": id, "args": args or {}}
        try:
            self._send(message, body)
        except OSError as error:
            self._end(ConnectionLost(f"the connection broke: {error.strerror or error}"))
        except BaseException:
            with self._lock:
                self._waiting.pop(id, None)
            raise
        return waiting.answer

    def close(self) -> None:
        """End the connection; requests under way fail with ConnectionLost."""
        self._end(ConnectionLost("the connection was closed here"), tell=False)

    @property
    def is_open(self) -> bool:
        """Whether the connection stands, as far as is known."""
        return self._lost is None

    def _send(self, message: Data, body: tuple[BinaryIO, int] | None) -> None:
        if body is not None:
            message["body"] = body[1]
        frame = encode_message(message)
        with self._sending:
            self._socket.sendall(frame)
            if body is not None and body[1]:
                file, length = body
                sent = self._socket.sendfile(file, file.tell(), length)
                if sent != length:
                    raise OSError(f"the file ended after {sent} of {length} bytes")
            self._last_sent = time.monotonic()

    # The reader thread

    def _read(self) -> None:
        try:
            while data := self._socket.recv(READ_SIZE):
                self._last_received = time.monotonic()
                self._decoder.feed(data)
                while (payload := self._decoder.next_frame()) is not None:
                    self._take(parse_message(payload))
            reason = ConnectionLost("the server closed the connection")
        except OSError as error:
            reason = ConnectionLost(f"the connection broke: {error.strerror or error}")
        except ConnectionLost as error:
            reason = error
        except ProtocolError as error:
            reason = ConnectionLost(f"the server broke the protocol: {error}")
        self._end(reason)

    def _take(self, message: dict[str, Any]) -> None:
        op, data = message.get("op"), message.get("data") or {}
        if not isinstance(data, dict):
            raise MessageError("data must be an object")
        if isinstance(op, int) and op >= FIRST_PUSH_OP and "id" not in message:
            if self._on_push is not None:
                self._on_push(op, data)
            return
        with self._lock:
            waiting = self._waiting.pop(message.get("id"), None)  # type: ignore[arg-type]
        self._take_body(message, data, waiting)
        if waiting is None:
            if message.get("id") is None and message.get("test"):
                # A failure without id concerns the stream itself; the server will close.
                raise MessageError(str(message.get("error")))
            return  # a reply that nobody waits for any more
        if message.get("test") == 0:
            waiting.answer.set_result(data)
        else:
            waiting.answer.set_exception(_refused(message))

    def _take_body(self, message: Data, data: Data, waiting: _Waiting | None) -> None:
        length = message.get("body")
        if not isinstance(length, int) or isinstance(length, bool):
            return
        body = IncomingBody(self._socket, self._decoder, length)
        try:
            write = waiting.sink(data) if waiting is not None and waiting.sink is not None else None
            for chunk in body.chunks():
                self._last_received = time.monotonic()
                if write is not None:
                    write(chunk)
        except Exception as error:
            if waiting is not None:
                waiting.answer.set_exception(error)
            if isinstance(error, ProtocolError):
                raise
            # The sink failed (its disk is full, say): the rest of the body is in the way.
            raise ConnectionLost(f"a download failed on this side: {error}") from error

    # The heartbeat thread

    def _beat(self) -> None:
        while not self._ended.wait(self._heartbeat / 4):
            if time.monotonic() - self._last_sent < self._heartbeat:
                continue
            with contextlib.suppress(ProtocolError):
                self._check_alive(self.submit(PING))

    def _check_alive(self, answer: Future[Data]) -> None:
        """Wait for an answer, or other bytes (a long download is life too), or give up."""
        while True:
            try:
                answer.result(self._heartbeat)
                return
            except FutureTimeout:
                silent = time.monotonic() - self._last_received
                if silent >= self._heartbeat:
                    self._end(ConnectionLost(f"no sign of life for {silent:.0f} seconds"))
                    return

    def _end(self, reason: ConnectionLost, *, tell: bool = True) -> None:
        with self._lock:
            if self._lost is not None:
                return
            self._lost = reason
            waiting = list(self._waiting.values())
            self._waiting.clear()
        self._ended.set()
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        for request in waiting:
            request.answer.set_exception(reason)
        if tell and self._on_lost is not None:
            self._on_lost(reason)


def _connect(host: str, port: int) -> socket.socket:
    try:
        sock = socket.create_connection((host, port), timeout=CONNECT_SECONDS)
    except OSError as error:
        reason = error.strerror or error
        raise ConnectionLost(f"cannot reach {host} port {port}: {reason}") from error
    sock.settimeout(None)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return sock


def _refused(message: Data) -> Refused:
    test, retry_after = message.get("test"), message.get("retry_after")
    return Refused(
        test if isinstance(test, int) else -1,
        str(message.get("error", "no reason given")),
        field=message.get("field"),
        retry_after=retry_after if isinstance(retry_after, (int, float)) else None,
    )
