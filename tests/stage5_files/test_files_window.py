"""The files window, driven by the names of its widgets against real servers."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.kit import check
from tests.kit.chosen_files import ChosenFiles
from tests.kit.failure import CheckFailed
from tests.kit.judge import Judge
from tests.kit.programs import Server
from tests.kit.window import Window

from .world import CREATE, PASSWORD, User, World, pattern

pytestmark = pytest.mark.parts("tk", "xvfb")

OpenFiles = Callable[..., Window]


def wait_for(shown: Window, name: str, words: str, seconds: float = 10) -> None:
    """Wait until the widget ``name`` says ``words`` somewhere in its text."""
    shown.wait_until(
        lambda: words in shown.widget(name).text(), why=f"{name} says {words!r}", seconds=seconds
    )


def address(server: Server) -> str:
    """Return where a server is, for a flag."""
    return f"{server.host}:{server.port}"


@pytest.fixture
def chosen(tmp_path: Path, judge: Judge) -> ChosenFiles:
    """What is chosen in the dialogs."""
    return ChosenFiles(tmp_path, judge.tree.root)


@pytest.fixture
def downloads(tmp_path: Path) -> Path:
    """The folder for downloads."""
    return tmp_path / "downloads"


@pytest.fixture
def open_files(
    window: Callable[..., Window], one_world: World, chosen: ChosenFiles, downloads: Path
) -> OpenFiles:
    """Open a files window and log in."""

    def open_one(user: User, *flags: str) -> Window:
        world = one_world
        servers = {"--auth": world.auth, "--chat": world.chat, "--files": world.files}
        addresses = [word for flag in servers for word in (flag, address(servers[flag]))]
        looks = ("--lang", "en", "--theme", "light", "--reduced-motion")
        download = ("--download-dir", str(downloads))
        shown = window("stage5.files_window", *addresses, *looks, *download, env=chosen.env)
        shown.widget("user_name").type(user.name)
        shown.widget("user_pwd").type(PASSWORD + "\n")
        shown.wait_until(lambda: shown.widget("files_list").visible, why="the files are shown")
        wait_for(shown, "files_status", "files")
        return shown

    return open_one


def row_of(shown: Window, name: str) -> str:
    """Return the line of the list with this name, empty if there is none."""
    lines = shown.widget("files_list").text().splitlines()
    return next((line for line in lines if name in line), "")


def test_a_file_goes_up_is_listed_and_comes_down_byte_for_byte(
    open_files: OpenFiles, one_world: World, chosen: ChosenFiles, tmp_path: Path, downloads: Path
) -> None:
    ann, content = one_world.user(), pattern(3_000_000)
    name = f"holiday of {ann.name} 假日.png"
    source = tmp_path / name
    source.write_bytes(content)
    shown = open_files(ann)
    check.that(not shown.widget("download").enabled, "nothing is selected to download")
    chosen.choose(source)
    shown.widget("upload_file").click()
    wait_for(shown, "files_list", name)
    wait_for(shown, "files_status", "is uploaded")
    row = row_of(shown, name)
    for words in ("3.0 MB", "Picture", ann.name, "Today"):
        check.that(words in row, f"the row says {words!r}: {row!r}")
    shown.screenshot("uploaded")
    shown.widget("files_list").choose(name)
    shown.wait_until(lambda: shown.widget("download").enabled, why="it can be downloaded")
    shown.widget("download").click()
    wait_for(shown, "files_status", "Saved as")
    check.that((downloads / name).read_bytes() == content, "what came down is what went up")
    shown.screenshot("downloaded")
    check.equal(shown.errors(), [], "errors in callbacks")
    shown.close()
    shown.wait_exit(code=0)


def test_only_own_files_can_be_deleted_and_only_after_a_question(
    open_files: OpenFiles, one_world: World
) -> None:
    ann, ben = one_world.user(), one_world.user()
    mine, other = f"{ann.name}.txt", f"{ben.name}.txt"
    uid = ann.store(mine, b"mine")
    ben.store(other, b"not mine")
    shown = open_files(ann)
    wait_for(shown, "files_list", other)
    shown.widget("files_list").choose(other)
    shown.wait_until(lambda: shown.widget("download").enabled, why="it is selected")
    check.that(not shown.widget("delete").enabled, "the file of another cannot be deleted")
    shown.widget("files_list").choose(mine)
    shown.wait_until(lambda: shown.widget("delete").enabled, why="one's own can be deleted")
    shown.widget("delete").click()
    wait_for(shown, "question", mine)
    shown.widget("cancel").click()
    shown.widget("delete").click()
    shown.wait_until(lambda: shown.widget("confirm").visible, why="the question is asked again")
    check.that(ann.sees(uid), "nothing is deleted before the answer")
    shown.widget("confirm").click()
    shown.wait_until(lambda: not row_of(shown, mine), why="it is gone from the list")
    check.that(not ann.sees(uid), "it is gone from the server")
    check.equal(shown.errors(), [], "errors in callbacks")


def test_a_folder_is_sent_to_a_room_and_what_fails_is_told_in_words(
    open_files: OpenFiles, one_world: World, chosen: ChosenFiles, tmp_path: Path
) -> None:
    ann = one_world.user()
    room = f"den-{ann.name}"
    ann.in_chat().request(CREATE, {"room": room})
    folder = tmp_path / "papers"
    (folder / "deep").mkdir(parents=True)
    (folder / "deep" / "a.txt").write_bytes(b"a")
    (folder / "b.txt").write_bytes(b"")
    shown = open_files(ann)
    shown.wait_until(lambda: choose_room(shown, room), why="the rooms are offered")
    wait_for(shown, "files_status", "0 files")
    chosen.choose(folder)
    shown.widget("upload_folder").click()
    wait_for(shown, "files_list", "papers/deep/a.txt")
    wait_for(shown, "files_list", "papers/b.txt")
    check.equal(len(ann.listed(room=room)), 2, "files in the room")
    chosen.choose(tmp_path / "not there.txt")
    shown.widget("upload_file").click()
    wait_for(shown, "files_status", "cannot be sent")
    shown.widget("language").click()
    wait_for(shown, "files_status", "无法发送")
    wait_for(shown, "upload_file", "上传文件")
    shown.screenshot("folder_in_a_room_chinese")
    check.equal(shown.errors(), [], "errors in callbacks")


def choose_room(shown: Window, room: str) -> bool:
    """Choose a room in the place chooser; tell whether it is offered yet."""
    try:
        shown.widget("files_place").choose(room)
    except CheckFailed:
        return False
    return room in shown.widget("files_place").text()
