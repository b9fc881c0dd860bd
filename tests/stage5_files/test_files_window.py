"""The files window, driven by the names of its widgets against real servers."""

import os
import stat
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from tests.kit import check
from tests.kit.chosen_files import ChosenFiles
from tests.kit.failure import CheckFailed
from tests.kit.judge import Judge
from tests.kit.probe import Probe
from tests.kit.programs import Server
from tests.kit.proxy.fixture import ServerProxy
from tests.kit.window import Widget, Window

from .world import CREATE, PASSWORD, User, World, pattern

pytestmark = [
    pytest.mark.parts("tk", "xvfb"),
    pytest.mark.needs(*(f"5.{number}" for number in range(1, 12))),
]

OpenFiles = Callable[..., Window]


def wait_for(shown: Window, name: str, words: str, seconds: float = 10) -> None:
    """Wait until the widget ``name`` says ``words`` somewhere in its text."""
    shown.wait_until(
        lambda: words in shown.widget(name).text(), why=f"{name} says {words!r}", seconds=seconds
    )


def address(server: Server | ServerProxy) -> str:
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
    window: Callable[..., Window],
    one_world: World,
    chosen: ChosenFiles,
    downloads: Path,
    tmp_path: Path,
) -> OpenFiles:
    """Open a files window and log in.

    ``files`` is where it looks for the file server; without ``has_folder`` nobody tells it where
    downloads go.
    """

    def open_one(
        user: User,
        *flags: str,
        files: Server | ServerProxy | None = None,
        env: dict[str, str] | None = None,
        has_folder: bool = True,
    ) -> Window:
        world = one_world
        servers = {"--auth": world.auth, "--chat": world.chat, "--files": files or world.files}
        addresses = [word for flag in servers for word in (flag, address(servers[flag]))]
        looks = ("--lang", "en", "--theme", "light", "--reduced-motion")
        folders = ["--data", str(tmp_path / "data")]
        if has_folder:
            folders += ["--download-dir", str(downloads)]
        whole_env = chosen.env | (env or {})
        shown = window("stage5.files_window", *addresses, *looks, *folders, *flags, env=whole_env)
        shown.widget("user_name").type(user.name)
        shown.widget("user_pwd").type(PASSWORD + "\n")
        shown.wait_until(lambda: shown.widget("files_list").visible, why="the files are shown")
        shown.wait_until(lambda: shown.widget("files_status").text(), why="the list has come")
        shown.wait_until(lambda: shown.widget("change_folder").visible, why="all is in its place")
        return shown

    return open_one


def row_of(shown: Window, name: str) -> str:
    """Return the line of the list with this name, empty if there is none."""
    lines = shown.widget("files_list").text().splitlines()
    return next((line for line in lines if name in line), "")


def choose(shown: Window, name: str) -> None:
    """Select a row, when it is there and what can be done with it is shown."""
    shown.wait_until(lambda: row_of(shown, name), why=f"{name} is listed")
    shown.widget("files_list").choose(name)
    wait_for(shown, "files_status", "selected")


@pytest.mark.task("5.12", hint="What does a person see of a transfer, from the choice to the file?")
def test_a_file_goes_up_is_listed_and_comes_down_byte_for_byte(
    open_files: OpenFiles, one_world: World, chosen: ChosenFiles, tmp_path: Path, downloads: Path
) -> None:
    ann, content = one_world.user(), pattern(3_000_000)
    name = f"holiday of {ann.name} 假日.png"
    source = tmp_path / name
    source.write_bytes(content)
    shown = open_files(ann)
    check.that(not shown.widget("download").enabled, "nothing is selected to download")
    wait_for(shown, "download_folder", "downloads")
    chosen.choose(source)
    shown.widget("upload_file").click()
    wait_for(shown, "files_list", name)
    wait_for(shown, "files_status", "is uploaded")
    row = row_of(shown, name)
    for words in ("3.0 MB", "Picture", ann.name, "Today"):
        check.that(words in row, f"the row says {words!r}: {row!r}")
    choose(shown, name)
    shown.widget("download").click()
    wait_for(shown, "files_status", "Saved as")
    check.that((downloads / name).read_bytes() == content, "what came down is what went up")
    shown.screenshot("downloaded")
    check.equal(shown.errors(), [], "errors in callbacks")
    shown.close()
    shown.wait_exit(code=0)


