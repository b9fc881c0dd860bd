"""Results for other programs: Gradescope, Classroom 50, JUnit, and a table of the class.

The rules of each format stand beside it; ``tests/kit/test_formats.py`` reads the files by them.
"""

import csv
import io
from collections.abc import Sequence
from typing import Any
from xml.sax.saxutils import escape as xml_escape
from xml.sax.saxutils import quoteattr

from ..scoreboard import LEFT_OUT, PASSED, WAITING
from ..starters import short
from .class_report import looks_like
from .own_tests import is_hidden
from .results import REFUSED, TROUBLE, Result
from .roster import Person
from .tables import safe_cell
from .text import check_lines, headline, likely_words, own_words
from .veil import veiled

COLUMNS = ("id", "name", "people", "stage", "status", "score", "points", "mark")
PEOPLE_COLUMNS = (
    "id", "name", "email", "team", "submission", "status", "score", "points", "mark", "rule",
)  # fmt: skip
NOTHING = "nothing handed in"


def gradescope(result: Result, hidden: str = "after_published") -> dict[str, Any]:
    """Return Gradescope's ``results.json``: the sum of the tests is the score.

    ``hidden`` is the visibility of hidden tests. As long as one test is not visible, Gradescope
    shows the student no total. A top ``score`` would override the sum; it is there only where there
    are no tests.
    """
    shown = veiled(result)
    words = (_headline(result, shown, hidden), likely_words(shown), own_words(shown))
    data: dict[str, Any] = {
        "output": " ".join(filter(None, words)),
        "output_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "execution_time": round(result.seconds),
        "extra_data": {
            "stage": result.stage,
            "sandbox": result.sandbox,
            "status": result.status,
            "submission_sha256": result.submission_sha256,
            "grader_sha256": result.grader_sha256,
        },
        "tests": [_gradescope_test(result, n, c, hidden) for n, c in enumerate(result.checks, 1)],
    }
    if not result.checks:
        data["score"] = result.score or 0.0
    return data


def _headline(result: Result, shown: Result, hidden: str) -> str:
    """Return the headline, without the total where hidden tests are in it."""
    if hidden == "visible" or shown is result:
        return headline(result)
    if result.status in (REFUSED, TROUBLE):
        return headline(shown)
    return f"{short(result.stage)}: some tests are not shown here; the total comes with the grades."


def _gradescope_test(
    result: Result, number: int, check: dict[str, Any], hidden: str
) -> dict[str, Any]:
    test: dict[str, Any] = {
        "name": f"{check['task']} {check['title']}",
        "number": f"{check['task']}.{number}" if check["task"] else str(number),
        "score": check["earned"],
        "max_score": 0.0 if check["outcome"] == LEFT_OUT else check["points"],
        "status": "passed" if check["outcome"] in (PASSED, LEFT_OUT) else "failed",
        "output": check_lines(result, check),
        "output_format": "text",
        "visibility": hidden if is_hidden(str(check["function"])) else "visible",
    }
    return test


def classroom50(result: Result, facts: dict[str, str]) -> dict[str, Any]:
    """Return Classroom 50's ``result.json`` (schema v1).

    ``facts`` is what only the place of hand-in knows: classroom, assignment, submission, commit,
    release, review; what is not given is empty.
    """
    names = ("classroom", "assignment", "submission", "commit", "release", "review")
    about = {"assignment": short(result.stage), "submission": result.name, **facts}
    return {
        "schema": "classroom50/result/v1",
        **{name: about.get(name, "") for name in names},
        "datetime": result.finished,
        "score": result.score or 0.0,
        "max-score": result.points,
        "tests": [
            {
                "test-name": f"{check['task']} {check['title']}",
                "passed": check["outcome"] == PASSED,
                "score": check["earned"],
                "max-score": check["points"],
            }
            for check in result.checks
            if check["outcome"] != LEFT_OUT
        ],
    }


def junit(result: Result) -> str:
    """Return JUnit XML, as CI systems read it: a suite a task, a case a check."""
    checks, name = result.checks, quoteattr(_xml(f"{result.stage} {result.name}"))
    bad = sum(check["outcome"] not in (PASSED, LEFT_OUT, WAITING) for check in checks)
    skipped = sum(check["outcome"] in (LEFT_OUT, WAITING) for check in checks)
    lines = ['<?xml version="1.0" encoding="UTF-8"?>']
    totals = f'tests="{len(checks)}" failures="{bad}" errors="0" skipped="{skipped}"'
    lines.append(f'<testsuites><testsuite name={name} {totals} time="{result.seconds:.2f}">')
    for check in checks:
        title = quoteattr(_xml(check["title"]))
        lines.append(f'<testcase classname="task {check["task"]}" name={title}>')
        if check["outcome"] in (LEFT_OUT, WAITING):
            lines.append(f"<skipped message={quoteattr(_xml(_because(check)))}/>")
        elif check["outcome"] != PASSED:
            told = xml_escape(_xml(check_lines(result, check)))
            lines.append(f'<failure message="{check["outcome"]}">{told}</failure>')
        lines.append("</testcase>")
    lines.append("</testsuite></testsuites>\n")
    return "\n".join(lines)


def _because(check: dict[str, Any]) -> str:
    if check["outcome"] == WAITING:
        return f"waiting on {check['waiting_on']}"
    return "not tested on this machine"


def _xml(text: str) -> str:
    """Return text without the characters that XML cannot hold at all."""
    return "".join(c for c in text if c in "\t\n" or " " <= c <= "\ud7ff" or c >= "\ue000")


def class_list(results: Sequence[Result]) -> str:
    """Return a CSV of the class: a row a submission, a column a task; UTF-8 with a BOM for Excel.

    Cells that a spreadsheet would take for a formula begin with an apostrophe.
    """
    tasks = list(dict.fromkeys(task.name for result in results for task in result.tasks))
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(
        [*COLUMNS, *(f"task {task}" for task in tasks), "all own", "rule", "why", "looks like"]
    )
    for result in results:
        earned = {task.name: f"{task.earned:g}" for task in result.tasks}
        people = "; ".join(person["name"] for person in result.people)
        row = [result.id, result.name, people, short(result.stage), result.status]
        row += [_number(result.score), _number(result.points), _number(result.mark)]
        row += [*(earned.get(task, "") for task in tasks)]
        row += [
            _number(result.all_own.get("score")),
            result.rule,
            result.why,
            "; or ".join(looks_like(result)),
        ]
        writer.writerow([safe_cell(cell) for cell in row])
    return "\ufeff" + file.getvalue()


def people_list(results: Sequence[Result], without: Sequence[Person] = ()) -> str:
    """Return a CSV of the roster: a row a person, those who handed in nothing too."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(PEOPLE_COLUMNS)
    rows = [
        [
            *(person[name] for name in ("id", "name", "email")),
            *(result.team, result.name, result.status),
            *map(_number, (result.score, result.points, person["mark"])),
            person["rule"],
        ]
        for result in results
        for person in result.people
    ]
    rows += [[p.id, p.name, p.email, "", "", NOTHING, *[""] * 4] for p in without]
    for row in sorted(rows):
        writer.writerow([safe_cell(cell) for cell in row])
    return "\ufeff" + file.getvalue()


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:g}"
