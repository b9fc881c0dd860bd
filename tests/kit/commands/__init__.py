"""The commands of kit.py, a module each with ``main(arguments) -> exit code``.

They run inside the environment that kit.py made. A module is named as its command.
"""

import contextlib
import os
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


def call(
    command: Sequence[str | Path], cwd: Path | None = None, env: Mapping[str, str] | None = None
) -> int:
    """Run a program on this terminal and return its exit code (128 + n for signal n).

    On Ctrl-C, which the terminal sends to the program as well, it is waited for.
    """
    with subprocess.Popen(command, cwd=cwd, env=env) as child:
        while True:
            try:
                code = child.wait()
                break
            except KeyboardInterrupt:
                continue
    return code if code >= 0 or os.name == "nt" else 128 - code


ENDING = [
    getattr(signal, name)
    for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")
    if hasattr(signal, name)
]


def end_on_signals() -> None:
    """Let SIGTERM and a closed terminal end this program as SystemExit: finally blocks run."""

    def leave(number: int, _frame: object) -> None:
        raise SystemExit(128 + number)

    for number in ENDING:
        if number != signal.SIGINT:  # that one is a KeyboardInterrupt already
            signal.signal(number, leave)


@contextlib.contextmanager
def signals_held_back() -> Iterator[None]:
    """Let signals that end this program wait for the end of the block.

    A child that is started in it can be noted for its end before anything else happens.
    """
    held: list[int] = []
    before = {
        number: signal.signal(number, lambda number, _frame: held.append(number))
        for number in ENDING
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        for number in held[:1]:
            signal.raise_signal(number)
