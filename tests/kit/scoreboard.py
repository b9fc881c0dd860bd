"""Points and tasks of a run, collected from the reports (so it works across xdist's processes)."""

import io
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import pytest
from rich.console import Console
from rich.table import Table
from rich.text import Text

from .json_types import JsonObject
from .marks import task_number

PASSED, FAILED, WAITING, LEFT_OUT = "passed", "failed", "waiting", "left out"
SIGNS = {PASSED: "✓", FAILED: "✗", WAITING: "…", LEFT_OUT: "-"}
PLAIN_SIGNS = {PASSED: "+", FAILED: "x", WAITING: ".", LEFT_OUT: "-"}
COLOURS = {PASSED: "green", FAILED: "red", WAITING: "yellow", LEFT_OUT: "dim"}
NOTHING_WORKS = (
    "Not one check passed, which no single known mistake does. See first that the program can be "
    "imported, that it starts, and that it answers: the first failure shows how far it came."
)


@dataclass
class Line:
    """One test function with all its cases."""

    title: str
    points: float
    outcomes: set[str] = field(default_factory=set)
    failed_cases: list[str] = field(default_factory=list)  # their titles
    cause: str = ""  # the task that it waits on
    seen: str = ""  # what was wrong all the same; "" where it was not tried

    @property
    def outcome(self) -> str:
        """The worst of its cases; left out only when every case is."""
        for outcome in (FAILED, WAITING, PASSED):
            if outcome in self.outcomes:
                return outcome
        return LEFT_OUT

    @property
    def earned(self) -> float:
        """Its points if all its cases passed, else 0."""
        return self.points if self.outcome == PASSED else 0.0

    @property
    def expected(self) -> float:
        """Its points, unless this machine could not run it at all."""
        return 0.0 if self.outcome == LEFT_OUT else self.points


class Scoreboard:
    """suite -> task -> function -> Line, and what was not tested."""

    def __init__(self) -> None:
        self.suites: dict[str, dict[str, dict[str, Line]]] = {}
        self.untested: dict[str, int] = {}  # reason -> number of tests

    def note(self, report: pytest.TestReport) -> None:
        """Take in one report of one phase of one test."""
        facts = dict(report.user_properties)
        marks: Any = facts.get("course")
        if not isinstance(marks, dict):
            return
        outcome = outcome_of(report, facts)
        if outcome == LEFT_OUT:
            reason = str(facts.get("not_tested"))
            self.untested[reason] = self.untested.get(reason, 0) + 1
        if outcome and marks["task"]:
            tasks = self.suites.setdefault(marks["suite"], {})
            lines = tasks.setdefault(marks["task"], {})
            title = marks["title"].partition(" [")[0]
            line = lines.setdefault(marks["function"], Line(title, marks["points"]))
            line.outcomes.add(outcome)
            if outcome == FAILED:
                line.failed_cases.append(marks["title"])
            line.cause = line.cause or str(facts.get("waiting_on", ""))

    def earned(self, suite: str) -> tuple[float, float]:
        """Return the points earned in a suite, and those that could be earned here."""
        lines = [line for lines in self.suites.get(suite, {}).values() for line in lines.values()]
        return sum(line.earned for line in lines), sum(line.expected for line in lines)

    def as_data(self) -> list[JsonObject]:
        """Return every test function with its task, points, outcome and first cause."""
        return [
            {
                "suite": suite,
                "task": task,
                "function": function,
                "title": line.title,
                "points": line.points,
                "earned": line.earned,
                "outcome": line.outcome,
                "failed_cases": [*line.failed_cases],
                "waiting_on": line.cause,
            }
            for suite, tasks in self.suites.items()
            for task, lines in tasks.items()
            for function, line in lines.items()
        ]

    def render(self, width: int, colour: bool, unicode: bool) -> str:
        """Return a table for each suite whose tests have points."""
        console = Console(
            file=io.StringIO(), width=width, force_terminal=colour, no_color=not colour
        )
        for suite in self.suites:
            earned, expected = self.earned(suite)
            if expected:
                title = f"{suite}: {earned:g} of {expected:g} points"
                console.print(self._table(suite, SIGNS if unicode else PLAIN_SIGNS, title))
        file = console.file
        return file.getvalue() if isinstance(file, io.StringIO) else ""

    def _table(self, suite: str, signs: dict[str, str], title: str) -> Table:
        table = Table(title=title, title_justify="left", box=None, padding=(0, 1))
        for heading in ("", "task", "points", "what"):
            table.add_column(heading, justify="right" if heading == "points" else "left")
        for task in sorted(self.suites[suite], key=task_number):
            for line in self.suites[suite][task].values():
                colour = COLOURS[line.outcome]
                what = f"waiting on {line.cause}: {line.title}" if line.cause else line.title
                points = f"{line.earned:g}/{line.points:g}" if line.points else ""
                cells = (signs[line.outcome], task, points, what)
                table.add_row(*(Text(cell, style=colour) for cell in cells))
        return table


def outcome_of(report: pytest.TestReport, facts: dict[str, object]) -> str:
    """Return what this phase decides about the test, "" if nothing."""
    if report.failed:
        return FAILED
    if report.skipped:
        if "waiting_on" in facts:
            return WAITING
        # Skipped by the test or by the submission for no reason of this machine: points are lost.
        return LEFT_OUT if "not_tested" in facts else FAILED
    return PASSED if report.when == "call" else ""


def nothing_works(outcomes: Iterable[tuple[str, str]]) -> bool:
    """Whether a run of several tasks has failures and nothing that passed: (task, outcome) each."""
    told = list(outcomes)
    found = {outcome for _, outcome in told}
    return len({task for task, _ in told}) > 1 and FAILED in found and PASSED not in found
