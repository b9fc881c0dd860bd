"""The plugin's rules of a run: order, waiting, points, missing parts, tiers, options."""

import re
from pathlib import Path

import pytest

from tests.kit.marks import Ledger, Marks
from tests.kit.suite_runs import run_suite

TASKS = """
import pytest
task, points, needs = pytest.mark.task, pytest.mark.points, pytest.mark.needs

@task("2.10")
@points(10)
def test_the_last_task(): pass

@task("2.3")
@points(5)
@needs("2.2")
def test_what_builds_on_a_waiting_task(): assert False

@task("2.3")
@points(5)
@needs("2.2")
def test_that_passes_although_it_waits(): pass

@task("2.2")
@points(10)
@needs("2.1")
def test_what_builds_on_a_failed_task(): assert False

@task("2.1")
@points(20)
@pytest.mark.parametrize("case", ["good", "bad"])
def test_a_test_with_a_bad_case(case): assert case == "good"

@task("2.1")
@points(20)
def test_a_good_test(): pass

@task("2.4")
@points(30)
def test_that_the_submission_skips(): pytest.skip("because")
"""


def test_tasks_run_in_order_and_the_first_cause_is_the_only_failure(tmp_path: Path) -> None:
    run = run_suite(tmp_path, {"stage2_protocol/test_tasks.py": TASKS})
    order = [node.partition("::")[2] for node, when, _, _ in run.reports if when == "setup"]
    assert order == [
        "test_a_test_with_a_bad_case[good]",
        "test_a_test_with_a_bad_case[bad]",
        "test_a_good_test",
        "test_what_builds_on_a_failed_task",
        "test_what_builds_on_a_waiting_task",
        "test_that_passes_although_it_waits",
        "test_that_the_submission_skips",
        "test_the_last_task",
    ]
    assert "1 failed, 4 passed, 1 skipped, 2 waiting" in run.text
    waiting = [facts["waiting_on"] for *_, facts in run.reports if "waiting_on" in facts]
    assert set(waiting) == {"2.1"}


def test_points_are_earned_by_whole_tests_and_a_skip_loses_them(tmp_path: Path) -> None:
    run = run_suite(tmp_path, {"stage2_protocol/test_tasks.py": TASKS})
    lines = [re.sub(r" +", " ", line).strip() for line in run.text.splitlines()]
    assert "stage2_protocol: 35 of 100 points" in lines
    assert "✗ 2.1 0/20 a test with a bad case" in lines
    assert "✓ 2.1 20/20 a good test" in lines
    assert "… 2.2 0/10 waiting on 2.1: what builds on a failed task" in lines
    assert "✗ 2.4 0/30 that the submission skips" in lines
    assert lines.index("✓ 2.10 10/10 the last task") > lines.index(
        "✗ 2.4 0/30 that the submission skips"
    )


ECHOES = """
import pytest
from pathlib import Path
from tests.kit.deadlines import eventually

@pytest.mark.task("2.1")
def test_the_cause(): assert False

def tried():
    with Path("tried.txt").open("a") as file:
        file.write("x")

@pytest.mark.task("2.2")
@pytest.mark.needs("2.1")
def test_that_builds_on_it(): tried(); FIRST

@pytest.mark.task("2.2")
@pytest.mark.needs("2.1")
@pytest.mark.parametrize("number", range(12))
def test_the_rest(number): tried(); REST
"""
IN_VAIN = 'eventually(lambda: False, why="what never comes", seconds=0.2)'


