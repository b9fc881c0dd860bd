"""The story of one test: numbered steps in words, with the bytes that went over the wire.

Clients, programs and probes add a step for whatever they do. There is one current story; the plugin
begins a new one for every test, so that a server kept between tests tells in the story of the test
that uses it now.
"""

import threading
from collections import deque
from dataclasses import dataclass
from typing import Protocol

from .json_types import Json, JsonObject
from .view import show_bytes

# A test of ten thousand messages: its beginning and its end tell enough.
FIRST_STEPS = 40
LAST_STEPS = 60
# Bytes of one step that are kept; the number of all is kept beside them.
STEP_BYTES = 512


@dataclass(frozen=True, slots=True)
class Step:
    """One thing done or seen: who, in words, and the bytes if there were any.

    ``shown`` is false where the words say already what the bytes hold, as for a frame.
    """

    number: int
    actor: str
    words: str
    data: bytes | None = None
    total: int = 0
    shown: bool = True

    def __str__(self) -> str:
        text = f"{self.number}. {self.actor} {self.words}"
        if self.data is None or not self.shown:
            return text
        return f"{text} {show_bytes(self.data, self.total)}"

    def as_data(self) -> JsonObject:
        """Return the step as JSON, its bytes as hex."""
        data: JsonObject = {"number": self.number, "actor": self.actor, "words": self.words}
        if self.data is not None:
            data |= {"bytes": self.data.hex(), "total": self.total}
        data["text"] = str(self)
        return data


class Witness(Protocol):
    """A program that took part: its name, how it is, and the end of its log."""

    def testimony(self) -> JsonObject:
        """Return name, state and the tails of the logs, as JSON."""


class Story:
    """The steps of one test so far, and the programs that took part in it; safe for threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._first: list[Step] = []
        self._last: deque[Step] = deque(maxlen=LAST_STEPS)
        self._count = 0
        self._witnesses: list[Witness] = []
        self.seed: int | None = None  # of what was chosen at random, if anything was

    def tell(
        self, actor: str, words: str, data: bytes | None = None, *, shown: bool = True
    ) -> None:
        """Add a step: ``actor`` ``words`` and what was sent or received."""
        with self._lock:
            self._count += 1
            kept = None if data is None else bytes(data[:STEP_BYTES])
            total = 0 if data is None else len(data)
            step = Step(self._count, actor, words, kept, total, shown)
            if len(self._first) < FIRST_STEPS:
                self._first.append(step)
            else:
                self._last.append(step)

    def involve(self, witness: Witness) -> bool:
        """Remember a program whose log belongs in this test's report; False when it was there."""
        with self._lock:
            if witness in self._witnesses:
                return False
            self._witnesses.append(witness)
            return True

    @property
    def steps(self) -> list[Step]:
        """The steps that were kept, in order; numbers show what was left out between."""
        with self._lock:
            return [*self._first, *self._last]

    def as_data(self) -> JsonObject:
        """Return steps and the programs' logs as JSON."""
        with self._lock:
            witnesses = list(self._witnesses)
        steps: list[Json] = [step.as_data() for step in self.steps]
        return {
            "steps": steps,
            "programs": [witness.testimony() for witness in witnesses],
            "seed": self.seed,
        }


_current = Story()


def begin() -> Story:
    """Start the story of the next test and return it."""
    global _current
    _current = Story()
    return _current


def current() -> Story:
    """Return the story of the test that runs now."""
    return _current
