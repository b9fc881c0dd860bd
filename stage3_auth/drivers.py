"""Database drivers: how connections are made and pooled, and what a driver's errors mean.

A ``Driver`` is what ``Database`` needs to know of one. SQLite's is here; MySQL's is in a file of
its own, so that whoever does not use it need not load it.
"""

import re
import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .dialects import SQLITE, Dialect
from .errors import DatabaseUrlError
from .pools import FilePool, Pool

# A server has a thread per client; more connections than this at once help neither database.
POOL_SIZE = 16
SQLITE_BUSY_SECONDS = 10.0
# SQLite has no number for it. Our tables were made before anybody was served.
_NO_TABLE = "no such table:"


@dataclass(frozen=True)
class Driver:
    """One database's connections, words and errors."""

    pool: Pool
    dialect: Dialect
    errors: tuple[type[Exception], ...]  # all that the driver raises
    integrity_errors: tuple[type[Exception], ...]  # those of them for a row that is there already
    is_away: Callable[[Exception], bool]  # the database's trouble; a wrong statement is a bug
    is_deadlock: Callable[[Exception], bool]  # broken off in favour of another transaction
    wake: Callable[[Any], None]  # makes sure that a connection out of the pool stands
    begin: Callable[[Any, bool], None]  # a connection, and whether the transaction writes


def shown_url(url: str) -> str:
    """Return a URL as it may be shown: without the password that may stand in it."""
    return re.sub(r"(://[^:@]*):.*@", r"\1:***@", url, flags=re.DOTALL)


def sqlite_driver(path: Path) -> Driver:
    """Return the driver of a file; raises DatabaseUrlError."""
    return Driver(
        pool=_pool(path),
        dialect=SQLITE,
        errors=(sqlite3.Error,),
        integrity_errors=(sqlite3.IntegrityError,),
        is_away=_is_away,
        is_deadlock=lambda _error: False,  # its transactions wait for one another
        wake=lambda _connection: None,
        begin=_begin,
    )


def _is_away(error: Exception) -> bool:
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
    broken = code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
    locked_or_full = isinstance(error, sqlite3.OperationalError) and code != sqlite3.SQLITE_ERROR
    return broken or locked_or_full or str(error).startswith(_NO_TABLE)


def _begin(connection: Any, writes: bool) -> None:
    # Tells the pool that a transaction is open, so that it never reconnects in its middle.
    connection.begin()
    # IMMEDIATE takes SQLite's write lock at the start: taking it in the middle can fail with no
    # way to wait for it.
    cursor = connection.cursor()
    cursor.execute("BEGIN IMMEDIATE" if writes else "BEGIN")
    cursor.close()


def _pool(path: Path) -> Pool:
    if path.name in ("", ":memory:"):  # in memory, each connection would have one of its own
        raise DatabaseUrlError("got --db without a file; allowed is sqlite:///PATH")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DatabaseUrlError(f"cannot make the folder {path.parent}: {error.strerror}") from error

    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(
            path, timeout=SQLITE_BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        _switch_to_wal(connection)
        connection.execute("PRAGMA synchronous=FULL")  # a commit survives a power cut
        connection.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()  # now the log is there
        return connection

    return FilePool(path, connect, (sqlite3.OperationalError,), POOL_SIZE)


def _switch_to_wal(connection: sqlite3.Connection) -> None:
    """Let readers go on while one writes.

    Where two servers make one file at once they get in each other's way here, and SQLite says so
    at once instead of waiting.
    """
    deadline = time.monotonic() + SQLITE_BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                connection.close()
                raise
            time.sleep(0.01)
