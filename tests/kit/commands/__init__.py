"""The commands of kit.py, a module each with ``main(arguments) -> exit code``.

They run inside the environment that kit.py made. A module is named as its command.
"""

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
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


def end_on_signals() -> None:
    """Let SIGTERM and a closed terminal end this program as SystemExit: finally blocks run."""

    def leave(number: int, _frame: object) -> None:
        raise SystemExit(128 + number)

    for name in ("SIGTERM", "SIGHUP", "SIGBREAK"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), leave)
