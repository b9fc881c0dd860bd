"""The plugin: order, waiting, points, parts, submissions, attached servers, reports."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.kit.suite_runs import run_suite
from tests.kit.toys import TOY, Toy, toy

__all__ = ["toy"]

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


def test_after_two_echoes_the_rest_of_a_task_is_not_tried(tmp_path: Path) -> None:
    suite = """
import pytest
from pathlib import Path

@pytest.mark.task("2.1")
def test_the_cause(): assert False

@pytest.mark.task("2.2")
@pytest.mark.needs("2.1")
@pytest.mark.parametrize("number", range(5))
def test_that_builds_on_it(number):
    with Path("tried.txt").open("a") as file:
        file.write("x")
    assert False
"""
    run = run_suite(tmp_path, {"stage2_protocol/test_tasks.py": suite})
    assert "1 failed, 5 waiting" in run.text
    assert (tmp_path / "tried.txt").read_text() == "xx"


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


SHARED = """
import pytest

@pytest.mark.task("2.1", hint="How long is a header?")
def test_first(shared_server, connect):
    server = shared_server("stage2.server")
    connect(server, "Ann").request(80, {"text": "one"}, data={"text": "one"})

@pytest.mark.task("2.2")
def test_second(shared_server, connect):
    server = shared_server("stage2.server")
    connect(server, "Ann").request(91)

@pytest.mark.task("2.3")
def test_third(launch, connect):
    server = launch("stage2.server", "--idle", "3")
    port = server.port
    server.end()
    server = launch.again(server)
    assert server.port == port
    connect(server, "Ann").request(91)
"""


def submission(tmp_path: Path, how: str) -> Path:
    """Make a submission of stage 2 that is the toy server; return its folder."""
    stage = tmp_path / "submission" / "stage2_protocol"
    stage.mkdir(parents=True)
    (stage / "__init__.py").write_text("", "utf-8")
    text = TOY.read_text("utf-8").replace('default="right"', f'default="{how}"')
    (stage / "server.py").write_text(text, "utf-8")
    return stage.parent


def test_a_submission_is_judged_instead_of_the_reference(tmp_path: Path) -> None:
    folder = submission(tmp_path, "right")
    files = {"stage2_protocol/test_x.py": SHARED}
    run = run_suite(tmp_path, files, f"--submission={folder}", "tests/stage2_protocol")
    assert "3 passed" in run.text, run.text


def test_a_failure_shows_question_steps_difference_and_log(tmp_path: Path) -> None:
    folder = submission(tmp_path, "wrong-id")
    files = {"stage2_protocol/test_x.py": SHARED}
    run = run_suite(tmp_path, files, f"--submission={folder}", "-k", "first")
    report = run.text[run.text.index("Task 2.1: first") : run.text.index("short test summary")]
    report = re.sub(r"\b\d{4,5}\b", "PORT", report)
    assert report.startswith(EXPECTED_REPORT), report
    assert "The check stands in " in report and "test_x.py:7" in report
    failure = run.facts("test_first")["failure"]
    assert failure["differences"] == [{"path": "id", "expected": "1", "received": "999"}]
    assert failure["steps"][3]["words"].startswith('sends {"op": 80')
    assert bytes.fromhex(failure["steps"][3]["bytes"])[4:].startswith(b'{"op":80')
    assert failure["programs"][0]["state"] == "running"


EXPECTED_REPORT = """\
Task 2.1: first

A question to start from: How long is a header?

What was done:
  1. stage2.server is started: python -m stage2_protocol.server --host 127.0.0.1 --port 0
  2. stage2.server says it is ready: READY toy 127.0.0.1 PORT
  3. Ann connects to stage2.server at 127.0.0.1:PORT
  4. Ann sends {"op": 80, "id": 1, "args": {"text": "one"}}
  5. Ann receives {"op": 80, "id": 999, "test": 0, "data": {"text": "one"}}

What was wrong: the reply is not what was expected
  field     id
    expected  1
    received  999
  received  {"op": 80, "id": 999, "test": 0, "data": {"text": "one"}}

stage2.server (running)
  the end of its standard output:
  | READY toy 127.0.0.1 PORT
"""


def test_wrong_bytes_are_shown_with_a_caret(tmp_path: Path) -> None:
    text = """
