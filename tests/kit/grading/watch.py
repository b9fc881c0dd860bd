"""What is going on while submissions are graded, for whoever shows it."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from ..progress import Event
from .results import Result


@dataclass
class Running:
    """One submission that is judged now: which test, and how many cases are over."""

    since: float
    test: str = "is unpacked"
    ended: int = 0
    expected: int = 0

    @property
    def part(self) -> float:
        """How much of it is over, from 0 to 1."""
        return min(1.0, self.ended / self.expected) if self.expected else 0.0


@dataclass
class Watch:
    """All of it may be read at any time, under the lock; ``clock`` tells seconds."""

    total: int = 0
    running: dict[str, Running] = field(default_factory=dict)  # by the submission's name
    done: list[Result] = field(default_factory=list)
    kept: int = 0  # done in an earlier run
    lock: threading.Lock = field(default_factory=threading.Lock)
    clock: Callable[[], float] = time.monotonic

    def begin(self, name: str) -> None:
        """Take note that a submission has its turn."""
        with self.lock:
            self.running[name] = Running(self.clock())

    def end(self, name: str) -> None:
        """Take note that it is over."""
        with self.lock:
            self.running.pop(name, None)

    def note(self, name: str, event: Event) -> None:
        """Take in an event of one submission's run."""
        with self.lock:
            found = self.running[name]
            if event["event"] == "plan":
                found.expected, found.ended = len(event["tests"]), 0
            elif event["event"] == "begin":
                found.test = str(event["title"])
            elif event["event"] == "end":
                found.ended += 1

    def seconds_left(self, elapsed: float) -> float | None:
        """Return a guess of the time left; None before anything is over."""
        fresh = len(self.done) - self.kept + sum(one.part for one in self.running.values())
        left = self.total - self.kept - fresh
        return elapsed / fresh * left if fresh else None
