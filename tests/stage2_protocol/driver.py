"""Commands the client connection under test and reads the events that it reports."""

import json
from typing import Any

from tests.kit.deadlines import ANSWER_SECONDS, eventually
from tests.kit.listening import Listening
from tests.kit.match import differences
from tests.kit.programs import Program
from tests.kit.wire import WireClient

Event = dict[str, Any]
# A heartbeat so slow that nothing is sent of itself, however slow the machine is.
NEVER = 1000.0


class Driver:
    """The client under test in a child process (toys/client_driver.py)."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self._session = 0
        self._kept: list[Event] = []

    def begin(self) -> None:
        """Start anew: what earlier tests left is closed, and its events are passed over."""
        self.program.join()
        self._session += 1
        self._kept.clear()
        self.do("begin", session=self._session)

    def do(self, what: str, **fields: object) -> None:
        """Give a command; what it does is reported by events."""
        self.program.send_line(json.dumps({"do": what, **fields}))

    def expect(self, event: str, *, seconds: float = ANSWER_SECONDS, **where: object) -> Event:
        """Return the next event of this kind whose fields match; others are kept for later."""
        wanted = {"event": event, **where}
        for kept in self._kept:
            if not differences(wanted, kept):
                self._kept.remove(kept)
                return kept
        while True:
            pattern = r'^\{"event": .*'
            found: Event = json.loads(self.program.expect_line(pattern, seconds).group())
            if found["session"] != self._session:
                continue
            if not differences(wanted, found):
                return found
            self._kept.append(found)

    def expect_no_threads(self) -> None:
        """Wait until the threads of connection and link are gone."""

        def threads() -> list[str]:
            self.do("state")
            found: list[str] = self.expect("state")["threads"]
            return found

        eventually(lambda: not threads(), why="the end of the client's threads")

    @property
    def kept(self) -> list[Event]:
        """The events that were read and not expected yet."""
        return list(self._kept)

    def connect(self, listening: Listening[Any], **options: object) -> WireClient:
        """Let the client connect to the test; return the test's end of the connection."""
        listening.expected.append(self.program)
        self.do("connect", host=listening.host, port=listening.port, **options)
        accepted: WireClient = listening.accept()
        self.expect("connected")
        return accepted

    def ask(self, name: str, op: int, args: Event | None = None, **fields: object) -> None:
        """Let the client ask; an event "answer" or "refused" … with this name follows."""
        self.do("ask", name=name, op=op, args=args, **fields)


def answer(server: WireClient, data: Event, *, op: int = 80, id: object = 1) -> None:
    """Send the reply of a fake server."""
    server.send_frame({"op": op, "id": id, "test": 0, "data": data})
