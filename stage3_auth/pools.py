"""Pools of connections: the pooling is DBUtils' work; a file must stay the file that it was.

A SQLite file may be moved, deleted or replaced under a running server, by a restored backup, say.
The system lets open connections go on with the file that has no name any more: what they write is
lost when they close. So each transaction looks, at its begin and behind its commit, whether the
name still leads to the file that was opened. Where it does not, the database counts as away. It
comes back when the file is moved back, or with a file that has been put in its place.
"""

import contextlib
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from dbutils.pooled_db import PooledDB

FileId = tuple[int, int]  # device and number: what two names of one file have in common


class FileMoved(sqlite3.OperationalError):
    """The name of the database leads to no file, or to another one."""

    sqlite_errorcode = sqlite3.SQLITE_READONLY_DBMOVED


class Pool:
    """Lends connections that ``connect`` makes; at most ``size`` are out at a time.

    ``away`` are the errors after which a connection is made anew.
    """

    def __init__(
        self, connect: Callable[[], Any], away: tuple[type[Exception], ...], size: int
    ) -> None:
        self._connect = connect
        self._away = away
        self._size = size
        self._pool = self._new_pool()

    def lend(self) -> Any:
        """Return a connection; a driver's error says that there is none now."""
        return self._pool.connection()

    def take_back(self, connection: Any) -> None:
        """Take back what was lent."""
        connection.close()

    def check_committed(self) -> None:
        """Raise a driver's error when what was just committed is not where it belongs."""

    def close(self) -> None:
        """Close the connections that are not out."""
        self._pool.close()

    def _new_pool(self) -> Any:
        return PooledDB(
            self._connect,
            maxcached=self._size,
            maxconnections=self._size,
            blocking=True,
            ping=0,  # a MySQL connection comes out unconnected: see mysql_driver.py
            reset=False,  # every transaction ends with COMMIT or ROLLBACK already
            failures=self._away,
        )


class FilePool(Pool):
    """A pool of connections to the SQLite file ``path``; ``connect`` makes one that is not there.

    Old connections and new ones never overlap: both would take one write-ahead log for theirs.
    """

    def __init__(
        self,
        path: Path,
        connect: Callable[[], sqlite3.Connection],
        away: tuple[type[Exception], ...],
        size: int,
    ) -> None:
        super().__init__(connect, away, size)
        self._path = path
        self._log = path.with_name(f"{path.name}-wal")
        self._opened: FileId | None = None  # the file of all connections; None before the first
        self._opened_log: FileId | None = None
        self._out = 0
        self._lock = threading.Lock()

    def lend(self) -> Any:
        """Return a connection to the file that has the name now; raises FileMoved."""
        with self._lock:
            if self._opened is not None:
                self._follow(self._opened)
            connection = self._pool.connection()
            self._out += 1
            if self._opened is None:
                self._opened = _file_id(self._path)
                self._opened_log = _file_id(self._log)
            return connection

    def take_back(self, connection: Any) -> None:
        """Take back what was lent."""
        connection.close()
        with self._lock:
            self._out -= 1

    def check_committed(self) -> None:
        """Raise FileMoved when the file was moved or replaced during a transaction."""
        if _file_id(self._path) != self._opened:
            raise FileMoved(f"{self._path} was moved or replaced during a transaction")

    def _follow(self, opened: FileId) -> None:
        """Go over to another file, once nobody uses the old one."""
        found = _file_id(self._path)
        if found == opened:
            return
        if found is None:
            raise FileMoved(f"{self._path} is gone; it works again when the file is back")
        if self._out:
            raise FileMoved(f"{self._path} was replaced; the last users of the old file must end")
        self._retire()

    def _retire(self) -> None:
        """Close the connections to the old file, and keep its log away from the new one."""
        with contextlib.suppress(Exception):  # what it held in the log belongs into the old file
            connection = self._pool.connection()
            connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            connection.close()
        stale = self._opened_log is not None and _file_id(self._log) == self._opened_log
        self._pool.close()
        if stale:
            for end in ("-wal", "-shm"):
                self._path.with_name(self._path.name + end).unlink(missing_ok=True)
        self._pool = self._new_pool()
        self._opened = None


def _file_id(path: Path) -> FileId | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
