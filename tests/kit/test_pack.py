"""kit.py pack: exactly what is handed in, the same bytes each time; the rest is refused by name."""

import zipfile
from pathlib import Path

import pytest

from .commands.pack import main
from .failure import HarnessError
from .grading.collecting import stage_submission
from .handing_out import start, write_stage
from .packing import pack
from .starters import reference_copy
from .tree import STAGES


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    write_stage(tmp_path / "mine", "stage1_echo", reference_copy("stage1_echo"))
    return tmp_path / "mine"


def test_the_same_files_make_the_same_zip(mine: Path, tmp_path: Path) -> None:
    first = pack("stage1_echo", mine, tmp_path / "a.zip")
    (mine / "stage1_echo" / "server.py").touch()
    (mine / "stage1_echo" / "__pycache__").mkdir()
    (mine / "stage1_echo" / "__pycache__" / "server.pyc").write_bytes(b"x")
    (mine / "diary.txt").write_text("not looked at", "utf-8")
    pack("stage1_echo", mine, tmp_path / "b.zip")
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()
    assert zipfile.ZipFile(tmp_path / "a.zip").namelist() == list(first.files)
    assert all(name.startswith("stage1_echo/") for name in first.files)


def test_what_is_packed_is_what_is_graded(mine: Path, tmp_path: Path) -> None:
    pack("stage1_echo", mine, tmp_path / "a.zip")
    staged = stage_submission(tmp_path / "a.zip", "stage1_echo", tmp_path / "work")
    assert staged.notes == []
    packed = (staged.folder / "stage1_echo" / "server.py").read_bytes()
    assert packed == (mine / "stage1_echo" / "server.py").read_bytes()


@pytest.mark.parametrize("stage", STAGES)
def test_every_file_of_the_reference_belongs(stage: str, tmp_path: Path) -> None:
    write_stage(tmp_path, stage, reference_copy(stage))
    assert pack(stage, tmp_path, tmp_path / "a.zip").files


def test_what_does_not_belong_is_refused_by_name(mine: Path, tmp_path: Path) -> None:
    (mine / "stage1_echo" / "video.mp4").write_bytes(b"x")
    (mine / "stage1_echo" / "passwords").write_bytes(b"x")
    with pytest.raises(HarnessError, match=r"passwords is no source file; .*video\.mp4 is no sour"):
        pack("stage1_echo", mine, tmp_path / "a.zip")
    assert not (tmp_path / "a.zip").exists()


def test_a_link_is_refused(mine: Path, tmp_path: Path) -> None:
    try:
        (mine / "stage1_echo" / "link.py").symlink_to(tmp_path)
    except OSError:
        pytest.skip("links need a privilege here")
    with pytest.raises(HarnessError, match=r"link\.py is a link"):
        pack("stage1_echo", mine, tmp_path / "a.zip")


def test_too_much_is_refused(mine: Path, tmp_path: Path) -> None:
    (mine / "stage1_echo" / "large.txt").write_bytes(bytes(6 * 1024 * 1024))
    with pytest.raises(HarnessError, match="allowed are 500 files and 5,242,880 bytes"):
        pack("stage1_echo", mine, tmp_path / "a.zip")


def test_the_command_tells_what_is_in_it_and_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    start("stage1_echo", Path("mine"))
    assert main(["stage1"]) == 0
    said = capsys.readouterr().out
    assert "stage1_echo/server.py" in said and "stage1.zip: " in said
    assert "Not written yet: " in said
    for argv, words in (
        (["stage9"], "there is no stage 'stage9'"),
        (["stage1", "gone"], "there is no folder gone"),
        (["stage2"], "mine holds no stage2_protocol"),
    ):
        assert main(argv) == 2
        assert words in capsys.readouterr().out
