"""What a program writes: drained by a thread, kept in a file, readable by line.

A program that floods its output is never blocked by us and costs us neither memory nor disk: past
a limit only the end is kept.
"""

import os
import re
import select
import threading
import time
from collections import deque
from pathlib import Path
from typing import IO

from .view import escape

FILE_LIMIT = 8 * 1024 * 1024
TAIL_BYTES = 16 * 1024
# Lines that wait to be read by a test; a line longer than LINE_LIMIT is cut.
WAITING_LINES = 100_000
LINE_LIMIT = 1024 * 1024
# So much of an output is read by line: who prints without end would cost us the memory.
LINES_LIMIT = 64 * 1024 * 1024
# Windows cannot tell whether something lies in a pipe.
CAN_LOOK = hasattr(select, "poll")


class Stream:
    """One output of a program. ``path`` gets the first 8 MiB, memory the end and the lines."""

    def __init__(self, pipe: IO[bytes], path: Path) -> None:
        self.path = path
        self.total = 0
        self._pipe = pipe
        self._descriptor = pipe.fileno()  # also when it is closed meanwhile
        self._file = path.open("wb", buffering=0)
        self._tail = bytearray()
        self._partial = bytearray()
        self._lines: deque[str] = deque(maxlen=WAITING_LINES)
        self._ended = False
        self._news = threading.Condition()
        self._moving = threading.Lock()  # held while what was read is not yet to be found here
        self._thread = threading.Thread(target=self._drain, name=f"drain {path.name}", daemon=True)
        self._thread.start()

    def next_line(self, seconds: float) -> str | None:
        """Return the next whole line without its end; None when the time or the stream is over."""
        with self._news:
            self._news.wait_for(lambda: self._lines or self._ended, seconds)
            return self._lines.popleft() if self._lines else None

    @property
    def waiting(self) -> list[str]:
        """The lines that arrived and were not read yet."""
        with self._news:
            return list(self._lines)

    @property
    def ended(self) -> bool:
        """Whether the program closed this output (or ended)."""
        with self._news:
            return self._ended

    def wait_end(self, seconds: float) -> bool:
        """Wait until the program closed this output; False when it did not in time."""
        with self._news:
            return bool(self._news.wait_for(lambda: self._ended, seconds))

    def catch_up(self, seconds: float) -> None:
        """Take in what the program has written by now: on a busy machine it may lie in the pipe.

        What it goes on to write is waited for ``seconds`` at most.
        """
        deadline = time.monotonic() + seconds
        while CAN_LOOK and time.monotonic() < deadline:
            with self._moving:
                if self.ended or not _has_more(self._descriptor, 0):
                    return
            time.sleep(0.001)

    def tail(self, lines: int = 20, since: int = 0) -> str:
        """Return the last lines of what came after ``since`` bytes, escaped for a terminal."""
        with self._news:
            fresh = min(len(self._tail), max(0, self.total - since))
            text = self._tail[len(self._tail) - fresh :].decode("utf-8", "backslashreplace")
        found = re.split(r"\r?\n", text.rstrip())
        return "\n".join(escape(line.rstrip(), keep="") for line in found[-lines:])

    def read(self) -> bytes:
        """Return everything that was written so far, as far as the file goes (8 MiB)."""
        with self._news:
            return self.path.read_bytes()

    def _drain(self) -> None:
        with self._file:
            while self._take_next():
                pass
        with self._news:
            if self._partial:
                self._add_line(bytes(self._partial))
            self._ended = True
            self._news.notify_all()
        self._pipe.close()

    def _take_next(self) -> bool:
        """Wait for what comes next and take it in; False at the end."""
        if CAN_LOOK:
            _has_more(self._descriptor, None)
        with self._moving:
            data = _read(self._descriptor)
            with self._news:
                self._file.write(data[: max(0, FILE_LIMIT - self.total)])
                self._take(data)
                self._news.notify_all()
        return bool(data)

    def _take(self, data: bytes) -> None:
        self.total += len(data)
        self._tail += data
        del self._tail[:-TAIL_BYTES]
        *whole, rest = (bytes(self._partial) + data).split(b"\n")
        for line in whole:
            self._add_line(line)
        self._partial = bytearray(rest[:LINE_LIMIT])

    def _add_line(self, line: bytes) -> None:
        if self.total > LINES_LIMIT:
            return
        self._lines.append(line[:LINE_LIMIT].decode("utf-8", "backslashreplace").rstrip("\r"))


def _has_more(descriptor: int, milliseconds: int | None) -> bool:
    """Wait until something can be read, or the end; None waits for ever. Not on Windows."""
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(milliseconds))


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 65536)
    except OSError:
        return b""
