"""History in the database: every message of every place, under a gap-free number."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from stage3_auth import Database, Transaction, retried

from .places import Place, people_of
from .schema import note_talks


@dataclass(frozen=True)
class Stored:
    """One message as it stands in the database; ``sender`` is a uid, ``time`` Unix seconds."""

    place: Place
    seq: int
    sender: int
    cid: str
    text: str
    time: float


@dataclass(frozen=True)
class Line:
    """One message as a reader of history sees it."""

    seq: int
    sender_name: str
    text: str
    time: float


@dataclass(frozen=True)
class TalkRow:
    """A private talk as one of the two sees it: with whom, and the newest message's number."""

    uid: int
    user_name: str
    last_seq: int
    time: float


_TALKS = (
    "SELECT t.other, u.username, m.seq, m.time FROM talk t "
    "JOIN user u ON u.uid1 = t.other "
    "JOIN message m ON m.place = t.place "
    "AND m.seq = (SELECT MAX(seq) FROM message WHERE place = t.place) "
    "WHERE t.uid = ? AND u.username > ? ORDER BY u.username LIMIT ?"
)
_LINES = (
    "SELECT m.seq, u.username, m.text, m.time FROM message m "
    "JOIN user u ON u.uid1 = m.sender WHERE m.place = ?"
)
_COLUMNS = "place, seq, sender, cid, text, time"


class HistoryStore:
    """Reads and appends messages; every method is one transaction (StorageUnavailable)."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @retried
    def append(self, messages: Sequence[Stored]) -> None:
        """Commit many messages at once; raises Duplicate when a seq or a cid is taken."""
        rows = [(m.place, m.seq, m.sender, m.cid.encode("utf-8"), m.text, m.time) for m in messages]
        with self._database.writing() as transaction:
            transaction.run_many(
                f"INSERT INTO message ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?)", rows
            )
            if begun := [m.place for m in messages if m.seq == 1 and people_of(m.place)]:
                note_talks(transaction, begun)

    def by_cid(self, wanted: Iterable[tuple[int, str]]) -> dict[tuple[int, str], Stored]:
        """Return those of the (sender, cid) pairs that are stored already."""
        # BEGIN SOLUTION 4.6
        found: dict[tuple[int, str], Stored] = {}
        pairs = list(wanted)
        with self._database.reading() as transaction:
            for start in range(0, len(pairs), 200):
                part = pairs[start : start + 200]
                marks = " OR ".join(["(sender = ? AND cid = ?)"] * len(part))
                values = [v for sender, cid in part for v in (sender, cid.encode("utf-8"))]
                for message in _stored(transaction, f"WHERE {marks}", values):
                    found[message.sender, message.cid] = message
        return found
        # END SOLUTION

    def last_seq(self, place: Place) -> int:
        """Return the highest seq of a place, 0 when nothing was said there."""
        with self._database.reading() as transaction:
            row = transaction.row("SELECT MAX(seq) FROM message WHERE place = ?", [place])
        return int(row[0]) if row and row[0] is not None else 0

    def stored_after(self, place: Place, seq: int) -> list[Stored]:
        """Return the messages of a place above ``seq``, ascending."""
        with self._database.reading() as transaction:
            return _stored(transaction, "WHERE place = ? AND seq > ? ORDER BY seq", [place, seq])

    def lines_after(self, place: Place, seq: int, limit: int) -> list[Line]:
        """Return the oldest lines above ``seq``, ascending."""
        # BEGIN SOLUTION 4.4
        with self._database.reading() as transaction:
            sql = f"{_LINES} AND m.seq > ? ORDER BY m.seq LIMIT ?"
            return [Line(*row) for row in transaction.rows(sql, [place, seq, limit])]
        # END SOLUTION

    def lines_before(self, place: Place, seq: int | None, limit: int) -> list[Line]:
        """Return the newest lines (below ``seq``, unless None), ascending."""
        # BEGIN SOLUTION 4.4
        condition, values = ("", []) if seq is None else (" AND m.seq < ?", [seq])
        with self._database.reading() as transaction:
            sql = f"{_LINES}{condition} ORDER BY m.seq DESC LIMIT ?"
            rows = transaction.rows(sql, [place, *values, limit])
        return [Line(*row) for row in reversed(rows)]
        # END SOLUTION

    def page_of_talks(self, uid: int, after: str, limit: int) -> list[TalkRow]:
        """Return the private talks of a user with those behind ``after``, by code point."""
        with self._database.reading() as transaction:
            return [TalkRow(*row) for row in transaction.rows(_TALKS, [uid, after, limit])]


def _stored(
    transaction: Transaction, condition: str, values: Sequence[int | bytes]
) -> list[Stored]:
    return [
        Stored(bytes(place), seq, sender, bytes(cid).decode("utf-8"), text, time)
        for place, seq, sender, cid, text, time in transaction.rows(
            f"SELECT {_COLUMNS} FROM message {condition}", values
        )
    ]
