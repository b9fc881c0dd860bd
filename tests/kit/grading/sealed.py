"""A plugin of pytest (``-p tests.kit.grading.sealed``) that writes the sealed events of a run.

The key comes over standard input and is kept in this process's memory only. It is read when the
plugin is imported: a little later pytest takes standard input away.
"""

import json
import sys
from pathlib import Path

import pytest

from ..events import EventLog
from .seals import KEY_BYTES, seal

_KEY = bytes.fromhex(sys.stdin.readline().strip())


class SealedLog(EventLog):
    """Writes each event behind its seal."""

    def __init__(self, path: Path, key: bytes) -> None:
        super().__init__(path)
        self._key = key
        self._number = 0

    def pytest_unconfigure(self) -> None:
        """Tell that nothing follows, and close the file."""
        self._tell("over")
        super().pytest_unconfigure()

    def _tell(self, event: str, **facts: object) -> None:
        text = json.dumps({"event": event, **facts}, ensure_ascii=False)
        self._file.write(f"{seal(self._key, self._number, text)} {text}\n")
        self._number += 1


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that names the file."""
    parser.addoption("--sealed-events", metavar="FILE", help="write sealed events into FILE")


def pytest_configure(config: pytest.Config) -> None:
    """Begin to write."""
    if len(_KEY) != KEY_BYTES:
        raise pytest.UsageError(f"standard input has to begin with {KEY_BYTES} bytes of key")
    config.pluginmanager.register(SealedLog(Path(config.getoption("--sealed-events")), _KEY))
