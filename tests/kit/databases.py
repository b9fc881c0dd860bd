"""Real databases for tests: an embedded file, and a private MariaDB that lives as long as the run.

The test process itself may look into either (to check what was stored, to set up an old database),
and may stop, kill and start the MariaDB, for tests of outages.
"""

import itertools
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Protocol

import pymysql
import pymysql.cursors

from . import confine, story
from .mariadb import MariaDB

Row = tuple[Any, ...]


class Database(Protocol):
    """One empty database; ``kind`` is sqlite or mariadb."""

    kind: str

    @property
    def url(self) -> str:
        """What ``--db`` takes."""

    def rows(self, sql: str, parameters: Sequence[object] = ()) -> list[Row]:
        """Run one statement from the test process; ``?`` stands for a parameter in both kinds."""

    def script(self, sql: str) -> None:
        """Run several statements, as from a file of DDL."""


@contextmanager
def open_sqlite(path: Path) -> Iterator[sqlite3.Connection]:
    """Open a file that programs under test may have made, with their rights.

    SQLite follows links, and clears up after what a file says of an unfinished transaction.
    """
    with confine.as_programs(), closing(sqlite3.connect(path, timeout=10)) as connection:
        yield connection


class SqliteDatabase:
    """A file, made by whoever opens it first."""

    kind = "sqlite"

    def __init__(self, path: Path) -> None:
        self.path = path
        # Three slashes and an absolute path: on Windows that path begins with the drive.
        self.url = f"sqlite:///{path.as_posix()}"

    def rows(self, sql: str, parameters: Sequence[object] = ()) -> list[Row]:
        """Run one statement; return its rows."""
        story.current().tell("the test", f"asks the database: {sql} {tuple(parameters)!r}")
        with open_sqlite(self.path) as connection, connection:
            return [tuple(row) for row in connection.execute(sql, tuple(parameters))]

    def script(self, sql: str) -> None:
        """Run several statements."""
        with open_sqlite(self.path) as connection, connection:
            connection.executescript(sql)


class MariadbDatabase:
    """A database of the private MariaDB; its user root has no password."""

    kind = "mariadb"

    def __init__(self, server: MariaDB, name: str) -> None:
        self.server = server
        self.name = name

    @property
    def url(self) -> str:
        """Where it is; the port stays the same when the server is stopped and started."""
        return f"mysql://root@127.0.0.1:{self.server.port}/{self.name}"

    def rows(self, sql: str, parameters: Sequence[object] = ()) -> list[Row]:
        """Run one statement; return its rows."""
        story.current().tell("the test", f"asks the database: {sql} {tuple(parameters)!r}")
        with self.server.connection(self.name).cursor() as cursor:
            marks = sql.replace("%", "%%").replace("?", "%s") if parameters else sql
            cursor.execute(marks, tuple(parameters) or None)
            return [tuple(row) for row in cursor.fetchall()]

    def script(self, sql: str) -> None:
        """Run several statements."""
        flags = pymysql.constants.CLIENT.MULTI_STATEMENTS
        with closing(self._open(client_flag=flags)) as connection, connection.cursor() as cursor:
            cursor.execute(sql)
            while cursor.nextset():
                pass

    def _open(self, **more: Any) -> "pymysql.Connection[pymysql.cursors.Cursor]":
        return self.server.open(self.name, **more)


class Databases:
    """Makes new, empty databases; the MariaDB starts when the first one there is asked for."""

    def __init__(self, folder: Path) -> None:
        self._folder = confine.keep(folder)  # MariaDB is the test's own program
        self._files = folder / "sqlite"
        self._files.mkdir()
        confine.give(self._files)
        self._numbers = itertools.count(1)
        self._mariadb: MariaDB | None = None
        self._lock = threading.Lock()

    def prepare(self) -> None:
        """Start the MariaDB in the background: tests that do not need it go on meanwhile."""
        threading.Thread(target=self.mariadb, daemon=True).start()

    def new(self, kind: str) -> Database:
        """Return an empty database; ``kind`` is sqlite or mariadb."""
        number = next(self._numbers)
        if kind == "sqlite":
            return SqliteDatabase(self._files / f"test_{number}.db")
        server = self.mariadb()
        # Not utf8mb4: the model's databases are utf8, and programs must not rely on the default.
        server.run(f"CREATE DATABASE test_{number} CHARACTER SET utf8mb3")
        return MariadbDatabase(server, f"test_{number}")

    def mariadb(self) -> MariaDB:
        """Return the private MariaDB, started if it is not running."""
        with self._lock:
            if self._mariadb is None:
                self._mariadb = MariaDB(self._folder / "mariadb")
            if not self._mariadb.running:
                self._mariadb.start()
            return self._mariadb

    def close(self) -> None:
        """End the MariaDB."""
        with self._lock:
            if self._mariadb is not None:
                self._mariadb.dispose()
