"""The tables of rooms, members and messages."""

from collections.abc import Sequence

from stage3_auth import MYSQL, Step, Transaction, index, name_key, tables
from stage3_auth import STEPS as EARLIER_STEPS

from .places import LOBBY, Place, people_of

_ROOM = """CREATE TABLE IF NOT EXISTS room (
    rid {auto_key},
    room {text} NOT NULL,
    room_key {binary} NOT NULL,
    topic {text} NOT NULL,
    owner {big},
    created_at {real} NOT NULL,
    UNIQUE (room_key)
) {table_options}"""

_MEMBER = """CREATE TABLE IF NOT EXISTS member (
    rid {big} NOT NULL,
    uid {big} NOT NULL,
    PRIMARY KEY (rid, uid)
) {table_options}"""

# One table for rooms and pairs: a place has a gap-free seq, a sender's cid stands once.
_MESSAGE = """CREATE TABLE IF NOT EXISTS message (
    place {binary} NOT NULL,
    seq {big} NOT NULL,
    sender {big} NOT NULL,
    cid {binary} NOT NULL,
    text {text} NOT NULL,
    time {real} NOT NULL,
    PRIMARY KEY (place, seq),
    UNIQUE (sender, cid)
) {table_options}"""


# Who has written to whom, from both sides: messages are found by place, and no index on places
# finds those of one user.
_TALK = """CREATE TABLE IF NOT EXISTS talk (
    uid {big} NOT NULL,
    other {big} NOT NULL,
    place {binary} NOT NULL,
    PRIMARY KEY (uid, other)
) {table_options}"""


# One character can become 18 by NFKC (U+FDFA, 33 bytes of UTF-8), and a name has 32.
_LONGEST_KEY = 32 * 33


def _long_keys(transaction: Transaction) -> None:
    if transaction.dialect is MYSQL:  # SQLite's columns have no length
        transaction.run(f"ALTER TABLE room MODIFY room_key VARBINARY({_LONGEST_KEY}) NOT NULL")


def _talks(transaction: Transaction) -> None:
    """Note the private talks of a database that is older than the table of talks."""
    tables(_TALK)(transaction)
    first, behind = b"p:", b"p;"  # what begins with p: lies between these
    sql = "SELECT DISTINCT place FROM message WHERE place >= ? AND place < ?"
    note_talks(transaction, [bytes(place) for (place,) in transaction.rows(sql, [first, behind])])


def note_talks(transaction: Transaction, places: Sequence[Place]) -> None:
    """Note that something was said in these places of pairs; once more does no harm."""
    pairs = [(pair, place) for place in places if (pair := people_of(place)) is not None]
    rows = [(*side, place) for pair, place in pairs for side in {pair, pair[::-1]}]
    sql = "INSERT {ignore} INTO talk (uid, other, place) VALUES (?, ?, ?)"
    transaction.run_many(transaction.dialect.fill(sql), rows)


def _lobby(transaction: Transaction) -> None:
    transaction.run(
        transaction.dialect.fill(
            "INSERT {ignore} INTO room (room, room_key, topic, owner, created_at) "
            "VALUES (?, ?, ?, NULL, 0)"
        ),
        [LOBBY, name_key(LOBBY).encode("utf-8"), ""],
    )


STEPS = (
    *EARLIER_STEPS,
    Step(401, "rooms, members, messages", tables(_ROOM, _MEMBER, _MESSAGE)),
    Step(402, "members by user", index("member_user", "member", "uid")),
    Step(403, "the lobby, which always exists", _lobby),
    Step(404, "keys of rooms as long as they can become", _long_keys),
    Step(405, "private talks by user", _talks),
)
