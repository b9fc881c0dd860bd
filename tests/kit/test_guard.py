"""What the programs of a run may take of the machine, where it is not walled off from them."""

import subprocess
import sys
from collections import namedtuple
from collections.abc import Iterator
from pathlib import Path

import pytest

from .deadlines import eventually
from .grading import guard as guards
from .grading.guard import Guard

MB = 1 << 20
# A test process, by its name in the command line, and a program that writes 2 MB, and then waits.
PROGRAM = "open('big', 'wb').write(bytes(2 << 20)); import time; time.sleep(600)"
SUITE = (
    "import subprocess, sys\n"
    f"child = subprocess.Popen([sys.executable, '-c', {PROGRAM!r}])\n"
    "print(child.wait(), flush=True)\n"
)
Disk = namedtuple("Disk", "free")


def _free(monkeypatch: pytest.MonkeyPatch, first: int, then: int) -> None:
    """Let the disk, which others use too, have so many MB free."""
    left = iter([first])
    monkeypatch.setattr("shutil.disk_usage", lambda _folder: Disk(next(left, then) * MB))


@pytest.fixture
def suite(tmp_path: Path) -> Iterator["subprocess.Popen[bytes]"]:
    words = [sys.executable, "-c", SUITE, "tests.kit.grading.sealed"]
    with subprocess.Popen(words, cwd=tmp_path, stdout=subprocess.PIPE) as child:
        yield child
        child.kill()


def test_programs_that_fill_the_disk_are_killed_and_the_test_process_is_not(
    suite: "subprocess.Popen[bytes]", tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guards, "DISK_BYTES", 1 * MB)
    _free(monkeypatch, 1000, 900)
    guard = Guard(suite, tmp_path)
    eventually(lambda: guard.notes, why="the program to be killed")
    assert suite.stdout is not None and int(suite.stdout.readline()) != 0
    guard.stop()
    assert guard.notes == ["its programs wrote more than 1 MB and were killed"]
    assert not guard.was_full


def test_a_disk_that_somebody_else_has_filled_is_noted(
    suite: "subprocess.Popen[bytes]", tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _free(monkeypatch, 1000, 20)
    guard = Guard(suite, tmp_path)
    eventually(lambda: guard.was_full, why="the full disk to be seen")
    guard.stop()
    assert guard.notes == []


def test_where_the_disk_is_the_runs_own_it_is_not_watched(
    suite: "subprocess.Popen[bytes]", tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guards, "DISK_BYTES", 1 * MB)
    monkeypatch.setattr(guards, "MEMORY_BYTES", 1)
    guard = Guard(suite, None)
    # A look comes to its end before the next begins.
    eventually(lambda: guard.notes, why="the program to be killed for its memory")
    guard.stop()
    assert not [note for note in guard.notes if "wrote" in note]
