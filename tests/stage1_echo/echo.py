"""What an echo answer is: the prefix, then exactly the bytes that one read of the server returned.

How a message falls into reads is not promised, so any number of answers may carry what was sent.
What tests send never holds the first byte of the prefix, so answers can be taken apart.
"""

from tests.kit.byte_client import ByteClient
from tests.kit.failure import CheckFailed

PREFIX = "已收到消息:".encode()


def expect_echo(client: ByteClient, sent: bytes) -> None:
    """Read answers until they hold all of ``sent``; fails at the first byte that is wrong."""
    assert PREFIX[:1] not in sent, "the test's own payload must not look like the prefix"
    answers = Answers(sent)
    while not answers.complete:
        answers.take(client.recv_some())


class Answers:
    """Takes answers apart as they arrive and compares their content with what was sent."""

    def __init__(self, sent: bytes) -> None:
        self._sent = sent
        self._matched = 0
        self._rest = b""  # not decided yet: may be the beginning of a prefix
        self._fresh = False  # a prefix stands at the end: its content must follow
        self._began = False

    @property
    def complete(self) -> bool:
        """Whether everything that was sent has come back, and no answer is half here."""
        return self._matched == len(self._sent) and not self._rest and not self._fresh

    def take(self, data: bytes) -> None:
        """Take the bytes of one read."""
        rest = self._rest + data
        while rest:
            at = rest.find(PREFIX[:1])
            if at != 0:
                content = rest if at < 0 else rest[:at]
                self._match(content, rest)
                rest = rest[len(content) :]
            elif rest.startswith(PREFIX):
                if self._fresh:
                    self._wrong("an answer holds nothing: its prefix is followed by the next", rest)
                self._began = self._fresh = True
                rest = rest[len(PREFIX) :]
            elif PREFIX.startswith(rest):
                break
            else:
                self._wrong("the prefix of an answer is not the right one", rest, PREFIX)
        self._rest = rest

    def _match(self, content: bytes, rest: bytes) -> None:
        if not self._began:
            self._wrong("the first answer does not begin with the prefix", rest, PREFIX)
        wanted = self._sent[self._matched : self._matched + len(content)]
        if content != wanted:
            self._wrong("an answer does not hold the bytes that were sent", content, wanted)
        self._matched += len(content)
        self._fresh = False

    def _wrong(self, message: str, received: bytes, expected: bytes = b"") -> None:
        shown = expected or self._sent[self._matched :]
        raise CheckFailed(message, expected=shown, received=received)
