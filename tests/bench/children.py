"""The child processes of a benchmark, talked to in lines."""

import subprocess
import sys
from collections.abc import Sequence
from types import TracebackType
from typing import Self


class Child:
    """A Python module as a child process; a context manager that ends it.

    ``say_first`` are lines that it is told before it is ready.
    """

    def __init__(self, module: str, *arguments: str, say_first: Sequence[str] = ()) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
        )
        for line in say_first:
            self.tell(line)
        self.ready = self.line()

    def line(self) -> str:
        """Return the next line of its output; raises RuntimeError when it has ended."""
        assert self._process.stdout is not None, "it was asked for"
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self._process.args!r} ended with {self._process.wait()}")
        return line.strip()

    def tell(self, line: str) -> None:
        """Write a line to its input."""
        assert self._process.stdin is not None, "it was asked for"
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def __enter__(self) -> Self:
        """Return the running child."""
        return self

    def __exit__(
        self,
        _type: type[BaseException] | None,
        _value: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        """End the child."""
        self._process.terminate()
        self._process.communicate(timeout=10)


class Server(Child):
    """A server child; ``address`` is from its READY line."""

    @property
    def address(self) -> tuple[str, int]:
        """Where it listens."""
        _ready, _service, host, port = self.ready.split()
        return host, int(port)
