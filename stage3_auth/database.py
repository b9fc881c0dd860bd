"""Two databases behind one small interface: SQLite in a file, or MySQL.

SQL stands in the stores, written once with ``?`` for every value: values are always bound, never
pasted into the text, so what a user types cannot become SQL. This module opens databases, pools
connections (DBUtils does the pooling) and turns a driver's errors into ours.
"""

import contextlib
import os
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pymysql
from dbutils.pooled_db import PooledDB

from .errors import DatabaseUrlError, StorageUnavailable

Value = str | int | float | bytes | None
Row = tuple[Any, ...]

# A server has a thread per client; more connections than this at once help neither database.
POOL_SIZE = 16
SQLITE_BUSY_SECONDS = 10.0
MYSQL_SECONDS = 10
PASSWORD_VARIABLE = "CHAT_DB_PASSWORD"


class Duplicate(Exception):
    """A row with this unique value is there already."""


@dataclass(frozen=True)
class Dialect:
    """Where the two differ: the words of column types, and a few of statements.

    ``text(n)`` compares by code point, ``bytes(n)`` byte for byte.
    """

    name: str
    auto_key: str
    text: str
    binary: str
    real: str
    big: str
    ignore: str
    table_options: str

    def fill(self, ddl: str) -> str:
        """Return ``ddl`` with its {placeholders} filled in this dialect's words."""
        return ddl.format(**vars(self))


SQLITE = Dialect(
    name="sqlite",
    auto_key="INTEGER PRIMARY KEY AUTOINCREMENT",
    text="TEXT",
    binary="BLOB",
    real="REAL",
    big="INTEGER",
    ignore="OR IGNORE",
    table_options="",
)
MYSQL = Dialect(
    name="mysql",
    auto_key="INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY",
    text="TEXT",
    binary="VARBINARY(512)",
    real="DOUBLE",
    big="BIGINT",
    ignore="IGNORE",
    table_options="ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin",
)


class Transaction:
    """Statements that become true together, or not at all."""

    def __init__(self, connection: Any, dialect: Dialect) -> None:
        self._connection = connection
        self.dialect = dialect

    def run(self, sql: str, values: Sequence[Value] = ()) -> int:
        """Carry out one statement; return how many rows it changed. Raises Duplicate."""
        with _closing(self._execute(sql, values)) as cursor:
            return int(cursor.rowcount)

    def insert(self, sql: str, values: Sequence[Value]) -> int:
        """Carry out an INSERT; return the key that was given to the row. Raises Duplicate."""
        with _closing(self._execute(sql, values)) as cursor:
            return int(cursor.lastrowid or 0)

    def run_many(self, sql: str, rows: Sequence[Sequence[Value]]) -> None:
        """Carry out one statement for each of ``rows``. Raises Duplicate."""
        with _closing(self._connection.cursor()) as cursor:
            try:
                cursor.executemany(self._in_dialect(sql), rows)
            except _INTEGRITY_ERRORS as error:
                raise Duplicate(str(error)) from error

    def rows(self, sql: str, values: Sequence[Value] = ()) -> list[Row]:
        """Return all rows that a SELECT finds."""
        with _closing(self._execute(sql, values)) as cursor:
            return [tuple(row) for row in cursor.fetchall()]

    def row(self, sql: str, values: Sequence[Value] = ()) -> Row | None:
        """Return the first row that a SELECT finds, or None."""
        rows = self.rows(sql, values)
        return rows[0] if rows else None

    def _execute(self, sql: str, values: Sequence[Value]) -> Any:
        cursor = self._connection.cursor()
        try:
            cursor.execute(self._in_dialect(sql), tuple(values))
        except _INTEGRITY_ERRORS as error:
            cursor.close()
            raise Duplicate(str(error)) from error
        return cursor

    def _in_dialect(self, sql: str) -> str:
        # Our SQL holds no literal ? or %: values are bound, always.
        return sql.replace("?", "%s") if self.dialect is MYSQL else sql


