"""The database drivers: how connections are made and pooled, and what their errors mean.

DBUtils does the pooling (pools.py). It holds a lock while it makes a connection, and a database
that hangs would stop all threads there; so a MySQL connection comes out of the pool unconnected,
and whoever uses it calls ``wake``.
"""

import contextlib
import os
import re
import sqlite3
import time
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pymysql

from .errors import DatabaseUrlError
from .pools import FilePool, Pool

# A server has a thread per client; more connections than this at once help neither database.
POOL_SIZE = 16
TURN_SECONDS = 10.0  # how long a thread waits for one of them
SQLITE_BUSY_SECONDS = 10.0
MYSQL_SECONDS = 10
LOOPBACK = ("127.0.0.1", "::1", "localhost")
PASSWORD_VARIABLE = "CHAT_DB_PASSWORD"

INTEGRITY_ERRORS = (sqlite3.IntegrityError, pymysql.err.IntegrityError)
DRIVER_ERRORS = (sqlite3.Error, pymysql.err.Error)
# What MySQL says when it is full, shutting down, read-only, too busy or locked too long, or when
# the whole database is another (no such database, or table); from 2000 on the numbers are the
# client's own: not reached, gone away, lost.
_MYSQL_AWAY = frozenset(
    {1021, 1040, 1041, 1049, 1053, 1114, 1146, 1152, 1203, 1205, 1290, 1317, 1927}
)
# SQLite has no number for it. Our tables were made before anybody was served.
_NO_TABLE = "no such table:"
_MYSQL_DEADLOCK = 1213


def is_deadlock(error: Exception) -> bool:
    """Tell whether the database broke a transaction off in favour of another."""
    return isinstance(error, pymysql.err.Error) and error.args[:1] == (_MYSQL_DEADLOCK,)


def is_away(error: Exception) -> bool:
    """Tell the database's trouble from ours: a wrong statement, say, is a bug."""
    if isinstance(error, sqlite3.Error):
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
        broken = code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
        locked_or_full = (
            isinstance(error, sqlite3.OperationalError) and code != sqlite3.SQLITE_ERROR
        )
        return broken or locked_or_full or str(error).startswith(_NO_TABLE)
    code = error.args[0] if error.args else 0
    if not isinstance(code, int):  # the driver's own words: what it read made no sense
        return isinstance(error, (pymysql.err.InterfaceError, pymysql.err.InternalError))
    return isinstance(error, pymysql.err.InterfaceError) or code >= 2000 or code in _MYSQL_AWAY


def shown_url(url: str) -> str:
    """Return a URL as it may be shown: without the password that may stand in it."""
    return re.sub(r"(://[^:@]*):.*@", r"\1:***@", url, flags=re.DOTALL)


def sqlite_pool(path: Path) -> Pool:
    """Return a pool of connections to a file; raises DatabaseUrlError."""
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


def mysql_pool(url: str) -> Pool:
    """Return a pool of connections to ``mysql://…``; raises DatabaseUrlError."""
    try:
        parts = urlsplit(url)
        port = parts.port or 3306
        name = parts.path.removeprefix("/")
        if not parts.hostname or not name:
            raise ValueError("a part is missing")
    except ValueError:  # also a port that is none, a bracket that is not closed
        raise DatabaseUrlError(
            f"got --db {shown_url(url)}; allowed is mysql://user@host:port/name"
        ) from None
    if parts.password is not None:
        password = unquote(parts.password)
    else:  # as it is: only what stands in a URL is quoted
        password = os.environ.get(PASSWORD_VARIABLE, "")

    def connect() -> Any:
        return pymysql.connect(
            host=parts.hostname,
            port=port,
            user=unquote(parts.username or "root"),
            password=password.encode("utf-8"),  # text would go as Latin-1
            database=unquote(name),
            charset="utf8mb4",
            # Nobody listens on loopback, and PyMySQL would load all of the system's certificates
            # for every connection. Elsewhere it uses TLS when the server has it.
            ssl_disabled=parts.hostname in LOOPBACK,
            binary_prefix=True,  # bytes are sent as bytes, not as text that is no UTF-8
            defer_connect=True,  # wake() connects
            autocommit=True,  # BEGIN and COMMIT are said in words, as on SQLite
            connect_timeout=MYSQL_SECONDS,
            read_timeout=MYSQL_SECONDS,
            write_timeout=MYSQL_SECONDS,
            init_command="SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED",
        )

    away = (pymysql.err.OperationalError, pymysql.err.InterfaceError, pymysql.err.InternalError)
    return Pool(connect, away, POOL_SIZE)


def wake(connection: Any) -> None:
    """Make sure that a connection out of the MySQL pool stands; connect anew where it does not."""
    driver: pymysql.connections.Connection[Any] = connection.dbapi_connection
    if driver.open:
        with contextlib.suppress(*DRIVER_ERRORS):
            driver.ping(reconnect=False)
            return
        with contextlib.suppress(*DRIVER_ERRORS):
            driver.close()
    driver.connect()
