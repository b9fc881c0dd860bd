"""Verification codes: six digits, a few tries, one use, a short life. A core: it does no I/O.

Only an HMAC of a code is kept, and its key is not kept beside it: a million tries would undo a
bare hash of six digits.
"""

import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

TRIES = 5
PURPOSES = ("register", "reset")
# What the SMS vendors allow as well.
PHONE_PER_MINUTE = 1
PHONE_PER_DAY = 10
# A class behind one address may register within a lesson.
ADDRESS_PER_HOUR = 60


@dataclass(frozen=True)
class Limit:
    """At most ``count`` times in any ``seconds``."""

    count: int
    seconds: float


PHONE_LIMITS = (Limit(PHONE_PER_MINUTE, 60.0), Limit(PHONE_PER_DAY, 86400.0))
ADDRESS_LIMITS = (Limit(ADDRESS_PER_HOUR, 3600.0),)


@dataclass(frozen=True)
class SentCode:
    """What is remembered of a code; ``expires_at`` is Unix seconds."""

    digest: bytes
    expires_at: float
    tries_left: int

    def is_good(self, digest: bytes, now: float) -> bool:
        """Tell whether somebody who shows a code with this ``digest`` has shown this one."""
        # BEGIN SOLUTION 3.4
        alive = now < self.expires_at and self.tries_left > 0
        return hmac.compare_digest(self.digest, digest) and alive
        # END SOLUTION


def new_code() -> str:
    """Return six random digits."""
    # BEGIN SOLUTION 3.3
    return f"{secrets.randbelow(10**6):06}"
    # END SOLUTION


def code_digest(key: bytes, phone: str, purpose: str, code: str) -> bytes:
    """Return what is stored of a code: it is good for this phone and this purpose alone."""
    # BEGIN SOLUTION 3.3
    return hmac.digest(key, repr((phone, purpose, code)).encode("utf-8"), "sha256")
    # END SOLUTION


def wait_before_next(times: Sequence[float], limits: Sequence[Limit], now: float) -> float:
    """Return the seconds until one more fits into all ``limits``; 0 means now.

    ``times`` are the Unix seconds of those before, in their order. A clock that was set back makes
    nobody wait longer than a limit's own seconds.
    """
    # BEGIN SOLUTION 3.5
    waits = [0.0]
    for limit in limits:
        recent = [at for at in times if abs(now - at) < limit.seconds]
        if len(recent) >= limit.count:
            waits.append(min(limit.seconds, recent[-limit.count] + limit.seconds - now))
    return max(waits)
    # END SOLUTION


def still_counting(times: Sequence[float], limits: Sequence[Limit], now: float) -> list[float]:
    """Return those of ``times`` that a limit still looks at."""
    # BEGIN SOLUTION 3.5
    longest = max(limit.seconds for limit in limits)
    return [at for at in times if abs(now - at) < longest]
    # END SOLUTION