@pytest.mark.task("5.12", hint="What should a person be asked before a file is gone?")
def test_only_own_files_can_be_deleted_and_only_after_a_question(
    open_files: OpenFiles, one_world: World
) -> None:
    ann, ben = one_world.user(), one_world.user()
    mine, other = f"{ann.name}.txt", f"{ben.name}.txt"
    uid = ann.store(mine, b"mine")
    ben.store(other, b"not mine")
    shown = open_files(ann)
    choose(shown, other)
    shown.wait_until(lambda: shown.widget("download").enabled, why="it is selected")
    check.that(not shown.widget("delete").enabled, "the file of another cannot be deleted")
    shown.widget("files_list").choose(mine)
    shown.wait_until(lambda: shown.widget("delete").enabled, why="one's own can be deleted")
    shown.widget("delete").click()
    wait_for(shown, "question", mine)
    shown.wait_until(lambda: shown.widget("cancel").visible, why="the question is shown")
    shown.widget("cancel").click()
    shown.widget("files_list").key("Delete")
    shown.wait_until(lambda: shown.widget("confirm").visible, why="the question is asked again")
    check.that(ann.sees(uid), "nothing is deleted before the answer")
    shown.widget("confirm").click()
    shown.wait_until(lambda: not row_of(shown, mine), why="it is gone from the list")
    check.that(not ann.sees(uid), "it is gone from the server")
    check.equal(shown.errors(), [], "errors in callbacks")


@pytest.mark.task("5.12", hint="What has to come back of a folder?")
def test_a_folder_goes_to_a_room_and_comes_back_whole_and_what_fails_is_told_in_words(
    open_files: OpenFiles, one_world: World, chosen: ChosenFiles, tmp_path: Path, downloads: Path
) -> None:
    ann = one_world.user()
    room = f"den-{ann.name}"
    ann.in_chat().request(CREATE, {"room": room})
    folder = tmp_path / "papers"
    (folder / "deep").mkdir(parents=True)
    (folder / "empty").mkdir()
    (folder / "deep" / "a.txt").write_bytes(b"a")
    (folder / "b.txt").write_bytes(b"")
    shown = open_files(ann)
    shown.wait_until(lambda: choose_room(shown, room), why="the rooms are offered")
    wait_for(shown, "files_status", "0 files")
    check.that(shown.widget("files_empty").visible, "an empty place says so")
    chosen.choose(folder)
    shown.widget("upload_folder").click()
    wait_for(shown, "files_status", "papers is uploaded")
    wait_for(shown, "files_list", "Folder (2)")
    check.equal(len(ann.listed(room=room)), 3, "entries in the room, with the empty folder")
    choose(shown, "papers")
    shown.widget("files_list").key("Right")
    wait_for(shown, "files_list", "b.txt")
    shown.widget("download").click()
    wait_for(shown, "files_status", "Saved as")
    check.equal(tree_of(downloads / "papers"), tree_of(folder), "what came down")
    chosen.choose(tmp_path / "not there.txt")
    shown.widget("upload_file").click()
    wait_for(shown, "files_status", "not on this computer")
    shown.widget("language").click()
    wait_for(shown, "files_status", "本机上已没有")
    wait_for(shown, "upload_file", "上传文件")
    shown.screenshot("folder_in_a_room_chinese")
    check.equal(shown.errors(), [], "errors in callbacks")


