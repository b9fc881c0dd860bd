"""The markers of a suite: which task a test belongs to, its points, what it builds on and needs.

``@pytest.mark.task("2.3", hint="…")``   the task it checks, and a question that leads on
``@pytest.mark.points(5)``               points of the whole test, earned when all its cases pass
``@pytest.mark.needs("2.1", "2.2")``     if a test of these tasks failed, this one waits
``@pytest.mark.parts("mariadb")``        system parts: tk, xvfb, mariadb, fonts, bwrap
``@pytest.mark.functions``               it judges functions: a server in another language, or one
                                         that runs already, does not wait on it
"""

import os
import statistics
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from .tree import STARTERS

LINES = (
    "task(id, hint=''): the task that the test checks, and a question shown when it fails",
    "points(number): points of the test, earned when all its cases pass",
    "needs(*ids): tasks that the test builds on; when one failed, the test waits",
    "parts(*names): parts of the system that the test needs: tk, xvfb, mariadb, fonts, bwrap",
    "functions: judges functions; a server in another language does not wait on it",
)


@dataclass(frozen=True, slots=True)
class Marks:
    """What the markers of one test say."""

    suite: str
    function: str  # the node id without the parameters
    title: str
    task: str = ""
    hint: str = ""
    points: float = 0.0
    needs: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    functions: bool = False

    def as_data(self) -> dict[str, Any]:
        """Return what a report says about the test, as JSON."""
        return {
            "suite": self.suite,
            "function": self.function,
            "title": self.title,
            "task": self.task,
            "hint": self.hint,
            "points": self.points,
        }


def read_marks(item: pytest.Item) -> Marks:
    """Return what the markers of ``item`` say; raises pytest.UsageError for a malformed one."""
    task = item.get_closest_marker("task")
    points = item.get_closest_marker("points")
    if task is not None and not (len(task.args) == 1 and isinstance(task.args[0], str)):
        raise pytest.UsageError(f"{item.nodeid}: task takes one id, as in task('2.3')")
    if points is not None and not (len(points.args) == 1 and points.args[0] > 0):
        raise pytest.UsageError(f"{item.nodeid}: points takes one number above 0")
    return Marks(
        suite=suite_of(item),
        function=item.nodeid.partition("[")[0],
        title=_title(item),
        task=str(task.args[0]) if task else "",
        hint=str(task.kwargs.get("hint", "")) if task else "",
        points=float(points.args[0]) if points else 0.0,
        needs=_texts(item, "needs"),
        parts=_texts(item, "parts"),
        functions=item.get_closest_marker("functions") is not None,
    )


MARKS = pytest.StashKey[Marks]()


def suite_of(item: pytest.Item) -> str:
    """Return the directory under tests/ that the test belongs to: stage2_protocol, kit, …"""
    try:
        parts = item.path.relative_to(item.config.rootpath).parts
    except ValueError:
        return ""
    return parts[1] if parts[0] == "tests" and len(parts) > 2 else ""


def _texts(item: pytest.Item, name: str) -> tuple[str, ...]:
    found = [str(arg) for marker in item.iter_markers(name) for arg in marker.args]
    return tuple(dict.fromkeys(found))


def _title(item: pytest.Item) -> str:
    """Return what the test checks, as a sentence: its name is one."""
    name, bracket, case = item.name.partition("[")
    words = name.removeprefix("test_").replace("_", " ")
    return words + (f" [{case}" if bracket else "")


def in_task_order(items: list[pytest.Item]) -> list[pytest.Item]:
    """Return the tests with each suite's tasks in order; otherwise as they stand in the files."""
    suites = {suite: number for number, suite in enumerate(dict.fromkeys(map(suite_of, items)))}

    def place(item: pytest.Item) -> tuple[int, tuple[int, ...]]:
        return suites[suite_of(item)], task_number(item.stash[MARKS].task)

    return sorted(items, key=place)


def task_number(task: str) -> tuple[int, ...]:
    """Return "2.10" as (2, 10), so that it stands after 2.9; tests without a task stand last."""
    numbers = tuple(int(part) for part in task.split(".") if part.isdecimal())
    return numbers or (1_000_000,)


# Tests of a waiting task that wait in vain: after so many the others of it wait less for an answer,
# and after so many they are left alone if nothing of the task has passed. All the waits of a run
# may cost so much time, in seconds of a machine with nothing else to do: then nothing is tried any
# more in tasks that have waited in vain. A run has a limit, and the last tasks must come into it.
PATIENT_ECHOES, HOPELESS_ECHOES, ECHO_SECONDS = 2, 4, 80.0


