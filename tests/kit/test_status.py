"""kit.py status: a line for each stage of a folder."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.kit.checking import RunFailed
from tests.kit.commands.status import main
from tests.kit.handing_out import start

PLAN = {
    "event": "plan",
    "tests": [{"task": "1.1", "function": "a", "title": "a", "points": 40}],
}
END = {"event": "end", "waiting_on": "", "why": "", "failure": None, **PLAN["tests"][0]}  # type: ignore[dict-item]


def suite(outcome: str) -> Callable[..., None]:
    """Return a suite whose only test has this outcome."""

    def run(arguments: list[str], tell: Callable[[dict[str, Any]], object]) -> None:
        if outcome == "broken":
            raise RunFailed("the suite did not run")
        tell(PLAN)
        tell({**END, "outcome": outcome})

    return run


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_each_stage_has_a_line(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    start("stage1_echo", Path("mine"))
    assert main([], suite("failed")) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "stage1  0 of 40 points, 16 functions to write, next: task 1.1"
    assert lines[1:] == [f"stage{n}  not started" for n in range(2, 6)]
    assert main([], suite("passed")) == 0
    assert "40 of 40 points, 16 functions" in capsys.readouterr().out


def test_quick_runs_no_suite(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    start("stage1_echo", Path("my own"))
    assert main(["my own", "--quick"], suite("broken")) == 1
    assert "stage1  16 functions to write" in capsys.readouterr().out


def test_mistakes_get_a_sentence(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert "no stage is in mine; kit.py start stage1 mine makes it" in capsys.readouterr().out
    start("stage1_echo", Path("mine"))
    assert main([], suite("broken")) == 2
    assert "the suite did not run" in capsys.readouterr().out
