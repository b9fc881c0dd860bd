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
    family = eventually(
        lambda: (found := children(process)) and len(found) == 2 and found, why="server and client"
    )
    assert family
    process.send_signal(getattr(signal, name))
    if name == "SIGINT":  # at a terminal, Ctrl-C reaches the client too
        family[1].send_signal(signal.SIGINT)
    process.communicate(timeout=within(20))
    assert not [member for member in family if member.is_running()]


def test_a_stage_that_is_not_here_is_refused(runs: Runs) -> None:
    process = runs.start("stage9")
    said, _ = process.communicate(timeout=within(20))
    assert "there is no stage9 in this folder" in said
    assert process.returncode == 2
