"""Sessions: a token of 256 random bits proves who speaks; only its hash is stored."""

import hashlib
import secrets
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from stage2_protocol import Refused, Status

from .database import Database, retried

# A revoked session must be refused within one second, on every server; so what was looked up may
# be believed for less than that.
BELIEVED_SECONDS = 0.5
_CACHE_SIZE = 10_000


@dataclass(frozen=True)
class Session:
    """A live session; ``expires_at`` is Unix seconds."""

    token: str
    uid: int
    user_name: str
    expires_at: float


def token_hash(token: str) -> bytes:
    """Return what is stored of a token. A fast hash will do: 256 random bits cannot be guessed."""
    # BEGIN SOLUTION 3.6
    return hashlib.sha256(token.encode("utf-8")).digest()
    # END SOLUTION


def not_logged_in() -> Refused:
    """Return the refusal of a token that is not live."""
    return Refused(Status.NOT_LOGGED_IN, "not logged in, or the session has ended: log in first")


class SessionStore:
    """Sessions in the database; every method is one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @retried
    def create(
        self, uid: int, user_name: str, password_md5: str, now: float, ttl: float
    ) -> Session | None:
        """Begin a session of ``ttl`` seconds; None when the user's password is another by now.

        A change of password ends the sessions there are. It locks the same row, so that no login
        with the old password can slip in behind it.
        """
        # BEGIN SOLUTION 3.6
        session = Session(secrets.token_urlsafe(32), uid, user_name, now + ttl)
        with self._database.writing() as transaction:
            ask = "SELECT password FROM user WHERE uid1 = ? {for_update}"
            if transaction.row(transaction.dialect.fill(ask), [uid]) != (password_md5,):
                return None
            transaction.run(
                "INSERT INTO session (token_hash, uid1, created_at, expires_at) "
                "VALUES (?, ?, ?, ?)",
                [token_hash(session.token), uid, now, session.expires_at],
            )
        return session
        # END SOLUTION

    def find(self, token: str, now: float) -> Session | None:
        """Return the live session of a token."""
        # BEGIN SOLUTION 3.7
        with self._database.reading() as transaction:
            row = transaction.row(
                "SELECT s.uid1, u.username, s.expires_at FROM session s "
                "JOIN user u ON u.uid1 = s.uid1 WHERE s.token_hash = ? AND s.expires_at > ?",
                [token_hash(token), now],
            )
        return None if row is None else Session(token, *row)
        # END SOLUTION

    def live_among(self, tokens: Iterable[str], now: float) -> set[str]:
        """Return those of ``tokens`` whose session is live; one query for 500 of them."""
        by_hash = {token_hash(token): token for token in tokens}
        live: set[str] = set()
        hashes = list(by_hash)
        with self._database.reading() as transaction:
            for start in range(0, len(hashes), 500):
                part = hashes[start : start + 500]
                marks = ", ".join("?" * len(part))
                rows = transaction.rows(
                    f"SELECT token_hash FROM session WHERE token_hash IN ({marks}) "
                    "AND expires_at > ?",
                    [*part, now],
                )
                live.update(by_hash[bytes(found)] for (found,) in rows)
        return live

    @retried
    def end(self, token: str) -> None:
        """End one session."""
        # BEGIN SOLUTION 3.7
        with self._database.writing() as transaction:
            transaction.run("DELETE FROM session WHERE token_hash = ?", [token_hash(token)])
        # END SOLUTION

    @retried
    def sweep(self, now: float) -> None:
        """Forget the sessions that have expired."""
        with self._database.writing() as transaction:
            transaction.run("DELETE FROM session WHERE expires_at <= ?", [now])


class SessionChecker:
    """Answers "whose token is this?" for every message, without a query for every message.

    ``clock`` returns Unix seconds. May be used from any thread.
    """

    def __init__(self, store: SessionStore, clock: Callable[[], float]) -> None:
        self._store = store
        self._clock = clock
        self._known: dict[str, tuple[Session, float]] = {}  # with the time it was looked up
        self._lock = threading.Lock()

    def check(self, token: str) -> Session:
        """Return the session of a live token; raises Refused (102) for any other."""
        now = self._clock()
        with self._lock:
            known = self._known.get(token)
        if known is not None and abs(now - known[1]) < BELIEVED_SECONDS:
            session: Session | None = known[0]
        else:
            session = self._look_up(token, now)
        if session is None or session.expires_at <= now:
            raise not_logged_in()
        return session

    def _look_up(self, token: str, now: float) -> Session | None:
        session = self._store.find(token, now)
        with self._lock:
            if session is None:
                self._known.pop(token, None)
            else:
                if len(self._known) >= _CACHE_SIZE:
                    self._known.clear()
                self._known[token] = (session, now)
        return session
