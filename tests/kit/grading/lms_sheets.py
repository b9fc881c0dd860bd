"""The instructor's own files, read: Moodle's grading worksheet, Canvas's gradebook export.

Moodle   The worksheet of "Download grading worksheet". Its headers are in the user's language, so
         columns are known by what stands in them, or by the names that the instructor gives.
         The first column holds ``Participant 12345``, the grade stands before the maximum grade.
Canvas   The export of the gradebook. The header begins with ``Student``, ``ID``; an assignment is
         ``Title (123)``; the row ``Points Possible`` comes before the first student.
"""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..failure import HarnessError
from ..starters import short
from .sheets import NUMBER, Sheet
from .tables import Table

NUMBERED = re.compile(r".*?\D(?P<number>\d+)\s*")
TITLED = re.compile(r"(?P<title>.*\S)\s*\((?P<id>\d+)\)\s*")
POINTS_POSSIBLE = "points possible"
# Moodle's own words for "Grade" and "Feedback comments"; for other languages they can be given.
GRADES = ("grade", "bewertung", "note", "calificación", "nota", "valutazione", "成绩", "成績")
FEEDBACK = ("feedback comments", "feedback als kommentar", "feedback par commentaires", "反馈评论")
EXCUSED = "EX"  # Canvas's own word
# What of the roster finds a person's row.
MOODLE_KEYS = 'moodle = "NUMBER" (of Participant NUMBER) or by email'
CANVAS_KEYS = 'canvas = "ID" (the column ID), or by id or email'


# --- Moodle ---


def moodle(path: Path, columns: Sequence[str] = ()) -> Sheet:
    """Return Moodle's worksheet; ``columns`` names those of the grade and, if given, the comment.

    Raises HarnessError, with the names of all columns, where they are not certain.
    """
    table = Table.read(path)
    if not all(NUMBERED.fullmatch(cell) for cell in table.column(0)):
        raise HarnessError(
            f"{path} is no grading worksheet of Moodle: its first column, {table.header[0]!r}, "
            f"should hold 'Participant 123' everywhere. {_named(table)}"
        )
    grade, most = _moodle_grade(path, table, columns[0] if columns else "")
    feedback = _moodle_feedback(path, table, columns[1] if len(columns) > 1 else "")
    maximum = table.column(most)[0] if most is not None else "100"
    if not NUMBER.fullmatch(maximum) or not _as_number(maximum):
        raise HarnessError(f"{path}: the maximum grade is {maximum!r}, we need a number above 0")
    rows = range(1, len(table.rows))
    numbers = {row: str(identifier(table.value(row, 0))) for row in rows}

    def find(person: dict[str, Any]) -> list[int]:
        if person["moodle"]:
            return [row for row, number in numbers.items() if number == person["moodle"]]
        return _rows_with(table, 1, person["email"]) if person["email"] else []

    return Sheet(
        path, table, "moodle.csv", 1, grade, _as_number(maximum), find, feedback,
        comma="," in maximum, known_by=MOODLE_KEYS,
    )  # fmt: skip


def identifier(cell: str) -> str:
    """Return the number that Moodle knows a person by, from ``Participant 12345``."""
    found = NUMBERED.fullmatch(cell)
    return found["number"] if found else ""


def _moodle_grade(path: Path, table: Table, name: str) -> tuple[int, int | None]:
    """Return the columns of the grade and of its maximum, None where that is not there."""
    header = table.header
    found = [_column(path, table, name)] if name else []
    found = found or [at for at, head in enumerate(header) if head.casefold().strip() in GRADES]
    # The maximum has the same number in every row, and stands right after the grade.
    same = [at for at in range(2, len(header)) if _is_constant(table.column(at))]
    if not found:
        found = [at - 1 for at in same]
    if len(found) != 1:
        shown = f": it may be {', '.join(header[at] for at in found)}" if found else ""
        raise HarnessError(
            f"{path}: which column is the grade is not certain{shown}. {_named(table)}. "
            'Name it: --moodle-columns "Grade,Feedback comments"'
        )
    return found[0], found[0] + 1 if found[0] + 1 in same else None


