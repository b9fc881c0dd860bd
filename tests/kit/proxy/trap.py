"""A trap for one moment: what was asked has arrived, and its answer never comes back."""

import threading

from .events import Direction, Event, Passed

# A text may lie across two pieces; so much of what passed is kept to find it.
TAIL = 1 << 20


class Trap:
    """Waits for a connection on which ``texts`` pass to the server, in this order.

    What comes to that client next is not to pass: ``springs`` says so, once. Capitals count as
    small letters: databases do not care either. A core: events in, the verdict out.
    """

    def __init__(self, *texts: bytes) -> None:
        self._texts = [text.lower() for text in texts]
        self._passed: dict[int, tuple[bytes, int]] = {}  # connection -> what passed, texts found
        self._is_sprung = threading.Event()

    def springs(self, event: Event) -> bool:
        """Take an event; return whether its connection is to be cut before it passes."""
        if self._is_sprung.is_set() or not isinstance(event, Passed):
            return False
        passed, found = self._passed.get(event.connection, (b"", 0))
        if event.direction is Direction.TO_SERVER:
            passed += event.data.lower()
            while found < len(self._texts) and (at := passed.find(self._texts[found])) >= 0:
                passed, found = passed[at + len(self._texts[found]) :], found + 1
            self._passed[event.connection] = passed[-TAIL:], found
        elif found == len(self._texts):
            self._is_sprung.set()
            return True
        return False

    def wait(self, seconds: float) -> bool:
        """Wait until it has sprung; return whether it has."""
        return self._is_sprung.wait(seconds)
