"""What was offered and is not over: a log on disk that tells after a crash whose the bytes are.

A line of JSON for each offer, and one when its upload is over. Appending a line is several times
cheaper than making and removing a file, which counts when a folder has ten thousand of them. What
is over is left out when the log is written anew: at every start, and when most of it is.
"""

import json
import os
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO

_SPARE_LINES = 10_000  # so many lines may be of no use before the log is written anew


class OfferLog:
    """The offers that are open, by upload; every method may raise OSError. Thread-safe."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._open = _read(path)  # guarded by _lock, as all below
        self._is_torn = False
        self._file: BinaryIO | None = None
        self._write_anew()

    def open_offers(self) -> dict[str, dict[str, Any]]:
        """Return what is open, oldest first."""
        with self._lock:
            return dict(self._open)

    def find(self, upload: str) -> dict[str, Any] | None:
        """Return one offer; None when it is not open."""
        with self._lock:
            return self._open.get(upload)

    def add(self, upload: str, offer: dict[str, Any]) -> None:
        """Note an offer."""
        with self._lock:
            self._append({"upload": upload, "offer": offer})
            self._open[upload] = offer

    def end(self, uploads: Sequence[str]) -> None:
        """Note that uploads are over, as far as they were open."""
        with self._lock:
            over = [upload for upload in uploads if self._open.pop(upload, None) is not None]
            if not over:
                return
            self._append(*({"upload": upload} for upload in over))
            if self._lines > 2 * len(self._open) + _SPARE_LINES:
                self._write_anew()

    def close(self) -> None:
        """Close the log."""
        with self._lock:
            if self._file is not None:
                self._file.close()

    def _append(self, *lines: dict[str, Any]) -> None:
        data = b"".join(map(_encoded, lines))
        if self._is_torn:  # a full disk took the beginning of a line only
            data = b"\n" + data
        self._is_torn = True
        if self._file is None:  # it could not be opened when it was written anew
            self._file = self._opened()
        if self._file.write(data) != len(data):
            raise OSError("the log of offers took a part of a line only")
        self._is_torn = False
        self._lines += len(lines)

    def _write_anew(self) -> None:
        fresh = self._path.with_suffix(".new")
        lines = ({"upload": upload, "offer": offer} for upload, offer in self._open.items())
        fresh.write_bytes(b"".join(map(_encoded, lines)))  # on a full disk the old one goes on
        if self._file is not None:
            self._file.close()  # Windows replaces no file that is open
            self._file = None
        fresh.replace(self._path)
        self._file = self._opened()
        self._lines = len(self._open)
        self._is_torn = False

    def _opened(self) -> BinaryIO:
        flags = os.O_WRONLY | os.O_APPEND | getattr(os, "O_BINARY", 0)
        return open(os.open(self._path, flags), "wb", buffering=0)  # noqa: PTH123


def _encoded(line: dict[str, Any]) -> bytes:
    return json.dumps(line).encode() + b"\n"


def _read(path: Path) -> dict[str, dict[str, Any]]:
    """Return the offers that are open; a torn line is of an offer that was never answered."""
    found: dict[str, dict[str, Any]] = {}
    try:
        lines = path.read_bytes().splitlines()
    except FileNotFoundError:
        return found
    for text in lines:
        try:
            line = json.loads(text)
            upload, offer = line["upload"], line.get("offer")
        except (ValueError, TypeError, KeyError, AttributeError):
            continue
        if isinstance(offer, dict):
            found[upload] = offer
        else:
            found.pop(upload, None)
    return found
