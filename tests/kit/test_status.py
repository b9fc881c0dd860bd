"""kit.py status: a line for each stage of a folder, from the last check; --run renews it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.kit import verdicts
from tests.kit.checking import RunFailed
from tests.kit.commands.status import main
from tests.kit.handing_out import start
from tests.kit.packing import pack

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


def lines(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return capsys.readouterr().out.splitlines()


def test_each_stage_has_a_line_and_nothing_is_run_unless_it_is_wanted(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    start("stage1_echo", Path("mine"))
    assert main([], suite("broken")) == 1
    said = lines(capsys)
    assert said[0] == "stage1  not checked yet, 16 functions to write"
    assert said[1:5] == [f"stage{n}  not started" for n in range(2, 6)]
    assert said[5] == "kit.py status --run checks what is not up to date"
    assert main(["--run"], suite("failed")) == 1
    found = "stage1  0 of 40 points, 16 functions to write, next: task 1.1"
    found += " (last whole check: just now)"
    assert lines(capsys)[0] == found
    assert main(["--run"], suite("broken")) == 1  # nothing has changed, nothing is run
    assert lines(capsys)[0] == found


def test_a_verdict_on_other_files_is_told_and_renewed(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    start("stage1_echo", Path("mine"))
    assert main(["--run"], suite("passed")) == 0
    (here / "mine" / "stage1_echo" / "server.py").write_text("# another", "utf-8")
    assert main([], suite("broken")) == 1
    said = lines(capsys)
    assert "(last whole check: just now; your files have changed since)" in said[-6]
    assert main(["--run"], suite("passed")) == 0
    assert "changed" not in lines(capsys)[0]


def test_a_verdict_of_other_tests_is_told(
    here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    start("stage1_echo", Path("mine"))
    assert main(["--run"], suite("passed")) == 0
    monkeypatch.setattr(verdicts, "suite_hash", lambda _stage: "another")
    assert main([]) == 1
    assert "the tests have changed since" in capsys.readouterr().out


@pytest.mark.parametrize(
    "kept", ["", "[]", '{"stage1_echo": 1}', '{"stage1_echo": {"at": "x"}}', "[" * 5000]
)
def test_a_file_that_makes_no_sense_is_as_if_there_was_none(
    here: Path, capsys: pytest.CaptureFixture[str], kept: str
) -> None:
    start("stage1_echo", Path("mine"))
    (here / "mine" / verdicts.FILE).write_text(kept, "utf-8")
    assert main([]) == 1
    assert "not checked yet" in capsys.readouterr().out


def test_what_a_file_says_cannot_steer_the_terminal(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    start("stage1_echo", Path("mine"))
    assert main(["--run"], suite("failed")) == 1
    file = here / "mine" / verdicts.FILE
    kept = json.loads(file.read_text("utf-8"))
    kept["stage1_echo"]["following"] = "\x1b[2J1.1"
    file.write_text(json.dumps(kept), "utf-8")
    capsys.readouterr()
    assert main([]) == 1
    assert "\x1b" not in capsys.readouterr().out


def test_the_file_is_no_part_of_what_is_handed_in(here: Path) -> None:
    start("stage1_echo", Path("mine"))
    assert main(["--run"], suite("passed")) == 0
    packed = pack("stage1_echo", Path("mine"), Path("stage1.zip"))
    assert not [name for name in packed.files if "status" in name]


def test_ages_are_told_in_words() -> None:
    told = [verdicts.ago(seconds) for seconds in (3, 60, 7300, 86400 * 9)]
    assert told == ["just now", "1 minute ago", "2 hours ago", "9 days ago"]


def test_mistakes_get_a_sentence(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert "no stage is in mine; kit.py start stage1 mine makes it" in capsys.readouterr().out
    start("stage1_echo", Path("mine"))
    assert main(["--run"], suite("broken")) == 2
    assert "the suite did not run" in capsys.readouterr().out
