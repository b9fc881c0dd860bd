"""The rows of the ``file`` table: which files there are, whose, for whom, and where they lie."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from stage3_auth import Database, Row, Transaction, columns, retried

FILENAME_LENGTH = 20  # of the model's columns, in characters; the whole value has a column of ours
LX_LENGTH = 32
LARGEST_UID = 2**63 - 1

_USERS = "SELECT 1 FROM file WHERE content = ? LIMIT 1"
_Value = str | int | float | bytes | None

_COLUMNS = "uid, whole_name, {name}, own, data, whole_lx, lx, path, size, md5, owner, rid, content"


@dataclass(frozen=True)
class FileRow:
    """One file. ``size`` and ``md5`` are None in the model's own rows: their content is not here.

    ``owner`` is the uploader's uid, None in such rows; ``rid`` is the room's number, None for
    everyone; ``content`` is its name in the store, None for an empty file.
    """

    uid: int
    filename: str
    own: str
    data: str
    lx: str
    path: str
    size: int | None
    md5: str | None
    owner: int | None
    rid: int | None
    content: str | None

    def is_owned_by(self, uid: int, user_name: str) -> bool:
        """Tell whether a user uploaded this file; the model knew its users by name only."""
        return self.owner == uid if self.owner is not None else self.own == user_name


class FileTable:
    """Reads and writes rows; every method is one transaction (StorageUnavailable)."""

    def __init__(self, database: Database) -> None:
        self._database = database
        with database.reading() as transaction:
            # The model's own DDL misspells this column; such a table stays as it is.
            self._name = "fliename" if "fliename" in columns(transaction, "file") else "filename"
        self._columns = _COLUMNS.format(name=self._name)

    @retried
    def add_all(self, rows: Sequence[tuple[FileRow, float, str | None]]) -> list[int]:
        """Add files, (row, Unix seconds, upload) each, in one transaction; return their uids.

        Whoever may see them sees them from now on.
        """
        with self._database.writing() as transaction:
            return [self._insert(transaction, *each) for each in rows]

    def _insert(
        self, transaction: Transaction, row: FileRow, stored_at: float, upload: str | None
    ) -> int:
        values: dict[str, _Value] = {
            self._name: row.filename[:FILENAME_LENGTH],
            "own": row.own,
            "data": row.data,
            "lx": row.lx[:LX_LENGTH],
            "whole_name": row.filename,
            "whole_lx": row.lx,
            "path": row.path,
            "size": row.size,
            "md5": _bytes(row.md5),
            "owner": row.owner,
            "rid": row.rid,
            "content": _bytes(row.content),
            "upload": _bytes(upload),
            "stored_at": stored_at,
        }
        marks = ", ".join("?" * len(values))
        sql = f"INSERT INTO file ({', '.join(values)}) VALUES ({marks})"
        return transaction.insert(sql, list(values.values()))

    def find(self, uid: int) -> FileRow | None:
        """Find a file by number."""
        if not 0 < uid <= LARGEST_UID:
            return None
        return self._find("uid = ?", [uid])

    def find_uploaded(self, upload: str, owner: int, since: float) -> int | None:
        """Return the uid of the file that a user's upload became, at ``since`` or later."""
        with self._database.reading() as transaction:
            found = transaction.row(
                "SELECT uid FROM file WHERE upload = ? AND owner = ? AND stored_at >= ?",
                [upload.encode("utf-8"), owner, since],
            )
        return None if found is None else int(found[0])

    def find_same(self, owner: int, md5: str, size: int) -> FileRow | None:
        """Return a file of this user, and of nobody else, that has this content."""
        return self._find("owner = ? AND md5 = ? AND size = ?", [owner, _bytes(md5), size])

    def page(self, rid: int | None, after: int, limit: int) -> list[FileRow]:
        """Return ``limit`` files of a room, or for everyone, with a uid over ``after``, by uid."""
        where = "rid IS NULL" if rid is None else "rid = ?"
        values: list[_Value] = [] if rid is None else [rid]
        after = max(min(after, LARGEST_UID), 0)
        with self._database.reading() as transaction:
            rows = transaction.rows(
                f"SELECT {self._columns} FROM file WHERE {where} AND uid > ? ORDER BY uid LIMIT ?",
                [*values, after, limit],
            )
        return [_file(row) for row in rows]

    def with_content(self) -> Iterator[FileRow]:
        """Yield all files that have content in the store, by uid."""
        after = 0
        sql = f"SELECT {self._columns} FROM file WHERE content IS NOT NULL AND uid > ? ORDER BY uid"
        while True:
            with self._database.reading() as transaction:
                rows = transaction.rows(f"{sql} LIMIT 1000", [after])
            if not rows:
                return
            yield from map(_file, rows)
            after = int(rows[-1][0])

    @retried
    def remove(self, row: FileRow) -> bool:
        """Remove a file; True when no other file is the same content any more."""
        with self._database.writing() as transaction:
            if not transaction.run("DELETE FROM file WHERE uid = ?", [row.uid]):
                return False
            if row.content is None:
                return False
            return transaction.row(_USERS, [_bytes(row.content)]) is None

    def uses(self, content: str) -> bool:
        """Tell whether any file has this content."""
        with self._database.reading() as transaction:
            return transaction.row(_USERS, [_bytes(content)]) is not None

    def stored_by(self, owner: int) -> int:
        """Return how many bytes a user's files take in the store; shared content counts once."""
        with self._database.reading() as transaction:
            row = transaction.row(
                "SELECT SUM(size) FROM (SELECT MAX(size) AS size FROM file "
                "WHERE owner = ? AND content IS NOT NULL GROUP BY content) AS stored",
                [owner],
            )
        return int(row[0] or 0) if row else 0

    def _find(self, condition: str, values: list[_Value]) -> FileRow | None:
        with self._database.reading() as transaction:
            sql = f"SELECT {self._columns} FROM file WHERE {condition} LIMIT 1"
            row = transaction.row(sql, values)
        return None if row is None else _file(row)


def _file(row: Row) -> FileRow:
    uid, whole_name, name, own, data, whole_lx, lx, path, size, md5, owner, rid, content = row
    return FileRow(
        uid=int(uid),
        filename=whole_name if whole_name is not None else name,
        own=own,
        data=data,
        lx=whole_lx if whole_lx is not None else lx or "",
        path=path or "",
        size=size,
        md5=_text(md5),
        owner=owner,
        rid=rid,
        content=_text(content),
    )


def _bytes(text: str | None) -> bytes | None:
    return None if text is None else text.encode("ascii")


def _text(value: bytes | None) -> str | None:
    return None if value is None else bytes(value).decode("ascii")
