"""The doctor's own judgement: what is a hole in a suite, and what is none."""

from dataclasses import replace

import psutil
import pytest

from . import system
from .bank import Change, Entry
from .commands.doctor import main
from .flaky import Repeated, busy
from .json_types import JsonObject
from .matrix import Matrix, Verdict, judge_all
from .scoreboard import FAILED, PASSED, WAITING


def entry(name: str, *fails: str) -> Entry:
    return Entry(name, "stage1_echo", f"is {name}", fails, (), {})


def verdict(program: Entry, **outcomes: str) -> Verdict:
    """A verdict by three functions of the tasks 1.1, 1.2 and 1.3, worth points but the last."""
    lines: list[JsonObject] = [
        {
            "task": task,
            "function": function,
            "points": points,
            "outcome": outcomes.get(function, PASSED),
            "failed_cases": [],
        }
        for task, function, points in (("1.1", "one", 5), ("1.2", "two", 5), ("1.3", "three", 0))
    ]
    return Verdict(program, lines)


def test_a_wrong_program_that_fails_its_task_is_as_it_should_be() -> None:
    assert verdict(entry("wrong", "1.1"), one=FAILED, two=WAITING).complaint == ""


def test_a_survivor_a_punished_program_and_a_wrong_first_cause_are_told() -> None:
    assert "survives" in verdict(entry("wrong", "1.1")).complaint
    assert "punished in 1.2" in verdict(entry("right"), two=FAILED).complaint
    found = verdict(entry("wrong", "1.1"), two=FAILED).complaint
    assert found == "failed in 1.2, should be 1.1"
    assert "skipped" in verdict(entry("right"), two="skipped").complaint


def test_a_program_on_which_the_suite_could_not_run_is_a_complaint_and_stops_nothing() -> None:
    moved = Change("server.py", "what the reference does not have any more", "")
    (found,) = judge_all([replace(entry("wrong", "1.1"), changes=(moved,))], 1)
    assert "has 0 places with" in found.complaint


def test_a_program_is_known_by_the_tests_of_its_own_tasks_that_find_it_out() -> None:
    found = verdict(entry("wrong", "1.1"), one=FAILED, two=FAILED, three=WAITING)
    assert found.found_by == {"one": []}


def test_a_test_with_points_that_fails_no_program_is_useless() -> None:
    matrix = Matrix([verdict(entry("wrong", "1.1"), one=FAILED), verdict(entry("right"))])
    assert matrix.killed_by("one") == ["wrong"]
    assert matrix.useless() == ["two"]


def test_two_programs_that_fail_the_same_are_twins() -> None:
    one, other = entry("one-way", "1.1"), entry("another", "1.1")
    third = verdict(entry("third", "1.2"), two=FAILED)
    matrix = Matrix([verdict(one, one=FAILED), verdict(other, one=FAILED), third])
    assert matrix.twins() == [("one-way", "another")]


def test_a_suite_that_fails_without_a_failed_test_is_counted_too() -> None:
    repeated = Repeated("stage1_echo")
    repeated.note(1.0, 0, [])
    repeated.note(3.0, 1, ["a test"])
    repeated.note(2.0, 4, [])
    assert (repeated.runs, repeated.green, repeated.median) == (3, 1, 2.0)
    assert dict(repeated.failures) == {"a test": 1, "the suite itself": 1}


def test_the_busy_processes_end_with_their_block() -> None:
    with pytest.raises(ZeroDivisionError), busy(2):
        ours = psutil.Process().children()
        burning = [child for child in ours if "while True" in " ".join(child.cmdline())]
        assert len(burning) == 2
        raise ZeroDivisionError
    assert not [child for child in burning if child.is_running()]


def test_without_a_part_of_the_system_the_doctor_says_so_and_judges_nobody(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    display = next(part for part in system.PARTS if part.name == "xvfb")
    monkeypatch.setattr(system, "look", lambda: [display])
    monkeypatch.delenv(system.MISSING_VARIABLE, raising=False)
    assert main(["--matrix", "stage1"]) == 2
    printed = capsys.readouterr().out
    assert "every verdict would suffer: xvfb (windows (on an unseen display))" in printed
    assert "name in CHAT_MISSING_PARTS what is to be left out" in printed


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "one of --flaky, --matrix, --learn, --attack is required"),
        (["--flaky", "2", "--learn"], "--learn stands alone or with --matrix"),
        (["--flaky", "0"], "got '0', allowed are 1 to 10000"),
        (["--flaky", "2", "stage9"], "there is no stage 'stage9'; there are: stage1"),
    ],
)
def test_a_wrong_call_of_the_doctor_is_told_in_words(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    try:
        code = main(arguments)
    except SystemExit as leaving:  # argparse
        code = int(leaving.code or 0)
    printed = capsys.readouterr()
    assert code == 2
    assert words in printed.out + printed.err
