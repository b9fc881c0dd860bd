"""Links that a confined program plants in the tests' folders lead nowhere, to read or to write."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from .planted_links import guard
from .tree import CHECKOUT

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/fd").exists(), reason="programs are confined on Linux only"
)


@pytest.fixture
def fence(tmp_path: Path) -> Path:
    inside = tmp_path / "inside"
    inside.mkdir()
    (tmp_path / "secret").write_text("4711", "utf-8")
    return inside


def test_what_lies_in_the_folder_is_read_and_written_as_ever(fence: Path) -> None:
    opener = guard(fence, None)
    for mode, wanted in (("w", "ab"), ("a", "abab"), ("w", "ab")):
        with open(fence / "file", mode, encoding="utf-8", opener=opener) as file:
            file.write("ab")
        with open(fence / "file", encoding="utf-8", opener=opener) as file:
            assert file.read() == wanted
    (fence / "link").symlink_to("file")
    with open(fence / "link", encoding="utf-8", opener=opener) as file:
        assert file.read() == "ab"
    with pytest.raises(FileNotFoundError):
        opener(str(fence / "none"), os.O_RDONLY)


@pytest.mark.parametrize("mode", ["r", "w", "a", "r+"])
def test_a_link_out_of_the_folder_is_not_followed(fence: Path, mode: str) -> None:
    (fence / "link").symlink_to(fence.parent / "secret")
    (fence / "folder").symlink_to(fence.parent)
    os.link(fence.parent / "secret", fence / "hard")
    for name in ("link", "folder/secret", "hard"):
        with pytest.raises(PermissionError, match="leads out"):
            open(fence / name, mode, opener=guard(fence, None))  # noqa: SIM115
    assert (fence.parent / "secret").read_text("utf-8") == "4711"


def test_what_is_to_be_new_is_not_taken_from_what_is_there(fence: Path) -> None:
    (fence / "file").touch()
    with pytest.raises(FileExistsError):
        open(fence / "file", "x", opener=guard(fence, None))  # noqa: SIM115


def test_nothing_new_is_made_through_a_link(fence: Path) -> None:
    (fence / "link").symlink_to(fence.parent / "new")
    with pytest.raises(FileExistsError):
        open(fence / "link", "w", opener=guard(fence, None))  # noqa: SIM115
    assert not (fence.parent / "new").exists()


@pytest.mark.timeout(20)
def test_a_pipe_with_a_name_is_not_waited_for(fence: Path) -> None:
    os.mkfifo(fence / "pipe")
    with pytest.raises(PermissionError, match="neither a file nor a folder"):
        open(fence / "pipe", "rb", opener=guard(fence, os.getuid()))  # noqa: SIM115
    with pytest.raises(OSError, match=r"pipe"):
        open(fence / "pipe", "wb", opener=guard(fence, os.getuid()))  # noqa: SIM115


def test_what_the_programs_user_owns_is_read_wherever_it_lies(fence: Path) -> None:
    (fence / "link").symlink_to(fence.parent / "secret")
    with open(fence / "link", encoding="utf-8", opener=guard(fence, os.getuid())) as file:
        assert file.read() == "4711"


def test_all_that_is_built_on_open_is_guarded_and_only_below_the_folder(fence: Path) -> None:
    code = (
        "import pathlib, shutil, sys\n"
        "from tests.kit.planted_links import install\n"
        "inside = pathlib.Path(sys.argv[1]); install(inside, None)\n"
        "secret, link = inside.parent / 'secret', inside / 'link'\n"
        "link.symlink_to(secret)\n"
        "assert secret.read_text('utf-8') == '4711'\n"
        "shutil.copyfile(secret, inside / 'copy'); assert (inside / 'copy').read_bytes()\n"
        "for use in (link.read_text, link.read_bytes, lambda: link.write_text('x', 'utf-8'),\n"
        "            lambda: open(link), lambda: shutil.copyfile(link, inside / 'stolen')):\n"
        "    try: use()\n"
        "    except PermissionError: continue\n"
        "    raise SystemExit(f'{use} followed the link')\n"
        "dangling = inside / 'dangling'; dangling.symlink_to(inside.parent / 'new')\n"
        "try: dangling.touch()\n"
        "except FileExistsError: pass\n"
        "assert not (inside.parent / 'new').exists()\n"
        "(inside / 'folder').mkdir(); (inside / 'folder' / 'file').touch()\n"
        "shutil.rmtree(inside / 'folder'); assert not (inside / 'folder').exists()\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code, str(fence)], cwd=CHECKOUT, capture_output=True, check=False
    )
    assert (ran.returncode, ran.stderr.decode()) == (0, "")
