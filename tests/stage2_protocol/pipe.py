"""The smallest engine: a toy service in a child process, fed bytes through its standard input."""

import json
from dataclasses import dataclass
from typing import Any

from tests.kit import check
from tests.kit.failure import CheckFailed
from tests.kit.programs import Program
from tests.kit.wire_codec import HEADER, Message, decode, encode, payload_length


@dataclass(frozen=True)
class PipeReply:
    """One reply as the service made it."""

    message: Message
    close: bool  # it is the last one


class Pipe:
    """Feeds bytes to the code under test and returns what it answers."""

    def __init__(self, program: Program) -> None:
        self.program = program

    def begin(self) -> None:
        """Start with a new service, a new peer and an empty stream."""
        self.program.join()
        self._send("new")

    def feed(self, data: bytes) -> list[PipeReply]:
        """Feed what one read could have returned; return the replies to whole requests in it."""
        found = self._send(json.dumps(data.decode("latin-1")), data)
        return [PipeReply(_message(r["frame"].encode("latin-1")), r["close"]) for r in found]

    def request(self, message: Message, expected: object, *, close: bool = False) -> Message:
        """Feed one request; its one reply must match the pattern ``expected``."""
        return self.only_reply(encode(message), expected, close=close)

    def only_reply(self, data: bytes, expected: object, *, close: bool = False) -> Message:
        """Feed bytes; there must be one reply, and it must match ``expected``."""
        replies = self.feed(data)
        check.equal(len(replies), 1, "the number of replies")
        check.matches(replies[0].message, expected, "the reply")
        check.equal(replies[0].close, close, "whether the connection ends after the reply")
        return replies[0].message

    def _send(self, line: str, fed: bytes | None = None) -> list[dict[str, Any]]:
        try:
            self.program.send_line(line, fed)
            answer = self.program.expect_line(r'^\{"replies".*').group()
        except CheckFailed:
            self.program.dispose()  # the next test begins with a child that answers
            raise
        found: list[dict[str, Any]] = json.loads(answer)["replies"]
        return found


def _message(frame: bytes) -> Message:
    length = payload_length(frame[: HEADER.size])
    check.equal(len(frame) - HEADER.size, length, "the length of a reply's frame")
    return decode(frame[HEADER.size :])