@pytest.mark.parametrize(
    ("first", "rest", "tried"),
    [
        ("assert False", "assert False", 13),  # at once: it may have a cause of its own
        (IN_VAIN, "assert False", 13),
        (IN_VAIN, IN_VAIN, 4),
        ("pass", IN_VAIN, 13),  # something of the task works
    ],
)
def test_the_rest_of_a_waiting_task_is_not_tried_after_a_few_waits_in_vain(
    tmp_path: Path, first: str, rest: str, tried: int
) -> None:
    suite = ECHOES.replace("FIRST", first).replace("REST", rest)
    run = run_suite(tmp_path, {"stage2_protocol/test_tasks.py": suite}, "--time-scale=1")
    passed = "1 passed, 12 waiting" if first == "pass" else "13 waiting"
    assert f"1 failed, {passed}" in run.text, run.text
    assert (tmp_path / "tried.txt").read_text() == "x" * tried
    told = " ".join(p.get("seen", "") for _, when, _, p in run.reports if when == "call")
    assert ("waited 0.2 s for what never comes" in told) == (IN_VAIN in (first, rest))


def test_after_two_waits_in_vain_a_waiting_task_waits_less_for_an_answer(tmp_path: Path) -> None:
    wait = 'eventually(lambda: False, why="what never comes")'
    suite = ECHOES.replace("FIRST", "pass").replace("REST", wait).replace("range(12)", "range(4)")
    run = run_suite(tmp_path, {"stage2_protocol/test_tasks.py": suite}, "--time-scale=0.1")
    assert "1 failed, 1 passed, 4 waiting" in run.text, run.text
    told = [run.facts(f"test_the_rest[{number}]")["seen"].split(" for ")[0] for number in range(4)]
    assert told == ["waited 0.5 s", "waited 0.5 s", "waited 0.1 s", "waited 0.1 s"]


def test_when_a_run_has_waited_long_in_vain_only_tasks_that_have_not_are_tried() -> None:
    ledger = Ledger()
    slow, other = (Marks("stage2_protocol", "f", "f", task) for task in ("2.4", "2.5"))
    ledger.passed(slow, 1.0)
    for _ in range(9):
        ledger.late_echo(slow, 8.8)
        assert not ledger.is_hopeless(slow)
    ledger.late_echo(slow, 8.8)
    assert ledger.is_hopeless(slow)
    assert not ledger.is_hopeless(other)
    ledger.late_echo(other, 1.0)
    assert not ledger.is_hopeless(other)
    ledger.late_echo(other, 1.0)
    assert ledger.is_hopeless(other)


def test_what_a_waiting_test_saw_is_kept_in_a_line_with_the_kind_of_an_error(
    tmp_path: Path,
) -> None:
    suite = ECHOES.replace("FIRST", "{}['id']").replace("REST", 'assert False, "one\\ntwo"')
    run = run_suite(tmp_path, {"stage2_protocol/test_tasks.py": suite})
    assert run.facts("test_that_builds_on_it")["seen"] == "KeyError: 'id'"
    assert run.facts("test_the_rest[0]")["seen"] == "one"


def test_points_are_the_same_when_tests_run_in_several_processes(tmp_path: Path) -> None:
    options = ("-p", "xdist", "-n", "2", "--dist", "loadfile")
    run = run_suite(tmp_path, {"stage2_protocol/test_tasks.py": TASKS}, *options)
    assert "stage2_protocol: 35 of 100 points" in run.text


def test_a_suite_stays_in_one_process_so_that_its_tasks_can_wait(tmp_path: Path) -> None:
    suite = """
import os, pathlib
def test_one(): pathlib.Path(f"process-{os.getpid()}").touch()
"""
    files = {f"stage2_protocol/test_{name}.py": suite for name in ("ann", "ben", "cleo", "dan")}
    run = run_suite(tmp_path, files, "-p", "xdist", "-n", "2")
    assert "4 passed" in run.text
    assert len(list(tmp_path.glob("process-*"))) == 1


def test_a_task_can_be_run_alone_or_with_those_that_it_builds_on(tmp_path: Path) -> None:
    files = {"stage2_protocol/test_tasks.py": TASKS}
    whole = run_suite(tmp_path, files, "--task=2.2").text
    assert "1 failed, 2 passed, 4 deselected, 1 waiting" in whole
    assert "1 failed, 7 deselected" in run_suite(tmp_path, files, "--task=2.2", "--alone").text


