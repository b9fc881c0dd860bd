"""The threaded engine: stage 1's listener with another handler. It moves bytes, and nothing else.

Each connection has two threads. Its reader takes frames off the socket and carries out one call
after the other; its writer empties the outbox. So a client that does not read stops its own writer,
and nobody else.
"""

import contextlib
import socket
import threading
import time
from concurrent.futures import Future

from stage1_echo import Connection, Listener

from .bodies import IncomingBody
from .calls import DROPPED_BODY_LIMIT, Call, CallReader, Reply, carry_out, turn_of
from .errors import ConnectionLost
from .outbox import Outbox
from .replies import ReplyQueue
from .service import BodyVerb, Data, FileBody, Result, Service

READ_SIZE = 64 * 1024
# BEGIN SOLUTION 2.5
# After the last reply we wait so long for the client to close, reading and dropping what it still
# sends: closing with unread bytes makes TCP reset the connection, and the reply would be lost.
LINGER_SECONDS = 1.0
# END SOLUTION


class ThreadedEngine:
    """Serves one service on one port with threads; ``idle`` seconds of silence end a connection.

    ``listener`` is stage 1's: whoever made the engine runs it.
    """

    def __init__(self, service: Service, host: str, port: int, *, idle: float = 75.0) -> None:
        self._service = service
        self._idle = idle
        self.listener = Listener(host, port, self._handle)

    def _handle(self, connection: Connection) -> None:
        connection.socket.settimeout(self._idle)
        # Frames are written whole or batched; waiting for more (Nagle) would only delay them.
        connection.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        # BEGIN SOLUTION 2.4
        peer = ThreadedPeer(connection, self._service, self._idle)
        lingers = False
        try:
            self._service.opened(peer)
            try:
                lingers = peer.serve()
            except TimeoutError:
                connection.log.info("dropped: silent for %g s", self._idle)
            except ConnectionLost as error:
                connection.log.info("lost: %s", error)
            finally:
                self._service.closed(peer)
        finally:
            peer.end()
        if lingers:  # the service has no part in it: whoever said BYE is gone
            peer.linger()
        # END SOLUTION


