"""Grades many submissions side by side; each costs its own time and nobody else's."""

import shutil
import tempfile
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from .. import bank
from ..confine import USER
from ..failure import HarnessError
from ..progress import Event
from ..starters import task_titles
from ..tree import CHECKOUT, STAGES
from ..view import escape
from . import user_ids
from .collecting import Found, digest, stage_submission
from .likely import likely
from .own_tests import POINTS, is_hidden
from .results import FILE, GRADED, REFUSED, RESULTS, STUDENTS, TROUBLE, UNFINISHED, Result, load
from .running import LIMIT_SECONDS, Run, judge
from .sandbox import Box, Suite
from .turns import TIMES, Turns
from .unpack import BadSubmission, remove
from .watch import Watch


@dataclass(frozen=True)
class Order:
    """What is graded, and how. ``out`` gets a folder for each submission."""

    stage: str
    level: str
    out: Path
    jobs: int = 1
    limit: float = LIMIT_SECONDS
    suite: Suite | None = None  # another one than the stage's: for tests of the grader
    options: Sequence[str] = ()
    without: Sequence[str] = ()  # parts of the system that are left out for everybody
    is_anew: bool = False  # what was done before is done again
    all_own: bool = False  # a second run, over the student's own earlier stages
    partial: Callable[[Result], object] | None = None  # gets the result so far, after each test

    @property
    def tests(self) -> Suite:
        """The suite that judges."""
        return self.suite or Suite(f"tests/{self.stage}")


class Grader:
    """Grades the submissions of one order."""

    def __init__(self, order: Order) -> None:
        self.order = order
        self.watch = Watch()
        self.sha256 = grader_digest(order)
        self._titles = task_titles(order.stage)
        self._bank = bank.entries(order.stage)
        self._stopped = threading.Event()
        # Other levels have a network for each; here one submission could use another's ports.
        self._turns = Turns(order.jobs, times=1 if order.level == USER else TIMES)

    def grade(
        self, submissions: Sequence[Found], tell: Callable[[Result], object] = lambda result: None
    ) -> list[Result]:
        """Grade all; ``tell`` gets each result as it comes. What was done before is kept.

        On KeyboardInterrupt those that run now are ended; what is done stays.
        """
        self.watch.total = len(submissions)
        pool = ThreadPoolExecutor(max_workers=self._turns.most)
        try:
            for future in as_completed([pool.submit(self._one, found) for found in submissions]):
                result = future.result()
                if result is not None:
                    tell(result)
        finally:
            self._stopped.set()
            pool.shutdown(wait=True, cancel_futures=True)
        return sorted(self.watch.done, key=lambda result: result.id)

    def _one(self, found: Found) -> Result | None:
        with self._turns.turn(self._stopped):
            return None if self._stopped.is_set() else self._in_turn(found)

    def _in_turn(self, found: Found) -> Result | None:
        result = Result(found.id, found.name, self.order.stage, sandbox=self.order.level)
        result.grader_sha256 = self.sha256
        own = self.order.out / RESULTS / found.id
        self.watch.begin(found.name)
        try:
            with tempfile.TemporaryDirectory(
                prefix="kit-grade-", ignore_cleanup_errors=True
            ) as name:
                result, is_old = self._judged(found, result, own, Path(name))
        except _Stopped:
            return None
        finally:
            self.watch.end(found.name)
        if not is_old:
            result.finished = datetime.now(UTC).isoformat(timespec="seconds")
            result.likely = likely(result, self._bank)
            result.save(own)
        with self.watch.lock:
            self.watch.done.append(result)
            self.watch.kept += is_old
        return result

    def _judged(self, found: Found, result: Result, own: Path, work: Path) -> tuple[Result, bool]:
        """Return the result, and whether it is that of an earlier run."""
        try:
            staged = stage_submission(found.path, self.order.stage, work)
        except BadSubmission as error:
            # It may hold names that strangers gave.
            result.status, result.why = REFUSED, escape(str(error), keep="")
            return result, False
        except Exception as error:  # one submission never stops the others
            result.status, result.why = TROUBLE, f"{type(error).__name__}: {error}"
            return result, False
        result.submission_sha256 = staged.sha256
        result.notes += staged.notes
        try:
            return self._run(found, result, own, staged.folder, work)
        except _Stopped:
            raise
        except Exception as error:
            result.status, result.why = TROUBLE, f"{type(error).__name__}: {error}"
            return result, False

    def _run(
        self, found: Found, result: Result, own: Path, submission: Path, work: Path
    ) -> tuple[Result, bool]:
        old = None if self.order.is_anew else load(own / FILE)
        is_old = old is not None and _is_same(old, result)
        if old is not None and is_old:
            result = old
        else:
            run = self._suite(found, result, submission, work / "out")
            _fill(result, run)
            kept = RESULTS if any(is_hidden(c["function"]) for c in result.checks) else STUDENTS
            _keep_pictures(work / "out" / "artefacts", self.order.out / kept / found.id)
            remove(work / "out")
        stages = own_stages(submission, self.order.stage)
        if self.order.all_own and stages and not result.all_own:
            is_old = False
            run = self._suite(found, None, submission, work / "own", "--own-earlier")
            result.all_own = _beside(run, stages)
        return result, is_old

    def _suite(
        self, found: Found, result: Result | None, submission: Path, out: Path, *options: str
    ) -> Run:
        """Run the suite once; ``result`` is what a partial result is made of."""
        out.mkdir()

        def take(event: Event, run: Run) -> None:
            if self._stopped.is_set():
                raise _Stopped
            self.watch.note(found.name, event)
            if self.order.partial is not None and result is not None and event["event"] == "end":
                so_far = replace(result, status=UNFINISHED, why="the tests still run")
                so_far.checks, so_far.failures = run.checks(), run.progress.failures
                self.order.partial(so_far)

        with user_ids.claimed() if self.order.level == USER else nullcontext(0) as user:
            run = judge(
                self.order.level,
                Box(self.order.tests, submission, out, user),
                self._titles,
                tell=take,
                limit=self.order.limit,
                options=[*self.order.options, *options],
                without=self.order.without,
                is_stopped=self._stopped.is_set,
            )
        if run.trouble and self._stopped.is_set():
            raise _Stopped  # the trouble may be that it was stopped: it is graded anew
        return run


