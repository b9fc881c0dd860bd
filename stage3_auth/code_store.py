"""Verification codes in the database, so that a restart of the server gives nobody new tries.

The key of the HMAC is not in the database: it is the environment's CHAT_CODE_KEY, or random for
each run of the server, and then the codes of the run before are not good any more. Servers that
share a database must share the key.
"""

import json
import os
import secrets
from collections.abc import Callable, Sequence
from typing import TypeVar

from .codes import (
    ADDRESS_LIMITS,
    PHONE_LIMITS,
    TRIES,
    Limit,
    SentCode,
    code_digest,
    still_counting,
    wait_before_next,
)
from .database import Database, Duplicate, Transaction, retried
from .errors import StorageBusy, WrongCode

T = TypeVar("T")
Subject = tuple[str, Sequence[Limit]]  # whose codes are counted, and how many are allowed

KEY_VARIABLE = "CHAT_CODE_KEY"


def key_from_environment() -> bytes:
    """Return the key of the codes' HMAC."""
    return os.environ.get(KEY_VARIABLE, "").encode("utf-8") or secrets.token_bytes(32)


class CodeStore:
    """Remembers the codes that were sent, and who had how many; every method is one transaction.

    ``ttl`` is the life of a code in seconds, ``now`` Unix seconds. ``limited`` False lifts the
    limits on sending, never tries, expiry and single use.
    """

    def __init__(self, database: Database, key: bytes, ttl: float, *, limited: bool = True) -> None:
        self._database = database
        self._key = key
        self._ttl = ttl
        self._limited = limited

    @retried
    def count(self, phone: str | None, address: str, now: float) -> float:
        """Count a code and return 0; or count nothing and return the seconds to wait.

        Without ``phone`` only the address is counted: it asked for what it does not get.
        """
        if not self._limited:
            return 0.0
        subjects = _subjects(phone, address)
        with self._database.writing() as transaction:
            # Always phone, then address: two that lock in this order never wait for each other.
            times = [_times(transaction, subject) for subject in subjects]
            waits = [
                wait_before_next(sent, limits, now)
                for sent, (_, limits) in zip(times, subjects, strict=True)
            ]
            if max(waits) <= 0:
                for sent, subject in zip(times, subjects, strict=True):
                    _set_times(transaction, subject, [*sent, now], now)
        return max(waits)

    @retried
    def uncount(self, phone: str, address: str, counted_at: float) -> None:
        """Undo a count(): the provider failed, and that costs the user nothing."""
        if not self._limited:
            return
        with self._database.writing() as transaction:
            for subject in _subjects(phone, address):
                times = _times(transaction, subject)
                if counted_at in times:
                    times.remove(counted_at)
                _set_times(transaction, subject, times, counted_at)

    @retried
    def keep(self, phone: str, purpose: str, code: str, now: float) -> None:
        """Remember a code that was sent; it replaces an older one."""
        digest = code_digest(self._key, phone, purpose, code)
        with self._database.writing() as transaction:
            transaction.run(
                "REPLACE INTO code (slot, digest, expires_at, tries_left) VALUES (?, ?, ?, ?)",
                [_slot(phone, purpose), digest, now + self._ttl, TRIES],
            )

    @retried
    def spend(
        self, phone: str, purpose: str, code: str, now: float, work: Callable[[Transaction], T]
    ) -> T:
        """Do ``work`` if the code is right, and use the code up, in one transaction.

        When ``work`` raises, nothing has happened and the code is still good. Raises WrongCode for
        wrong, expired, used up, never sent alike; a wrong one costs a try.
        """
        digest = code_digest(self._key, phone, purpose, code)
        with self._database.writing() as transaction:
            known = _known(transaction, _slot(phone, purpose))
            if known is not None and known.is_good(digest, now):
                result = work(transaction)
                transaction.run("DELETE FROM code WHERE slot = ?", [_slot(phone, purpose)])
                return result
            transaction.run(
                "UPDATE code SET tries_left = tries_left - 1 WHERE slot = ? AND tries_left > 0",
                [_slot(phone, purpose)],
            )
        raise WrongCode("wrong or expired code")

    @retried
    def sweep(self, now: float) -> None:
        """Forget the codes that have expired, and the counts that no limit looks at any more."""
        longest = max(limit.seconds for limit in (*PHONE_LIMITS, *ADDRESS_LIMITS))
        with self._database.writing() as transaction:
            transaction.run("DELETE FROM code WHERE expires_at <= ?", [now])
            transaction.run("DELETE FROM code_count WHERE newest <= ?", [now - longest])


def _subjects(phone: str | None, address: str) -> list[Subject]:
    by_phone = [] if phone is None else [(f"phone:{phone}", PHONE_LIMITS)]
    return [*by_phone, (f"address:{address}", ADDRESS_LIMITS)]


def _slot(phone: str, purpose: str) -> bytes:
    return f"{purpose}:{phone}".encode()


def _known(transaction: Transaction, slot: bytes) -> SentCode | None:
    ask = "SELECT digest, expires_at, tries_left FROM code WHERE slot = ? {for_update}"
    row = transaction.row(transaction.dialect.fill(ask), [slot])
    return None if row is None else SentCode(bytes(row[0]), row[1], row[2])


def _times(transaction: Transaction, subject: Subject) -> list[float]:
    """Return when a subject had codes; its row is ours until the transaction ends."""
    name = subject[0].encode("utf-8")
    ask = "SELECT times FROM code_count WHERE subject = ? {for_update}"
    row = transaction.row(transaction.dialect.fill(ask), [name])
    if row is not None:
        return [float(at) for at in json.loads(row[0])]
    try:  # a row that is not there cannot be locked
        transaction.run(
            "INSERT INTO code_count (subject, times, newest) VALUES (?, ?, ?)", [name, "[]", 0.0]
        )
    except Duplicate as error:  # somebody else had the same thought: begin again
        raise StorageBusy(str(error)) from error
    return []


def _set_times(transaction: Transaction, subject: Subject, times: list[float], now: float) -> None:
    name, limits = subject
    kept = still_counting(times, limits, now)
    transaction.run(
        "UPDATE code_count SET times = ?, newest = ? WHERE subject = ?",
        [json.dumps(kept), max(kept, default=now), name.encode("utf-8")],
    )
