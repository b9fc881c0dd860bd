"""How a transfer is watched: progress, the wish to stop it, and patience with a bad network."""

import threading
import time
from collections.abc import Callable

from stage2_protocol import back_off

from .errors import TransferCancelled, TransferPaused

Progress = Callable[[int, int], object]

_LOOK_SECONDS = 0.1  # so soon a transfer that waits hears that it shall stop


class Watch:
    """Counts the bytes of a call, of one or many files, and carries the wish to stop it.

    ``progress(done, total)`` is called on threads of the transfer, in bytes, one call at a time;
    ``done`` goes back when bytes must be sent again.
    """

    def __init__(
        self,
        progress: Progress | None = None,
        cancel: threading.Event | None = None,
        pause: threading.Event | None = None,
    ) -> None:
        self._cancel = cancel or threading.Event()
        self._pause = pause or threading.Event()
        self._progress = progress
        self._lock = threading.Lock()
        self._done = 0
        self._total = 0

    def expect(self, total: int) -> None:
        """Say how many bytes there are in all."""
        with self._lock:
            self._total = total
            self._tell()

    def file(self) -> "FileWatch":
        """Return the watch of one file of this call."""
        return FileWatch(self)

    @property
    def stops(self) -> bool:
        """Whether somebody wants this to stop."""
        return self._cancel.is_set() or self._pause.is_set()

    def check(self) -> None:
        """Raise TransferCancelled or TransferPaused when somebody wants this to stop."""
        if self._cancel.is_set():
            raise TransferCancelled("the transfer was cancelled")
        if self._pause.is_set():
            raise TransferPaused("the transfer was paused")

    def wait(self, seconds: float) -> None:
        """Wait; raises what ``check`` raises, soon after somebody wants this to stop."""
        end = time.monotonic() + seconds
        self.check()
        while (left := end - time.monotonic()) > 0:
            self._cancel.wait(min(left, _LOOK_SECONDS))
            self.check()

    def _moved(self, count: int, at_least: int = 0) -> None:
        with self._lock:
            self._done += count
            self._total = max(self._total, at_least)
            self._tell()

    def _tell(self) -> None:
        if self._progress is not None:
            self._progress(self._done, self._total)


class FileWatch:
    """The part of a Watch that one file has; used by one thread at a time."""

    def __init__(self, whole: Watch) -> None:
        self._whole = whole
        self._done = 0
        self.check = whole.check
        self.wait = whole.wait

    def expect_at_least(self, size: int) -> None:
        """Say how large the file is, where nobody could know before."""
        self._whole._moved(0, at_least=size)

    def moved_to(self, done: int) -> None:
        """Say how many bytes of the file are done."""
        self._whole._moved(done - self._done)
        self._done = done


class Patience:
    """Says when to try again after a failure, and when to give up.

    ``seconds`` may pass without progress; between tries the pauses grow (back-off).
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._waits = back_off(first=0.2, largest=5.0)
        self._since = time.monotonic()

    def progressed(self) -> None:
        """Say that it goes on well."""
        self._since = time.monotonic()
        self._waits = back_off(first=0.2, largest=5.0)

    def wait(self, error: Exception, watch: FileWatch) -> None:
        """Wait before the next try; raises ``error`` when it is too late, or what a wait raises."""
        if time.monotonic() - self._since > self._seconds:
            raise error
        watch.wait(next(self._waits))
