"""What the tests of a suite share: how programs are started, and what is remembered of them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kit import confine, deadlines, judge
from tests.kit.failure import HarnessError, ProgramFailed
from tests.kit.judge import Judge, Start, is_server, listening_flags
from tests.kit.options import Options
from tests.kit.toys import TOY


@pytest.fixture
def toys(tmp_path: Path) -> Iterator[Judge]:
    """A judge whose stage 2 server is the toy."""
    table = tmp_path / "programs.toml"
    command = f'["{{python}}", {TOY.as_posix()!r}]'
    table.write_text(f"[stage2.server]\ncommand = {command}\nready_seconds = 0.5\n", "utf-8")
    options = Options(None, False, table, {}, False, tmp_path)
    folder = tmp_path / "judge"
    folder.mkdir()
    made = Judge(options, "stage2_protocol", folder)
    yield made
    made.close()


def test_a_program_that_was_late_once_is_not_given_all_the_time_again(
    toys: Judge, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(judge, "AGAIN_SECONDS", 0.1)
    before = deadlines._set_by_hand
    deadlines.set_factor(1)
    try:
        with pytest.raises(ProgramFailed, match=r"no READY line within 0\.5 s"):
            toys.start(Start("stage2.server", ("--how", "never")))
        with pytest.raises(ProgramFailed, match=r"no READY line within 0\.1 s"):
            toys.start(Start("stage2.server", ("--how", "never")))
    finally:
        deadlines.set_factor(before)


def test_programs_that_are_shut_in_find_the_references_stages_compiled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(confine.VARIABLE, confine.LIMITS)
    submission, folder = tmp_path / "submission", tmp_path / "judge"
    (submission / "stage2_protocol").mkdir(parents=True)
    (submission / "stage2_protocol" / "server.py").write_text("x = 1\n", "utf-8")
    folder.mkdir()
    made = Judge(Options(submission, False, None, {}, False, tmp_path), "stage2_protocol", folder)
    assert list((made.tree.root / "stage1_echo" / "__pycache__").glob("server.*.pyc"))
    assert not (made.tree.root / "stage2_protocol" / "__pycache__").exists()
    made.close()


def test_servers_are_told_where_to_listen_and_others_are_not() -> None:
    assert is_server("stage4.server") and is_server("final.chat")
    assert not is_server("stage4.client") and not is_server("final.app")
    assert listening_flags("stage4.server", 0) == ("--host", "127.0.0.1", "--port", "0")
    assert listening_flags("stage4.client", 0) == ()
    with pytest.raises(HarnessError, match="no server"):
        listening_flags("stage4.client", 5000)
