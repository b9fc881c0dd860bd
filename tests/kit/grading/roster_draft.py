"""A roster to begin with, from the instructor's own file or from the names of the submissions."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from ..failure import HarnessError
from . import lms_names
from .collecting import Found
from .lms_sheets import identifier
from .roster import Person
from .sheets import Sheet

HEAD = """\
# A roster for kit.py grade --roster, to be completed. What may stand in it: the instructor's guide,
# under "Rosters".

# [late]
# deadline = 2026-03-02T23:59:00+08:00
# percent = 10             # of the mark, for each begun day
"""
TEST_STUDENT = "Student, Test"  # Canvas's own


def write_draft(path: Path, submissions: Sequence[Found], sheets: Sequence[Sheet]) -> int:
    """Write a new file and return how many people are in it.

    Raises HarnessError when the file is there already, and for two sheets: they may disagree.
    """
    if path.exists():
        raise HarnessError(f"--new-roster: {path} is there already, it is not written over")
    if len(sheets) > 1:
        raise HarnessError(
            "--new-roster takes people from --moodle or from --canvas, not from both"
        )
    people = list(_people(submissions, sheets))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(HEAD + "".join(map(_entry, people)), "utf-8", newline="\n")
    return len(people)


def _people(submissions: Sequence[Found], sheets: Sequence[Sheet]) -> Iterator[Person]:
    if not sheets:
        yield from map(_of_name, submissions)
    elif sheets[0].lms == "moodle":
        yield from _of_moodle(sheets[0])
    else:
        yield from _of_canvas(sheets[0])


def _of_name(found: Found) -> Person:
    told = lms_names.read(found.name)
    if told is None:
        return Person(found.name, found.name, submission=found.name)
    if told.lms == "moodle":
        return Person(told.number, told.name, moodle=told.number)
    return Person(told.number, told.name, canvas=told.number)


def _of_moodle(sheet: Sheet) -> Iterator[Person]:
    """The full name is the second column and the e-mail the first that has an @ in every row."""
    table = sheet.table
    mail = [at for at in range(len(table.header)) if all("@" in c for c in table.column(at))]
    for row in range(sheet.first, len(table.rows)):
        number = identifier(table.value(row, 0))
        email = table.value(row, mail[0]).strip() if mail else ""
        name = table.value(row, 1 if mail else 0).strip()
        yield Person(email or number, name, email, moodle=number)


def _of_canvas(sheet: Sheet) -> Iterator[Person]:
    table = sheet.table
    own = [at for at, head in enumerate(table.header) if head == "SIS User ID"]
    for row in range(sheet.first, len(table.rows)):
        last, _, first = table.value(row, 0).strip().partition(", ")
        number = table.value(row, 1).strip()
        if number and table.value(row, 0).strip() != TEST_STUDENT:
            id = table.value(row, own[0]).strip() if own else ""
            yield Person(id or number, f"{first} {last}".strip(), canvas=number)


def _entry(person: Person) -> str:
    lines = ["", "[[person]]"]
    for name in ("id", "name", "email", "moodle", "canvas", "submission"):
        if value := getattr(person, name):
            lines.append(f"{name} = {json.dumps(value, ensure_ascii=False)}")
    return "\n".join([*lines, "# handed_in = 2026-03-02T20:00:00+08:00", ""])
