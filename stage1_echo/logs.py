"""Console logs: rich, on standard error, with the number of the connection in each line.

The number is what makes interleaving visible: with one thread per client the lines of different
connections mix, and ``#3`` tells whose line it is.
"""

import logging
from collections.abc import MutableMapping
from typing import Any

from rich.console import Console
from rich.logging import RichHandler

from .text import safe_text

LOG = logging.getLogger("chat")


def set_up_logging(level: str) -> None:
    """Send the course's log to standard error, at ``level`` (debug, info, warning or error)."""
    console = Console(stderr=True, soft_wrap=True)
    handler = RichHandler(console=console, show_path=False, markup=False, rich_tracebacks=False)
    handler.setFormatter(_SafeFormatter("%(message)s", datefmt="%H:%M:%S"))
    LOG.handlers = [handler]
    LOG.setLevel(level.upper())
    LOG.propagate = False


class _SafeFormatter(logging.Formatter):
    """Escapes untrusted text once, at the border, so that no call to the log can forget it."""

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
