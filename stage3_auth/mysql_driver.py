"""MySQL's driver: PyMySQL's connections, and what its errors mean.

DBUtils does the pooling (pools.py). It holds a lock while it makes a connection, and a database
that hangs would stop all threads there; so a connection comes out of the pool unconnected, and
whoever takes one wakes it.
"""

import contextlib
import os
from typing import Any
from urllib.parse import unquote, urlsplit

import pymysql

from .dialects import MYSQL
from .drivers import POOL_SIZE, Driver, shown_url
from .errors import DatabaseUrlError
from .pools import Pool

MYSQL_SECONDS = 10
LOOPBACK = ("127.0.0.1", "::1", "localhost")
PASSWORD_VARIABLE = "CHAT_DB_PASSWORD"

# After one of these a connection is made anew.
_LOST = (pymysql.err.OperationalError, pymysql.err.InterfaceError, pymysql.err.InternalError)
# What MySQL says when it is full, shutting down, read-only, too busy or locked too long, or when
# the whole database is another (no such database, or table); from 2000 on the numbers are the
# client's own: not reached, gone away, lost.
_AWAY = frozenset({1021, 1040, 1041, 1049, 1053, 1114, 1146, 1152, 1203, 1205, 1290, 1317, 1927})
_DEADLOCK = 1213


def mysql_driver(url: str) -> Driver:
    """Return the driver of ``mysql://…``; raises DatabaseUrlError."""
    return Driver(
        pool=_pool(url),
        dialect=MYSQL,
        errors=(pymysql.err.Error,),
        integrity_errors=(pymysql.err.IntegrityError,),
        is_away=_is_away,
        is_deadlock=lambda error: error.args[:1] == (_DEADLOCK,),
        wake=_wake,
        begin=_begin,
    )


def _is_away(error: Exception) -> bool:
    code = error.args[0] if error.args else 0
    if not isinstance(code, int):  # the driver's own words: what it read made no sense
        return isinstance(error, (pymysql.err.InterfaceError, pymysql.err.InternalError))
    return isinstance(error, pymysql.err.InterfaceError) or code >= 2000 or code in _AWAY


def _pool(url: str) -> Pool:
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
            defer_connect=True,  # _wake() connects
            autocommit=True,  # BEGIN and COMMIT are said in words, as on SQLite
            connect_timeout=MYSQL_SECONDS,
            read_timeout=MYSQL_SECONDS,
            write_timeout=MYSQL_SECONDS,
            init_command="SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED",
        )

    return Pool(connect, _LOST, POOL_SIZE)


def _wake(pooled: Any) -> None:
    connection: pymysql.connections.Connection[Any] = pooled.dbapi_connection
    if connection.open:
        with contextlib.suppress(pymysql.err.Error):
            connection.ping(reconnect=False)
            return
        with contextlib.suppress(pymysql.err.Error):
            connection.close()
    connection.connect()


def _begin(connection: Any, _writes: bool) -> None:
    connection.begin()