class ThreadedPeer:
    """One connected client (a ``Peer``), with its reader's loop and its writer thread."""

    def __init__(self, connection: Connection, service: Service, idle: float) -> None:
        self.number = connection.number
        self.address = connection.address
        self.trusted = False
        self.log = connection.log
        self._connection = connection
        self._socket = connection.socket
        self._service = service
        self._idle = idle
        self._dropped = False
        self._body_sent = float("-inf")  # when a body was last on its way
        self._reader = CallReader(service, self)
        # BEGIN SOLUTION 2.4
        # The same socket once more, for what must not wait. It is never closed, only detached.
        self._at_once = socket.socket(fileno=self._socket.fileno())
        self._at_once.setblocking(False)
        self._outbox = Outbox(send_now=self._send_now)
        self._replies = ReplyQueue(self._outbox)
        self._writer = threading.Thread(
            target=self._write, name=f"#{connection.number} writer", daemon=True
        )
        self._writer.start()
        # END SOLUTION

    # What the service may call, from any thread

    def push(self, frame: bytes, count: int = 1) -> None:
        """Queue a frame; when the outbox is full the peer reads too slowly and is dropped."""
        # BEGIN SOLUTION 2.9
        if not self._outbox.push(frame):
            self.close(f"it does not read: its outbox is full, {count} more pushes do not fit")
        # END SOLUTION

    def close(self, reason: str) -> None:
        """End the connection now, from any thread."""
        # BEGIN SOLUTION 2.9
        self._dropped = True
        if self._outbox.abort():
            self.log.info("dropped: %s", reason)
        self._connection.shut()
        # END SOLUTION

    # The reader's side

    def serve(self) -> bool:
        """Carry out calls until the client ends its side, breaks the rules, or says BYE.

        True when it is we who end the connection, and the client may still be sending.
        """
        # BEGIN SOLUTION 2.4
        while data := self._read():
            self._reader.feed(data)
            for call in self._reader.calls():
                if self._dropped:
                    return False  # nothing that it asked before is done for it any more
                if not self._carry_out(call):
                    self._replies.wait_for_answers()
                    return True
        self._replies.wait_for_answers()
        return False
        # END SOLUTION

    def end(self) -> None:
        """Send what is queued and end the writer."""
        # BEGIN SOLUTION 2.7
        self._outbox.finish()
        self._writer.join()
        self._at_once.detach()  # nothing is sent by it behind the end of the outbox
        # END SOLUTION

    def linger(self) -> None:
        """End our side, then wait a moment for the client to close."""
        # BEGIN SOLUTION 2.5
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_WR)
            deadline = time.monotonic() + LINGER_SECONDS
            while (left := deadline - time.monotonic()) > 0:
                self._socket.settimeout(left)
                if not self._socket.recv(READ_SIZE):
                    return
        # END SOLUTION

    def _read(self) -> bytes:
        """Return what one read returns; raises TimeoutError after ``idle`` seconds of silence."""
        # BEGIN SOLUTION 2.7
        while True:
            try:
                return self._socket.recv(READ_SIZE)
            except TimeoutError:
                # A client busy with a long download has nothing to say; its writer watches it.
                if time.monotonic() - self._body_sent >= self._idle:
                    raise
        # END SOLUTION

    def _carry_out(self, call: Call) -> bool:
        """Answer one call; False when it was the last."""
        # BEGIN SOLUTION 2.4
        self._replies.wait_for_room()
        if not getattr(call.verb, "pipelined", False):
            self._replies.wait_for_answers()
        if call.body is not None and not call.fatal:
            return self._carry_out_with_body(call, call.body)
        answer: Reply | Future[Data]
        try:
            with turn_of(self, call):
                result = carry_out(self._service, self, call)
                answer = result if isinstance(result, Future) else call.reply(result)
                self._replies.add(call, answer)
        except Exception as error:  # a bug in a verb is answered with 108 and the server lives
            answer = call.failure(error)
            self._replies.add(call, answer)
        return isinstance(answer, Future) or not answer.close
        # END SOLUTION

    def _carry_out_with_body(self, call: Call, length: int) -> bool:
        """Move the raw bytes behind a call into its verb's sink, then answer."""
        body = IncomingBody(self._socket, self._reader.decoder, length)
        try:
            reply = call.reply(self._receive(call, body))
        except ConnectionLost:
            raise
        except Exception as error:  # as above: refused, or a bug in the verb
            reply = call.failure(error, close=body.left > DROPPED_BODY_LIMIT)
            if not reply.close:
                body.drop()
        self._replies.add(call, reply)
        return not reply.close

    def _receive(self, call: Call, body: IncomingBody) -> Result:
        if call.refusal is not None:
            raise call.refusal
        assert isinstance(call.verb, BodyVerb), "only a verb that takes a body gets one"
        self._service.check(self, call.verb)
        sink = call.verb.begin(self, call.args, body.left)
        try:
            for chunk in body.chunks():
                sink.write(chunk)
        except BaseException:
            sink.abort()
            raise
        result = sink.finish()
        return result.result() if isinstance(result, Future) else result

    # The writer's side

    # BEGIN SOLUTION 2.9
    def _send_now(self, frame: bytes) -> int:
        try:
            return self._at_once.send(frame)
        except OSError:  # it takes nothing now; if it is broken, the writer finds that out
            return 0

    # END SOLUTION

    def _write(self) -> None:
        """Write what the outbox holds until it has ended: the writer thread's work."""
        # BEGIN SOLUTION 2.7
        try:
            while (item := self._outbox.take()) is not None:
                if isinstance(item, FileBody):
                    self._write_body(item)
                else:
                    self._socket.sendall(item)
        except Exception as error:  # whatever it was (a file that cannot be read, say): it is over
            self.close(f"cannot send: {error}")
        # END SOLUTION

    def _write_body(self, body: FileBody) -> None:
        self._body_sent = float("inf")
        with body.file:
            sent = self._socket.sendfile(body.file, body.offset, body.length)
        self._body_sent = time.monotonic()
        if sent != body.length:
            # The client counts on the length it was told: there is no way to go on.
            raise OSError(f"the file ended after {sent} of {body.length} bytes")
