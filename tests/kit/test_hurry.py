"""An unfinished program is soon checked; a slow right one is never hurried out of its time."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kit import deadlines
from tests.kit.suite_runs import run_suite

# Each test notes how long it would wait for an answer: the whole time is 0.5 s at this scale.
SUITE = """
import json, time
import pytest
from tests.kit.deadlines import Deadline, eventually
task = pytest.mark.task

def note(name, deadline):
    with open("waits.jsonl", "a") as file:
        file.write(json.dumps([name, round(deadline.seconds, 2)]) + "\\n")

@task("9.1")
def test_that_waits_in_vain():
    note("first", Deadline())
    eventually(lambda: False, why="what never comes")

@task("9.1")
def test_after_it():
    note("after it", Deadline())
    note("with a time of its own", Deadline(4.0))
    eventually(lambda: False, why="what never comes")

@task("9.2")
def test_of_another_task(): note("another task", Deadline())

@task("9.3")
@pytest.mark.needs("9.1")
def test_that_waits_on_it(): note("an echo", Deadline())

@task("9.4")
def test_that_fails_at_once(): assert False

@task("9.4")
def test_after_a_quick_failure(): note("after a quick failure", Deadline())
"""
WHOLE = {
    "first": 0.5,
    "after it": 0.5,
    "with a time of its own": 0.4,
    "another task": 0.5,
    "an echo": 0.5,
    "after a quick failure": 0.5,
}


def waits(folder: Path, *options: str, suite: str = SUITE) -> tuple[dict[str, float], str]:
    """Run the suite; return how long each test would have waited, and what was printed."""
    scaled = ("--time-scale=0.1", *options)
    run = run_suite(folder, {"stage2_protocol/test_waits.py": suite}, *scaled)
    lines = (folder / "waits.jsonl").read_text("utf-8").splitlines()
    return dict(json.loads(line) for line in lines), run.text


def test_who_hurries_waits_once_in_a_task(tmp_path: Path) -> None:
    found, text = waits(tmp_path, "--hurry")
    assert found == {**WHOLE, "after it": 0.1, "an echo": 0.1}
    assert "It had less time than usual" in text and "--patient" in text
    assert text.count("It had less time than usual") == 1


CHANCE = """
import pytest
from tests.kit import check

@pytest.mark.task("9.1")
def test_of_chance(dice): check.equal(dice("number").randrange(10**9), 0, "the number")
"""


def chosen(folder: Path, *options: str) -> str:
    """Return which number a test chose, as its report tells it, and by which seed."""
    folder.mkdir()
    text = run_suite(folder, {"stage2_protocol/test_chance.py": CHANCE}, *options).text
    return "\n".join(line for line in text.splitlines() if "received" in line or "seed" in line)


def test_what_is_chosen_at_random_is_chosen_by_the_seed_and_the_report_tells_it(
    tmp_path: Path,
) -> None:
    usual, again = chosen(tmp_path / "a"), chosen(tmp_path / "b")
    other = chosen(tmp_path / "c", "--seed=7")
    assert usual == again and "by seed 0: --replay 0 chooses the same" in usual
    assert "by seed 7" in other and usual.splitlines()[0] != other.splitlines()[0]


def test_marks_are_made_without_hurry(tmp_path: Path) -> None:
    found, text = waits(tmp_path)
    assert found == WHOLE and "less time" not in text


def test_a_program_that_is_slow_everywhere_keeps_its_time(tmp_path: Path) -> None:
    slow = '@task("9.0")\ndef test_slow_and_right(): time.sleep(0.3)\n\n@task("9.1")'
    suite = SUITE.replace('@task("9.1")', slow, 1)
    found, _ = waits(tmp_path, "--hurry", suite=suite)
    assert found["after it"] == 0.5


@pytest.fixture
def restored() -> Iterator[None]:
    before = deadlines._set_by_hand
    yield
    deadlines.begin()
    deadlines.set_factor(before)


def test_the_usual_check_decides_how_much_time_is_left(restored: None) -> None:
    deadlines.set_factor(1.0)
    for usual, seconds in ((0.0, 1.0), (0.05, 1.0), (0.3, 1.2), (2.0, 5.0)):
        deadlines.begin(hurried=True, usual=usual)
        assert deadlines.Deadline().seconds == seconds