def _is_constant(cells: Sequence[str]) -> bool:
    return bool(cells) and len(set(cells)) == 1 and bool(NUMBER.fullmatch(cells[0]))


def _moodle_feedback(path: Path, table: Table, name: str) -> int | None:
    if name:
        return _column(path, table, name)
    found = [at for at, head in enumerate(table.header) if head.casefold().strip() in FEEDBACK]
    return found[0] if len(found) == 1 else None


def _column(path: Path, table: Table, name: str) -> int:
    found = [at for at, head in enumerate(table.header) if head.strip() == name.strip()]
    if len(found) != 1:
        count = "no column" if not found else f"{len(found)} columns"
        raise HarnessError(f"{path} has {count} {name.strip()!r}. {_named(table)}")
    return found[0]


# --- Canvas ---


def canvas(path: Path, stage: str, column: str = "") -> Sheet:
    """Return Canvas's export; ``column`` is the title, the id or the whole header of an assignment.

    Without it, it is the one assignment whose title names the stage. Raises HarnessError, with the
    names of the columns, where that is not certain.
    """
    table = Table.read(path)
    header = table.header
    if [head.strip().casefold() for head in header[:2]] != ["student", "id"]:
        raise HarnessError(
            f"{path} is no gradebook export of Canvas: its header should begin with Student, ID; "
            f"it begins with {', '.join(header[:2])}"
        )
    possible = _points_row(path, table)
    grade = _assignment(path, header, stage, column)
    most = table.value(possible, grade)
    if not NUMBER.fullmatch(most) or not _as_number(most):
        raise HarnessError(
            f"{path}: Points Possible of {header[grade]} is {most.strip()!r}, we need a number "
            "above 0: is it an assignment with points that may be changed?"
        )
    by_name = [at for at, h in enumerate(header) if h in ("SIS User ID", "SIS Login ID")]

    def find(person: dict[str, Any]) -> list[int]:
        if person["canvas"]:
            return _rows_with(table, possible + 1, person["canvas"], [1])
        keys = [key for key in (person["id"], person["email"]) if key]
        return sorted({r for key in keys for r in _rows_with(table, possible + 1, key, by_name)})

    return Sheet(
        path, table, "canvas.csv", possible + 1, grade, _as_number(most), find, excused=EXCUSED,
        comma="," in most, known_by=CANVAS_KEYS,
    )  # fmt: skip


def _points_row(path: Path, table: Table) -> int:
    # Another row may stand between: "Manual Posting".
    for row in range(1, min(4, len(table.rows))):
        if POINTS_POSSIBLE in table.value(row, 0).casefold():
            return row
    raise HarnessError(f"{path}: the row Points Possible is missing; take the whole export")


def _assignment(path: Path, header: Sequence[str], stage: str, column: str) -> int:
    titled = {at: found for at, head in enumerate(header) if (found := TITLED.fullmatch(head))}
    if column:
        fitting = [
            at
            for at, found in titled.items()
            if column.strip() in (header[at].strip(), found["title"], found["id"])
        ]
    else:
        number = short(stage)[-1]
        names = re.compile(rf"\bstage[\s_-]*{number}\b", re.IGNORECASE)
        fitting = [at for at, found in titled.items() if names.search(found["title"])]
    if len(fitting) != 1:
        wanted = repr(column) if column else f"an assignment that names {short(stage)}"
        count = "no column is" if not fitting else f"{len(fitting)} columns are"
        there = ", ".join(header[at] for at in titled) or "none with an id in brackets"
        raise HarnessError(
            f"{path}: {count} {wanted}. Assignments: {there}. Name one: --canvas-column TITLE"
        )
    return fitting[0]


# --- both ---


def _rows_with(
    table: Table, first: int, text: str, columns: Sequence[int] | None = None
) -> list[int]:
    """Return the rows in which some cell is this text; of all columns, or of these."""
    places = range(len(table.header)) if columns is None else columns
    return [
        row
        for row in range(first, len(table.rows))
        if any(table.value(row, at).strip().casefold() == text.casefold() for at in places)
    ]


def _as_number(text: str) -> float:
    return float(text.strip().replace(",", "."))


def _named(table: Table) -> str:
    return f"Columns: {', '.join(table.header)}"
