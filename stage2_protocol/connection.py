"""The client's end of one connection: requests matched to replies by id, pushes to a callback."""

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from typing import Any, BinaryIO

from stage1_echo import LOG

from .bodies import IncomingBody
from .errors import ConnectionLost, MessageError, ProtocolError, Refused, RequestTimeout
from .frames import FrameDecoder
from .messages import FIRST_PUSH_OP, encode_message, parse_message
from .pending import PendingRequest, PendingRequests, Sink
from .service import PING, Data

CONNECT_SECONDS = 10.0
REQUEST_SECONDS = 30.0
# Servers drop a connection silent for 75 s (--idle); a client speaks up well before that.
HEARTBEAT_SECONDS = 30.0
READ_SIZE = 64 * 1024

OnPush = Callable[[int, Data], None]
OnLost = Callable[[ConnectionLost], None]


class ClientConnection:
    """One TCP connection to a server; its methods may be called from any thread.

    ``on_push(op, data)`` and ``on_lost(error)`` are called on the connection's own reader thread:
    they must not wait for a request of this connection (nobody would read its answer). After
    ``heartbeat`` seconds of saying nothing it sends PING; a server that takes nothing, or answers
    nothing, for as long is given up. Raises ConnectionLost when the server cannot be reached.
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
        self._pending = PendingRequests()
        self._sending = threading.Lock()  # held while a frame and its body go out, as one piece
        self._ended = threading.Event()
        self._last_sent = self._last_received = time.monotonic()
        self._decoder = FrameDecoder()
        self._socket = _connect(host, port)
        # Without a limit, sending to a server that has vanished would block for many minutes.
        self._socket.settimeout(heartbeat)
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
            answer.cancel()  # an answer that comes later is dropped
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
        id, frame = self._framed(op, args, None if body is None else body[1])
        answer = self._pending.add(id, sink)
        self._send_or_end(frame, body)
        return answer

    def submit_all(self, requests: Sequence[tuple[int, Data, bytes]]) -> list[Future[Data]]:
        """Send requests together, each (op, args, the raw bytes behind it, none if empty).

        Return the futures of the answers. A piece each would cost more than many a request itself.
        """
        framed = [self._framed(op, args, len(body) or None) for op, args, body in requests]
        answers = [self._pending.add(id, None) for id, _frame in framed]
        pieces = [frame + body for (_id, frame), (*_, body) in zip(framed, requests, strict=True)]
        self._send_or_end(b"".join(pieces))
        return answers

    def close(self) -> None:
        """End the connection: requests under way fail with ConnectionLost, on_lost stays quiet."""
        self._on_lost = None
        self._end(ConnectionLost("the connection was closed here"))

    def wait_end(self) -> ConnectionLost:
        """Wait until the connection has ended, in whatever way; return why."""
        self._ended.wait()
        assert self._pending.ended is not None, "the reason is noted before the end is told"
        return self._pending.ended

    @property
    def is_open(self) -> bool:
        """Whether the connection stands, as far as is known."""
        return self._pending.ended is None

    def _framed(self, op: int, args: Data | None, body: int | None) -> tuple[int, bytes]:
        """Return the id and the frame of a request that ``body`` raw bytes follow."""
        message: Data = {"op": op, "id": self._pending.new_id(), "args": args or {}}
        if body is not None:
            message["body"] = body
        return message["id"], encode_message(message)

    def _send_or_end(self, frames: bytes, body: tuple[BinaryIO, int] | None = None) -> None:
        """Send, or end the connection; what is awaited on it fails then."""
        try:
            self._send(frames, body)
        except Exception as error:
            self._end(_broken(error))
        except BaseException as error:  # Ctrl-C: half a frame may be out, nothing can follow it
            self._end(_broken(error))
            raise

    def _send(self, frames: bytes, body: tuple[BinaryIO, int] | None) -> None:
        with self._sending:
            self._socket.sendall(frames)
            if body is not None and body[1]:
                file, length = body
                sent = self._socket.sendfile(file, file.tell(), length)
                if sent != length:
                    raise OSError(f"the file ended after {sent} of {length} bytes")
            self._last_sent = time.monotonic()

    # The reader thread

    def _read(self) -> None:
        try:
            self._read_messages()
            reason = ConnectionLost("the server closed the connection")
        except ConnectionLost as error:
            reason = error
        except ProtocolError as error:
            reason = ConnectionLost(f"the server broke the protocol: {error}")
        except OSError as error:
            reason = _broken(error)
        self._end(reason)
        with self._sending:  # a file number may be used again at once: first nobody sends on it
            self._socket.close()
        if (on_lost := self._on_lost) is not None:
            on_lost(self.wait_end())

    def _read_messages(self) -> None:
        """Take messages until the server closes its side or the connection is ended here."""
        while self.is_open:
            try:
                data = self._socket.recv(READ_SIZE)
            except TimeoutError:
                continue  # a server may be silent; whether it is dead the heartbeat finds out
            if not data:
                return
            self._last_received = time.monotonic()
            self._decoder.feed(data)
            while self.is_open and (payload := self._decoder.next_frame()) is not None:
                self._take(parse_message(payload))

    def _take(self, message: dict[str, Any]) -> None:
        op, id, data = message.get("op"), message.get("id"), message.get("data") or {}
        if not isinstance(data, dict):
            raise MessageError("data must be an object")
        body = _body_length(message)
        if isinstance(op, int) and op >= FIRST_PUSH_OP and id is None and "test" not in message:
            self._take_push(op, data)
            return
        request = self._pending.take(id)
        if body is not None:
            self._take_body(body, data, request)
        if request is None:
            if id is None and message.get("test"):
                # A failure without id concerns the stream itself; the server will close.
                raise ConnectionLost(f"the server refused what it got: {message.get('error')}")
        elif message.get("test") == 0:
            request.answer.set_result(data)
        else:
            request.answer.set_exception(_refused(message))

    def _take_push(self, op: int, data: Data) -> None:
        if self._on_push is None:
            return
        try:
            self._on_push(op, data)
        except Exception:  # a bug in a callback: say it in full, and read on
            LOG.exception("the callback for pushes failed at op %d", op)

    def _take_body(self, length: int, data: Data, request: PendingRequest | None) -> None:
        body = IncomingBody(self._socket, self._decoder, length)
        try:
            write = request.sink(data) if request is not None and request.sink is not None else None
            for chunk in body.chunks():
                self._last_received = time.monotonic()
                if write is not None:
                    write(chunk)
        except Exception as error:
            if request is not None:
                request.answer.set_exception(error)
            if isinstance(error, ProtocolError):
                raise
            # The sink failed (its disk is full, say): the rest of the body is in the way.
            raise ConnectionLost(f"a download failed on this side: {error}") from error

    # The heartbeat thread

    def _beat(self) -> None:
        while not self._ended.wait(max(0.0, self._until_beat())):
            if self._until_beat() <= 0:
                with contextlib.suppress(ProtocolError):
                    self._check_alive(self.submit(PING))

    def _until_beat(self) -> float:
        return self._last_sent + self._heartbeat - time.monotonic()

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

    def _end(self, reason: ConnectionLost) -> None:
        """Note the end, once; the reader, woken by it, closes the socket and calls on_lost."""
        if self._pending.end(reason):
            self._ended.set()
            with contextlib.suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)


def _connect(host: str, port: int) -> socket.socket:
    try:
        sock = socket.create_connection((host, port), timeout=CONNECT_SECONDS)
    except OSError as error:
        reason = error.strerror or error
        raise ConnectionLost(f"cannot reach {host} port {port}: {reason}") from error
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return sock


def _broken(error: BaseException) -> ConnectionLost:
    reason = error.strerror if isinstance(error, OSError) else None
    return ConnectionLost(f"the connection broke: {reason or error or type(error).__name__}")


def _body_length(message: Data) -> int | None:
    length = message.get("body")
    if not isinstance(length, int) or isinstance(length, bool):
        return None
    if length < 0:
        raise MessageError(f"a body cannot have {length} bytes")
    return length


def _refused(message: Data) -> Refused:
    test, field, retry_after = (message.get(name) for name in ("test", "field", "retry_after"))
    return Refused(
        test if isinstance(test, int) else -1,
        str(message.get("error", "no reason given")),
        field=field if isinstance(field, str) else None,
        retry_after=retry_after if isinstance(retry_after, (int, float)) else None,
    )
