"""Hidden tests, other points, and the run over a student's own earlier stages."""

from pathlib import Path

import pytest

from .confine import BUBBLEWRAP, LIMITS
from .failure import HarnessError
from .grading import sandbox
from .grading.collecting import named
from .grading.formats import gradescope
from .grading.grader import Grader, Order
from .grading.own_tests import OwnTests, build
from .grading.results import TROUBLE, Result
from .grading.student_report import student_html, student_markdown
from .grading.veil import veiled
from .grading.writing import Reports, write_student
from .marks import Marks
from .points import Points, read_points
from .test_grade import check
from .tree import CHECKOUT, copy_plain

HIDDEN = '''
"""What nobody is to know."""
import pytest

@pytest.mark.task("1.1", hint="SECRET HINT")
@pytest.mark.points({points})
def test_a_secret_of_the_instructor(judge):
    assert {outcome}, "SECRET REASON"
'''


def hidden(folder: Path, points: float = 10, outcome: str = "False") -> Path:
    folder.mkdir()
    text = HIDDEN.format(points=points, outcome=outcome)
    (folder / "test_hidden_more.py").write_text(text, "utf-8")
    return folder


def points(folder: Path, text: str) -> Path:
    path = folder / "mine.toml"
    path.write_text(text, "utf-8")
    return path


def marks(function: str, task: str, worth: float) -> Marks:
    return Marks("stage1_echo", f"tests/stage1_echo/{function}", function, task, points=worth)


SUITE = [
    marks("test_a.py::test_one", "1.1", 10),
    marks("test_a.py::test_two", "1.1", 30),
    marks("test_a.py::test_two", "1.1", 30),  # another case of it
    marks("test_b.py::test_three", "1.2", 60),
]


def test_tasks_share_out_their_points_and_tests_come_after_them() -> None:
    made = Points(Path("f"), {"1.1": 20}, {"test_b.py::test_three": 80}).apply(SUITE)
    assert [mark.points for mark in made] == [5, 15, 15, 80]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[tasks]\n"1.3" = 5', "the task '1.3' has no test with points; near it: 1."),
        ('[tests]\n"test_a.py::test_on" = 5', "is 0 tests; near it: test_a.py::test_one"),
        ('[tasks]\n"1.1" = "5"', "'1.1' is '5', it wants a number from 0 to 100"),
        ("[task]\nx = 1", "has no 'task'; allowed: [tasks], [tests]"),
        ("tasks = 5", "tasks is a table: [tasks]"),
        ("x", "is not TOML"),
    ],
)
def test_what_is_wrong_in_a_file_of_points_is_told(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(HarnessError) as raised:
        read_points(points(tmp_path, text)).apply(SUITE)
    assert words in str(raised.value)


def test_what_does_not_add_up_or_would_be_seen_is_told_before_anything_runs(
    tmp_path: Path,
) -> None:
    def told(name: str, own: OwnTests) -> str:
        (tmp_path / name).mkdir()
        with pytest.raises(HarnessError) as raised:
            build("stage1_echo", own, tmp_path / name)
        return str(raised.value)

    more = hidden(tmp_path / "more")
    assert "stage1_echo add up to 110, not to 100" in told("sum", OwnTests(more))
    (tmp_path / "none").mkdir()
    assert "holds no test_hidden_*.py" in told("nothing", OwnTests(tmp_path / "none"))
    (more / "test_shown.py").write_text("", "utf-8")
    assert "would be shown to students" in told("shown", OwnTests(more))


@pytest.fixture
def level() -> str:
    return LIMITS if sandbox.unavailable() else BUBBLEWRAP


def test_hidden_tests_count_and_no_student_reads_of_them(level: str, tmp_path: Path) -> None:
    more = hidden(tmp_path / "more")
    inner = tmp_path / "suite"
    inner.mkdir()
    # Task 1.1 has 15 points: the hidden test takes a share of them, and all is 100 again.
    own = OwnTests(more, points(tmp_path, '[tasks]\n"1.1" = 15\n'))
    suite = build("stage1_echo", own, inner)
    submission = tmp_path / "ann"
    copy_plain(CHECKOUT / "stage1_echo", submission / "stage1_echo")
    (tmp_path / "out").mkdir()
    order = Order(
        "stage1_echo", level, tmp_path / "out", suite=suite, options=["--task=1.1", "--alone"]
    )
    (result,) = Grader(order).grade(named([submission]))
    assert (result.status, result.points, result.score) == ("graded", 15, 9)
    assert "SECRET" in str(result.failures)
    write_student(tmp_path / "out", result, Reports())
    for path in (tmp_path / "out" / "students").rglob("*"):
        if path.is_file():
            said = path.read_text("utf-8")
            assert "SECRET" not in said and "secret" not in said, path
    assert "| hidden | tests that are not shown |" in student_markdown(veiled(result))
    write_student(tmp_path / "out", result, Reports(is_released=True))
    page = (tmp_path / "out" / "students" / "ann" / "report.html").read_text("utf-8")
    assert "SECRET HINT" in page


def test_the_graders_own_trouble_is_told_to_the_instructor_alone() -> None:
    said = "it said: test_hidden_x.py: SECRET"
    result = Result("ann", "Ann", "stage1_echo", status=TROUBLE, why=said)
    assert "SECRET" not in student_html(veiled(result)) + student_markdown(veiled(result))
    assert "your instructor has the details" in student_html(veiled(result))


def test_gradescope_hides_what_is_hidden_and_the_total() -> None:
    secret = {**check("1.2", "failed"), "function": "tests/stage1_echo/test_hidden_x.py::test_x"}
    result = Result("ann", "Ann", "stage1_echo", checks=[check("1.1", "passed", 50, 50), secret])
    data = gradescope(result)
    assert [test["visibility"] for test in data["tests"]] == ["visible", "after_published"]
    assert "the total comes with the grades" in data["output"] and "50 of" not in data["output"]
    assert [t["visibility"] for t in gradescope(result, "hidden")["tests"]][1] == "hidden"
    assert "50 of 100" in gradescope(result, "visible")["output"]


def test_the_run_over_own_stages_stands_beside_the_mark(level: str, tmp_path: Path) -> None:
    submission = tmp_path / "ann"
    for stage in ("stage1_echo", "stage2_protocol"):
        copy_plain(CHECKOUT / stage, submission / stage)
    (submission / "stage1_echo" / "__init__.py").write_text("raise OSError\n", "utf-8")
    (tmp_path / "out").mkdir()

    def grade(all_own: bool = False) -> Result:
        options = ["--task=2.1", "--alone", "--time-scale=1"]
        out = tmp_path / "out"
        order = Order("stage2_protocol", level, out, options=options, all_own=all_own)
        (result,) = Grader(order).grade(named([submission]))
        return result

    alone = grade()
    assert alone.score == alone.points and alone.all_own == {}
    both = grade(all_own=True)
    assert (both.score, both.all_own["score"]) == (alone.score, 0)
    assert both.all_own["stages"] == ["stage1_echo"]
    for text in (student_html(both), student_markdown(both)):
        assert "Over your own stage1 it would be 0 of" in text
        assert "Other points in: 2.1." in text
    # The first run is not made again, and with both there the second is not either.
    assert both.seconds == alone.seconds
    assert grade(all_own=True).finished == both.finished
