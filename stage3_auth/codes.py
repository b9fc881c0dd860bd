"""Verification codes: six digits, a few tries, one use, a short life. A core: no clock, no lock.

Only an HMAC of a code is kept, under a key that lives as long as the process: what is written
anywhere by mistake tells nobody a code.
"""

import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field

TRIES = 5
COOLDOWN = 60.0  # seconds between two codes for one phone
PER_DAY = 10  # codes for one phone: what the SMS vendors allow as well
DAY = 86400.0
# A stranger may ask for codes for any number of phones: forget the stale ones now and then.
SWEEP_EVERY = 1000

Slot = tuple[str, str]  # phone and purpose: a code is good for nothing else


@dataclass
class _Code:
    digest: bytes
    expires_at: float
    tries_left: int = TRIES


@dataclass(frozen=True)
class Taken:
    """A right code in the hands of whoever showed it; nobody else can use it meanwhile."""

    slot: Slot
    code: _Code


@dataclass
class _Phone:
    sent_at: list[float] = field(default_factory=list)


class CodeBook:
    """Remembers the codes that were sent; ``now`` is Unix seconds in every method.

    The caller keeps threads apart.

    ``ttl`` is the life of a code in seconds; ``limited`` turns cooldown and daily limit on.
    """

    def __init__(
        self,
        ttl: float,
        *,
        limited: bool = True,
        new_code: Callable[[], str] = lambda: f"{secrets.randbelow(10**6):06}",
    ) -> None:
        self._ttl = ttl
        self._limited = limited
        self._new_code = new_code
        self._key = secrets.token_bytes(32)
        self._codes: dict[Slot, _Code] = {}
        self._phones: dict[str, _Phone] = {}
        self._until_sweep = SWEEP_EVERY

    def wait_before_next(self, phone: str, now: float) -> float:
        """Return how many seconds must pass before ``phone`` may get another code; 0 means now."""
        phone_log = self._phones.get(phone)
        if not self._limited or phone_log is None:
            return 0.0
        recent = [at for at in phone_log.sent_at if at > now - DAY]
        if len(recent) >= PER_DAY:
            return recent[-PER_DAY] + DAY - now
        return max(0.0, recent[-1] + COOLDOWN - now) if recent else 0.0

    def issue(self, phone: str, purpose: str, now: float) -> str:
        """Return a new code for (phone, purpose); it replaces an older one."""
        self._sweep(now)
        code = self._new_code()
        slot = (phone, purpose)
        self._codes[slot] = _Code(self._digest(slot, code), now + self._ttl)
        self._phones.setdefault(phone, _Phone()).sent_at.append(now)
        return code

    def withdraw(self, phone: str, purpose: str, issued_at: float) -> None:
        """Undo an issue(): the provider failed, and that costs the user nothing."""
        known = self._codes.get((phone, purpose))
        if known is not None and known.expires_at == issued_at + self._ttl:
            del self._codes[phone, purpose]
        log = self._phones.get(phone)
        if log is not None and issued_at in log.sent_at:
            log.sent_at.remove(issued_at)

    def take(self, phone: str, purpose: str, code: str, now: float) -> Taken | None:
        """Take a code out of the book if it is right; a wrong one costs a try.

        None for wrong, expired, used up, never sent: one answer for all of them.
        """
        slot = (phone, purpose)
        known = self._codes.get(slot)
        if known is None or now >= known.expires_at or known.tries_left <= 0:
            return None
        if not hmac.compare_digest(known.digest, self._digest(slot, code)):
            known.tries_left -= 1
            return None
        return Taken(slot, self._codes.pop(slot))

    def give_back(self, taken: Taken) -> None:
        """Put a code back: what it was shown for has failed, and only success uses it up."""
        self._codes.setdefault(taken.slot, taken.code)  # unless a newer one has replaced it

    def _digest(self, slot: Slot, code: str) -> bytes:
        return hmac.digest(self._key, repr((slot, code)).encode("utf-8"), "sha256")

    def _sweep(self, now: float) -> None:
        self._until_sweep -= 1
        if self._until_sweep > 0:
            return
        self._until_sweep = SWEEP_EVERY
        self._codes = {s: c for s, c in self._codes.items() if c.expires_at > now}
        self._phones = {
            p: log for p, log in self._phones.items() if log.sent_at and log.sent_at[-1] > now - DAY
        }
