"""Connections to a file server, one for each transfer that is under way.

A transfer fills its connection, so what runs at the same time runs on connections of its own; one
that is idle is used again.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from stage2_protocol import ClientConnection, ConnectionLost, Data

MOST_IDLE = 4


class ConnectionPool:
    """Lends connections to threads. Raises ConnectionLost when the server cannot be reached."""

    def __init__(self, host: str, port: int) -> None:
        self.address = (host, port)
        self._idle: list[ClientConnection] = []  # guarded by _lock
        self._is_closed = False
        self._lock = threading.Lock()

    @contextmanager
    def connection(self) -> Iterator[ClientConnection]:
        """Lend a connection for a while; after any failure it is closed, not lent again."""
        connection = self._take() or ClientConnection(*self.address)
        try:
            yield connection
        except BaseException:
            connection.close()
            raise
        self._give_back(connection)

    def request(self, op: int, args: Data) -> Data:
        """Ask on any connection; where an idle one has died unnoticed, ask again on a new one.

        So only for requests that do no harm when they are carried out twice.
        """
        try:
            with self.connection() as connection:
                return connection.request(op, args)
        except ConnectionLost:
            self._close_idle()
        with self.connection() as connection:
            return connection.request(op, args)

    def close(self) -> None:
        """Close the connections that are idle now, and the others when they come back."""
        with self._lock:
            self._is_closed = True
        self._close_idle()

    def _close_idle(self) -> None:
        with self._lock:
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    def _take(self) -> ClientConnection | None:
        with self._lock:
            while self._idle:
                connection = self._idle.pop()
                if connection.is_open:
                    return connection
        return None

    def _give_back(self, connection: ClientConnection) -> None:
        with self._lock:
            if connection.is_open and not self._is_closed and len(self._idle) < MOST_IDLE:
                self._idle.append(connection)
                return
        connection.close()