def tree_of(folder: Path) -> dict[str, bytes | None]:
    """Return what lies in a folder: the content of files, None for folders."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() if path.is_file() else None
        for path in folder.rglob("*")
    }


def choose_room(shown: Window, room: str) -> bool:
    """Choose a room in the place chooser; tell whether it is offered yet."""
    try:
        shown.widget("files_place").choose(room)
    except CheckFailed:
        return False
    return room in shown.widget("files_place").text()


@pytest.mark.task("5.12", hint="Which bytes are sent again after a pause?")
def test_a_transfer_can_be_paused_goes_on_and_what_failed_is_tried_again(
    open_files: OpenFiles,
    one_world: World,
    chosen: ChosenFiles,
    tmp_path: Path,
    proxy: Callable[..., ServerProxy],
) -> None:
    ann, content = one_world.user(), pattern(8_000_000)
    slow, late = tmp_path / f"slow {ann.name}.bin", tmp_path / f"late {ann.name}.txt"
    slow.write_bytes(content)
    way = proxy(one_world.files, split=65536, gap_ms=20, direction="to-server")
    shown = open_files(ann, files=way)
    chosen.choose(slow)
    shown.widget("upload_file").click()
    text = "transfer1.transfer_text"
    wait_for_row(shown, text, "left")
    shown.screenshot("uploading")
    row(shown, "transfer1.pause_transfer").click()
    wait_for_row(shown, text, "Paused")
    check.that(all(f["filename"] != slow.name for f in ann.listed()), "half a file is not listed")
    chosen.choose(late)
    shown.widget("upload_file").click()
    wait_for_row(shown, "transfer2.transfer_text", "not on this computer")
    late.write_bytes(b"now it is there")
    row(shown, "transfer2.retry_transfer").click()
    wait_for(shown, "files_list", late.name)
    chosen.choose(slow)
    shown.widget("upload_file").click()
    row(shown, "transfer3.cancel_transfer").click()
    shown.wait_until(lambda: not has(shown, "transfer3"), why="what was cancelled is out of sight")
    way.use()
    row(shown, "transfer1.resume_transfer").click()
    wait_for(shown, "files_list", slow.name, seconds=20)
    uid = next(entry["uid"] for entry in ann.listed() if entry["filename"] == slow.name)
    check.that(ann.fetch(uid)[1] == content, "what arrived is what was sent")
    check.equal(shown.errors(), [], "errors in callbacks")


@pytest.mark.task("5.12", hint="Who remembers what was under way when the window was closed?")
def test_an_upload_goes_on_by_itself_when_the_window_is_opened_again(
    open_files: OpenFiles,
    one_world: World,
    chosen: ChosenFiles,
    tmp_path: Path,
    proxy: Callable[..., ServerProxy],
) -> None:
    ann, content = one_world.user(), pattern(8_000_000)
    source = tmp_path / f"long {ann.name}.bin"
    source.write_bytes(content)
    # So slow that it is still under way when a window on a busy machine has closed.
    way = proxy(one_world.files, split=65536, gap_ms=150, direction="to-server")
    shown = open_files(ann, files=way, has_folder=False)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    chosen.choose(elsewhere)
    shown.widget("change_folder").click()
    wait_for(shown, "download_folder", "elsewhere")
    chosen.choose(source)
    shown.widget("upload_file").click()
    wait_for_row(shown, "transfer1.transfer_text", "left")
    shown.close()
    shown.wait_exit(code=0)
    check.that(all(f["filename"] != source.name for f in ann.listed()), "half a file is not listed")
    way.use()
    shown = open_files(ann, files=way, has_folder=False)
    wait_for(shown, "download_folder", "elsewhere")
    wait_for(shown, "files_list", source.name, seconds=20)
    uid = next(entry["uid"] for entry in ann.listed() if entry["filename"] == source.name)
    check.that(ann.fetch(uid)[1] == content, "what arrived is what was sent")
    check.equal(shown.errors(), [], "errors in callbacks")


def has(shown: Window, end: str) -> bool:
    """Tell whether a widget whose path ends so is there."""
    return any(path.endswith(f".{end}") for path, _kind, _visible in shown.widgets())


def row(shown: Window, end: str) -> Widget:
    """Return the widget whose path ends so, when it is there."""

    def look() -> str | None:
        paths = [path for path, _kind, visible in shown.widgets() if visible]
        return next((path for path in paths if path.endswith(f".{end}")), None)

    return shown.widget(shown.wait_until(look, why=f"{end} is shown"))


def wait_for_row(shown: Window, end: str, words: str) -> None:
    """Wait until the widget whose path ends so says ``words``."""
    wait_for(shown, row(shown, end).name, words)


@pytest.mark.task("5.12", hint="What may a picture of a stranger do to a window?")
def test_pictures_are_shown_small_and_hostile_ones_do_no_harm(
    open_files: OpenFiles, one_world: World, tmp_path: Path
) -> None:
    ann = one_world.user()
    red, bomb, broken = (f"{name} {ann.name}.png" for name in ("red", "bomb", "broken"))
    Image.new("RGB", (600, 400), "#c01020").save(tmp_path / "red.png")
    Image.new("1", (9_000, 9_000)).save(tmp_path / "bomb.png")
    whole = (tmp_path / "red.png").read_bytes()
    for name, content in (
        (bomb, (tmp_path / "bomb.png").read_bytes()),
        (broken, whole[: len(whole) // 2]),
        (red, whole),
    ):
        ann.store(name, content)
    shown = open_files(ann)
    for name in (bomb, broken):
        choose(shown, name)
        wait_for(shown, "details_kind", "cannot be shown")
    choose(shown, red)

    def is_red() -> bool:
        left, top, right, bottom = shown.widget("details_picture").box
        picture = shown.display.grab((left, top, right, bottom))
        return picture.getpixel((picture.width // 2, picture.height // 2)) == (192, 16, 32)

    shown.wait_until(is_red, why="the picture is shown")
    shown.screenshot("picture")
    check.equal(shown.errors(), [], "errors in callbacks")


@pytest.mark.task("5.12", hint="What does a person do with a long list?")
def test_files_are_found_opened_and_saved_where_one_wants(
    open_files: OpenFiles, one_world: World, chosen: ChosenFiles, tmp_path: Path
) -> None:
    ann = one_world.user()
    for name in ("minutes of May.txt", "Minutes of June.txt", "budget.csv"):
        ann.store(f"{ann.name} {name}", b"words", path=f"{ann.name}/office")
    env, opened = stand_in_for_the_desktop(tmp_path)
    shown = open_files(ann, env=env, has_folder=False)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    chosen.choose(elsewhere)
    shown.widget("change_folder").click()
    wait_for(shown, "download_folder", "elsewhere")
    shown.widget("files_list").key("Control-f")
    shown.wait_until(lambda: shown.widget("files_search").state()["focused"], why="the search")
    shown.widget("files_search").type(f"{ann.name} minutes june")
    wait_for(shown, "files_status", "1 file found")
    wait_for(shown, "files_list", f"{ann.name}/office/{ann.name} Minutes of June.txt")
    choose(shown, "June")
    shown.widget("files_list").key("Return")
    wait_for(shown, "files_status", "Saved as")
    check.equal(len(list(elsewhere.rglob("*June.txt"))), 1, "files in the folder chosen")
    if sys.platform == "linux":
        shown.wait_until(lambda: shown.widget("open").visible, why="it can be opened")
        shown.widget("open").click()
        shown.wait_until(lambda: "June.txt" in opened.read_text("utf-8"), why="it is opened")
    shown.widget("files_search").key("Escape")
    wait_for(shown, "files_list", ann.name)
    shown.widget("files_search").type("there is no such file")
    wait_for(shown, "files_empty", "Nothing found")
    check.equal(shown.errors(), [], "errors in callbacks")


def stand_in_for_the_desktop(folder: Path) -> tuple[dict[str, str], Path]:
    """Return an environment in which what is opened is only written down, and where."""
    programs, opened = folder / "programs", folder / "opened.txt"
    programs.mkdir()
    opened.touch()
    script = programs / "xdg-open"
    script.write_text(f'#!/bin/sh\nprintf "%s\\n" "$1" >> "{opened}"\n', "utf-8")
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    return {"PATH": os.pathsep.join((str(programs), os.environ["PATH"]))}, opened


@pytest.mark.task("5.12", hint="What is left of a window that is small?")
def test_in_the_smallest_window_everything_can_be_reached(
    open_files: OpenFiles, one_world: World, count: Callable[[int, int], int]
) -> None:
    ann = one_world.user()
    ann.store(f"{ann.name} a name of many words that no window is wide enough for.txt", b"words")
    for scale, width in (("2.0", 960), ("1.0", 480))[: count(1, 2)]:
        shown = open_files(ann, "--scale", scale)
        require_all_inside(shown, ann, scale, width)
        shown.close()
        shown.wait_exit(code=0)


def require_all_inside(shown: Window, ann: User, scale: str, width: int) -> None:
    """Require that everything stands inside a window of this width, in both languages."""
    for language in ("en", "zh"):
        shown.resize(width, 640)
        choose(shown, ann.name) if language == "en" else None
        left, top, right, bottom = shown.box
        for name in (
            *("files_place", "refresh", "files_search", "upload_folder", "upload_file"),
            *("files_list", "files_status", "download_folder", "change_folder"),
            *("delete", "download"),
        ):
            box = shown.widget(name).box
            check.that(shown.widget(name).visible, f"{name} is shown")
            inside = left <= box[0] < box[2] <= right and top <= box[1] < box[3] <= bottom
            check.that(inside, f"{name} is inside the window ({language}): {box}")
        shown.screenshot(f"narrow_{language}_{scale}")
        shown.widget("language").click()
        wait_for(shown, "upload_file", "上传" if language == "en" else "Upload")
    shown.widget("theme").click()
    check.equal(shown.errors(), [], "errors in callbacks")


@pytest.mark.task("5.12", hint="How large does a picture of 100 bytes say that it is?")
def test_a_picture_made_to_do_harm_is_refused_and_says_why(probe: Probe, tmp_path: Path) -> None:
    whole = {}
    for kind in ("PNG", "JPEG", "GIF", "WEBP", "BMP"):
        path = tmp_path / f"whole.{kind.lower()}"
        Image.effect_mandelbrot((90, 60), (-2, -1, 1, 1), 30).convert("RGB").save(path, kind)
        whole[kind] = path.read_bytes()
        check.that(
            probe.attempt(SMALL_PICTURE, path, 48).error is None, f"a sound {kind} is shown small"
        )
    claims = bytearray(whole["PNG"])
    claims[16:24] = (60_000).to_bytes(4, "big") * 2  # width and height in the header
    hostile = {
        "nothing": b"",
        "text": b"this is no picture" * 100,
        "svg": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        "enormous": bytes(claims),
        "postscript": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
    }
    hostile |= {f"half a {kind}": data[: len(data) // 2] for kind, data in whole.items()}
    hostile |= {f"no more than a {kind}'s header": data[:20] for kind, data in whole.items()}
    for name, data in hostile.items():
        path = tmp_path / "hostile"
        path.write_bytes(data)
        outcome = probe.attempt(SMALL_PICTURE, path, 48)
        refused = outcome.error is not None and "NoPreview" in str(outcome.error)
        check.that(refused, f"{name} is refused: {outcome}")


SMALL_PICTURE = "stage5_files.ui.thumbnails:small_picture"


@pytest.mark.task("5.12", hint="How do people say a size?")
def test_sizes_and_times_are_said_as_people_say_them(probe: Probe) -> None:
    sizes = {0: "0 B", 999: "999 B", 1000: "1.0 kB", 999_499: "999 kB", 999_500: "1.0 MB"}
    sizes |= {4 * 2**30: "4.3 GB", 10**15: "1000 TB"}
    for size, words in sizes.items():
        check.equal(probe.call("stage5_files.ui.file_words:size_text", size), words, f"{size}")
    for text, length, words in (("abcdef", 6, "abcdef"), ("abcdefgh", 5, "ab…gh")):
        check.equal(probe.call("stage5_files.ui.file_words:shorter", text, length), words, text)
