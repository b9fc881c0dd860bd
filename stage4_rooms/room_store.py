"""Rooms and their members in the database."""

from dataclasses import dataclass

from stage3_auth import Database, Duplicate, Row, name_key, retried, shown_name

from .errors import RoomExists

_COLUMNS = "rid, room, topic, owner"


@dataclass(frozen=True)
class Room:
    """One room; ``owner`` is a uid, None for the lobby."""

    rid: int
    name: str
    topic: str
    owner: int | None


class RoomStore:
    """Reads and writes rooms; every method is one transaction (StorageUnavailable)."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def find(self, name: str) -> Room | None:
        """Find a room by name; names are compared by their keys."""
        key = name_key(name).encode("utf-8")
        with self._database.reading() as transaction:
            row = transaction.row(f"SELECT {_COLUMNS} FROM room WHERE room_key = ?", [key])
        return None if row is None else Room(*row)

    def find_by_rid(self, rid: int) -> Room | None:
        """Find a room by number."""
        with self._database.reading() as transaction:
            row = transaction.row(f"SELECT {_COLUMNS} FROM room WHERE rid = ?", [rid])
        return None if row is None else Room(*row)

    @retried
    def create(self, name: str, topic: str, owner: int, now: float) -> Room:
        """Create a room with its owner as the first member; raises RoomExists."""
        # BEGIN SOLUTION 4.2
        shown, key = shown_name(name), name_key(name).encode("utf-8")
        with self._database.writing() as transaction:
            try:
                rid = transaction.insert(
                    "INSERT INTO room (room, room_key, topic, owner, created_at) "
                    "VALUES (?, ?, ?, ?, ?)",
                    [shown, key, topic, owner, now],
                )
            except Duplicate as error:
                raise RoomExists(f"the room {shown} exists already") from error
            transaction.run("INSERT INTO member (rid, uid) VALUES (?, ?)", [rid, owner])
        return Room(rid, shown, topic, owner)
        # END SOLUTION

    @retried
    def set_topic(self, rid: int, topic: str) -> None:
        """Replace a room's topic."""
        with self._database.writing() as transaction:
            transaction.run("UPDATE room SET topic = ? WHERE rid = ?", [topic, rid])

    @retried
    def add_member(self, rid: int, uid: int) -> bool:
        """Make a user a member; False when they are one already."""
        with self._database.writing() as transaction:
            try:
                transaction.run("INSERT INTO member (rid, uid) VALUES (?, ?)", [rid, uid])
            except Duplicate:
                return False
        return True

    @retried
    def remove_member(self, rid: int, uid: int) -> None:
        """End a membership."""
        with self._database.writing() as transaction:
            transaction.run("DELETE FROM member WHERE rid = ? AND uid = ?", [rid, uid])

    def is_member(self, rid: int, uid: int) -> bool:
        """Tell whether a user is a member of a room."""
        with self._database.reading() as transaction:
            sql = "SELECT 1 FROM member WHERE rid = ? AND uid = ?"
            return transaction.row(sql, [rid, uid]) is not None

    def rooms_of(self, uid: int) -> list[Room]:
        """Return the rooms a user is a member of, by name."""
        with self._database.reading() as transaction:
            rows = transaction.rows(
                "SELECT r.rid, r.room, r.topic, r.owner FROM room r "
                "JOIN member m ON m.rid = r.rid WHERE m.uid = ?",
                [uid],
            )
        return sorted((Room(*row) for row in rows), key=lambda room: room.name)

    def count_rooms_of(self, uid: int) -> int:
        """Return how many rooms a user is a member of."""
        with self._database.reading() as transaction:
            row = transaction.row("SELECT COUNT(*) FROM member WHERE uid = ?", [uid])
        return int(row[0]) if row else 0

    def count_members(self, rid: int) -> int:
        """Return how many members a room has."""
        with self._database.reading() as transaction:
            row = transaction.row("SELECT COUNT(*) FROM member WHERE rid = ?", [rid])
        return int(row[0]) if row else 0

    def page_of_rooms(self, after: str, limit: int) -> list[tuple[str, str, int | None, int]]:
        """Return (name, topic, owner, members) of the rooms behind ``after``, by code point.

        The lobby has no owner.
        """
        return [
            (str(name), str(topic), owner, int(members))
            for name, topic, owner, members in self._page(
                "SELECT r.room, r.topic, r.owner, COUNT(m.uid) FROM room r "
                "LEFT JOIN member m ON m.rid = r.rid WHERE r.room > ? "
                "GROUP BY r.rid, r.room, r.topic, r.owner ORDER BY r.room",
                [after],
                limit,
            )
        ]

    def page_of_members(self, rid: int, after: str, limit: int) -> list[tuple[int, str]]:
        """Return (uid, name) of the members behind ``after``, ordered by code point."""
        return [
            (int(uid), str(name))
            for uid, name in self._page(
                "SELECT u.uid1, u.username FROM member m JOIN user u ON u.uid1 = m.uid "
                "WHERE m.rid = ? AND u.username > ? ORDER BY u.username",
                [rid, after],
                limit,
            )
        ]

    def _page(self, sql: str, values: list[str | int], limit: int) -> list[Row]:
        # Both databases compare these columns by their UTF-8 bytes, which is by code point.
        with self._database.reading() as transaction:
            return transaction.rows(f"{sql} LIMIT ?", [*values, limit])