@pytest.mark.parametrize(("number", "code"), [(10, 5), (11, 4)])
def test_a_complete_suite_must_be_worth_100(tmp_path: Path, number: int, code: int) -> None:
    text = TASKS.replace("@points(10)", f"@points({number})")
    files = {
        "stage2_protocol/test_tasks.py": text,
        "stage2_protocol/conftest.py": "SUITE_COMPLETE = True",
    }
    run = run_suite(tmp_path, files, "-k", "nothing", "tests/stage2_protocol")
    assert run.code == code
    assert ("add up to 102, not to 100" in run.text) == (code == 4)
    part = run_suite(tmp_path, files, "tests/stage2_protocol/test_tasks.py")
    assert "add up to" not in part.text


def test_what_failed_can_be_run_again_alone(tmp_path: Path) -> None:
    files = {
        "stage2_protocol/test_tasks.py": TASKS,
        "stage2_protocol/conftest.py": "SUITE_COMPLETE = True",
        "stage2_protocol/test_fails.py": "def test_that_fails(): assert False",
    }
    cached = ("-o", "addopts=--strict-markers")
    run_suite(tmp_path, files, *cached, "tests")
    again = run_suite(tmp_path, files, *cached, "--last-failed", "tests")
    assert again.code == 1 and "test_that_fails" in again.text


def test_malformed_markers_are_refused(tmp_path: Path) -> None:
    text = "import pytest\n@pytest.mark.points(0)\ndef test_it(): pass"
    run = run_suite(tmp_path, {"stage2_protocol/test_x.py": text})
    assert run.code == 4 and "points takes one number above 0" in run.text


PARTS = """
import pytest
import tests.kit.system
tests.kit.system.missing_parts = lambda: {"mariadb": "apt-get install mariadb"}

@pytest.mark.task("3.1")
@pytest.mark.points(40)
@pytest.mark.parts("mariadb", "tk")
def test_on_mariadb(): pass

@pytest.mark.task("3.2")
@pytest.mark.points(60)
@pytest.mark.needs("3.1")
def test_elsewhere(): pass
"""


def test_what_a_missing_part_leaves_out_is_said_at_the_end(tmp_path: Path) -> None:
    run = run_suite(tmp_path, {"stage3_auth/test_parts.py": PARTS}, "-rs")
    assert run.code == 0
    assert run.text.index("short test summary") < run.text.index("NOT tested in this run")
    end = run.text[run.text.index("NOT tested in this run") :]
    assert "1 test: mariadb is missing here: apt-get install mariadb" in end
    assert "stage3_auth: 60 of 60 points" in run.text


def test_a_missing_part_is_a_failure_in_ci(tmp_path: Path) -> None:
    run = run_suite(tmp_path, {"stage3_auth/test_parts.py": PARTS}, ci=True)
    assert run.code == 1
    assert "CI=true and mariadb is missing here" in run.text


def test_code_under_test_is_never_imported_here(tmp_path: Path) -> None:
    text = "import stage1_echo.errors\ndef test_it(): pass"
    run = run_suite(tmp_path, {"stage1_echo/test_x.py": text})
    assert run.code == 4 and "was imported by the pytest process" in run.text


def test_the_two_tiers_differ_in_their_counts(tmp_path: Path) -> None:
    text = "def test_it(count): assert count(5, 500) == 5"
    files = {"stage1_echo/test_x.py": text}
    assert run_suite(tmp_path, files).code == 0
    assert run_suite(tmp_path, files, "--thorough").code == 1


@pytest.mark.parametrize(
    "option",
    ["--attach=nowhere", "--attach=host:99999", "--submission=/no/such/folder", "--time-scale=0"],
)
def test_options_that_make_no_sense_are_refused(tmp_path: Path, option: str) -> None:
    run = run_suite(tmp_path, {"stage1_echo/test_x.py": "def test_it(): pass"}, option)
    assert run.code == 4 and option.split("=")[0] in run.text
