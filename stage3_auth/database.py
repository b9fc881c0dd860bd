"""Two databases behind one small interface: SQLite in a file, or MySQL.

SQL stands in the stores, written once with ``?`` for every value: values are always bound, never
pasted into the text, so what a user types cannot become SQL. A driver's errors become ours here.
"""

import contextlib
import functools
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from stage1_echo import LOG

from .dialects import MYSQL, Dialect
from .drivers import POOL_SIZE, Driver, shown_url, sqlite_driver
from .errors import DatabaseUrlError, StorageBusy, StorageUnavailable

P = ParamSpec("P")
T = TypeVar("T")

Value = str | int | float | bytes | None
Row = tuple[Any, ...]

TURN_SECONDS = 10.0  # how long a thread waits for one of the connections
# How often a transaction is tried that the database breaks off in favour of another. Of fifty who
# want one name at once on a busy machine, one may lose to the others many times.
BUSY_TRIES = 20


class Duplicate(Exception):
    """A row with this unique value is there already."""


class Transaction:
    """Statements that become true together, or not at all."""

    def __init__(self, connection: Any, driver: Driver) -> None:
        self._connection = connection
        self._driver = driver

    @property
    def dialect(self) -> Dialect:
        """The words of this database."""
        return self._driver.dialect

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
            except self._driver.integrity_errors as error:
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
        except self._driver.integrity_errors as error:
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

    def __init__(self, driver: Driver) -> None:
        self._driver = driver
        self._pool = driver.pool
        self.dialect = driver.dialect
        self._turns = threading.BoundedSemaphore(POOL_SIZE)
        self._is_away = False  # only for the log: it says once that the database is away

    @contextmanager
    def reading(self) -> Iterator[Transaction]:
        """A transaction that only reads."""
        with self._transaction(writes=False) as transaction:
            yield transaction

    @contextmanager
    def writing(self) -> Iterator[Transaction]:
        """A transaction that writes; on SQLite it is the only one at that moment.

        MySQL may break it off in favour of another (StorageBusy): see ``retried``.
        """
        with self._transaction(writes=True) as transaction:
            yield transaction

    @property
    def errors(self) -> tuple[type[Exception], ...]:
        """What the driver raises for a wrong statement: a bug, or a table of another form."""
        return self._driver.errors

    def close(self) -> None:
        """Close the pooled connections."""
        self._pool.close()

    @contextmanager
    def _transaction(self, *, writes: bool) -> Iterator[Transaction]:
        if not self._turns.acquire(timeout=TURN_SECONDS):
            raise StorageUnavailable(f"no connection was free for {TURN_SECONDS:g} seconds")
        try:
            with self._connected(writes) as connection:
                yield Transaction(connection, self._driver)
        except self._driver.errors as error:
            if self._driver.is_deadlock(error):
                raise StorageBusy(str(error)) from error
            if not self._driver.is_away(error):
                raise  # a wrong statement, say: a bug
            raise self._away(error) from error
        finally:
            self._turns.release()
        self._note(None)

    @contextmanager
    def _connected(self, writes: bool) -> Iterator[Any]:
        """Give a connection on which a transaction is open; at the end it is committed."""
        try:
            connection = self._pool.lend()
        except self._driver.errors as error:  # whatever it is: we could not connect
            raise self._away(error) from error
        try:
            self._begin(connection, writes)
            yield connection
            connection.commit()
            self._pool.check_committed()
        except BaseException:
            # A connection that broke cannot roll back; the server has done it then.
            with contextlib.suppress(*self._driver.errors):
                connection.rollback()
            raise
        finally:
            self._pool.take_back(connection)

    def _begin(self, connection: Any, writes: bool) -> None:
        try:
            self._driver.wake(connection)
        except self._driver.errors as error:  # a wrong password, too: we could not connect
            raise self._away(error) from error
        self._driver.begin(connection, writes)

    def _away(self, error: Exception) -> StorageUnavailable:
        self._note(str(error))
        return StorageUnavailable(str(error))

    def _note(self, reason: str | None) -> None:
        """Log it when the database goes away (``reason``) and when it is back (None)."""
        if reason is not None and not self._is_away:
            LOG.warning("the database is away: %s", reason)
        elif reason is None and self._is_away:
            LOG.warning("the database is back")
        self._is_away = reason is not None


def retried(work: Callable[P, T]) -> Callable[P, T]:
    """Repeat ``work``, one whole transaction, while the database breaks it off (StorageBusy).

    Two transactions may each wait for a row that the other holds; MySQL then ends one of them.
    Whoever writes must be ready to begin again.
    """

    @functools.wraps(work)
    def run(*args: P.args, **kwargs: P.kwargs) -> T:
        for _ in range(BUSY_TRIES - 1):
            with contextlib.suppress(StorageBusy):
                return work(*args, **kwargs)
        return work(*args, **kwargs)

    return run


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
        return Database(sqlite_driver(Path(url.removeprefix("sqlite:///"))))
    if url.startswith("mysql://"):
        from .mysql_driver import mysql_driver  # it takes as long to load as all else together

        return Database(mysql_driver(url))
    raise DatabaseUrlError(
        f"got --db {shown_url(url)}; allowed are sqlite:///PATH and mysql://user@host:port/name"
    )
