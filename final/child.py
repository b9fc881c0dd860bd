"""A server as a child process: started, waited for, its log kept, ended."""

import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO

import psutil

from .errors import FinalError, ServerDied

READY_SECONDS = 30.0
# The contract gives a server 5 seconds to end cleanly.
END_SECONDS = 6.0

OnLine = Callable[[str], object]


class ServerChild:
    """One server program of ours, running as ``python -m module``.

    Its log goes to ``log_path`` and, line by line, to ``on_line``. ``address`` is known once
    wait_ready() has returned.
    """

    def __init__(
        self,
        service: str,
        module: str,
        flags: Sequence[str],
        log_path: Path,
        on_line: OnLine = lambda _line: None,
    ) -> None:
        self.service = service
        self.address = ("", 0)
        self._tail: deque[str] = deque(maxlen=5)
        self._on_line = on_line
        self._log = log_path.open("ab")
        self._ready = threading.Event()
        self._process = subprocess.Popen(
            [sys.executable, "-m", module, *flags],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            creationflags=_creation_flags(),
        )
        self._threads = [
            threading.Thread(target=self._read_ready, daemon=True),
            threading.Thread(target=self._read_log, daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    def wait_ready(self) -> None:
        """Wait for the READY line; raises ServerDied with the server's own words."""
        if not self._ready.wait(READY_SECONDS):
            self.end()
            raise FinalError(f"the {self.service} server did not listen in {READY_SECONDS:g} s")
        if not self.address[1]:
            self._process.wait()
            self._threads[1].join(1)  # the log's last words are what we want to show
            last_words = "\n".join(self._tail).removeprefix("error: ")
            raise ServerDied(f"the {self.service} server: {last_words or 'it ended at once'}")

    def is_alive(self) -> bool:
        """Tell whether the server still runs."""
        return self._process.poll() is None

    def end(self) -> None:
        """End the server: ask, wait, and then insist."""
        self.ask_to_end()
        try:
            self._process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            _kill_tree(self._process.pid)
            self._process.wait()
        self._threads[1].join(1)
        self._log.close()

    def ask_to_end(self) -> None:
        """Ask the server to end, without waiting."""
        if not self.is_alive():
            return
        if sys.platform == "win32":
            import signal

            self._process.send_signal(signal.CTRL_BREAK_EVENT)
        else:
            self._process.terminate()

    def _read_ready(self) -> None:
        for line in _lines(self._process.stdout):
            words = line.split()
            if len(words) == 4 and words[0] == "READY":
                self.address = (words[2], int(words[3]))
                self._ready.set()
        self._ready.set()  # it has ended: nothing more to wait for

    def _read_log(self) -> None:
        for line in _lines(self._process.stderr):
            if not self._log.closed:
                self._log.write(line.encode("utf-8") + b"\n")
                self._log.flush()
            self._tail.append(line)
            self._on_line(line)


def _lines(stream: IO[bytes] | None) -> Iterator[str]:
    """Yield the lines of a child's stream as text, whatever bytes it writes."""
    for line in stream or ():
        yield line.decode("utf-8", "replace").rstrip("\r\n")


def _creation_flags() -> int:
    # Windows: a group of its own, so that Ctrl-Break reaches this child alone.
    return int(getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0))


def _kill_tree(pid: int) -> None:
    try:
        process = psutil.Process(pid)
        for child in [*process.children(recursive=True), process]:
            child.kill()
    except psutil.NoSuchProcess:
        pass  # it ended by itself meanwhile
