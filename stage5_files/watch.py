"""How a transfer is watched: progress, the wish to cancel, and patience with a bad network."""

import threading
import time
from collections.abc import Callable

from stage2_protocol import back_off

from .errors import TransferCancelled

Progress = Callable[[int, int], object]


class Watch:
    """Counts the bytes of one or many files, and carries the wish to cancel.

    ``progress(done, total)`` is called on a thread of the transfer, in bytes; ``done`` goes back
    when bytes must be sent again.
    """

    def __init__(
        self, progress: Progress | None = None, cancel: threading.Event | None = None
    ) -> None:
        self.cancel = cancel or threading.Event()
        self._progress = progress
        self._before = 0  # bytes of the files that are finished
        self._total = 0

    def expect(self, total: int) -> None:
        """Say how many bytes there are in all."""
        self._total = total
        self._tell(0)

    def expect_at_least(self, size: int) -> None:
        """Say how large the present file is, where nobody could know before."""
        self._total = max(self._total, self._before + size)

    def moved_to(self, done: int) -> None:
        """Say how many bytes of the present file are done."""
        self._tell(done)

    def finished(self, size: int) -> None:
        """Say that the present file, of ``size`` bytes, is done with, well or not."""
        self._before += size
        self._tell(0)

    def check(self) -> None:
        """Raise TransferCancelled when somebody wants this to end."""
        if self.cancel.is_set():
            raise TransferCancelled("the transfer was cancelled")

    def _tell(self, done: int) -> None:
        if self._progress is not None:
            self._progress(self._before + done, self._total)


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

    def wait(self, error: Exception, watch: Watch) -> None:
        """Wait before the next try; raises ``error`` when it is too late, or TransferCancelled."""
        if time.monotonic() - self._since > self._seconds:
            raise error
        watch.cancel.wait(next(self._waits))
        watch.check()
