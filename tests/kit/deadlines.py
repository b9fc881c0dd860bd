"""Time limits, all scaled by one factor, so that a slow or busy machine fails nobody.

Every limit in the harness and in the suites passes through ``within``. The factor is measured every
few seconds (how long a fixed piece of work takes here) and raised while more processes want the
machine's cores than it has; ``--time-scale`` sets it by hand.

A student who checks an unfinished program should not wait for every answer that never comes: the
first one says enough. So ``kit.py check`` hurries (``--hurry``): once a check of a task has waited
in vain, the other checks of that task wait less for an answer. A mark is made that way only for the
rest of a task that waits on a failed one (``Ledger``).
"""

import hashlib
import math
import os
import time
from collections.abc import Callable
from typing import TypeVar

import psutil

from .failure import CheckFailed

T = TypeVar("T")

# How long _fixed_work takes on the 2-core machine on which the limits were chosen, and a third
# more: a measurement that is a little off must not stretch everything.
NOMINAL_SECONDS = 0.008
LARGEST_FACTOR = 10.0
MEASURED_SECONDS = 5.0  # so long a measurement counts
# What a program may take for one answer; a right one needs a hundredth of it.
ANSWER_SECONDS = 5.0
POLL_SECONDS = 0.01
# What a hurried check allows for an answer, at least; and how many times the usual check's time.
HURRIED_SECONDS = 1.0
HURRIED_TIMES = 4.0

_hurried: float | None = None  # seconds for an answer in this test; None: all of them
_waited_in_vain = False
_set_by_hand: float | None = None
_measured: float | None = None
_measured_at = -math.inf


def set_factor(factor: float | None) -> None:
    """Use ``factor`` from now on; None goes back to measuring."""
    global _set_by_hand
    _set_by_hand = factor


def factor() -> float:
    """Return by how much every limit is stretched now, 1.0 to 10.0 unless set by hand."""
    global _measured, _measured_at
    if _set_by_hand is not None:
        return _set_by_hand
    if _measured is None or time.monotonic() - _measured_at > MEASURED_SECONDS:
        _measured, _measured_at = max(1.0, _time_fixed_work() / NOMINAL_SECONDS), time.monotonic()
    # How slow it is just now, or how many have wanted its cores during the last minute.
    waiting = psutil.getloadavg()[0] / (os.cpu_count() or 1)
    return min(LARGEST_FACTOR, max(_measured, waiting))


def within(seconds: float) -> float:
    """Return ``seconds`` stretched for this machine."""
    return seconds * factor()


def begin(*, hurried: bool = False, usual: float = 0.0) -> None:
    """Begin a test. ``hurried`` gives answers less time, but much more than the ``usual`` check
    that passed took in all: a program that is slow everywhere is not hurried.
    """
    global _hurried, _waited_in_vain
    _waited_in_vain = False
    _hurried = max(within(HURRIED_SECONDS), HURRIED_TIMES * usual) if hurried else None


def note_waited_in_vain() -> None:
    """Remember that in this test something was awaited until its time was up."""
    global _waited_in_vain
    _waited_in_vain = True


def waited_in_vain() -> bool:
    """Whether in this test something was awaited until its time was up."""
    return _waited_in_vain


def is_hurried() -> bool:
    """Whether in this test an answer has less time than usual."""
    return _hurried is not None and _hurried < within(ANSWER_SECONDS)


class Deadline:
    """A moment by which something must have happened, ``seconds`` (stretched) from now."""

    def __init__(self, seconds: float = ANSWER_SECONDS) -> None:
        self.seconds = within(seconds)
        # What has a time of its own keeps it: it may be one that a program is told to wait.
        if _hurried is not None and seconds == ANSWER_SECONDS:
            self.seconds = min(self.seconds, _hurried)
        self._end = time.monotonic() + self.seconds

    @property
    def remaining(self) -> float:
        """Seconds left, never below 0."""
        left = max(0.0, self._end - time.monotonic())
        if not left:
            note_waited_in_vain()
        return left

    @property
    def passed(self) -> bool:
        """Whether the time is up."""
        return self.remaining <= 0


def eventually(
    look: Callable[[], T | None],
    *,
    why: str,
    seconds: float = ANSWER_SECONDS,
    poll: float = POLL_SECONDS,
) -> T:
    """Return the first true value of ``look()``; raises CheckFailed naming ``why`` when none came.

    For things that have no barrier (a file that appears, a window that redraws). Where there is
    one, such as PING, use that.
    """
    deadline = Deadline(seconds)
    while True:
        value = look()
        if value:
            return value
        if deadline.passed:
            raise CheckFailed(f"waited {deadline.seconds:.1f} s for {why}; last seen: {value!r}")
        time.sleep(min(poll, deadline.remaining))


def _time_fixed_work() -> float:
    # The middle of three: one may be disturbed, one may be lucky.
    return sorted(_fixed_work() for _ in range(3))[1]


def _fixed_work() -> float:
    start = time.perf_counter()
    digest = b""
    for _ in range(20_000):
        digest = hashlib.md5(digest, usedforsecurity=False).digest()
    math.factorial(1500)
    return time.perf_counter() - start
