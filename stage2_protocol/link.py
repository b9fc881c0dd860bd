"""A link: a connection to one server that comes back by itself after it was lost."""

import threading
from collections.abc import Callable, Iterator

from .backoff import back_off
from .connection import ClientConnection, OnPush
from .errors import ConnectionLost, Refused
from .service import Data

OnUp = Callable[[ClientConnection], None]
OnDown = Callable[[Exception], None]


class Link:
    """Keeps one ClientConnection alive on a thread of its own.

    ``on_up(connection)`` runs after every connect and brings the connection into use (enters, asks
    for what was missed) with requests of its own; only then does request() use it. When ``on_up``
    raises Refused the server does not want us: the link ends. ``on_down(error)`` runs each time a
    connection is lost or could not be made. ``waits`` makes the back-off of one outage, in seconds.
    """

    def __init__(
        self,
        host: str,
        port: int,
        *,
        on_up: OnUp,
        on_down: OnDown,
        on_push: OnPush | None = None,
        waits: Callable[[], Iterator[float]] = back_off,
    ) -> None:
        self._where = (host, port)
        self._on_up = on_up
        self._on_down = on_down
        self._on_push = on_push
        self._waits = waits
        self._closed = threading.Event()
        self._connection: ClientConnection | None = None
        self._thread = threading.Thread(target=self._keep, name="link", daemon=True)

    def start(self) -> None:
        """Begin to connect, in the background."""
        self._thread.start()

    def connection(self) -> ClientConnection:
        """Return the connection in use; raises ConnectionLost while there is none."""
        connection = self._connection
        if connection is None or not connection.is_open:
            raise ConnectionLost("not connected at the moment")
        return connection

    def request(self, op: int, args: Data | None = None) -> Data:
        """Ask over the connection in use; raises what ClientConnection.request raises."""
        return self.connection().request(op, args)

    def close(self) -> None:
        """End the link and its connection."""
        self._closed.set()
        if self._connection is not None:
            self._connection.close()

    def _keep(self) -> None:
        waits = self._waits()
        while not self._closed.is_set():
            lost = threading.Event()
            try:
                self._connect(lost)
            except Refused as error:
                self._on_down(error)
                return
            except ConnectionLost as error:
                self._on_down(error)
                self._closed.wait(next(waits))
                continue
            waits = self._waits()
            lost.wait()
            if not self._closed.is_set():
                self._on_down(ConnectionLost("the connection was lost"))

    def _connect(self, lost: threading.Event) -> None:
        """Connect and bring the connection into use; ``lost`` is set when it ends."""
        host, port = self._where
        connection = ClientConnection(
            host, port, on_push=self._on_push, on_lost=lambda _error: lost.set()
        )
        try:
            self._on_up(connection)
        except BaseException:
            connection.close()
            raise
        self._connection = connection
        if self._closed.is_set():  # close() came while we connected and saw no connection
            connection.close()
            lost.set()
