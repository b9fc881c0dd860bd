"""An instructor's tests and points meet the suite and the reference before any submission does."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from .commands.grade import main
from .confine import BUBBLEWRAP, LIMITS
from .failure import HarnessError
from .grading import sandbox, trial
from .grading.own_tests import OwnTests, build
from .grading.sandbox import Suite
from .toy_suite import write_submission
from .tree import CHECKOUT

GUIDE = (CHECKOUT / "docs" / "instructor-guide.md").read_text("utf-8")
POINTS_SECTION = GUIDE.partition("\n## Points and hidden tests\n")[2].partition("\n## ")[0]
TOML = re.findall(r"^```toml\n(.*?)^```", POINTS_SECTION, re.MULTILINE | re.DOTALL)
PYTHON = re.findall(r"^```python\n(.*?)^```", POINTS_SECTION, re.MULTILINE | re.DOTALL)
LEVEL = LIMITS if sandbox.unavailable() else BUBBLEWRAP
HIDDEN = """
import pytest
from tests.kit import check
pytestmark = [pytest.mark.task("1.1", hint="?"), pytest.mark.points({points})]
"""
RIGHT = "def test_right():\n    pass\n"
Build = Callable[..., Suite]


@pytest.fixture
def built(tmp_path: Path) -> Build:
    """Build a stage's suite with one file of hidden tests, and with points."""

    def make(stage: str = "stage1_echo", hidden: str = "", points: str = "") -> Suite:
        folder, more, file = tmp_path / "suite", tmp_path / "hidden", tmp_path / "mine.toml"
        folder.mkdir()
        more.mkdir()
        (more / "test_hidden_more.py").write_text(hidden, "utf-8")
        file.write_text(points, "utf-8")
        return build(stage, OwnTests(more if hidden else None, file if points else None), folder)

    return make


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("def test_it(conect):\n    pass\n", "fixture 'conect' not found"),
        ("def test_it():\n    encod(b'')\n", "NameError: name 'encod' is not defined"),
        ("def test_it():\n    check.equal(1, 2, 'one')\n", "one: not what was expected"),
        ("def test_it():\n    assert 1 == 2, 'no'\n", "no"),
        ("def test_it():\n    pytest.skip('today')\n", "it was skipped, for no reason of"),
    ],
)
def test_a_hidden_test_that_fails_on_the_reference_is_told(
    built: Build, body: str, words: str
) -> None:
    suite = built(hidden=HIDDEN.format(points=5) + RIGHT + body, points='[tasks]\n"1.1" = 15\n')
    with pytest.raises(HarnessError) as raised:
        trial.check_hidden("stage1_echo", suite, LEVEL)
    told = str(raised.value)
    assert told.startswith(
        "--hidden: test_hidden_more.py::test_it does not pass on the reference, so no submission "
    )
    assert words in told.partition("its points: ")[2]


def test_hidden_tests_that_pass_are_no_news_and_need_a_reference(
    built: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    suite = built(hidden=HIDDEN.format(points=5) + RIGHT, points='[tasks]\n"1.1" = 15\n')
    assert trial.check_hidden("stage1_echo", suite, LEVEL) == []
    monkeypatch.setattr(trial, "has_reference", lambda stage: False)
    (note,) = trial.check_hidden("stage1_echo", suite, LEVEL)
    assert "the reference of stage1 is not here" in note


def test_grade_tries_hidden_tests_before_the_first_submission(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_submission(tmp_path / "subs" / "ann")
    (tmp_path / "more").mkdir()
    broken = HIDDEN.format(points=5) + "def test_it(conect):\n    pass\n"
    (tmp_path / "more" / "test_hidden_more.py").write_text(broken, "utf-8")
    (tmp_path / "mine.toml").write_text('[tasks]\n"1.1" = 15\n', "utf-8")
    words = [f"--out={tmp_path / 'out'}", f"--hidden={tmp_path / 'more'}", f"--sandbox={LEVEL}"]
    words += [f"--points={tmp_path / 'mine.toml'}", "--without=windows", "--without=mariadb"]
    assert main(["stage1", str(tmp_path / "subs"), *words]) == 2
    assert "test_hidden_more.py::test_it does not pass on the" in capsys.readouterr().out
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("points", "words"),
    [
        ('[tests]\n"test_x.py::test_y" = 1', "the test 'test_x.py::test_y' is 0 tests; near it: "),
        ('[tasks]\n"1.99" = 1', "the task '1.99' has no test with points; near it: 1."),
    ],
)
def test_a_name_that_does_not_exist_is_told_with_near_ones(
    built: Build, points: str, words: str
) -> None:
    with pytest.raises(HarnessError) as raised:
        built(points=points)
    assert words in str(raised.value) and "INTERNALERROR" not in str(raised.value)


def test_points_that_do_not_add_up_are_told_by_task(built: Build) -> None:
    with pytest.raises(HarnessError) as raised:
        built(hidden=HIDDEN.format(points=5) + RIGHT, points='[tasks]\n"1.2" = 1\n')
    told = str(raised.value)
    sums = dict(re.findall(r"(1\.\d+) ([\d.]+),", told.partition("included: ")[2]))
    assert sums["1.2"] == "1"
    assert told.endswith("Of that, hidden tests: 1.1 5")


def test_the_guides_example_of_points_is_accepted(built: Build) -> None:
    assert built("stage2_protocol", points=TOML[0]).options


def test_the_guides_hidden_test_and_its_points_add_up_and_pass_on_the_reference(
    built: Build,
) -> None:
    suite = built("stage2_protocol", hidden=PYTHON[0], points=TOML[1])
    assert trial.check_hidden("stage2_protocol", suite, LEVEL) == []
