"""Archives from strangers: nothing is written outside, nothing grows without a limit."""

import errno
import io
import os
import stat
import tarfile
import zipfile
from pathlib import Path

import pytest

from .grading import unpack as unpacking
from .grading.collecting import stage_submission
from .grading.unpack import BadSubmission, unpack
from .handing_out import write_stage
from .starters import reference_copy


def zipped(path: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


@pytest.mark.parametrize("name", ["../x", "/etc/x", "a/../../x", "C:\\x", "..\\x", "a" * 300])
def test_a_name_that_leads_outside_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(BadSubmission, match=r"outside|too long"):
        unpack(zipped(tmp_path / "a.zip", {name: b"x"}), tmp_path / "out")
    assert not (tmp_path / "x").exists()


def test_a_bomb_is_stopped_while_it_unpacks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unpacking, "MOST_BYTES", 1024 * 1024)
    monkeypatch.setattr(unpacking, "MOST_FILES", 10)
    with pytest.raises(BadSubmission, match="more than 1 MB"):
        unpack(zipped(tmp_path / "a.zip", {"x": bytes(5_000_000)}), tmp_path / "a")
    with pytest.raises(BadSubmission, match="more than 10 files"):
        unpack(zipped(tmp_path / "b.zip", {str(n): b"" for n in range(11)}), tmp_path / "b")


def test_links_are_left_out_and_noted(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        link = zipfile.ZipInfo("link")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    assert unpack(tmp_path / "a.zip", tmp_path / "a") == ["left out, it is a link: link"]
    with tarfile.open(tmp_path / "b.tgz", "w:gz") as archive_tar:
        member = tarfile.TarInfo("link")
        member.type, member.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive_tar.addfile(member)
        plain = tarfile.TarInfo("plain")
        plain.size = 1
        archive_tar.addfile(plain, io.BytesIO(b"x"))
    (note,) = unpack(tmp_path / "b.tgz", tmp_path / "b")
    assert note.endswith("link or a device: link")
    assert [path.name for path in (tmp_path / "b").iterdir()] == ["plain"]


def test_the_stage_is_found_wherever_it_lies(tmp_path: Path) -> None:
    files = reference_copy("stage1_echo")
    flat = {path.name: data for path, data in files.items()}
    deep = {f"作业/v2/{path.as_posix()}": data for path, data in files.items()}
    inner = zipped(tmp_path / "inner.zip", deep).read_bytes()
    for number, (given, note) in enumerate(
        ((flat, "without the folder"), (deep, "was found in"), ({"x.zip": inner}, "unpacked x.zip"))
    ):
        archive = zipped(tmp_path / f"{number}.zip", given)
        staged = stage_submission(archive, "stage1_echo", tmp_path / str(number))
        assert (staged.folder / "stage1_echo" / "server.py").is_file()
        assert any(note in text for text in staged.notes)


def test_moodles_folder_may_hold_a_zip_of_a_zip(tmp_path: Path) -> None:
    files = {path.as_posix(): data for path, data in reference_copy("stage1_echo").items()}
    packed = zipped(tmp_path / "packed.zip", files).read_bytes()
    outer = {"上交/stage1.zip": packed}
    for name in ("Ann_1_assignsubmission_file_", "Ben_2_assignsubmission_file_"):
        (tmp_path / name).mkdir()
        zipped(tmp_path / name / "outer.zip", outer)
        outer = {"outer.zip": (tmp_path / name / "outer.zip").read_bytes()}
    moodles, work = tmp_path / "Ann_1_assignsubmission_file_", tmp_path / "ann"
    staged = stage_submission(moodles, "stage1_echo", work)
    assert (staged.folder / "stage1_echo" / "server.py").is_file()
    with pytest.raises(BadSubmission, match=r"it holds 上交/stage1\.zip"):  # a bomb could go on
        stage_submission(tmp_path / "Ben_2_assignsubmission_file_", "stage1_echo", tmp_path / "b")


@pytest.mark.skipif(os.name == "nt", reason="links need special rights on Windows")
def test_a_link_for_the_stage_is_told_and_not_followed(tmp_path: Path) -> None:
    write_stage(tmp_path / "elsewhere", "stage1_echo", reference_copy("stage1_echo"))
    mine = tmp_path / "mine" / "work"
    mine.mkdir(parents=True)
    (mine / "stage1_echo").symlink_to(tmp_path / "elsewhere" / "stage1_echo")
    with pytest.raises(BadSubmission, match="work/stage1_echo is a link, the folder that it leads"):
        stage_submission(tmp_path / "mine", "stage1_echo", tmp_path / "out")


def test_the_stage_itself_may_be_handed_in(tmp_path: Path) -> None:
    write_stage(tmp_path, "stage1_echo", reference_copy("stage1_echo"))
    staged = stage_submission(tmp_path / "stage1_echo", "stage1_echo", tmp_path / "work")
    assert (staged.folder / "stage1_echo" / "server.py").is_file()


def test_a_full_disk_is_the_graders_trouble_and_no_bad_submission(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_args: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    write_stage(tmp_path / "mine", "stage1_echo", reference_copy("stage1_echo"))
    monkeypatch.setattr("tests.kit.grading.collecting.copy_plain", full)
    with pytest.raises(OSError, match="No space left") as caught:
        stage_submission(tmp_path / "mine", "stage1_echo", tmp_path / "out")
    assert not isinstance(caught.value, BadSubmission)


def test_what_is_no_submission_is_told_why(tmp_path: Path) -> None:
    (tmp_path / "other.zip").write_bytes(b"not a zip")
    (tmp_path / "x.rar").write_bytes(b"Rar!")
    twice = zipped(tmp_path / "twice.zip", {f"{n}/stage1_echo/server.py": b"" for n in "ab"})
    wrong = zipped(tmp_path / "wrong.zip", {"stage2_protocol/server.py": b""})
    for number, (path, words) in enumerate(
        (
            (tmp_path / "other.zip", "cannot be taken apart"),
            (tmp_path / "x.rar", "hand in a folder or a zip"),
            (twice, "is there 2 times: in a, b; which one counts"),
            (wrong, "there is no folder stage1_echo in it, but stage2_protocol"),
        )
    ):
        with pytest.raises(BadSubmission, match=words):
            stage_submission(path, "stage1_echo", tmp_path / str(number))
