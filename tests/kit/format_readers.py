"""Readers of the machine formats, written from each format's rules and not from what writes them.

Each returns what the other system would take from a file, and fails where it would refuse it or do
something that nobody wanted: for the tests of the grader.
"""

import csv
import io
import json
import re
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass, field
from datetime import datetime

FORMULA = ("=", "+", "-", "@", "\t", "\r")
VISIBILITIES = {"hidden", "after_due_date", "after_published", "visible"}
OUTPUT_FORMATS = {"text", "html", "simple_format", "md", "ansi"}
GRADESCOPE_TOP = {
    "score", "execution_time", "output", "output_format", "test_output_format", "test_name_format",
    "visibility", "stdout_visibility", "extra_data", "tests", "leaderboard",
}  # fmt: skip
GRADESCOPE_TEST = {
    "score", "max_score", "status", "name", "name_format", "number", "output", "output_format",
    "tags", "visibility", "extra_data",
}  # fmt: skip


@dataclass
class Taken:
    """What a system takes: the total as it shows it (None for none), and each test's outcome."""

    total: float | None
    most: float = 0.0
    tests: dict[str, str] = field(default_factory=dict)
    shown: str = ""  # all that a student reads before grades are published


def gradescope(text: str) -> Taken:
    """Read ``results.json`` as Gradescope does, for a student before grades are published."""
    data = json.loads(text)
    assert set(data) <= GRADESCOPE_TOP, set(data) - GRADESCOPE_TOP
    assert data.get("visibility", "visible") in VISIBILITIES
    assert data.get("stdout_visibility", "hidden") in VISIBILITIES
    tests = data.get("tests", [])
    assert "score" in data or tests, "neither a score nor tests: Gradescope refuses the file"
    taken, shown = Taken(0.0), [data.get("output", "")]
    for test in tests:
        assert set(test) <= GRADESCOPE_TEST, set(test) - GRADESCOPE_TEST
        assert test.get("status") in ("passed", "failed")
        assert test.get("output_format", "text") in OUTPUT_FORMATS
        assert test.get("visibility", "visible") in VISIBILITIES
        assert isinstance(test["number"], str)
        assert 0 <= test["score"] <= test["max_score"] or test["max_score"] == 0
        taken.most += test["max_score"]
        taken.tests[f"{test['number']} {test['name']}"] = test["status"]
        if test.get("visibility", "visible") == "visible":
            shown += [test["name"], test.get("output", "")]
    assert len(taken.tests) == len(tests), "two tests have the same number and name"
    # A top score counts instead of the sum; one test that is hidden hides the total.
    total = data["score"] if "score" in data else sum(test["score"] for test in tests)
    is_open = all(test.get("visibility", "visible") == "visible" for test in tests)
    taken.total = total if is_open else None
    taken.shown = "\n".join(shown)
    return taken


def classroom50(text: str) -> Taken:
    """Read ``result.json`` of Classroom 50's schema v1."""
    data = json.loads(text)
    texts = {"classroom", "assignment", "submission", "commit", "release", "review", "datetime"}
    assert set(data) == texts | {"schema", "score", "max-score", "tests"}
    assert data["schema"] == "classroom50/result/v1"
    assert all(isinstance(data[name], str) for name in texts)
    assert datetime.fromisoformat(data["datetime"]).tzinfo is not None
    taken = Taken(data["score"], data["max-score"])
    for test in data["tests"]:
        assert set(test) == {"test-name", "passed", "score", "max-score"}
        assert isinstance(test["passed"], bool) and 0 <= test["score"] <= test["max-score"]
        taken.tests[test["test-name"]] = "passed" if test["passed"] else "failed"
    assert sum(test["max-score"] for test in data["tests"]) == taken.most or not data["tests"]
    return taken


def junit(text: str) -> Taken:
    """Read JUnit XML as CI systems do: the counts of a suite are those of its cases."""
    root = ElementTree.fromstring(text.encode())
    assert root.tag == "testsuites"
    taken = Taken(None)
    for suite in root:
        assert suite.tag == "testsuite" and suite.attrib["name"]
        cases = suite.findall("testcase")
        assert int(suite.attrib["tests"]) == len(cases)
        for tag, count in (("failure", "failures"), ("error", "errors"), ("skipped", "skipped")):
            assert int(suite.attrib[count]) == len(suite.findall(f"testcase/{tag}"))
        assert float(suite.attrib["time"]) >= 0
        for case in cases:
            assert case.attrib["classname"] and len(case) <= 1
            name = f"{case.attrib['classname']} {case.attrib['name']}"
            taken.tests[name] = case[0].tag if len(case) else "passed"
    return taken


def canvas(data: bytes, known: set[str]) -> dict[str, dict[str, str]]:
    """Import a gradebook as Canvas does: ID -> assignment -> grade; ``known`` are its columns.

    Canvas makes a new assignment of a title that it does not know.
    """
    rows = _rows(data)
    header = rows[0]
    assert [name.strip() for name in header[:2]] == ["Student", "ID"]
    assert set(header) <= known, f"new assignments: {set(header) - known}"
    at = next(n for n, row in enumerate(rows) if "Points Possible" in row[0])
    assert at <= 2
    found: dict[str, dict[str, str]] = {}
    for row in rows[at + 1 :]:
        assert len(row) == len(header) and row[1] not in found
        cells = zip(header, row, strict=True)
        found[row[1]] = {name: cell for name, cell in cells if re.search(r"\(\d+\)$", name)}
        for cell in found[row[1]].values():
            assert cell in ("", "EX") or re.fullmatch(r"\d+([.,]\d+)?", cell), cell
    return found


def moodle(data: bytes, grade: int, feedback: int | None = None) -> dict[int, tuple[str, str]]:
    """Import a grading worksheet as Moodle does: participant -> grade, comment."""
    rows = _rows(data)
    found = {}
    for row in rows[1:]:
        assert len(row) == len(rows[0]), "a row has lost a cell"
        participant = int(re.sub(r"\D", "", row[0]))
        assert participant not in found
        assert re.fullmatch(r"(\d+([.,]\d+)?)?", row[grade]), row[grade]
        found[participant] = (row[grade], row[feedback] if feedback is not None else "")
    return found


def spreadsheet(data: bytes) -> list[dict[str, str]]:
    """Open a CSV as a spreadsheet does; no cell of it may be calculated."""
    assert data.startswith(b"\xef\xbb\xbf"), "Excel would not know that it is UTF-8"
    header, *rows = _rows(data)
    assert len(set(header)) == len(header)
    for row in rows:
        assert len(row) == len(header)
        assert not any(cell.lstrip(" ").startswith(FORMULA) for cell in row)
    return [dict(zip(header, row, strict=True)) for row in rows]


def _rows(data: bytes) -> list[list[str]]:
    text = data.decode("utf-8-sig")
    first = text.splitlines()[0]
    delimiter = max(",;\t", key=first.count)
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
