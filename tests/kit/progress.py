"""How far a run of a suite is, task by task: what its events (``events.py``) add up to."""

from dataclasses import dataclass, field
from typing import Any

from .marks import task_number
from .scoreboard import FAILED, LEFT_OUT, PASSED, WAITING, Line, nothing_works

Event = dict[str, Any]
NO_TASK = "–"


@dataclass
class Task:
    """One task of the suite: its checks by function, and what happened to them so far."""

    name: str
    title: str = ""
    lines: dict[str, Line] = field(default_factory=dict)
    expected: int = 0  # cases that were announced
    ended: int = 0  # cases that have ended

    @property
    def outcomes(self) -> set[str]:
        """The outcomes of its checks so far."""
        return {line.outcome for line in self.lines.values() if line.outcomes}

    @property
    def is_over(self) -> bool:
        """Whether all its cases have ended."""
        return self.ended >= self.expected

    @property
    def outcome(self) -> str:
        """The worst outcome so far; "" before the first."""
        ranked = (FAILED, WAITING, PASSED, LEFT_OUT)
        return next((outcome for outcome in ranked if outcome in self.outcomes), "")

    @property
    def cause(self) -> str:
        """The task that this one waits on, "" for none."""
        return next((line.cause for line in self.lines.values() if line.cause), "")

    @property
    def earned(self) -> float:
        """Points of the checks whose cases have all passed so far."""
        return sum(line.earned for line in self.lines.values()) if self.is_over else 0.0

    @property
    def points(self) -> float:
        """Points that could be earned, without what this machine cannot run."""
        return sum(line.points for line in self.lines.values() if line.outcomes != {LEFT_OUT})


class Progress:
    """The tasks of one run in order, its failures, and what runs now."""

    def __init__(self, titles: dict[str, str]) -> None:
        self._titles = titles
        self.tasks: dict[str, Task] = {}
        self.failures: list[Event] = []  # the events of the tests that failed, first cause first
        self.left_out: dict[str, int] = {}  # reason -> number of tests
        self.now = ""
        self.is_planned = False

    def take(self, event: Event) -> str:
        """Take in one event; return the task that is over with it, "" for none."""
        if event["event"] == "plan":
            self._plan(event["tests"])
        elif event["event"] == "begin":
            self.now = event["title"]
        elif event["event"] == "end":
            return self._end(event)
        return ""

    @property
    def earned(self) -> float:
        """All points earned so far."""
        return sum(task.earned for task in self.tasks.values())

    @property
    def points(self) -> float:
        """All points that could be earned here."""
        return sum(task.points for task in self.tasks.values())

    @property
    def is_perfect(self) -> bool:
        """Whether every check ran and passed."""
        return self.is_planned and all(
            task.is_over and task.outcomes <= {PASSED, LEFT_OUT} for task in self.tasks.values()
        )

    @property
    def nothing_works(self) -> bool:
        """Whether several tasks were tried and nothing passed."""
        return nothing_works(
            (task.name, line.outcome)
            for task in self.tasks.values()
            for line in task.lines.values()
            if line.outcomes
        )

    def outcomes(self) -> dict[str, str]:
        """Return the outcome of every check: function -> outcome."""
        return {
            function: line.outcome
            for task in self.tasks.values()
            for function, line in task.lines.items()
            if line.outcomes
        }

    def _plan(self, tests: list[Event]) -> None:
        self.is_planned = True
        for marks in tests:
            task = self._task(marks)
            task.expected += 1
            self._line(task, marks)

    def _end(self, event: Event) -> str:
        task = self._task(event)
        line = self._line(task, event)
        line.outcomes.add(event["outcome"])
        line.cause = line.cause or event["waiting_on"]
        line.seen = line.seen or event.get("seen", "")
        task.ended += 1
        if event["outcome"] == FAILED:
            line.failed_cases.append(event["title"])
            self.failures.append(event)
        if event["outcome"] == LEFT_OUT:
            self.left_out[event["why"]] = self.left_out.get(event["why"], 0) + 1
        return task.name if task.is_over else ""

    def _task(self, marks: Event) -> Task:
        name = marks["task"] or NO_TASK
        if name not in self.tasks:
            self.tasks[name] = Task(name, self._titles.get(name, ""))
            self.tasks = dict(sorted(self.tasks.items(), key=lambda item: task_number(item[0])))
        return self.tasks[name]

    @staticmethod
    def _line(task: Task, marks: Event) -> Line:
        title = marks["title"].partition(" [")[0]
        return task.lines.setdefault(marks["function"], Line(title, marks["points"]))
