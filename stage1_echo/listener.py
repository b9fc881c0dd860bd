"""The listener: accepts connections and gives each one a thread.

Every threaded server of the course is this listener with another handler; stage 2's engine is one.
"""

import contextlib
import errno
import itertools
import selectors
import socket
import threading
import time
from collections.abc import Callable

from .errors import ListenError
from .logs import LOG, ConnectionLog

# How long clean-up may take before the process ends without it: the contract is 5 seconds in all.
STOP_SECONDS = 3.0
# Out of file descriptors: waiting a moment lets other connections end; spinning would not.
ACCEPT_PAUSE = 0.1

# BEGIN SOLUTION 1.6
_REMEDIES = {
    errno.EADDRINUSE: "End the program that has the port, or take another with --port (0: any).",
    errno.EACCES: "Ports below 1024 need special rights; take another with --port.",
    errno.EADDRNOTAVAIL: "This computer does not have that address; see --host.",
}
# END SOLUTION


class Connection:
    """One accepted TCP connection.

    ``socket`` is connected, ``number`` counts from 1, ``address`` is "host:port" of the other end,
    and ``log`` puts the number before each line.
    """

    def __init__(self, sock: socket.socket, number: int, address: str) -> None:
        self.socket = sock
        self.number = number
        self.address = address
        self.log = ConnectionLog(number)

    def shut(self) -> None:
        """Break the connection from any thread: a blocked recv or send of its owner returns."""
        # BEGIN SOLUTION 1.7
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)
        # END SOLUTION


Handler = Callable[[Connection], None]


class Listener:
    """Listens on a port and runs ``handle(connection)`` in a thread of its own per connection.

    Raises ListenError when the port cannot be opened. ``handle`` may raise OSError freely (the
    peer went away); the socket is closed when it returns, whatever happened.
    """

    def __init__(self, host: str, port: int, handle: Handler) -> None:
        # BEGIN SOLUTION 1.4
        self._handle = handle
        self._numbers = itertools.count(1)
        self._threads: dict[Connection, threading.Thread] = {}  # guarded by _lock
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        # A byte here wakes the accept loop; closing a socket under a blocked accept would not,
        # on every platform.
        self._wake_receiver, self._wake_sender = socket.socketpair()
        self._wake_sender.setblocking(False)
        self._server = open_port(host, port)
        # END SOLUTION

    @property
    def address(self) -> tuple[str, int]:
        """The (host, port) that is really listened on, also where port 0 was asked for."""
        # BEGIN SOLUTION 1.4
        host, port = self._server.getsockname()[:2]
        return str(host), int(port)
        # END SOLUTION

    @property
    def wake_fileno(self) -> int:
        """Where ``signal.set_wakeup_fd`` may write, so that a signal ends the wait in serve()."""
        # BEGIN SOLUTION 1.7
        return self._wake_sender.fileno()
        # END SOLUTION

    def serve(self) -> None:
        """Accept until stop() is called, then end every connection and return."""
        # BEGIN SOLUTION 1.4
        with selectors.DefaultSelector() as selector:
            selector.register(self._server, selectors.EVENT_READ)
            selector.register(self._wake_receiver, selectors.EVENT_READ)
            while not self._stopping.is_set():
                selector.select()
                self._accept_waiting()
        LOG.info("stopping")
        self._end_connections()
        self._server.close()
        # END SOLUTION

    def stop(self) -> None:
        """Make serve() return soon; may be called from any thread or a signal handler."""
        # BEGIN SOLUTION 1.7
        self._stopping.set()
        with contextlib.suppress(OSError):
            self._wake_sender.send(b"!")
        # END SOLUTION

    # BEGIN SOLUTION 1.4
    def _accept_waiting(self) -> None:
        while not self._stopping.is_set():
            try:
                sock, address = self._server.accept()
            except BlockingIOError:
                return
            except ConnectionError:
                continue  # the client was gone before it was accepted
            except OSError as error:
                LOG.warning("cannot accept: %s", error)
                self._stopping.wait(ACCEPT_PAUSE)
                return
            self._start(Connection(sock, next(self._numbers), f"{address[0]}:{address[1]}"))

    def _start(self, connection: Connection) -> None:
        connection.socket.setblocking(True)  # some platforms hand the listener's mode on
        thread = threading.Thread(
            target=self._run, args=(connection,), name=f"#{connection.number}", daemon=True
        )
        with self._lock:
            self._threads[connection] = thread
        try:
            thread.start()
        except RuntimeError as error:  # the operating system gives no more threads
            connection.log.warning("refused: %s", error)
            self._forget(connection)

    def _forget(self, connection: Connection) -> None:
        with self._lock:
            self._threads.pop(connection, None)
        connection.socket.close()

    # END SOLUTION

    def _run(self, connection: Connection) -> None:
        """Run the handler of one connection; whatever happens to it, the others are served."""
        # BEGIN SOLUTION 1.5
        connection.log.info("connected from %s", connection.address)
        try:
            self._handle(connection)
        except OSError as error:
            connection.log.info("lost: %s", error)
        except Exception:
            # One client's trouble must stay its own: say it in full, and serve the others.
            connection.log.exception("failed")
        finally:
            self._forget(connection)
            connection.log.info("closed")
        # END SOLUTION

    # BEGIN SOLUTION 1.7
    def _end_connections(self) -> None:
        with self._lock:
            running = dict(self._threads)
        for connection in running:
            connection.shut()
        deadline = time.monotonic() + STOP_SECONDS
        for thread in running.values():
            thread.join(max(0.0, deadline - time.monotonic()))

    # END SOLUTION


def open_port(host: str, port: int) -> socket.socket:
    """Return a listening, non-blocking socket; raises ListenError with the remedy in its text."""
    # BEGIN SOLUTION 1.6
    try:
        # It sets SO_REUSEADDR where that means "rebind at once although old connections are still
        # in TIME_WAIT", and leaves it alone on Windows, where it would mean "steal the port".
        server = socket.create_server((host, port), backlog=1024)
    except OSError as error:
        # create_server repeats the address behind the reason; we have said it already.
        reason = str(error.strerror or error).partition(" (while")[0]
        remedy = _REMEDIES.get(error.errno or 0, "See --host and --port.")
        raise ListenError(f"cannot listen on {host} port {port}: {reason}. {remedy}") from error
    server.setblocking(False)
    return server
    # END SOLUTION
