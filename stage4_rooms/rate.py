"""A rate limit as a token bucket: a burst is fine, a flood is not. The time is passed in."""

BURST = 20
PER_SECOND = 10.0
# Buckets of users who have been quiet are full again: nothing is lost by forgetting them.
_SWEEP_AT = 10_000


class RateLimit:
    """Counts what each key (a uid) does; ``now`` is seconds of any clock that never goes back."""

    def __init__(self, burst: int = BURST, per_second: float = PER_SECOND) -> None:
        self._burst = burst
        self._per_second = per_second
        self._buckets: dict[int, tuple[float, float]] = {}  # tokens left, at that time

    def wait(self, key: int, now: float) -> float:
        """Take one token and return 0; or take none and return the seconds until there is one."""
        # BEGIN SOLUTION 4.10
        tokens, at = self._buckets.get(key, (float(self._burst), now))
        tokens = min(float(self._burst), tokens + (now - at) * self._per_second)
        if tokens < 1:
            return (1 - tokens) / self._per_second
        if len(self._buckets) >= _SWEEP_AT:
            self._sweep(now)
        self._buckets[key] = (tokens - 1, now)
        return 0.0
        # END SOLUTION

    def _sweep(self, now: float) -> None:
        """Forget the buckets that are full again."""
        # BEGIN SOLUTION 4.10
        full_after = self._burst / self._per_second
        self._buckets = {k: b for k, b in self._buckets.items() if b[1] > now - full_after}
        # END SOLUTION
