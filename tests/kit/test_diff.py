"""kit.py diff: what a stage added is asked of the code itself."""

import pytest

from tests.kit.commands.diff import main
from tests.kit.growth import growths
from tests.kit.starters import source_files
from tests.kit.tree import CHECKOUT


def test_what_stages_added_is_told_of_each() -> None:
    second, third, fourth = growths(["stage2_protocol", "stage3_auth", "stage4_rooms"])
    assert second.ops == ("80 ECHO", "90 HELLO", "91 PING", "92 BYE") and not second.tables
    assert third.ops[0] == "0 LOGIN" and not any("HELLO" in op for op in third.ops)
    assert third.tables["session"] == ["token_hash", "uid1", "created_at", "expires_at"]
    assert "--code-ttl" in third.flags and "--port" not in third.flags
    assert "--port is 8889, was 8888" in third.changed
    assert "it does not answer the ops of stage2_protocol.server: those run beside it" in (
        third.changed
    )
    assert {"pymysql", "PIL"} <= set(third.packages) and not second.packages
    assert "Verb" in third.uses["stage2_protocol"] and "fail" in third.uses["stage1_echo"]
    assert "user" not in fourth.tables and "message" in fourth.tables
    assert third.tasks["3.1"] and third.test_lines > 1000


def test_a_file_is_counted_without_the_markers_of_solutions() -> None:
    (second,) = growths(["stage2_protocol"])
    assert len(second.files) == len(source_files("stage2_protocol"))
    frames = next(file for file in second.files if file.name == "frames.py")
    text = (CHECKOUT / "stage2_protocol" / "frames.py").read_text("utf-8")
    markers = text.count("# BEGIN SOLUTION") + text.count("# END SOLUTION")
    assert markers and frames.lines == len(text.splitlines()) - markers
    assert frames.words.startswith("Frames")


def test_the_command_shows_it_stage_by_stage(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["stage1", "stage3_auth"]) == 0
    said = capsys.readouterr().out
    assert said.index("stage2_protocol ──") < said.index("stage3_auth ──")
    for word in ("no earlier file is changed", "frames.py", "new tables", "session (token_hash"):
        assert word in said


@pytest.mark.parametrize(
    ("argv", "sentence"),
    [
        (["stage2", "stage2"], "stage2 twice: nothing lies between"),
        (["stage3", "stage1"], "stage3 comes after stage1: kit.py diff stage1 stage3"),
        (["stage2", "final"], "there is no stage 'final'; there are:"),
    ],
)
def test_each_mistake_gets_a_sentence(
    argv: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(argv) == 2
    assert sentence in capsys.readouterr().out