def test_bytes(shared_server, dial):
    ann = dial(shared_server("stage2.server"), "Ann")
    ann.send_bytes(b'\\0\\0\\0\\x11{"op": 91,"id":1}')
    ann.expect_bytes(b'\\0\\0\\0\\x01{"no": 91')
"""
    run = run_suite(
        tmp_path,
        {"stage2_protocol/test_x.py": text},
        f"--submission={submission(tmp_path, 'right')}",
    )
    assert WRONG_BYTES in run.text, run.text


WRONG_BYTES = """\
What was wrong: wrong bytes arrived
  the first wrong byte is number 3, counted from 0: expected 0x01, received 0x35 '5'
  expected, 13 bytes:
    00000000  00 00 00 01 7b 22 6e 6f 22 3a 20 39 31           |....{"no": 91|
                       ^^
  received, 45 bytes:
    00000000  00 00 00 35 7b 22 6f 70 22 3a 20 39 31 2c 20 22  |...5{"op": 91, "|
                       ^^
"""


def test_a_submission_without_its_stage_fails_and_says_so(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    files = {"stage2_protocol/test_x.py": SHARED}
    run = run_suite(tmp_path, files, f"--submission={tmp_path / 'empty'}")
    assert run.text.count("the submission has no folder stage2_protocol") >= 3
    assert "3 failed" in run.text


def test_a_submission_in_another_language_brings_its_command(tmp_path: Path) -> None:
    folder = tmp_path / "submission"
    folder.mkdir()
    (folder / "my_server").write_bytes(TOY.read_bytes())
    table = '[stage2.server]\ncommand = ["{python}", "my_server", "--how", "odd"]\n'
    (folder / "programs.toml").write_text(table, "utf-8")
    files = {"stage2_protocol/test_x.py": SHARED}
    run = run_suite(tmp_path, files, f"--submission={folder}")
    assert "3 passed" in run.text, run.text


def test_the_reference_can_run_on_another_engine(tmp_path: Path) -> None:
    table = f'[stage2.server]\ncommand = ["{{python}}", {str(TOY)!r}, "--how", "odd"]\n'
    (tmp_path / "engine.toml").write_text(table, "utf-8")
    files = {"stage2_protocol/test_x.py": SHARED}
    run = run_suite(tmp_path, files, "--programs=engine.toml", "-k", "first")
    assert "1 passed" in run.text, run.text


def test_final_is_not_judged_for_a_submission(tmp_path: Path) -> None:
    files = {"final/test_x.py": "def test_it(): pass"}
    run = run_suite(tmp_path, files, f"--submission={submission(tmp_path, 'right')}")
    assert "1 skipped" in run.text and "1 test: final is the reference's" in run.text


def test_the_conftest_of_a_submission_is_not_taken_for_ours(tmp_path: Path) -> None:
    folder = submission(tmp_path, "right")
    (folder / "conftest.py").write_text("print('owned')", "utf-8")
    files = {"stage2_protocol/test_x.py": SHARED}
    safe = run_suite(tmp_path, files, f"--submission={folder}", "tests")
    assert "owned" not in safe.text and "3 passed" in safe.text
    unsafe = run_suite(tmp_path, files, "tests", "--submission", str(folder))
    assert unsafe.code == 4 and "--submission=DIR in one word" in unsafe.text


def test_an_attached_server_is_used_and_never_ended(tmp_path: Path, toy: Toy) -> None:
    server = toy("right")
    files = {"stage2_protocol/test_x.py": SHARED}
    run = run_suite(tmp_path, files, f"--attach=127.0.0.1:{server.port}")
    assert "2 passed, 1 skipped" in run.text
    assert "1 test: needs a server of its own (--attach)" in run.text
    other = run_suite(tmp_path, files, f"--attach=stage3.server=127.0.0.1:{server.port}")
    assert "3 skipped" in other.text
    server.assert_alive()


def test_an_attached_server_may_lack_the_flags_that_a_test_gives(tmp_path: Path, toy: Toy) -> None:
    text = """
def test_it(shared_server): shared_server("stage2.server", "--idle", "2")
def test_quiet(shared_server): shared_server("stage2.server", "--quiet", flags_matter=False)
"""
    files = {"stage2_protocol/test_x.py": text}
    run = run_suite(tmp_path, files, f"--attach=127.0.0.1:{toy().port}", "-rs")
    assert "needs its own stage2.server with --idle 2" in run.text
    assert "1 passed, 1 skipped" in run.text


def test_programs_of_one_kind_are_told_apart(tmp_path: Path) -> None:
    text = """
def test_it(launch):
    names = [launch("stage2.server").name, launch("stage2.server").name]
    third = launch("stage2.server", name="the third")
    third.kill()
    assert [*names, third.name] == ["stage2.server", "stage2.server (2)", "the third"]
    assert launch.again(third).name == "the third, again"
"""
    files = {"stage2_protocol/test_x.py": text}
    run = run_suite(tmp_path, files, f"--submission={submission(tmp_path, 'right')}")
    assert "1 passed" in run.text, run.text


def test_a_shared_server_is_kept_until_a_test_fails(tmp_path: Path) -> None:
    text = """
import pytest
pids = []
@pytest.fixture
def pid(shared_server): pids.append(shared_server("stage2.server").pid)
def test_one(pid): pass
def test_two(pid): assert pids[0] == pids[1]; assert 0, "now it is started again"
def test_three(pid): assert pids[2] != pids[1]
def test_four(pid, shared_server):
    shared_server("stage2.server").kill()
    assert shared_server("stage2.server").pid != pids[3]
"""
    files = {"stage2_protocol/test_x.py": text}
    folder = submission(tmp_path, "right")
    run = run_suite(tmp_path, files, f"--submission={folder}")
    assert "1 failed, 3 passed" in run.text, run.text


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


def test_untrusted_bytes_do_not_reach_the_terminal(tmp_path: Path) -> None:
    run = run_suite(
        tmp_path,
        {"stage2_protocol/test_x.py": SHARED},
        f"--submission={submission(tmp_path, 'dies')}",
        colour=True,
    )
    assert "\x1b[31mtoday" not in run.text
    assert "no way to start \\x1b[31mtoday\\x1b[0m" in run.text


@pytest.mark.skipif(sys.platform == "win32", reason="a shell's background job")
def test_an_ignored_interrupt_is_not_inherited(tmp_path: Path) -> None:
    text = (
        "import signal, sys\n"
        "from tests.kit.programs import Program\n"
        "from tests.kit.environment import scrubbed\n"
        "def test_it(tmp_path):\n"
        "    code = 'import signal; print(signal.getsignal(signal.SIGINT) is signal.SIG_IGN)'\n"
        "    argv = [sys.executable, '-c', code]\n"
        "    program = Program('p', argv, cwd=tmp_path, env=scrubbed(tmp_path), folder=tmp_path)\n"
        "    program.expect_line('False')\n"
    )
    run_suite(tmp_path, {"kit/test_x.py": text})
    shell = f"trap '' INT; exec {sys.executable} -m pytest -q tests"
    env = {"PYTHONPATH": str(TOY.parents[2]), "PATH": "/usr/bin:/bin"}
    env["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    done = subprocess.run(
        ["sh", "-c", shell], cwd=tmp_path, env=env, capture_output=True, check=False
    )
    assert b"1 passed" in done.stdout, done.stdout


FUNCTIONS = """
import pytest
@pytest.mark.task("2.1")
@pytest.mark.functions
def test_a_function(probe): probe.call("stage2_protocol:encode_frame", b"x")

@pytest.mark.task("2.4")
@pytest.mark.needs("2.1")
def test_the_server(shared_server, connect): connect(shared_server("stage2.server")).request(91)
"""


def test_a_server_in_another_language_does_not_wait_on_functions(tmp_path: Path) -> None:
    folder = tmp_path / "submission"
    folder.mkdir()
    (folder / "my_server").write_bytes(TOY.read_bytes())
    table = '[stage2.server]\ncommand = ["{python}", "my_server"]\n'
    (folder / "programs.toml").write_text(table, "utf-8")
    files = {"stage2_protocol/test_x.py": FUNCTIONS}
    run = run_suite(tmp_path, files, f"--submission={folder}")
    assert "1 passed, 1 error" in run.text, run.text


def test_a_server_in_python_waits_on_its_functions(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    files = {"stage2_protocol/test_x.py": FUNCTIONS}
    run = run_suite(tmp_path, files, f"--submission={tmp_path / 'empty'}")
    assert "1 error, 1 waiting" in run.text, run.text
