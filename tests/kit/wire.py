"""A client that speaks frames, for tests: it asks, expects, keeps pushes, and can misbehave."""

import itertools
import json
import socket
from collections import deque
from typing import Any

from .byte_client import ByteClient
from .deadlines import ANSWER_SECONDS
from .failure import CheckFailed, HarnessError
from .match import ABSENT, ANYTHING, differences
from .programs import Server
from .view import escape, shorten, show_value
from .wire_codec import HEADER, Message, decode, encode, frame, payload_length

PING = 91
FIRST_PUSH = 100
# A step shows a message up to this length; the failure itself shows all of it.
STEP_TEXT = 300


class _Auto:
    pass


AUTO = _Auto()


class WireClient(ByteClient):
    """One connection that speaks the protocol (docs/protocol.md); raises CheckFailed throughout."""

    def __init__(
        self, server: Server, name: str = "the client", accepted: socket.socket | None = None
    ) -> None:
        super().__init__(server, name, accepted)
        self._ids = itertools.count(1)
        self._replies: deque[Message] = deque()
        self._pushes: deque[Message] = deque()
        self._body_left = 0  # bytes of a body that must be read before the next frame

    # --- sending ---

    def send_frame(self, message: Message) -> None:
        """Send one message as a frame."""
        data = encode(message)
        self._tell(f"sends {_shown(message)}", data, shown=False)
        self._send_all(data)

    def send_raw_payload(self, payload: bytes) -> None:
        """Send ``payload``, whatever it holds, with a right length before it."""
        self.send_bytes(frame(payload), "sends the frame")

    def send_body(self, data: bytes) -> None:
        """Send the raw bytes that a message with ``body`` announced."""
        self.send_bytes(data, "sends the body")

    def ask(self, op: int, args: Message | None = None, id: Any = AUTO, **fields: Any) -> Any:
        """Send a request and return its id without waiting; ``fields`` go to the top level.

        ``args`` None leaves the field out, ``id`` None too; by default ids count from 1.
        """
        number = next(self._ids) if id is AUTO else id
        message: Message = {"op": op}
        if number is not None:
            message["id"] = number
        if args is not None:
            message["args"] = args
        self.send_frame({**message, **fields})
        return number

    def request(
        self,
        op: int,
        args: Message | None = None,
        id: Any = AUTO,
        *,
        test: int | None = 0,
        data: object = ANYTHING,
        body: bytes | None = None,
        seconds: float = ANSWER_SECONDS,
    ) -> Message:
        """Ask, wait for the reply, check it (see expect_reply), return it.

        ``body`` is sent after the message, which announces it. Pushes that arrive first are kept.
        """
        announced = {} if body is None else {"body": len(body)}
        number = self.ask(op, args, id, **announced)
        if body is not None:
            self.send_body(body)
        return self.expect_reply(number, op, test=test, data=data, seconds=seconds)

    # --- receiving ---

    def expect_reply(
        self,
        id: Any,
        op: Any = ANYTHING,
        *,
        test: int | None = 0,
        data: object = ANYTHING,
        seconds: float = ANSWER_SECONDS,
    ) -> Message:
        """Return the next reply; ``id``, ``op``, ``test`` and ``data`` must be these.

        ``id`` None: it has none; ``test`` None: any. ``data`` is a pattern of match.py.
        """
        reply = self._next_reply(seconds)
        wanted: dict[str, object] = {
            "op": op,
            "id": ABSENT if id is None else id,
            "test": int if test is None else test,
        }
        if data is not ANYTHING:
            wanted["data"] = data
        if reply.get("test"):
            wanted["error"] = str
        self._compare("the reply", wanted, reply)
        return reply

    def expect_push(self, op: int, *, seconds: float = ANSWER_SECONDS, **where: object) -> Message:
        """Return the ``data`` of the next push ``op`` that matches ``where``; others are kept."""
        wanted: dict[str, object] = {"op": op, "data": where}
        passed: list[Message] = []
        try:
            while True:
                push = self._next_push(op, where, passed, seconds)
                if not differences(wanted, push):
                    self._compare("the push", {"id": ABSENT}, push)
                    data: Message = push.get("data", {})
                    return data
                passed.append(push)
        finally:
            self._pushes.extendleft(reversed(passed))

    def nothing_else(self) -> None:
        """Check that no push is waiting: those caused before PING are here when it is answered."""
        self.barrier()
        if self._pushes:
            pushes = list(self._pushes)
            self._fail("pushes arrived that nobody expected", expected=[], received=pushes)

    def barrier(self) -> None:
        """PING: when it is answered, all pushes caused before have arrived (and are kept)."""
        self.request(PING)

    def pushes(self) -> list[Message]:
        """Return the pushes that were kept so far and forget them; use barrier() before."""
        found = list(self._pushes)
        self._pushes.clear()
        return found

    def recv_message(self, seconds: float = ANSWER_SECONDS) -> Message:
        """Return the next message of any kind, kept ones first (replies before pushes)."""
        for kept in (self._replies, self._pushes):
            if kept:
                return kept.popleft()
        return self._read_message(seconds)

    def recv_body(self, count: int | None = None, seconds: float = ANSWER_SECONDS) -> bytes:
        """Return ``count`` bytes of the body that the last message announced; None: all of it."""
        wanted = self._body_left if count is None else count
        if wanted > self._body_left:
            raise HarnessError(f"the body has {self._body_left} bytes left, asked for {wanted}")
        data = self.recv_exactly(wanted, seconds)
        self._body_left -= wanted
        return data

    def expect_closed(self, seconds: float = ANSWER_SECONDS) -> None:
        """Wait until the server closes; fails when a frame arrives before that."""
        if self._replies or self._pushes:
            kept = [*self._replies, *self._pushes]
            self._fail("messages arrived before the end", expected=[], received=kept)
        super().expect_closed(seconds)

    # --- the inside ---

    def _next_reply(self, seconds: float) -> Message:
        while not self._replies:
            self._sort_in(self._read_message(seconds))
        return self._replies.popleft()

    def _next_push(self, op: int, where: Message, passed: list[Message], seconds: float) -> Message:
        try:
            while not self._pushes:
                self._sort_in(self._read_message(seconds))
        except CheckFailed as failure:
            what = f"no push {op} with {show_value(where, 200)} arrived"
            failure.message = f"{what}: {failure.message}"
            failure.lines += [f"other push: {_shown(push)}" for push in passed[-10:]]
            raise
        return self._pushes.popleft()

    def _sort_in(self, message: Message) -> None:
        op = message.get("op")
        is_push = "test" not in message and isinstance(op, int) and op >= FIRST_PUSH
        (self._pushes if is_push else self._replies).append(message)

    def _read_message(self, seconds: float) -> Message:
        if self._body_left:
            raise HarnessError(f"read the body first: {self._body_left} bytes are left of it")
        header = self._recv_quietly(HEADER.size, "a frame", seconds)
        length = payload_length(header)
        what = f"the rest of a frame of {length:,} bytes"
        payload = self._recv_quietly(length, what, seconds)
        message = decode(payload)
        self._tell(f"receives {_shown(message)}", header + payload, shown=False)
        body = message.get("body")
        self._body_left = body if type(body) is int and body > 0 else 0
        return message

    def _recv_quietly(self, count: int, what: str, seconds: float) -> bytes:
        # As recv_exactly, without a step: the step shows the message, not its bytes.
        while len(self._buffer) < count:
            self._more(what, self._deadline(seconds))
        return self._cut(count)

    def _compare(self, what: str, wanted: dict[str, object], received: Message) -> None:
        found = differences(wanted, received)
        if found:
            raise CheckFailed(
                f"{what}: not what was expected", received=received, differences=found
            )


def _shown(message: Message) -> str:
    text = json.dumps(message, ensure_ascii=False)
    return shorten(escape(text, keep=""), STEP_TEXT)
