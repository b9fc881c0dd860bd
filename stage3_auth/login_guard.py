"""The throttle among threads: who may try a password now, and what came of it."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from stage2_protocol import Peer, Refused, Status

from .accounts import Account
from .throttle import LoginThrottle

WRONG = 1  # the status of a wrong password; every other end of a try costs nothing


class LoginGuard:
    """Stands before every comparison of a password; ``limited`` False lets everybody through.

    ``clock`` is seconds that never go back.
    """

    def __init__(self, *, limited: bool, clock: Callable[[], float] = time.monotonic) -> None:
        self._throttle = LoginThrottle()
        self._limited = limited
        self._clock = clock
        self._lock = threading.Lock()  # held for moments, never while anything is waited for

    @contextmanager
    def trying(self, account: str, peer: Peer) -> Iterator[None]:
        """Surround one try; raises Refused (105). Only a try that ends as WRONG is counted."""
        if not self._limited:
            yield
            return
        address, now = host_of(peer), self._clock()
        with self._lock:
            wait = self._throttle.begin(account, address, now)
        if wait > 0:
            raise too_soon("too many wrong passwords", wait)
        try:
            yield
        except Refused as refused:
            if refused.status != WRONG:
                self._take_back(account, address)
            raise
        except BaseException:
            self._take_back(account, address)
            raise
        self._take_back(account, address)

    def welcome(self, account: Account, peer: Peer) -> None:
        """Remember that the owner of ``account`` is at this peer's address."""
        if self._limited:
            names = (account.user_name, account.phone)
            with self._lock:
                self._throttle.welcome(names, host_of(peer), self._clock())

    def _take_back(self, account: str, address: str) -> None:
        with self._lock:
            self._throttle.take_back(account, address, self._clock())


def host_of(peer: Peer) -> str:
    """Return a peer's IP address, without the port that is new with every connection."""
    return peer.address.rpartition(":")[0].strip("[]")


def too_soon(reason: str, wait: float) -> Refused:
    """Return the refusal (105) of what may be asked again after ``wait`` seconds."""
    return Refused(
        Status.TOO_MANY_REQUESTS, f"{reason}; try again in {_in_words(wait)}", retry_after=wait
    )


def _in_words(seconds: float) -> str:
    for size, unit in ((3600, "hours"), (60, "minutes")):
        if seconds >= 2 * size:
            return f"{-(-seconds // size):.0f} {unit}"
    return f"{max(1, -(-seconds // 1)):.0f} seconds"