class _Stopped(Exception):
    """The whole grading is to end."""


def _is_same(old: Result, new: Result) -> bool:
    return old.status not in (TROUBLE,) and (
        (old.submission_sha256, old.grader_sha256, old.stage)
        == (new.submission_sha256, new.grader_sha256, new.stage)
    )


def _fill(result: Result, run: Run) -> None:
    result.seconds = round(run.seconds, 2)
    result.notes += run.notes
    result.checks = run.checks()
    result.failures = run.progress.failures
    result.left_out = dict(run.progress.left_out)
    result.why = run.trouble
    if run.trouble:
        result.status = TROUBLE if run.is_graders else UNFINISHED


def own_stages(submission: Path, stage: str) -> list[str]:
    """Return the earlier stages that a submission holds itself."""
    return [name for name in STAGES[: STAGES.index(stage)] if (submission / name).is_dir()]


def _beside(run: Run, stages: list[str]) -> dict[str, Any]:
    made = Result("", "", "", checks=run.checks())
    made.status = GRADED if not run.trouble else TROUBLE if run.is_graders else UNFINISHED
    return {
        "stages": stages,
        "score": made.score,
        "points": made.points,
        "status": made.status,
        "why": run.trouble,
        "checks": made.checks,
    }


def _keep_pictures(source: Path, own: Path) -> None:
    """Keep the screenshots of windows; the sandbox's folder is gone soon."""
    for path in sorted(source.rglob("*.png"))[:50]:
        if path.is_file() and not path.is_symlink() and path.stat().st_size < 5_000_000:
            own.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, own / path.name)


def grader_digest(order: Order) -> str:
    """Return the hash of all that a mark depends on, but for the submission."""
    suite = order.suite
    if suite is not None and suite.root != suite.checkout:
        folders = [suite.root / suite.tests]
    else:
        root = suite.checkout if suite else CHECKOUT
        earlier = STAGES[: STAGES.index(order.stage)]
        folders = [root / name for name in ("tests/kit", f"tests/{order.stage}", *earlier)]
        folders += [root / POINTS] if (root / POINTS).is_file() else []
    return digest(folders) + "".join(f" without {name}" for name in order.without)


def shard(submissions: Sequence[Found], text: str) -> list[Found]:
    """Return the part ``i/n`` of the submissions: every n-th, from the i-th on, counted from 1."""
    i, slash, n = text.partition("/")
    if not (slash and i.isdecimal() and n.isdecimal() and 1 <= int(i) <= int(n)):
        raise HarnessError(f"--shard wants I/N with I from 1 to N, as in 2/4; got {text}")
    return list(submissions[int(i) - 1 :: int(n)])
