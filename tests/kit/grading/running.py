"""One suite on one submission, in the sandbox: what it earned, or why that is not known."""

import contextlib
import os
import secrets
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from ..confine import BUBBLEWRAP
from ..deadlines import within
from ..progress import Event, Progress, Task
from ..scoreboard import FAILED, PASSED, Line
from ..system import MISSING_VARIABLE
from .guard import Guard
from .sandbox import Box, command
from .seals import KEY_BYTES, Forged, opened

# A whole run, on a machine that has nothing else to do. A right submission needs a tenth of it,
# one that hangs everywhere about half.
LIMIT_SECONDS = 240.0
LOOK_SECONDS = 0.1
ENDING_SECONDS = 10.0
SAID_BYTES = 4000
NOT_RUN = "not run"  # the run ended before all cases of the check had


@dataclass
class Run:
    """What became of a run. ``trouble`` is why it did not come to its end, "" if it did.

    ``is_graders`` says that the trouble is not the submission's fault: there is no mark then.
    """

    progress: Progress
    seconds: float = 0.0
    trouble: str = ""
    is_graders: bool = False
    notes: list[str] = field(default_factory=list)
    missing: Counter[str] = field(default_factory=Counter)  # function -> cases that did not run

    def take(self, event: Event) -> None:
        """Take in one event."""
        if event["event"] == "plan":
            self.missing = Counter(marks["function"] for marks in event["tests"])
        elif event["event"] == "end":
            self.missing[event["function"]] -= 1
        self.progress.take(event)

    def checks(self) -> list[dict[str, Any]]:
        """Return every check with its points, outcome and first cause, as JSON."""
        return [
            _check(task, function, line, ran=self.missing[function] <= 0)
            for task in self.progress.tasks.values()
            for function, line in task.lines.items()
        ]


def judge(
    level: str,
    box: Box,
    titles: dict[str, str],
    *,
    tell: Callable[[Event, Run], object] = lambda event, run: None,
    limit: float = LIMIT_SECONDS,
    options: Sequence[str] = (),
    without: Sequence[str] = (),
    is_stopped: Callable[[], bool] = lambda: False,
) -> Run:
    """Run the suite on a submission; ``tell`` gets each event at once.

    ``box.out`` is an empty folder. Whatever the submission does, this returns within ``limit``
    seconds (longer on a busy machine) and a few more, and soon after ``is_stopped()`` is true.
    """
    key = secrets.token_bytes(KEY_BYTES)
    run = Run(Progress(titles))
    start = time.monotonic()
    with _started(level, box, key, options, without) as child:
        guard = Guard(child, None if level == BUBBLEWRAP else box.out.parent, box.user)
        lines = _Lines(box.out / "events.txt", child, limit, is_stopped)
        try:
            over = _follow(lines, key, run, tell)
        except Forged as error:
            over, run.trouble = True, str(error)
        guard.stop()
        run.notes += guard.notes
        code = _exit_code(child) if over else child.poll()
    run.seconds = time.monotonic() - start
    if guard.was_full:
        run.trouble, run.is_graders = "the disk was full, and not by this submission", True
    elif not over:
        _explain(run, lines.is_late, limit, box.out, code)
    elif not run.trouble and (code not in (0, 1, None) or not run.progress.tasks):
        run.trouble = f"the suite did not run as it should (exit code {code}); it said: "
        run.trouble, run.is_graders = run.trouble + _said(box.out), True
    return run


def _follow(lines: "_Lines", key: bytes, run: Run, tell: Callable[[Event, Run], object]) -> bool:
    """Take in the events; return whether the run came to its end."""
    for event in opened(lines, key):
        if event["event"] == "over":
            return True
        run.take(event)
        tell(event, run)
    return False


def _explain(run: Run, is_late: bool, limit: float, out: Path, code: int | None) -> None:
    if is_late:
        run.trouble = f"the run was ended after its limit of {limit:.0f} s"
    else:
        run.trouble = f"the test process ended before its time (exit code {code})"
    if not run.progress.is_planned:
        # No program of the submission runs before the plan stands.
        run.is_graders = True
        run.trouble += f"; it said: {_said(out)}"


def _said(out: Path) -> str:
    said = (out / "output.txt").read_bytes()[-SAID_BYTES:]
    return said.decode("utf-8", "replace").strip()


def _exit_code(child: "subprocess.Popen[bytes]") -> int | None:
    """Return how a run that is over ended; None when it has not yet: nothing depends on it."""
    try:
        return child.wait(ENDING_SECONDS)
    except subprocess.TimeoutExpired:
        return None


@contextlib.contextmanager
def _started(
    level: str, box: Box, key: bytes, options: Sequence[str], without: Sequence[str]
) -> Iterator["subprocess.Popen[bytes]"]:
    words = [
        box.suite.tests,
        *box.suite.options,
        "-q",
        "-p",
        "tests.kit.grading.sealed",
        "-p",
        "no:cacheprovider",
    ]
    words += ["--submission={submission}", "--sealed-events={out}/events.txt", "--color=no"]
    start = command(level, box, [*words, "--artefacts={out}/artefacts", *options])
    with (box.out / "output.txt").open("wb") as output:
        child = subprocess.Popen(
            start.argv,
            cwd=start.cwd,
            env={**start.env, MISSING_VARIABLE: ",".join(without)},
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            # A Ctrl-C at the terminal must not end it: what it had would pass for its result.
            start_new_session=os.name != "nt",
            creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
        )
    try:
        if child.stdin is not None:
            with contextlib.suppress(OSError):
                child.stdin.write(key.hex().encode() + b"\n")
                child.stdin.close()
        yield child
    finally:
        end(child)


def end(child: "subprocess.Popen[bytes]") -> None:
    """Kill a run with all that it started; behind bubblewrap nothing can outlive it."""
    family: list[psutil.Process] = []
    with contextlib.suppress(psutil.Error):
        family = psutil.Process(child.pid).children(recursive=True)
    with contextlib.suppress(OSError):
        child.kill()
    for member in family:
        with contextlib.suppress(psutil.Error):
            member.kill()
    child.wait()


class _Lines:
    """The lines of a file that is still being written, until its writer ends or time is up."""

    def __init__(
        self,
        path: Path,
        child: "subprocess.Popen[bytes]",
        limit: float,
        is_stopped: Callable[[], bool],
    ) -> None:
        self._path, self._child, self._left = path, child, limit
        self._is_stopped = is_stopped
        self.is_late = False

    def __iter__(self) -> Iterator[bytes]:
        rest, at, before = b"", 0, time.monotonic()
        while True:
            ended = self._child.poll() is not None
            if self._path.exists():
                with self._path.open("rb") as file:
                    file.seek(at)
                    new = file.read()
                at += len(new)
                *lines, rest = (rest + new).split(b"\n")
                yield from lines
            if ended or self._is_stopped():
                return
            # A second counts for less while the machine is busy: others may come and go.
            now = time.monotonic()
            self._left, before = self._left - (now - before) / within(1), now
            if self._left < 0:
                self.is_late = True
                return
            time.sleep(LOOK_SECONDS)


def _check(task: Task, function: str, line: Line, *, ran: bool) -> dict[str, Any]:
    outcome = line.outcome if ran or line.outcome == FAILED else NOT_RUN
    return {
        "task": task.name,
        "task_title": task.title,
        "function": function,
        "title": line.title,
        "points": line.points,
        "earned": line.points if outcome == PASSED else 0.0,
        "outcome": outcome,
        "waiting_on": line.cause,
        "seen": line.seen,
        "failed_cases": list(line.failed_cases),
    }
