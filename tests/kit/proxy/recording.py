"""Recordings: what passed, one event a line, as JSON with the bytes in hex.

The file can be read by people and programs. It holds everything that passed, passwords and tokens
too, so it is made readable for its owner only.
"""

import dataclasses
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from .events import (
    Closed,
    Cut,
    Direction,
    Ended,
    Event,
    Opened,
    Passed,
    Reset,
    Unreachable,
    WasCut,
)

VERSION = 1
KINDS: dict[str, type[Event]] = {
    "opened": Opened,
    "unreachable": Unreachable,
    "passed": Passed,
    "ended": Ended,
    "reset": Reset,
    "cut": WasCut,
    "closed": Closed,
}
_NAMES = {kind: name for name, kind in KINDS.items()}


class RecordingError(Exception):
    """A file that is no recording, and where that shows."""


class Recorder:
    """Writes events to a new file at ``path``; raises OSError when that cannot be done."""

    def __init__(self, path: Path, faults: str) -> None:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        self._file: IO[str] = os.fdopen(descriptor, "w", encoding="utf-8", newline="\n")
        self._write({"recording": "kit.py wire", "version": VERSION, "faults": faults})

    def note(self, event: Event) -> None:
        """Add an event; it is in the file when this returns."""
        values = {
            field.name: getattr(event, field.name)
            for field in dataclasses.fields(event)
            if field.name not in ("time", "connection")
        }
        if isinstance(event, Passed):
            values["data"] = event.data.hex()
        name = _NAMES[type(event)]
        self._write({"time": event.time, "connection": event.connection, "event": name, **values})

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _write(self, values: dict[str, Any]) -> None:
        self._file.write(json.dumps(values, ensure_ascii=False) + "\n")
        self._file.flush()


def read_recording(path: Path) -> Iterator[Event]:
    """Yield the events of a recording; raises RecordingError for a line that is none, OSError."""
    with path.open(encoding="utf-8", errors="replace") as file:
        number = 0
        for number, line in enumerate(file, 1):
            try:
                values = json.loads(line)
                if number > 1:
                    yield _event(values)
                elif values["version"] != VERSION:
                    raise ValueError(f"version {values['version']}, this reads {VERSION}")
            except (ValueError, TypeError, KeyError, RecursionError) as error:
                raise RecordingError(
                    f"{path} is no recording of kit.py wire: line {number}: {error}"
                ) from error
        if number == 0:
            raise RecordingError(f"{path} is no recording of kit.py wire: it is empty")


def _event(values: dict[str, Any]) -> Event:
    kind = KINDS[values.pop("event")]
    for name, read in (("data", bytes.fromhex), ("direction", Direction), ("how", Cut)):
        if name in values:
            values[name] = read(values[name])
    return kind(**values)