@dataclass
class Ledger:
    """Which tasks of each suite have failed so far, and which task is to blame.

    A task that builds on a failed one is *waiting*: its tests are still run, because what passes
    has earned its points, but a failure there is an echo and is shown as waiting. Quick echoes
    cost nothing; late ones are those that waited until their time was up, and have their limits.
    """

    blame: dict[tuple[str, str], str] = field(default_factory=dict)
    late_echoes: dict[tuple[str, str], int] = field(default_factory=dict)
    late_seconds: float = 0.0  # what all of them have cost
    works: set[tuple[str, str]] = field(default_factory=set)  # tasks of which a test passed
    late: set[tuple[str, str]] = field(default_factory=set)
    seconds: list[float] = field(default_factory=list)  # of the tests that passed

    def failed(self, marks: Marks) -> None:
        """Remember that a test of this task failed."""
        if marks.task:
            self.blame[marks.suite, marks.task] = marks.task

    def waiting_on(self, marks: Marks) -> str:
        """Return the task whose failure makes this test wait, "" for none; it waits from now on.

        A task that waits is blamed on what it waits for: the first cause is what is shown.
        """
        for need in marks.needs:
            cause = self.blame.get((marks.suite, need), "")
            if cause and need != marks.task:
                if marks.task:
                    self.blame.setdefault((marks.suite, marks.task), cause)
                return cause
        return ""

    def late_echo(self, marks: Marks, seconds: float) -> None:
        """Remember that a test of a waiting task failed because its time was up."""
        key = marks.suite, marks.task
        self.late_echoes[key] = self.late_echoes.get(key, 0) + 1
        self.late_seconds += seconds

    def is_late(self, marks: Marks) -> bool:
        """Whether so many tests of a waiting task were late that an answer gets less time."""
        return self.late_echoes.get((marks.suite, marks.task), 0) >= PATIENT_ECHOES

    def is_hopeless(self, marks: Marks) -> bool:
        """Whether the rest of a waiting task is not worth its time."""
        key = marks.suite, marks.task
        is_spent = self.late_seconds >= ECHO_SECONDS
        most = PATIENT_ECHOES if is_spent else HOPELESS_ECHOES
        return self.late_echoes.get(key, 0) >= most and (is_spent or key not in self.works)

    def passed(self, marks: Marks, seconds: float) -> None:
        """Remember that a test passed, and how long it took."""
        self.works.add((marks.suite, marks.task))
        self.seconds.append(seconds)

    @property
    def usual_seconds(self) -> float:
        """How long a test takes that passes: the middle of all so far; 0 when there is none."""
        return statistics.median(self.seconds) if self.seconds else 0.0

    def waited_in_vain(self, marks: Marks) -> None:
        """Remember that a test of this task failed because its time was up."""
        self.late.add((marks.suite, marks.task))

    def has_waited_in_vain(self, marks: Marks) -> bool:
        """Whether the time of another test of this task was up before."""
        return (marks.suite, marks.task) in self.late


def missing_parts() -> dict[str, str]:
    """Return the system parts that this machine lacks: name -> command that would install it."""
    from . import system

    return system.missing_parts()


def is_ci() -> bool:
    """Whether a missing system part is a failure, not a reason to skip."""
    return os.environ.get("CI", "").lower() in ("true", "1")


def complete_suites(config: pytest.Config) -> set[Path]:
    """Return the folders of suites whose conftest says ``SUITE_COMPLETE = True``."""
    found = set()
    for plugin in config.pluginmanager.get_plugins():
        if getattr(plugin, "SUITE_COMPLETE", False) and getattr(plugin, "__file__", None):
            found.add(Path(plugin.__file__).parent)
    return found


def check_points(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Raise pytest.UsageError when a complete suite, collected as a whole, is not worth 100.

    The marks of the items stand in their stash.
    """
    if config.getoption("lf", False):
        return  # --last-failed does not collect the files in which nothing failed
    if STARTERS.is_dir():
        return  # a handout lacks the hidden tests, and their points
    for folder in complete_suites(config):
        if not any(_covers(config, arg, folder) for arg in config.args):
            continue
        marks = [item.stash[MARKS] for item in items]
        worth = {mark.function: mark.points for mark in marks if mark.suite == folder.name}
        if abs(sum(worth.values()) - 100) > 1e-2:
            raise pytest.UsageError(
                f"the points of tests/{folder.name} add up to {sum(worth.values()):g}, not to 100"
            )


def _covers(config: pytest.Config, arg: str, folder: Path) -> bool:
    if "::" in arg:
        return False
    path = (config.invocation_params.dir / arg).resolve()
    return path == folder or path in folder.parents
