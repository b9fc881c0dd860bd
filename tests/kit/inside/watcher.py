"""Ends what a test session left behind when that session was killed.

``python watcher.py NAME VALUE`` waits for the end of its standard input, which comes when the
session ends in whatever way, and then kills every process whose environment has NAME=VALUE.
"""

import contextlib
import sys

import psutil


def main() -> None:
    """Wait, then kill what is left."""
    name, value = sys.argv[1:3]
    sys.stdin.buffer.read()
    for _ in range(2):  # the first pass may race with a fork
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error, OSError):
                if process.environ().get(name) == value:
                    process.kill()


if __name__ == "__main__":
    main()
