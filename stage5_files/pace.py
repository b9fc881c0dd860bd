"""How fast a transfer is, and how long it will still take. A core: the time is passed in."""

_MEMORY = 0.7  # how much of the old speed stays in the new one, each second
_FIRST_GUESS_SECONDS = 1.0  # before that a speed says nothing


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
            self._speed = 0.0
            return None
        passed = now - self._at
        if passed > 0:
            fresh = (done - self._done) / passed
            keep = _MEMORY**passed if self._at > self._began else 0.0
            self._speed = self._speed * keep + fresh * (1 - keep)
            self._at, self._done = now, done
        if now - self._began < _FIRST_GUESS_SECONDS or self._speed <= 0:
            return None
        return self._speed, max(total - done, 0) / self._speed
