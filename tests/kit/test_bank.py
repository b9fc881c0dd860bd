"""Every wrong program fails its own task first; every odd but right one loses nothing.

In everyday use a wrong program meets its own tasks only; the thorough tier runs the whole suite on
it. Right programs meet all of it, always.
"""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from . import bank
from .scoreboard import FAILED, PASSED, WAITING

ENTRIES = bank.entries()


@pytest.mark.timeout(400)
@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: f"{entry.stage[:6]}-{entry.name}")
def test_a_program_of_the_bank_fails_where_it_should(
    entry: bank.Entry, tmp_path: Path, count: Callable[[int, int], int]
) -> None:
    if entry.requires and shutil.which(entry.requires) is None:
        pytest.skip(f"{entry.requires} is not installed here, and no part of the course needs it")
    lines = bank.judge(entry, tmp_path, everything=bool(count(0, 1)))
    failed = {str(line["task"]) for line in lines if line["outcome"] == FAILED}
    others = {str(line["outcome"]) for line in lines} - {FAILED, PASSED, WAITING}
    text = (tmp_path / "output.txt").read_text("utf-8")
    assert failed == set(entry.fails), f"{entry.says}: {sorted(failed)} failed\n{text[-6000:]}"
    assert not others, f"{entry.says}: some tests ended as {others}"


def test_the_bank_is_not_empty_and_its_names_are_used_once() -> None:
    names = [(entry.stage, entry.name) for entry in ENTRIES]
    assert names
    assert len(set(names)) == len(names)
