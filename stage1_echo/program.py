"""How every server program begins and ends: the READY line, signals, exit codes."""

import signal
import sys
from types import FrameType

from .errors import CourseError
from .listener import Listener
from .logs import LOG


def announce_ready(service: str, host: str, port: int) -> None:
    """Print the one line that tells whoever started this server that it listens, and where."""
    # BEGIN SOLUTION 1.7
    print(f"READY {service} {host} {port}", flush=True)
    # END SOLUTION


def run_listener(service: str, listener: Listener) -> None:
    """Announce and serve until SIGINT, SIGTERM or (Windows) Ctrl-Break asks for the end."""

    # BEGIN SOLUTION 1.7
    def stop(_signal: int, _frame: FrameType | None) -> None:
        # No more than that: whatever the signal interrupted may be half done, and a log entry, say,
        # can fail or wait for ever within another one.
        listener.stop()

    for name in ("SIGINT", "SIGTERM", "SIGBREAK"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), stop)
    # On Windows a signal does not interrupt select(); the byte written here does.
    signal.set_wakeup_fd(listener.wake_fileno, warn_on_full_buffer=False)
    host, port = listener.address
    announce_ready(service, host, port)
    LOG.info("%s listens on %s port %d", service, host, port)
    listener.serve()
    signal.set_wakeup_fd(-1)
    LOG.info("stopped")
    # END SOLUTION


def fail(error: CourseError) -> int:
    """Print an error for people on standard error; return the exit code for it."""
    # BEGIN SOLUTION 1.7
    print(f"error: {error}", file=sys.stderr, flush=True)
    return 1
    # END SOLUTION
