"""How long to wait for what a program should do, by what it did before.

A program that hangs everywhere would cost each of a hundred checks its whole time, and the run its
limit, so that the last tasks were not judged at all. What has *never* happened in a run, and was
waited for in full several times, will not happen in the next check either: it is waited for briefly
from then on. What has happened once is always given its time.
"""

from collections import Counter
from dataclasses import dataclass, field

TRIES = 3
# For what a program has been late with once, or where nothing at all has worked yet.
AGAIN_SECONDS = 3.0
BRIEF_SECONDS = 0.5


@dataclass
class Tries:
    """Who has worked, and who has been waited for in vain, and how often."""

    worked: set[str] = field(default_factory=set)
    in_vain: Counter[str] = field(default_factory=Counter)

    @property
    def nothing_works(self) -> bool:
        """Whether several waits were in vain and none was not."""
        return not self.worked and self.in_vain.total() >= TRIES


class Patience:
    """Waits for one kind of thing, such as a first answer, that each program should do.

    ``everything`` is shared by all kinds of a run: where a submission cannot even be imported, each
    kind begins with less time.
    """

    _everything = Tries()

    def __init__(self, everything: Tries | None = None) -> None:
        self._tries, self._all = Tries(), everything or self._everything

    def worked(self, program: str) -> None:
        """Note that it happened."""
        self._tries.worked.add(program)
        self._all.worked.add(program)

    def in_vain(self, program: str) -> None:
        """Note that it did not happen in all its time."""
        self._tries.in_vain[program] += 1
        self._all.in_vain[program] += 1

    def seconds(self, program: str, whole: float, again: float | None = None) -> float:
        """Return how long to wait: ``whole``, or ``again`` once it has been late, or briefly."""
        times = self._tries.in_vain[program]
        tries = 1 if self._all.nothing_works else TRIES
        if program not in self._tries.worked and times >= tries:
            return min(whole, BRIEF_SECONDS)
        if self._all.nothing_works:
            return min(whole, AGAIN_SECONDS)
        return again if times and again is not None else whole
