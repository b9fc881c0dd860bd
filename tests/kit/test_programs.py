"""Programs under test are started, watched and ended, whatever they do."""

import os
import sys
import time
from collections import UserDict
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.kit import logs, processes, story
from tests.kit.environment import scrubbed
from tests.kit.failure import ProgramFailed
from tests.kit.programs import Program
from tests.kit.toys import Toy, toy
from tests.kit.wire import WireClient

__all__ = ["toy"]


def script(tmp_path: Path, text: str) -> Program:
    """Start a program of a few lines."""
    path = tmp_path / "script.py"
    path.write_text(text, "utf-8")
    argv = [sys.executable, str(path)]
    return Program("script", argv, cwd=tmp_path, env=scrubbed(tmp_path), folder=tmp_path)


def test_a_server_is_ready_where_its_line_says(toy: Toy) -> None:
    server = toy()
    assert (server.service, server.host) == ("toy", "127.0.0.1")
    assert server.endpoints["toy"].port == server.port > 0
    assert server.before_ready == []
    WireClient(server).dispose()


def test_a_server_that_dies_is_noticed_at_once_with_its_exit_code(toy: Toy) -> None:
    with pytest.raises(ProgramFailed, match=r"ended before it was ready \(exit code 1\)"):
        toy("dies", seconds=60)


def test_lines_before_ready_are_kept_for_the_task_that_checks_them(toy: Toy) -> None:
    server = toy("junk")
    assert server.before_ready == ["Welcome!", "READY to go", "READY toy 127.0.0.1 99999"]
    assert server.port


def test_a_server_that_never_says_ready_fails_at_the_deadline(toy: Toy) -> None:
    with pytest.raises(ProgramFailed, match="printed no READY line within") as caught:
        toy("never", seconds=0.3)
    assert caught.value.received == "nothing on standard output"


def test_a_server_that_closes_its_output_is_not_waited_for(toy: Toy) -> None:
    with pytest.raises(ProgramFailed, match="closed its standard output"):
        toy("closes-stdout", seconds=60)


def test_a_server_that_dies_is_noticed_though_its_output_stays_open(toy: Toy) -> None:
    with pytest.raises(ProgramFailed, match=r"ended before it was ready \(exit code 4\)"):
        toy("dies-holding", seconds=60)


def test_a_server_that_ends_when_asked_passes(toy: Toy) -> None:
    assert toy().end() == 0


def test_a_server_that_does_not_end_when_asked_fails_and_is_gone(
    toy: Toy, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = toy("stubborn")
    server.ask_to_end()
    with pytest.raises(ProgramFailed, match="has not ended within"):
        server.wait_exit(seconds=0.3)
    server.dispose()
    assert server.exit_code is not None


def test_a_wrong_exit_code_is_a_failure(toy: Toy) -> None:
    server = toy("exits")
    client = WireClient(server)
    client.ask(91)
    with pytest.raises(ProgramFailed, match="ended with exit code 7"):
        server.wait_exit(code=0)
    with pytest.raises(ProgramFailed, match="has ended"):
        server.assert_alive()
    assert "the toy has had enough" in str(server.testimony()["stderr"])


def test_what_ends_before_it_may_is_a_failure(toy: Toy) -> None:
    server = toy("exits")
    server.must_stay(seconds=0.1)
    WireClient(server).ask(91)
    with pytest.raises(ProgramFailed, match="has ended already"):
        server.must_stay(seconds=60)


def test_a_report_shows_what_a_shared_server_wrote_in_this_test(toy: Toy) -> None:
    server = toy("exits")
    client = WireClient(server)
    story.begin()
    server.join()
    server.join()  # a second time changes nothing
    assert "READY" not in str(server.testimony()["stdout"])
    client.ask(91)
    with pytest.raises(ProgramFailed):
        server.wait_exit(code=0)
    assert "the toy has had enough" in str(server.testimony()["stderr"])


def test_a_flood_of_log_lines_blocks_nobody_and_only_its_end_is_kept(toy: Toy) -> None:
    server = toy("floods")
    client = WireClient(server)
    for _ in range(20):
        client.request(91)
    while server.stderr.total < 20 * 1024 * 1024:
        client.request(91)
        time.sleep(0.01)
    server.kill()
    assert server.stderr.tail(1) in ("the end of the flood", "x" * 1023)
    assert server.stderr.path.stat().st_size == 8 * 1024 * 1024


def test_a_flood_of_long_lines_is_not_kept_for_whoever_may_read_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logs, "LINES_LIMIT", 1_000_000)
    program = script(tmp_path, "for _ in range(50): print('x' * 99_999)")
    program.wait_exit(20, code=0)
    assert 0 < sum(map(len, program.stdout.waiting)) <= 1_000_000


@pytest.mark.skipif(processes.WINDOWS, reason="nobody can look into a pipe there")
def test_what_was_logged_before_an_answer_stands_in_the_report(tmp_path: Path) -> None:
    text = """import sys
for line in sys.stdin:
    print("a line of the log\\n" * 40 + "logged " + line, file=sys.stderr, flush=True)
    print("did " + line, flush=True)"""
    program = script(tmp_path, text)
    for number in range(200):
        program.send_line(f"{number}.")
        program.expect_line(f"did {number}.")
        assert f"logged {number}." in str(program.testimony()["stderr"])
    program.dispose()


