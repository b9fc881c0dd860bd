"""What every terminal client needs: lines in, events out, UTF-8 on every platform.

A client whose standard input is a terminal talks to a person; otherwise it is driven by a script:
one command a line, one event a line, and the end of input ends it with exit code 0.
"""

import contextlib
import importlib
import io
import sys
import threading
from collections.abc import Iterator

from .text import safe_text

_PRINTING = threading.Lock()


def set_up_terminal() -> None:
    """Make the standard streams UTF-8; undecodable input becomes U+FFFD instead of a crash."""
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace")


def is_interactive() -> bool:
    """Tell whether a person sits at standard input."""
    return sys.stdin.isatty()


def input_lines(prompt: str = "> ") -> Iterator[str]:
    """Yield the lines of standard input without their ends, until it ends or Ctrl-C."""
    with contextlib.suppress(KeyboardInterrupt):
        if is_interactive():
            with contextlib.suppress(ImportError):  # Windows' terminal edits lines by itself
                importlib.import_module("readline")  # from now on input() does, and knows old ones
            with contextlib.suppress(EOFError, KeyboardInterrupt):
                while True:
                    yield input(prompt)
            if prompt:
                print()  # what the terminal shows next begins a line of its own
        else:
            for line in sys.stdin:
                yield line.rstrip("\r\n")


def print_event(text: str) -> None:
    """Print one event as one line; what a stranger wrote in it cannot steer the terminal.

    Several threads may print: each line is written whole.
    """
    with _PRINTING:
        sys.stdout.write(safe_text(text) + "\n")
        sys.stdout.flush()
