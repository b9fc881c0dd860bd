"""A link: a connection to one server that comes back by itself after it was lost."""

import threading
import time
from collections.abc import Callable, Iterator

from stage1_echo import LOG

from .backoff import back_off
from .connection import ClientConnection, OnPush
from .errors import ConnectionLost, Refused
from .service import Data

OnUp = Callable[[ClientConnection], None]
OnDown = Callable[[Exception], None]

# A connection that stood so long counts as a success: the next outage begins with short waits.
STEADY_SECONDS = 5.0


class Link:
    """Keeps one ClientConnection alive on a thread of its own.

    ``on_up(connection)`` runs after every connect and brings the connection into use (enters, asks
    for what was missed) with requests of its own; only then does request() use it. When ``on_up``
    raises Refused the server does not want us: the link ends. ``on_ready()`` runs once request()
    does use it. ``on_down(error)`` runs each time a connection is lost or could not be made.
    ``waits`` makes the back-off of one outage, in seconds.
    """

    def __init__(
        self,
        host: str,
        port: int,
        *,
        on_up: OnUp,
        on_down: OnDown,
        on_ready: Callable[[], None] = lambda: None,
        on_push: OnPush | None = None,
        waits: Callable[[], Iterator[float]] = back_off,
    ) -> None:
        self._where = (host, port)
        self._on_up = on_up
        self._on_down = on_down
        self._on_ready = on_ready
        self._on_push = on_push
        self._make_waits = waits
        self._waits = waits()
        self._closed = threading.Event()
        self._newest: ClientConnection | None = None  # perhaps still being brought into use
        self._in_use: ClientConnection | None = None
        self._thread = threading.Thread(target=self._keep, name="link", daemon=True)

    def start(self) -> None:
        """Begin to connect, in the background."""
        self._thread.start()

    def connection(self) -> ClientConnection:
        """Return the connection in use; raises ConnectionLost while there is none."""
        connection = self._in_use
        if connection is None or not connection.is_open:
            raise ConnectionLost("not connected at the moment")
        return connection

    @property
    def is_up(self) -> bool:
        """Whether there is a connection in use, as far as is known."""
        return self._in_use is not None and self._in_use.is_open

    def request(self, op: int, args: Data | None = None) -> Data:
        """Ask over the connection in use; raises what ClientConnection.request raises."""
        return self.connection().request(op, args)

    def reconnect(self) -> None:
        """End the connection in use; a new one is made as after any loss."""
        if self._in_use is not None:
            self._in_use.close()

    def close(self) -> None:
        """End the link and its connection; ``on_down`` is not called for that."""
        self._closed.set()
        if self._newest is not None:
            self._newest.close()

    def _keep(self) -> None:
        while not self._closed.is_set():
            error = self._live_once()
            if self._closed.is_set():
                return
            self._on_down(error)
            if not isinstance(error, ConnectionLost):
                return
            self._closed.wait(next(self._waits))

    def _live_once(self) -> Exception:
        """Connect, bring the connection into use, wait for its end; return what ended it."""
        try:
            connection = ClientConnection(*self._where, on_push=self._on_push)
        except ConnectionLost as error:
            return error
        self._newest = connection
        if self._closed.is_set():  # close() came while we connected and saw no connection
            connection.close()
        try:
            self._on_up(connection)
            self._in_use, began = connection, time.monotonic()
            self._on_ready()
            reason = connection.wait_end()
            if time.monotonic() - began >= STEADY_SECONDS:
                self._waits = self._make_waits()
            return reason
        except (ConnectionLost, Refused) as error:
            return error
        except Exception as error:
            LOG.exception("the link ends: bringing a connection into use failed")
            return error
        finally:
            connection.close()
