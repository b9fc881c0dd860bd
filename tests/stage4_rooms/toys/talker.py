"""A talker: the chat client under test without a user interface, which talks all the time.

``talker.py HOST PORT ROOM``: the first line of input is a token. It says one message after the
other, each when the one before is confirmed, and prints every event of the client as a line of
JSON. A line ``stop`` ends the talking, the end of input the program. The client tries again at
once when it is cut off, so that thousands of cuts take minutes.
"""

import itertools
import json
import sys
import threading
import uuid
from dataclasses import asdict

from stage4_rooms import ChatClient, Event, NotSent, Sent, Where

PAUSE_SECONDS = 0.002
FLUSH_SECONDS = 20.0
_PRINTING = threading.Lock()


def tell(fields: dict[str, object]) -> None:
    """Print one line; two threads do."""
    with _PRINTING:
        print(json.dumps(fields), flush=True)


class Talker:
    """Says numbered messages in one room."""

    def __init__(self, host: str, port: int, token: str, room: str) -> None:
        self._where = Where(room)
        self._name = uuid.uuid4().hex[:8]
        self._numbers = itertools.count(1)
        self._stopped = threading.Event()
        self.client = ChatClient(
            host, port, token, self._take, waits=lambda: itertools.repeat(PAUSE_SECONDS)
        )

    def begin(self) -> None:
        """Enter and say the first message."""
        self.client.start()
        self._say()

    def stop(self) -> None:
        """Say nothing more; tell when everything is confirmed."""
        self._stopped.set()
        tell({"event": "flushed", "all": self.client.flush(FLUSH_SECONDS)})

    def _say(self) -> None:
        text = f"{self._name} says {next(self._numbers)}"
        self.client.say(self._where, text)

    def _take(self, event: Event) -> None:
        tell({"event": type(event).__name__, **asdict(event)})
        if isinstance(event, (Sent, NotSent)) and not self._stopped.is_set():
            self._say()


def main(host: str, port: int, room: str) -> None:
    """Talk until told to stop."""
    talker = Talker(host, port, sys.stdin.readline().strip(), room)
    talker.begin()
    for line in sys.stdin:
        if line.strip() == "stop":
            talker.stop()
    talker.client.close(wait=5)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3])
