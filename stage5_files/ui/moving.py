"""A transfer as a window shows it: how far it is, how fast, how long still. A core."""

import threading
from dataclasses import dataclass, field
from typing import Literal

from stage3_auth.ui.login_errors import Trouble

State = Literal["waiting", "moving", "done", "failed"]

_MEMORY = 0.7  # how much of the old speed stays in the new one, each second
_FIRST_GUESS_SECONDS = 1.0  # before that a speed says nothing


@dataclass
class Moving:
    """One upload or download. ``done`` and ``total`` are written by its thread, read by the window.

    ``trouble`` tells what went wrong, ``where`` where a download lies, ``over_at`` when it ended.
    """

    number: int
    name: str
    is_upload: bool
    cancel: threading.Event = field(default_factory=threading.Event)
    ended: threading.Event = field(default_factory=threading.Event)  # its thread has let go
    state: State = "waiting"
    done: int = 0
    total: int = 0
    trouble: Trouble | None = None
    where: str = ""
    over_at: float = 0.0  # of the clock that never goes back

    def progress(self, done: int, total: int) -> None:
        """Take note of how far it is; any thread."""
        self.done, self.total = done, total

    @property
    def share(self) -> float:
        """How much of it is done, 0 to 1."""
        if self.state == "done":
            return 1.0
        return self.done / self.total if self.total else 0.0

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen."""
        return self.state in ("done", "failed")


class Pace:
    """Smooths the speed of one transfer, looked at again and again."""

    def __init__(self) -> None:
        self._began: float | None = None
        self._at = 0.0
        self._done = 0
        self._speed = 0.0

    def look(self, done: int, total: int, now: float) -> tuple[float, float] | None:
        """Return bytes a second and seconds left, or None while that cannot be known.

        ``now`` is in seconds of a clock that never goes back.
        """
        if self._began is None or done < self._done:  # some bytes must be sent again
            self._began, self._at, self._done = now, now, done
            return None
        passed = now - self._at
        if passed > 0:
            fresh = (done - self._done) / passed
            keep = _MEMORY**passed if self._at > self._began else 0.0
            self._speed = self._speed * keep + fresh * (1 - keep)
            self._at, self._done = now, done
        if now - self._began < _FIRST_GUESS_SECONDS or self._speed <= 0:
            return None
        return self._speed, (total - done) / self._speed
