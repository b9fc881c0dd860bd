"""Turns: what one user's devices change, they change one after the other."""

import threading

_STRIPES = 64


class Turns:
    """Locks by user, a fixed number of them: users that share one wait for each other at times.

    A turn is held while the database works, and until the answer is queued. So what the table
    holds, what the roster holds, and what each device was told last are the same thing.
    """

    def __init__(self) -> None:
        self._locks = [threading.Lock() for _ in range(_STRIPES)]

    def of(self, uid: int) -> threading.Lock:
        """Return the lock to hold while something of this user is looked up and changed."""
        return self._locks[uid % _STRIPES]
