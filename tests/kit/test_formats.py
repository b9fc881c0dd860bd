"""The machine formats, read back by readers that are written from each format's rules."""

import json
from pathlib import Path
from typing import Any

import pytest

from . import format_readers as readers
from .grading import lms_sheets as sheets
from .grading.formats import class_list, classroom50, gradescope, junit, people_list
from .grading.results import REFUSED, TROUBLE, Result
from .grading.roster import Person
from .grading.tables import safe_cell
from .grading.veil import veiled
from .test_grade import check
from .test_sheets import CANVAS, MOODLE, person

SECRET = "tests/stage1_echo/test_hidden_x.py::test_a_secret"


@pytest.fixture
def result() -> Result:
    checks = [
        check("1.1", "passed", 60, 60),
        check("1.2", "failed", 30),
        {**check("1.3", "waiting", 5), "waiting_on": "1.2"},
        check("1.4", "left out", 5),
    ]
    made = Result("=ann", "=Ann, \x01<&>", "stage1_echo", checks=checks)
    made.finished, made.seconds = "2026-01-02T03:04:05+00:00", 1.5
    failure = {"message": "\x1b[31mno ]]> & <b>"}
    made.failures = [{"task": "1.2", "function": "tests/x.py::test_1.2", "failure": failure}]
    return made


@pytest.fixture
def with_secret(result: Result) -> Result:
    secret = {**check("1.2", "failed"), "function": SECRET, "title": "a secret"}
    result.checks = [*result.checks[:2], secret]
    told = {"message": "a secret reason", "hint": "a secret"}
    result.failures.append({**secret, "failure": told})
    return result


def as_text(data: dict[str, Any]) -> str:
    return json.dumps(data, ensure_ascii=False)


def test_gradescope_sums_visible_tests(result: Result) -> None:
    taken = readers.gradescope(as_text(gradescope(result)))
    assert (taken.total, taken.most) == (60, 95)
    assert [*taken.tests.values()] == ["passed", "failed", "failed", "passed"]
    assert "mend that first" in taken.shown and "60 of 95 points" in taken.shown


def test_gradescope_shows_a_student_nothing_of_hidden_tests(with_secret: Result) -> None:
    for visibility in ("after_published", "hidden"):
        taken = readers.gradescope(as_text(gradescope(with_secret, visibility)))
        assert taken.total is None and taken.most == 140
        assert "secret" not in taken.shown and "60 of" not in taken.shown
    released = readers.gradescope(as_text(gradescope(with_secret, "visible")))
    assert released.total == 60 and "a secret reason" in released.shown


@pytest.mark.parametrize("status", [REFUSED, TROUBLE])
def test_gradescope_gets_a_score_where_there_are_no_tests(status: str) -> None:
    refused = Result("x", "x", "stage1_echo", status=status, why="it is empty")
    taken = readers.gradescope(as_text(gradescope(refused)))
    why = "it is empty" if status == REFUSED else "your instructor has the details"
    assert taken.total == 0 and why in taken.shown


def test_classroom50_has_every_field_of_its_schema(result: Result) -> None:
    data = classroom50(result, {"classroom": "net", "commit": "abc"})
    taken = readers.classroom50(as_text(data))
    assert (taken.total, taken.most, data["classroom"]) == (60, 95, "net")
    assert [*taken.tests.values()] == ["passed", "failed", "failed"]


def test_junit_is_xml_with_right_totals(result: Result) -> None:
    taken = readers.junit(junit(result))
    assert [*taken.tests.values()] == ["passed", "failure", "skipped", "skipped"]
    assert 'name="stage1_echo =Ann, &lt;&amp;&gt;"' in junit(result)


def test_what_is_veiled_stays_so_in_every_format(with_secret: Result) -> None:
    shown = veiled(with_secret)
    for text in (as_text(classroom50(shown, {})), junit(shown), class_list([shown])):
        assert "secret" not in text
    assert readers.classroom50(as_text(classroom50(shown, {}))).most == 140
    assert len(readers.junit(junit(shown)).tests) == 3


def test_a_table_of_the_class_is_read_back_and_calculates_nothing(result: Result) -> None:
    (row,) = readers.spreadsheet(class_list([result]).encode())
    assert (row["score"], row["task 1.1"], row["task 1.2"]) == ("60", "60", "0")
    for evil in ("=1+1", "+1", "-1", "@x", " =1", "\t=1", "\r=1"):
        assert safe_cell(evil).startswith("'")
    assert safe_cell("Ann-Marie") == "Ann-Marie"


def test_the_table_of_the_class_names_people_and_what_a_program_looks_like(result: Result) -> None:
    result.people = [person(60, name="Ann"), person(60, name="Bob")]
    result.failures = [{"failure": {"not_written": {"name": "main", "task": "1.2"}}}]
    (row,) = readers.spreadsheet(class_list([result]).encode())
    assert row["people"] == "Ann; Bob" and row["looks like"] == "has no main yet, task 1.2"


def test_a_table_of_people_has_those_too_who_handed_in_nothing(result: Result) -> None:
    result.people = [person(54, id="s1", name="@Ann", rule="-late")]
    made = people_list([result], [Person("s2", "=Bob")])
    rows = {row["id"]: row for row in readers.spreadsheet(made.encode())}
    assert (rows["s1"]["name"], rows["s1"]["mark"], rows["s1"]["rule"]) == ("'@Ann", "54", "'-late")
    assert rows["s2"]["status"] == "nothing handed in" and rows["s2"]["mark"] == ""


def test_canvas_imports_the_marks_and_makes_no_assignment(result: Result, tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    path.write_bytes(CANVAS.encode())
    known = set(CANVAS.splitlines()[0].split(","))
    before = readers.canvas(path.read_bytes(), known)
    result.people = [person(57, canvas="678"), person(None, canvas="679", excused=True)]
    filled = sheets.canvas(path, "stage1_echo").fill([result], tmp_path)
    after = readers.canvas(filled.file.read_bytes(), known)
    column = "Stage 1: echo (71)"
    assert (after["678"][column], after["679"][column]) == ("60", "EX")  # 57 of 95, out of 100
    for id, grades in before.items():
        assert {**after[id], column: ""} == {**grades, column: ""}


def test_moodle_imports_the_marks_and_the_comments(result: Result, tmp_path: Path) -> None:
    path = tmp_path / "sheet.csv"
    path.write_bytes((MOODLE + "\r\n").encode())
    result.people = [person(57, moodle="12", rule="=late")]
    result.checks[1]["task_title"] = "=1+1"
    filled = sheets.moodle(path).fill([result], tmp_path)
    before = readers.moodle(path.read_bytes(), 4, 7)
    after = readers.moodle(filled.file.read_bytes(), 4, 7)
    assert after.pop(12) == ("60", "stage1: 60 of 95 points. =late First cause: task 1.2, =1+1.")
    before.pop(12)
    assert after == before
