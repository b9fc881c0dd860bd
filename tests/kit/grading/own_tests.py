"""The suite as the instructor wants it: with hidden tests, and with other points.

The suite, the harness and the earlier stages are copied into a folder of the grader, and what is
the instructor's is put among them: the checkout itself is never changed.
"""

import json
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..environment import scrubbed
from ..failure import HarnessError
from ..marks import task_number
from ..points import read_points
from ..tree import CHECKOUT, STAGES, copy_plain
from .sandbox import Suite

HIDDEN = re.compile(r"test_hidden_\w+\.py")
POINTS = "points.toml"
COLLECT_SECONDS = 300
SAID = 2000
ADD_UP = "add up to"  # in what pytest says of points that are not 100 (marks.check_points)


@dataclass(frozen=True, slots=True)
class OwnTests:
    """What an instructor adds: a folder of ``test_hidden_*.py``, and a file of points."""

    hidden: Path | None = None
    points: Path | None = None

    def __bool__(self) -> bool:
        return self.hidden is not None or self.points is not None


def is_hidden(function: str) -> bool:
    """Whether a test is hidden from students, by the file in its id."""
    return HIDDEN.fullmatch(function.partition("::")[0].rpartition("/")[2]) is not None


def build(stage: str, own: OwnTests, folder: Path) -> Suite:
    """Write the suite into the empty folder and return it.

    Raises HarnessError when a test has no task, points do not add up to 100, or names are unknown.
    """
    for name in ("tests/kit", f"tests/{stage}", "docs", *STAGES[: STAGES.index(stage) + 1]):
        copy_plain(CHECKOUT / name, folder / name)
    for name in ("tests/__init__.py", "tests/conftest.py", "pyproject.toml"):
        shutil.copyfile(CHECKOUT / name, folder / name)
    if own.hidden is not None:
        _add_hidden(own.hidden, folder / "tests" / stage)
    options: tuple[str, ...] = ()
    if own.points is not None:
        read_points(own.points)
        shutil.copyfile(own.points, folder / POINTS)
        options = (f"--points={POINTS}",)
    suite = Suite(f"tests/{stage}", folder, folder, options)
    plan = collect(suite)
    lost = [m["title"] for m in plan if is_hidden(m["function"]) and not m["task"]]
    if lost:
        raise HarnessError(
            f"a hidden test belongs to a task: @pytest.mark.task; without: {lost[0]}"
        )
    return suite


def _add_hidden(source: Path, suite: Path) -> None:
    if not source.is_dir():
        raise HarnessError(f"--hidden wants a folder of tests, there is none at {source}")
    found = sorted(path for path in source.iterdir() if path.is_file() and path.suffix == ".py")
    if not any(HIDDEN.fullmatch(path.name) for path in found):
        raise HarnessError(f"{source} holds no test_hidden_*.py")
    for path in found:
        if path.name.startswith("test_") and not HIDDEN.fullmatch(path.name):
            raise HarnessError(
                f"{path}: a test that is hidden stands in a file test_hidden_*.py; by this name it "
                "would be shown to students"
            )
        if (suite / path.name).exists():
            raise HarnessError(f"{path}: the suite has a file of this name already")
        shutil.copyfile(path, suite / path.name)


def collect(suite: Suite) -> list[dict[str, Any]]:
    """Return the marks of all tests of a suite, without running one.

    Raises HarnessError with what pytest complains of.
    """
    events = suite.root / "plan.jsonl"
    words = ["-q", "--collect-only", suite.tests, f"--events={events}", *suite.options]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *words, "-p", "no:cacheprovider", "--color=no"],
        cwd=suite.root,
        env={**scrubbed(suite.root), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        timeout=COLLECT_SECONDS,
        check=False,
    )
    said = (done.stdout + done.stderr).decode("utf-8", "replace")
    if done.returncode or not events.exists():
        errors = [line[7:] for line in said.splitlines() if line.startswith("ERROR: ")]
        told = "; ".join(errors) if errors and done.returncode == 4 else said.strip()[-SAID:]
        sums = _sums(_planned(events)) if ADD_UP in told else ""
        raise HarnessError(f"the suite with your tests and points does not run: {told}{sums}")
    return _planned(events)


def _planned(events: Path) -> list[dict[str, Any]]:
    tests: list[dict[str, Any]] = json.loads(events.read_text("utf-8").splitlines()[0])["tests"]
    events.unlink()
    return tests


def _sums(plan: list[dict[str, Any]]) -> str:
    """Say what each task adds up to, and what of it the hidden tests do."""
    worth = {test["function"]: test for test in plan if test["points"]}  # cases share their points
    tasks: dict[str, float] = {}
    hidden: dict[str, float] = {}
    for function, test in worth.items():
        for sums in (tasks, hidden) if is_hidden(function) else (tasks,):
            sums[test["task"]] = sums.get(test["task"], 0.0) + float(test["points"])
    told = f". By task, hidden tests included: {_listed(tasks)}"
    return told + (f". Of that, hidden tests: {_listed(hidden)}" if hidden else "")


def _listed(tasks: dict[str, float]) -> str:
    return ", ".join(
        f"{task or 'no task'} {tasks[task]:g}" for task in sorted(tasks, key=task_number)
    )