class Database:
    """A database that threads share; every use is a transaction.

    Both kinds of transaction raise StorageUnavailable when the database does not answer; the pool
    connects anew by itself when it is back.
    """

    def __init__(self, pool: Any, dialect: Dialect) -> None:
        self._pool = pool
        self.dialect = dialect

    @contextmanager
    def reading(self) -> Iterator[Transaction]:
        """A transaction that only reads."""
        with self._transaction(writes=False) as transaction:
            yield transaction

    @contextmanager
    def writing(self) -> Iterator[Transaction]:
        """A transaction that writes; on SQLite it is the only one at that moment."""
        with self._transaction(writes=True) as transaction:
            yield transaction

    def close(self) -> None:
        """Close the pooled connections."""
        self._pool.close()

    @contextmanager
    def _transaction(self, *, writes: bool) -> Iterator[Transaction]:
        with _translated():
            connection = self._pool.connection()
            try:
                self._begin(connection, writes)
                yield Transaction(connection, self.dialect)
                connection.commit()
            except BaseException:
                # A connection that broke cannot roll back; the server has done it then.
                with contextlib.suppress(*_DRIVER_ERRORS):
                    connection.rollback()
                raise
            finally:
                connection.close()  # back to the pool

    def _begin(self, connection: Any, writes: bool) -> None:
        # Tells the pool that a transaction is open, so that it never reconnects in its middle.
        connection.begin()
        if self.dialect is SQLITE:
            # IMMEDIATE takes SQLite's write lock at the start: taking it in the middle can fail
            # with no way to wait for it.
            with _closing(connection.cursor()) as cursor:
                cursor.execute("BEGIN IMMEDIATE" if writes else "BEGIN")


_INTEGRITY_ERRORS = (sqlite3.IntegrityError, pymysql.err.IntegrityError)
_DRIVER_ERRORS = (sqlite3.Error, pymysql.err.Error)
# What MySQL says when it is full, shutting down, read-only, too busy or locked too long; from 2000
# on the numbers are the client's own: not reached, gone away, lost.
_MYSQL_AWAY = frozenset({1021, 1040, 1041, 1053, 1114, 1152, 1203, 1205, 1213, 1290, 1317, 1927})


@contextmanager
def _translated() -> Iterator[None]:
    """Turn a driver's "the database is away" into StorageUnavailable; a wrong statement stays."""
    try:
        yield
    except _DRIVER_ERRORS as error:
        if _is_away(error):
            raise StorageUnavailable(str(error)) from error
        raise


def _is_away(error: Exception) -> bool:
    if isinstance(error, sqlite3.OperationalError):
        return error.sqlite_errorcode != sqlite3.SQLITE_ERROR  # that one is wrong SQL: a bug
    if isinstance(error, pymysql.err.InterfaceError):
        return True
    code = error.args[0] if error.args else 0
    return isinstance(error, pymysql.err.Error) and (code >= 2000 or code in _MYSQL_AWAY)


@contextmanager
def _closing(cursor: Any) -> Iterator[Any]:
    try:
        yield cursor
    finally:
        cursor.close()


def open_database(url: str) -> Database:
    """Open ``sqlite:///PATH`` or ``mysql://user[:password]@host:port/name``.

    The password may come from the environment variable CHAT_DB_PASSWORD instead of the URL.
    Raises DatabaseUrlError for a URL of another form. Nothing is connected yet.
    """
    if url.startswith("sqlite:///"):
        return _open_sqlite(Path(url.removeprefix("sqlite:///")))
    if url.startswith("mysql://"):
        return _open_mysql(url)
    raise DatabaseUrlError(
        f"got --db {url}; allowed are sqlite:///PATH and mysql://user@host:port/name"
    )


def _open_sqlite(path: Path) -> Database:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DatabaseUrlError(f"cannot make the folder {path.parent}: {error.strerror}") from error

    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(
            path, timeout=SQLITE_BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        # WAL lets readers go on while one writes; FULL makes a commit survive a power cut.
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        return connection

    return Database(_pool(connect, (sqlite3.OperationalError,)), SQLITE)


def _open_mysql(url: str) -> Database:
    parts = urlsplit(url)
    name = parts.path.removeprefix("/")
    if not parts.hostname or not name:
        raise DatabaseUrlError(f"got --db {url}; allowed is mysql://user@host:port/name")
    password = parts.password if parts.password is not None else os.environ.get(PASSWORD_VARIABLE)

    def connect() -> Any:
        return pymysql.connect(
            host=parts.hostname,
            port=parts.port or 3306,
            user=unquote(parts.username or "root"),
            password=unquote(password or ""),
            database=unquote(name),
            charset="utf8mb4",
            autocommit=True,  # BEGIN and COMMIT are said in words, as on SQLite
            connect_timeout=MYSQL_SECONDS,
            read_timeout=MYSQL_SECONDS,
            write_timeout=MYSQL_SECONDS,
            init_command="SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED",
        )

    away = (pymysql.err.OperationalError, pymysql.err.InterfaceError, pymysql.err.InternalError)
    return Database(_pool(connect, away), MYSQL)


def _pool(connect: Callable[[], Any], away: tuple[type[Exception], ...]) -> Any:
    return PooledDB(
        connect,
        maxcached=POOL_SIZE,
        maxconnections=POOL_SIZE,
        blocking=True,
        reset=False,  # every transaction ends with COMMIT or ROLLBACK already
        failures=away,
    )
