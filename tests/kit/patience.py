"""How long to wait for what a program should do, by what it did before.

A program that hangs everywhere would cost each of a hundred checks its whole time, and the run its
limit, so that the last tasks were not judged at all. What has *never* happened in a run, and was
waited for in full several times, will not happen in the next check either: it is waited for briefly
from then on. What has happened once is always given its time.
"""

from collections import Counter

TRIES = 3
BRIEF_SECONDS = 0.5


class Patience:
    """Waits for one kind of thing, such as a first answer, that each program should do."""

    def __init__(self) -> None:
        self._worked: set[str] = set()
        self._in_vain: Counter[str] = Counter()

    def worked(self, program: str) -> None:
        """Note that it happened."""
        self._worked.add(program)

    def in_vain(self, program: str) -> None:
        """Note that it did not happen in all its time."""
        self._in_vain[program] += 1

    def seconds(self, program: str, whole: float, again: float | None = None) -> float:
        """Return how long to wait: ``whole``, or ``again`` once it has been late, or briefly."""
        times = self._in_vain[program]
        if program not in self._worked and times >= TRIES:
            return min(whole, BRIEF_SECONDS)
        return again if times and again is not None else whole
