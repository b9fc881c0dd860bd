"""Starts the toy server, for the tests of the harness."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from .environment import scrubbed
from .programs import Program

TOY = Path(__file__).with_name("toy_server.py")
Toy = Callable[..., Program]


@pytest.fixture
def toy(tmp_path: Path) -> Iterator[Toy]:
    """Start a toy: ``toy("silent")``; with ``ready=False`` it is not waited for."""
    started: list[Program] = []

    def start(how: str = "right", *, ready: bool = True, seconds: float = 10.0) -> Program:
        folder = tmp_path / f"{len(started)}-{how}"
        (folder / "home").mkdir(parents=True)
        argv = [sys.executable, str(TOY), "--how", how]
        env = scrubbed(folder / "home")
        program = Program(how, argv, cwd=folder / "home", env=env, folder=folder)
        started.append(program)
        if ready:
            program.wait_ready(seconds)
        return program

    yield start
    for program in started:
        program.dispose()
