"""The matrix of tests and programs: what each test of a suite finds out, and what finds each fault.

A test that no wrong program fails is of no use; a wrong program that fails nothing shows a hole; a
right program that fails something is treated unfairly; two wrong programs that fail the same tests
count as one.
"""

import subprocess
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from . import bank
from .failure import HarnessError
from .json_types import JsonObject
from .scoreboard import FAILED, PASSED, WAITING


@dataclass(frozen=True, slots=True)
class Verdict:
    """What every test function of a suite said about one program."""

    entry: bank.Entry
    lines: list[JsonObject]
    trouble: str = ""  # why there are no lines

    def outcome(self, function: str) -> str:
        """Return how a test function ended on this program, "" when it did not run."""
        found = (str(line["outcome"]) for line in self.lines if line["function"] == function)
        return next(found, "")

    @property
    def failed_tasks(self) -> set[str]:
        """The tasks that failed, without those that wait on them."""
        return {str(line["task"]) for line in self.lines if line["outcome"] == FAILED}

    @property
    def found_by(self) -> dict[str, list[str]]:
        """What finds the program out in the tasks it is wrong in: function -> failed cases."""
        failed = [line for line in self.lines if line["outcome"] == FAILED]
        own: list[Any] = [line for line in failed if line["task"] in self.entry.fails]
        return {line["function"]: line["failed_cases"] for line in own}

    @property
    def loss(self) -> tuple[str, ...]:
        """What failed in full: the functions, each with the titles of its failed cases."""
        failed = [line for line in self.lines if line["outcome"] == FAILED]
        return tuple(f"{line['function']}: {line['failed_cases']}" for line in failed)

    @property
    def complaint(self) -> str:
        """What is wrong with the suite, judging by this program; "" when all is as it should be."""
        if self.trouble:
            return self.trouble
        wanted, found = set(self.entry.fails), self.failed_tasks
        strange = {str(line["outcome"]) for line in self.lines} - {FAILED, PASSED, WAITING}
        if found == wanted:
            return f"some tests ended as {sorted(strange)}" if strange else ""
        if not wanted:
            return f"a right program is punished in {', '.join(sorted(found))}"
        if not found:
            return "it survives: no test finds it out"
        return f"failed in {', '.join(sorted(found))}, should be {', '.join(sorted(wanted))}"


@dataclass
class Matrix:
    """The verdicts of one stage's suite on all programs of its bank."""

    verdicts: list[Verdict] = field(default_factory=list)

    def functions(self) -> dict[str, JsonObject]:
        """Return the suite's test functions in the order of tasks, each with a line of its own."""
        return {str(line["function"]): line for v in self.verdicts for line in v.lines}

    def killed_by(self, function: str) -> list[str]:
        """Return the names of the programs that a test function fails."""
        return [v.entry.name for v in self.verdicts if v.outcome(function) == FAILED]

    def twins(self) -> list[tuple[str, str]]:
        """Return pairs of wrong programs that fail exactly the same cases."""
        first: dict[tuple[str, ...], str] = {}
        found = []
        for verdict in self.verdicts:
            if verdict.loss and first.setdefault(verdict.loss, verdict.entry.name) != (
                verdict.entry.name
            ):
                found.append((first[verdict.loss], verdict.entry.name))
        return found

    def useless(self) -> list[str]:
        """Return the test functions that are worth points and fail no program of the bank."""
        return [
            name
            for name, line in self.functions().items()
            if line["points"] and not self.killed_by(name)
        ]


def judge_all(
    entries: list[bank.Entry], workers: int, *, everything: bool = True
) -> Iterator[Verdict]:
    """Run the whole suite on each program, or its own tasks; yields verdicts as they come."""
    # A suite that had to be killed may leave a small disk mounted there: that can be cleared later.
    with tempfile.TemporaryDirectory(prefix="kit-doctor-", ignore_cleanup_errors=True) as folder:

        def judge(entry: bank.Entry) -> Verdict:
            own = Path(folder, entry.stage, entry.name)
            own.mkdir(parents=True)
            try:
                lines = bank.judge(entry, own, everything=everything, first_only=False)
            except (HarnessError, subprocess.TimeoutExpired) as error:
                return Verdict(entry, [], trouble=str(error))
            return Verdict(entry, lines)

        with ThreadPoolExecutor(max_workers=workers) as pool:
            yield from pool.map(judge, entries)