def test_a_program_that_is_about_to_be_gone_is_not_called_running(tmp_path: Path) -> None:
    text = "import os, sys, time; print('bye', flush=True); os.close(1); os.close(2)\n"
    program = script(tmp_path, text + "time.sleep(0.1); os._exit(3)")
    program.expect_line("bye")
    assert program.stdout.wait_end(5) and program.stderr.wait_end(5)
    assert program.testimony()["state"] == "exit code 3"
    program.dispose()


def test_control_characters_of_a_log_do_not_reach_the_terminal(toy: Toy) -> None:
    server = toy("dies", ready=False)
    server.wait_exit()
    assert "\\x1b[31mtoday" in server.stderr.tail()


def test_lines_go_in_and_come_out(tmp_path: Path) -> None:
    program = script(tmp_path, "for line in open(0): print('got', line.strip(), flush=True)")
    program.send_line("grüße 你好")
    assert program.expect_line(r"got (\S+)")[1] == "grüße"
    program.send_line("two")
    program.send_line("three")
    program.expect_line("three")
    assert program.seen == ["got grüße 你好", "got two", "got three"]
    program.close_stdin()
    assert program.wait_exit(code=0) == 0


def test_a_line_that_does_not_come_fails_with_those_that_did(tmp_path: Path) -> None:
    program = script(tmp_path, "print('something else', flush=True); input()")
    with pytest.raises(ProgramFailed, match="printed no line with 'hello'") as caught:
        program.expect_line("hello", seconds=0.3)
    assert caught.value.received == ["something else"]
    program.dispose()


def test_of_a_program_that_ended_it_is_not_said_that_it_was_waited_for(tmp_path: Path) -> None:
    program = script(tmp_path, "print('something else')")
    with pytest.raises(ProgramFailed, match="printed no line with 'hello' before it ended"):
        program.expect_line("hello", seconds=30)


def test_a_line_to_a_program_that_has_ended_fails(tmp_path: Path) -> None:
    program = script(tmp_path, "")
    program.wait_exit()
    with pytest.raises(ProgramFailed, match="no longer reads"):
        for _ in range(100):
            program.send_line("x" * 1000)


def test_a_program_that_does_not_exist_is_said(tmp_path: Path) -> None:
    with pytest.raises(ProgramFailed, match="cannot start no-such-program"):
        Program("none", ["no-such-program"], cwd=tmp_path, env={}, folder=tmp_path)


def test_children_get_no_secrets_and_nothing_of_pytest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHAT_DB_PASSWORD", "secret")
    program = script(tmp_path, "import os; print(sorted(os.environ), os.environ['HOME'])")
    names = program.expect_line(".+")[0]
    assert "PYTEST" not in names and "CHAT_DB_PASSWORD" not in names
    assert str(tmp_path) in names
    program.wait_exit(code=0)


def test_ending_a_program_ends_what_it_started(tmp_path: Path) -> None:
    text = (
        "import subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        "print(child.pid, flush=True); time.sleep(600)"
    )
    program = script(tmp_path, text)
    child = int(program.expect_line(r"\d+")[0])
    program.kill()
    assert not _runs(child)


def test_a_child_that_left_its_parent_carries_the_mark_of_the_session(toy: Toy) -> None:
    server = toy("leaves-a-child")
    child = int(server.stderr.tail())
    server.kill()
    left = [process.pid for process in processes.marked()]
    assert child in left
    psutil.Process(child).kill()


@pytest.mark.skipif(sys.platform == "win32", reason="a POSIX signal")
def test_nothing_survives_a_session_that_is_killed(tmp_path: Path) -> None:
    path = tmp_path / "session.py"
    path.write_text(
        "import os, sys, time\n"
        "from pathlib import Path\n"
        "from tests.kit import processes\n"
        "child = processes.spawn([sys.executable, '-c', 'import time; time.sleep(600)'],\n"
        "                        cwd=Path('.'), env=dict(os.environ))\n"
        "print(child.pid, flush=True); time.sleep(600)\n",
        "utf-8",
    )
    root = str(Path(__file__).parents[2])
    env = scrubbed(tmp_path, PYTHONPATH=root)
    session = Program("s", [sys.executable, str(path)], cwd=tmp_path, env=env, folder=tmp_path)
    child = int(session.expect_line(r"\d+")[0])
    os.kill(session.pid, 9)  # only the session itself: the watcher must do the rest
    deadline = time.monotonic() + 10
    while _runs(child) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not _runs(child)
    session.dispose()


def _runs(pid: int) -> bool:
    return psutil.pid_exists(pid) and processes.is_running(psutil.Process(pid))


def test_the_environment_of_programs_can_be_made_while_another_thread_changes_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Changing(UserDict[str, str]):
        def __iter__(self) -> Iterator[str]:
            raise RuntimeError("dictionary changed size during iteration")

    with monkeypatch.context() as patch:
        patch.setattr(os, "environ", Changing(PATH="/bin", PYTEST_VERSION="9"))
        made = scrubbed(tmp_path)
    assert made["PATH"] == "/bin"
    assert "PYTEST_VERSION" not in made
