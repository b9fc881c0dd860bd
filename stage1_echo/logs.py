"""Console logs on standard error, with the number of the connection in each line.

On a terminal rich gives them columns and colours; in a file or a pipe an entry is one line, however
long. The number is what makes interleaving visible: with one thread per client the lines of
different connections mix, and ``#3`` tells whose line it is.
"""

import io
import logging
import sys
from collections.abc import MutableMapping
from typing import Any

from .text import safe_text

LOG = logging.getLogger("chat")
# A log is read by people: of a line that a stranger made long, the beginning is enough.
LINE_LIMIT = 2_000


def set_up_logging(level: str) -> None:
    """Send the course's log to standard error, at ``level`` (debug, info, warning or error)."""
    if isinstance(sys.stderr, io.TextIOWrapper):  # in a file Windows would write another code page
        sys.stderr.reconfigure(encoding="utf-8", errors="backslashreplace")
    LOG.handlers = [_terminal_handler() if sys.stderr.isatty() else _file_handler()]
    LOG.setLevel(level.upper())
    LOG.propagate = False


def _terminal_handler() -> logging.Handler:
    # Only here: most programs start without a terminal, and it takes a third of their start.
    from rich.console import Console
    from rich.highlighter import NullHighlighter
    from rich.logging import RichHandler

    console = Console(stderr=True, soft_wrap=True)
    # No highlighter: it looks for numbers and paths in what strangers wrote, and its time grows
    # with the square of a long word's length: 100 kB took minutes.
    handler = RichHandler(
        console=console,
        show_path=False,
        markup=False,
        rich_tracebacks=False,
        highlighter=NullHighlighter(),
    )
    handler.setFormatter(_SafeFormatter("%(message)s", datefmt="%H:%M:%S"))
    return handler


def _file_handler() -> logging.Handler:
    """Return a handler that writes what rich would, in lines that no width breaks."""
    handler = logging.StreamHandler(sys.stderr)
    line = "[%(asctime)s] %(levelname)-8s %(message)s"
    handler.setFormatter(_SafeFormatter(line, datefmt="%H:%M:%S"))
    return handler


class _SafeFormatter(logging.Formatter):
    """Escapes and cuts untrusted text once, at the border, so that no call can forget it."""

    def formatMessage(self, record: logging.LogRecord) -> str:
        text = super().formatMessage(record)
        if len(text) > LINE_LIMIT:
            text = f"{text[:LINE_LIMIT]} … {len(text) - LINE_LIMIT:,} more characters"
        return text

    def format(self, record: logging.LogRecord) -> str:
        return safe_text(super().format(record), keep="\n")


class ConnectionLog(logging.LoggerAdapter[logging.Logger]):
    """The log of one connection: every line begins with its number."""

    def __init__(self, number: int) -> None:
        super().__init__(LOG, {"number": number})
        self._prefix = f"#{number} "

    def process(
        self, msg: object, kwargs: MutableMapping[str, Any]
    ) -> tuple[object, MutableMapping[str, Any]]:
        return f"{self._prefix}{msg}", kwargs
