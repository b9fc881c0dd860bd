"""The machine formats, read back by readers that are written from each format's rules."""

import csv
import io
import json
import xml.etree.ElementTree as ElementTree
from datetime import datetime

import pytest

from .grading.formats import class_list, classroom50, gradescope, junit
from .grading.results import REFUSED, Result
from .grading.tables import safe_cell
from .test_grade import check


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


def test_gradescope_sums_visible_tests(result: Result) -> None:
    data = json.loads(json.dumps(gradescope(result)))
    assert "score" not in data  # it would override the sum
    assert data["visibility"] in ("hidden", "after_due_date", "after_published", "visible")
    assert isinstance(data["execution_time"], int)
    assert sum(test["score"] for test in data["tests"]) == 60
    assert sum(test["max_score"] for test in data["tests"]) == 95
    for test in data["tests"]:
        assert test["status"] in ("passed", "failed") and test["visibility"] == "visible"
        assert test["output_format"] == "text" and isinstance(test["number"], str)
    assert "mend that first" in data["tests"][2]["output"]
    refused = Result("x", "x", "stage1_echo", status=REFUSED, why="it is empty")
    assert gradescope(refused)["score"] == 0 and "it is empty" in gradescope(refused)["output"]


def test_classroom50_has_every_field_of_its_schema(result: Result) -> None:
    data = classroom50(result, {"classroom": "net", "commit": "abc"})
    assert data["schema"] == "classroom50/result/v1"
    names = {"classroom", "assignment", "submission", "commit", "release", "review", "datetime"}
    assert set(data) == names | {"schema", "score", "max-score", "tests"}
    assert datetime.fromisoformat(data["datetime"]).tzinfo is not None
    assert (data["score"], data["max-score"], data["classroom"]) == (60, 95, "net")
    for test in data["tests"]:
        assert set(test) == {"test-name", "passed", "score", "max-score"}
        assert isinstance(test["passed"], bool)


def test_junit_is_xml_with_right_totals(result: Result) -> None:
    (suite,) = ElementTree.fromstring(junit(result).encode())
    cases = suite.findall("testcase")
    assert int(suite.attrib["tests"]) == len(cases) == 4
    assert int(suite.attrib["failures"]) == len(suite.findall("testcase/failure")) == 1
    assert int(suite.attrib["skipped"]) == len(suite.findall("testcase/skipped")) == 2
    assert suite.attrib["name"] == "stage1_echo =Ann, <&>"


def test_a_table_of_the_class_is_read_back_and_calculates_nothing(result: Result) -> None:
    text = class_list([result])
    assert text.startswith("\ufeff")
    (row,) = csv.DictReader(io.StringIO(text[1:], newline=""))
    assert row["score"] == "60" and row["task 1.1"] == "60" and row["task 1.2"] == "0"
    for cell in row.values():
        assert not cell.lstrip().startswith(("=", "+", "-", "@"))
    for evil in ("=1+1", "+1", "-1", "@x", " =1", "\t=1", "\r=1"):
        assert safe_cell(evil).startswith("'")
    assert safe_cell("Ann-Marie") == "Ann-Marie"
