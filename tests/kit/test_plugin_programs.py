"""What the plugin makes of programs: submissions, shared and attached servers, their failures."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.kit.suite_runs import run_suite
from tests.kit.toys import TOY, Toy, toy

__all__ = ["toy"]

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

What was wrong: the reply: not what was expected
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
