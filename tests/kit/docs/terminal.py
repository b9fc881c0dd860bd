"""A program on a terminal of its own: what a person would type and see there. POSIX only."""

import codecs
import fcntl
import os
import pty
import re
import select
import struct
import termios
from collections.abc import Mapping, Sequence
from pathlib import Path

import psutil

from .. import processes
from ..deadlines import Deadline, eventually
from ..failure import CheckFailed

READY = re.compile(r"^READY \S+ (?P<host>\S+) (?P<port>\d+)\r?\n", re.MULTILINE)
WAIT_SECONDS = 10.0
# Wide enough that no line is wrapped or scrolled: documents decide on that themselves.
ROWS, COLUMNS = 50, 400


class Terminal:
    """A child process whose standard streams are a terminal.

    ``host`` and ``port`` are those of its READY line, after wait_ready. Raises CheckFailed when
    something that is waited for does not come.
    """

    def __init__(
        self, name: str, argv: Sequence[str], *, cwd: Path, env: Mapping[str, str], prompt: str = ""
    ) -> None:
        self.name = name
        self.host, self.port = "", 0
        self.text = ""
        self.prompt = prompt
        self.edits = False  # whether it has a line editor and no prompt to tell that it waits
        self._shown_up_to = 0
        self._closed = False
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        try:
            self._process = processes.spawn(
                argv, cwd=cwd, env=env, stdin=slave, stdout=slave, stderr=slave
            )
        finally:
            os.close(slave)

    # --- waiting ---

    def wait_for(self, pattern: str) -> None:
        """Wait until ``pattern`` matches in what was printed since the last wait."""
        deadline = Deadline(WAIT_SECONDS)
        while (found := re.compile(pattern).search(self.text, self._shown_up_to)) is None:
            if deadline.passed or not self._read(deadline.remaining):
                self._fail(f"shows nothing that matches {pattern!r}")
        self._shown_up_to = found.end()

    def wait_ready(self, *, hidden: bool = False) -> None:
        """Wait for the READY line; ``hidden`` takes it off the screen."""
        self.wait_for(r"READY \S+ \S+ \d+\r?\n")
        found = READY.search(self.text)
        assert found is not None, "wait_for has just seen it"
        self.host, self.port = found["host"], int(found["port"])
        if hidden:
            self.text = READY.sub("", self.text)
            self._shown_up_to = len(self.text)

    def wait_exit(self) -> int:
        """Wait until the program has ended; return its exit code."""
        deadline = Deadline(WAIT_SECONDS)
        while self._read(deadline.remaining):
            if deadline.passed:
                self._fail("has not ended")
        return self._process.wait(Deadline(WAIT_SECONDS).seconds)

    def wait_asleep(self) -> None:
        """Wait until the program waits for something, as in recv."""
        process = psutil.Process(self._process.pid)
        eventually(lambda: process.status() == psutil.STATUS_SLEEPING, why=f"{self.name} to wait")

    def assert_alive(self) -> None:
        """Raise CheckFailed when the program has ended."""
        if self._process.poll() is not None:
            self._fail(f"has ended with {self._process.returncode}")

    # --- typing ---

    def type(self, line: str, answer: str = "") -> None:
        """Type a line; wait for the ``answer`` (a pattern) and then for the next prompt."""
        if self.edits:
            self._wait_editing()
        os.write(self._master, line.encode() + b"\n")
        self.wait_for(re.escape(line) + r"\r?\n")  # the terminal's echo
        if answer:
            self.wait_for(answer)
        if self.prompt:
            self.wait_for(rf"(?m)^{re.escape(self.prompt)}\Z")

    def press(self, keys: str) -> None:
        """Type ``keys`` without waiting for anything; the key Return is a carriage return."""
        os.write(self._master, keys.encode())

    def end_input(self) -> None:
        """Do what Ctrl-D does."""
        os.write(self._master, b"\x04")

    def interrupt(self) -> None:
        """Do what Ctrl-C does."""
        self.text += "^C\n"
        processes.interrupt(self._process)

    def kill(self) -> None:
        """End the program as SIGKILL does; its terminal stays, to be disposed of later."""
        processes.kill_tree(self._process)

    def dispose(self) -> None:
        """Make sure that nothing of the program is left; once more does no harm."""
        processes.kill_tree(self._process)
        if not self._closed:  # by now its number may be somebody else's
            self._closed = True
            os.close(self._master)

    # --- the inside ---

    def _wait_editing(self) -> None:
        """Wait until the line editor has the terminal.

        What is typed earlier the terminal echoes, and then the editor shows it once more.
        """
        eventually(
            lambda: not termios.tcgetattr(self._master)[3] & termios.ICANON,
            why=f"the line editor of {self.name} to begin",
        )

    def _read(self, seconds: float) -> bool:
        """Take what arrives next, waiting for it; False once the program is gone."""
        if not select.select([self._master], [], [], seconds)[0]:
            return True
        try:
            data = os.read(self._master, 65536)
        except OSError:  # Linux: the last one who had the terminal open is gone
            return False
        self.text += self._decoder.decode(data)
        return bool(data)

    def _fail(self, what: str) -> None:
        raise CheckFailed(f"{self.name} {what}; its terminal shows:\n{self.text}")
