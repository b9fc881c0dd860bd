"""How long to wait before trying again: exponential back-off with jitter."""

import random
from collections.abc import Callable, Iterator


def back_off(
    first: float = 0.5, largest: float = 30.0, jitter: Callable[[], float] = random.random
) -> Iterator[float]:
    """Yield waits in seconds, without end: each about twice the last, up to ``largest``.

    Half of each wait is jitter (``jitter()`` returns 0 to 1): when a server comes back, its clients
    must not all knock in the same instant.
    """
    # BEGIN SOLUTION 2.8
    wait = first
    while True:
        yield wait / 2 + wait / 2 * jitter()
        wait = min(wait * 2, largest)
    # END SOLUTION
