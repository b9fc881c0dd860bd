"""Marks written into a column of the instructor's own file (``lms_sheets.py`` knows whose it is).

Nothing is invented: no row, no column, no title. Cells that get no mark stay as they are.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..failure import HarnessError
from ..starters import short
from .results import Result
from .tables import Table

NUMBER = re.compile(r"\s*\d+(?:[.,]\d+)?\s*")


@dataclass
class Filled:
    """What became of a sheet: how many marks were written, and what the instructor should know.

    ``strangers`` are the submissions of nobody; no sheet has a row for them.
    """

    file: Path
    marks: int = 0
    replaced: int = 0
    notes: list[str] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)
    about: dict[str, list[str]] = field(default_factory=dict)  # what is to be told -> of whom

    def note(self, words: str, who: str) -> None:
        """Remember what is told of several people in one line."""
        self.about.setdefault(words, []).append(who)


@dataclass
class Sheet:
    """A table in which a column is to be filled; made by ``lms_sheets.py``."""

    path: Path
    table: Table
    name: str  # of the file that is written
    first: int  # the first row of a student
    grade: int  # columns
    most: float  # the mark that our 100 points are worth there
    find: Callable[[dict[str, Any]], list[int]]  # a person -> rows
    feedback: int | None = None
    excused: str | None = None
    comma: bool = False
    known_by: str = ""  # what of the roster finds a person's row, in words

    @property
    def lms(self) -> str:
        """Whose it is: moodle or canvas."""
        return self.name.partition(".")[0]

    def target(self, out: Path) -> Path:
        """Return the file to write; raises HarnessError when it is the instructor's own."""
        target = out / self.name
        if target.exists() and target.samefile(self.path):
            raise HarnessError(f"{self.path} would be written over: keep it elsewhere")
        return target

    def fill(self, results: Sequence[Result], out: Path) -> Filled:
        """Write the file into ``out``, with the marks; what is not certain is not written."""
        filled = Filled(target := self.target(out))
        marked: dict[int, str] = {}
        is_unfound = False
        for result, person in _people(results):
            if not person:
                filled.strangers.append(result.name)
                continue
            rows = self.find(person)
            who = person["name"] or result.name
            if len(rows) != 1:
                count = "no row" if not rows else f"{len(rows)} rows"
                filled.note(f"{count} in {self.path.name} for", who)
                is_unfound = True
            elif rows[0] in marked:
                raise HarnessError(
                    f"{self.path}: {who} and {marked[rows[0]]} lead to the same row, {rows[0] + 1}"
                )
            else:
                marked[rows[0]] = who
                self._mark(rows[0], result, person, filled)
        filled.notes += [f"{words}: {', '.join(who)}" for words, who in filled.about.items()]
        if is_unfound and self.known_by:
            filled.notes.append(f"a row is found by the roster's {self.known_by}")
        empty = len(self.table.rows) - self.first - len(marked)
        if empty:
            filled.notes.append(f"{empty} rows of {self.path.name} have no submission here")
        target.write_bytes(self.table.as_bytes())
        return filled

    def _mark(self, row: int, result: Result, person: dict[str, Any], filled: Filled) -> None:
        mark = person["mark"]
        text = self._number(mark / result.points * self.most) if mark is not None else None
        if person["excused"]:
            text = self.excused
        if text is None:
            if not person["excused"]:
                filled.note(f"no mark ({result.status}) for", person["name"])
            return
        was = self.table.value(row, self.grade).strip()
        filled.replaced += bool(NUMBER.fullmatch(was)) and was != text
        self.table.set(row, self.grade, text)
        filled.marks += 1
        if self.feedback is not None:
            self._comment(row, self.feedback, result, person, filled)

    def _comment(
        self, row: int, column: int, result: Result, person: dict[str, Any], filled: Filled
    ) -> None:
        words = feedback_words(result, person)
        was = self.table.value(row, column)
        if was.strip() and not was.startswith(f"{short(result.stage)}: "):
            filled.note("a comment is there already, and stays, for", person["name"])
        else:
            self.table.set(row, column, words)

    def _number(self, value: float) -> str:
        text = f"{round(value, 2):g}" if value < 1e5 else f"{value:.2f}"
        return text.replace(".", ",") if self.comma else text


def feedback_words(result: Result, person: dict[str, Any]) -> str:
    """Return the comment that goes with a mark: points, the rule, where to begin to mend."""
    stage = short(result.stage)
    if result.score is None:
        words = f"{stage}: no mark by the tests."
    else:
        words = f"{stage}: {result.score:g} of {result.points:g} points."
    if person["rule"]:
        words += f" {person['rule']}"
    causes = [t for t in result.tasks if t.name in result.first_causes]
    if causes:
        first = causes[0]
        words += f" First cause: task {first.name}, {first.title}." if first.title else ""
    return words


def _people(results: Iterable[Result]) -> Iterator[tuple[Result, dict[str, Any] | None]]:
    for result in results:
        if not result.people:
            yield result, None
        for person in result.people:
            yield result, person
