"""How many submissions are judged side by side: one a processor, and more while processors idle.

A program that hangs costs no processor, only time. So when half a processor has had nothing to do
for some seconds, and there is memory for it, another submission begins, up to three times as many
as were asked for: a class with many that hang takes hardly longer than one without.
"""

import contextlib
import os
import threading
import time
from collections.abc import Callable, Iterator

import psutil

TIMES = 3
SPARE_BYTES = 2 * 1024**3  # what one submission may take
LOOK_SECONDS = 0.5
IDLE_SECONDS = 3.0
IDLE_PROCESSORS = 0.5  # what a suite needs while it works


class Turns:
    """Lets threads begin their work one after the other."""

    def __init__(
        self, jobs: int, is_idle: Callable[[], bool] | None = None, *, times: int = TIMES
    ) -> None:
        self.most = times * jobs
        self._jobs = jobs
        self._is_idle = is_idle or IdleMachine()
        self._running = 0
        self._changed = threading.Condition()

    @contextlib.contextmanager
    def turn(self, stopped: threading.Event) -> Iterator[None]:
        """Wait for a turn and have it; when ``stopped`` is set nobody waits."""
        with self._changed:
            while not stopped.is_set() and not self._may_begin():
                self._changed.wait(LOOK_SECONDS)
            self._running += 1
        try:
            yield
        finally:
            with self._changed:
                self._running -= 1
                self._changed.notify_all()

    def _may_begin(self) -> bool:
        if self._running < self._jobs:
            return True
        return self._running < self.most and self._is_idle()


class IdleMachine:
    """Whether, over the last seconds, half a processor had nothing to do, and memory is left."""

    def __init__(self) -> None:
        self._looked = time.monotonic()
        psutil.cpu_percent()  # the next call tells of the time since this one

    def __call__(self) -> bool:
        """Look, at most every three seconds: what has just begun is to be seen at work."""
        if time.monotonic() - self._looked < IDLE_SECONDS:
            return False
        self._looked = time.monotonic()
        idle = 1 - psutil.cpu_percent() / 100
        has_memory = psutil.virtual_memory().available >= SPARE_BYTES
        return has_memory and idle * (os.cpu_count() or 1) >= IDLE_PROCESSORS
