"""Runs a suite on a student's folder and hands on what happens, as it happens."""

import json
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from .progress import Event
from .pytest_command import pytest_command, pytest_environment
from .tree import CHECKOUT

LOOK_SECONDS = 0.05
# With less than this on the disk, that is what a run has failed of.
LEAST_BYTES = 1_000_000


class RunFailed(Exception):
    """The suite itself did not run to its end; the text says why."""


def run(arguments: Sequence[str], tell: Callable[[Event], object]) -> None:
    """Run pytest in the checkout with ``arguments``; ``tell`` gets each event at once.

    Raises RunFailed when pytest could not run the suite. On Ctrl-C, which the terminal sends to
    pytest as well, it is waited for; KeyboardInterrupt is then raised.
    """
    with tempfile.TemporaryDirectory(prefix="kit-check-") as folder:
        events, output = Path(folder, "events.jsonl"), Path(folder, "output.txt")
        more = ["-p", "no:cacheprovider", "--color=no"]
        command = pytest_command(*arguments, f"--events={events}", *more)
        announced = ended = 0
        with _started(command, output) as child:
            for event in _follow(events, child):
                announced += len(event.get("tests", ()))
                ended += event["event"] == "end"
                tell(event)
        # 0 and 1: all passed, some failed. 5: everything was deselected.
        is_broken = child.returncode not in (0, 1, 5)
        # What was not told, because the disk is full say, was not judged.
        if is_broken or (ended < announced and "--exitfirst" not in arguments):
            raise RunFailed(_reason(output.read_text("utf-8", "replace")))


def _reason(said: str) -> str:
    """Return what pytest complains of in a line, or all that it has said."""
    place = tempfile.gettempdir()
    if shutil.disk_usage(place).free < LEAST_BYTES:
        return f"the suite needs space in {place}, and the disk is full: free some, then try again"
    errors = [line[7:] for line in said.splitlines() if line.startswith("ERROR: ")]
    return "\n".join(errors) or f"the suite did not run:\n\n{said.strip()}"


@contextmanager
def _started(command: Sequence[str], output: Path) -> Iterator[subprocess.Popen[bytes]]:
    with output.open("wb") as file:
        child = subprocess.Popen(
            command,
            cwd=CHECKOUT,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            env=pytest_environment(),
        )
        try:
            yield child
        except KeyboardInterrupt:
            child.wait()  # it has got the same Ctrl-C, and ends the programs that it started
            raise
        finally:
            if child.poll() is None:
                child.terminate()
            child.wait()


def _follow(path: Path, child: subprocess.Popen[bytes]) -> Iterator[Event]:
    """Yield the events in a file that is still being written, until the writer has ended."""
    rest, at = b"", 0
    while True:
        ended = child.poll() is not None
        if path.exists():
            with path.open("rb") as file:
                file.seek(at)
                new = file.read()
            at += len(new)
            *lines, rest = (rest + new).split(b"\n")
            for line in lines:
                yield json.loads(line)
        if ended:
            return
        time.sleep(LOOK_SECONDS)
