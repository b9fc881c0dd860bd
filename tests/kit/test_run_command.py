"""`kit.py run stageN`: servers and client come up together, talk, and go together."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import psutil
import pytest

from .deadlines import eventually, within

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = "import sys; from tests.kit.commands.run import main; sys.exit(main(sys.argv[1:]))"


class Runs:
    """Starts `kit.py run ...` inside the environment that the tests already run in."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.processes: list[subprocess.Popen[str]] = []

    def start(self, *words: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, *words],
            cwd=ROOT,
            env={**os.environ, "PYTHONUTF8": "1", "PYTHONUNBUFFERED": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
        )
        self.processes.append(process)
        return process

    def stage(self, stage: str, *words: str) -> subprocess.Popen[str]:
        return self.start(stage, "--terminal", "--data", str(self.data), *words)

    def end(self) -> None:
        for process in self.processes:
            family = [process.pid, *(child.pid for child in children(process))]
            for pid in family:
                with suppress(psutil.Error):
                    psutil.Process(pid).kill()
            process.communicate()


@pytest.fixture
def runs(tmp_path: Path) -> Iterator[Runs]:
    made = Runs(tmp_path / "data")
    yield made
    made.end()


def children(process: subprocess.Popen[str]) -> list[psutil.Process]:
    with suppress(psutil.Error):
        return psutil.Process(process.pid).children(recursive=True)
    return []


def read_until(process: subprocess.Popen[str], pattern: str) -> str:
    """Return what the program prints up to a line with `pattern`; fails if there is none."""
    assert process.stdout is not None
    seen = ""
    for line in process.stdout:
        seen += line
        if re.search(pattern, line):
            return seen
    pytest.fail(f"no line with {pattern!r}, only:\n{seen}")


def test_stage_1_answers_what_is_typed_and_ends_with_its_input(runs: Runs) -> None:
    process = runs.stage("stage1", "--any-port")
    said, _ = process.communicate("你好\n", timeout=within(20))
    assert "已收到消息:你好" in said
    assert process.returncode == 0
    log = runs.data / "echo.log"
    assert str(log) in said and log.exists()


def test_a_stage_may_be_named_by_its_folder(runs: Runs) -> None:
    said, _ = runs.stage("stage2_protocol", "--any-port").communicate("/ping\n", timeout=within(20))
    assert "time" in said


def test_the_code_of_a_registration_appears_on_the_terminal(runs: Runs) -> None:
    process = runs.stage("stage3", "--any-port")
    assert process.stdin is not None
    process.stdin.write("/code 13812345678\n")
    process.stdin.flush()
    read_until(process, r"telephone 13812345678\] code: \d+")


def test_a_taken_port_is_named_with_its_remedy(runs: Runs) -> None:
    with ExitStack() as held:
        with suppress(OSError):  # somebody else has it: as good
            held.enter_context(socket.create_server(("127.0.0.1", 8888)))
        process = runs.stage("stage1")
        said, _ = process.communicate(timeout=within(20))
    assert "8888" in said and "--any-port" in said
    assert process.returncode == 1


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_a_signal_ends_the_client_and_the_servers(runs: Runs, name: str) -> None:
    if os.name == "nt":
        pytest.skip("Windows has no signals for one process")
    process = runs.stage("stage1", "--any-port")
    read_until(process, "echo server: ")
    family: list[psutil.Process] = []

    def both_run() -> bool:
        family[:] = children(process)
        return len(family) == 2

    eventually(both_run, why="server and client")
    process.send_signal(getattr(signal, name))
    if name == "SIGINT":  # at a terminal, Ctrl-C reaches the client too
        for member in family:
            if "stage1_echo.client" in member.cmdline():
                member.send_signal(signal.SIGINT)
    process.communicate(timeout=within(20))
    eventually(lambda: not any(member.is_running() for member in family), why="their end")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no signals for one process")
def test_a_signal_in_the_middle_of_starting_leaves_nothing_running(runs: Runs) -> None:
    process = runs.stage("stage3", "--any-port")
    eventually(lambda: children(process), why="the first program", poll=0.001)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=within(20))
    assert not [each.pid for each in psutil.process_iter() if str(runs.data) in command(each)]


def command(process: psutil.Process) -> str:
    with suppress(psutil.Error):
        return " ".join(process.cmdline())
    return ""


def test_a_stage_that_is_not_here_is_refused(runs: Runs) -> None:
    process = runs.start("stage9")
    said, _ = process.communicate(timeout=within(20))
    assert "there is no stage9 in this folder" in said
    assert process.returncode == 2
