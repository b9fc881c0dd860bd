"""The app itself, on a real display: the same conversation, files, a newcomer's first look."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.kit import check
from tests.kit.chosen_files import ChosenFiles
from tests.kit.databases import Databases
from tests.kit.fixtures import Launcher
from tests.kit.judge import Judge
from tests.kit.window import Window

from .people import PASSWORD, SERVICES, Person, Whole, as_shown, real_lines
from .real_files import check_same_tree, make_real_files

pytestmark = [pytest.mark.parts("tk", "xvfb"), pytest.mark.timeout(240)]

STEADY = ("--lang", "en", "--theme", "light", "--reduced-motion")
OpenWindow = Callable[..., Window]


@pytest.fixture
def chosen(tmp_path: Path, judge: Judge) -> ChosenFiles:
    """What is chosen in the dialogs for files and folders."""
    return ChosenFiles(tmp_path, judge.tree.root)


def wait_for(shown: Window, name: str, words: str, seconds: float = 15) -> None:
    """Wait until the widget ``name`` says ``words`` somewhere in its text."""
    shown.wait_until(
        lambda: words in shown.widget(name).text(), why=f"{name} says {words!r}", seconds=seconds
    )


def say(shown: Window, text: str) -> None:
    """Type a line and send it with Return."""
    shown.widget("composer").type(text)
    shown.widget("composer").key("Return")


def register(shown: Window, whole: Whole, name: str, phone: str) -> None:
    """Register through the window; it then stands at the login, filled in."""
    shown.widget("page_register").click()
    for field, text in (("reg_name", name), ("reg_pwd", PASSWORD), ("reg_phone", phone)):
        shown.widget(field).type(text)
    shown.widget("send_code").click()
    wait_for(shown, "reg_message", phone)
    shown.widget("reg_code").type(whole.code_for(phone))
    shown.widget("register").click()
    wait_for(shown, "message", name)


def log_in(shown: Window, name: str) -> None:
    """Fill in what is missing in the login, and wait for the chat."""
    if not shown.widget("user_name").text():
        shown.widget("user_name").type(name)
    if not shown.widget("user_pwd").text():
        shown.widget("user_pwd").type(PASSWORD)
    shown.widget("log_in").click()
    shown.wait_until(lambda: shown.widget("status").visible, why="the chat is shown", seconds=15)
    wait_for(shown, "status", "Connected")


def test_one_at_the_window_two_at_terminals_and_the_window_misses_nothing(
    window: OpenWindow,
    launch: Launcher,
    databases: Databases,
    start_whole: Callable[..., Whole],
    chosen: ChosenFiles,
    tmp_path: Path,
) -> None:
    whole = start_whole(databases.new("sqlite"))

    def open_app() -> Window:
        folders = ("--data", str(tmp_path / "app"), "--download-dir", str(tmp_path / "downloads"))
        return window("final.app", *whole.flags(), *STEADY, *folders, env=chosen.env)

    alice = Person(launch, whole, "Alice", "13800000001", tmp_path / "home1")
    bob = Person(launch, whole, "Bob", "13800000002", tmp_path / "home2")
    shown = open_app()
    register(shown, whole, "小明", "13800000000")
    log_in(shown, "小明")

    lines = real_lines()
    own = [
        "早上好 everybody",
        "مرحبا, שלום, привет",
        "smile 😀, family 👨‍👩‍👧",
        "<b>&</b> '); DROP TABLE",
    ]
    for said, line in zip(own, lines, strict=False):
        say(shown, said)
        alice.terminal.expect_line(re.escape(as_shown(said)))
        bob.terminal.send_line(line)
        wait_for(shown, "transcript", as_shown(line))
    wait_for(shown, "members", "Bob")
    check.equal(shown.errors(), [], "errors in callbacks")

    # The app is killed; the others go on; it comes back and shows what was said meanwhile.
    shown.dispose()
    for line in lines:
        alice.terminal.send_line(line)
        bob.terminal.send_line(line)
    for person in (alice, bob):
        person.terminal.expect_line(rf"lobby #{2 * len(own) + 2 * len(lines)} ", seconds=30)
    shown = open_app()
    log_in(shown, "小明")
    # Looking upwards fetches older pages, until the first line that it missed is there.
    missed = [as_shown(line.expandtabs(4)) for line in lines for _who in (alice, bob)]
    wait_for(shown, "transcript", missed[-1])
    shown.wait_until(lambda: scrolled_to(shown, missed[0]), why="the oldest line it missed")
    text = shown.widget("transcript").text()
    lost = [line for line in missed if text.count(line) < missed.count(line)]
    check.equal(lost, [], "the lines that the window does not show")

    move_a_folder(shown, chosen, tmp_path)
    check.equal(shown.errors(), [], "errors in callbacks")
    shown.close()
    shown.wait_exit(code=0)
    alice.leave()
    bob.leave()
    whole.program.end()


def scrolled_to(shown: Window, line: str) -> bool:
    """Tell whether a line stands in the transcript; if not, scroll up once more."""
    if line in shown.widget("transcript").text():
        return True
    shown.widget("transcript").key("Control-Home")
    return False


def turn_to_files(shown: Window) -> None:
    """Turn to the page of files."""
    shown.widget("tab_files").click()
    shown.wait_until(lambda: shown.widget("upload_file").visible, why="the files are shown")


def move_a_folder(shown: Window, chosen: ChosenFiles, tmp_path: Path) -> None:
    """Send a folder of real files through the window and fetch it again."""
    folder = tmp_path / "给大家的文件"
    make_real_files(folder)
    turn_to_files(shown)
    chosen.choose(folder)
    shown.widget("upload_folder").click()
    wait_for(shown, "files_status", "uploaded", seconds=60)
    shown.screenshot("folder_uploaded")
    wait_for(shown, "files_list", folder.name)
    shown.widget("files_list").choose(folder.name)
    shown.wait_until(lambda: shown.widget("download").enabled, why="the folder is selected")
    shown.widget("download").click()
    wait_for(shown, "files_status", "Saved as", seconds=60)
    shown.screenshot("folder_downloaded")
    check_same_tree(folder, tmp_path / "downloads" / folder.name)


def test_a_newcomer_sees_life_in_the_demo(
    window: OpenWindow, launch: Launcher, chosen: ChosenFiles, tmp_path: Path
) -> None:
    whole = launch(
        "final.run",
        *("--demo", "--data", str(tmp_path / "data"), "--first-port", "0"),
        env={"DISPLAY": "", "WAYLAND_DISPLAY": ""},
    )
    where = []
    for service in SERVICES:
        match = whole.expect_line(rf"{service} +server on (\S+) port (\d+)", seconds=30)
        where += [f"--{service}", f"{match[1]}:{match[2]}"]
    downloads = ("--data", str(tmp_path / "app"), "--download-dir", str(tmp_path / "downloads"))
    shown = window("final.app", "--demo", *where, *STEADY, *downloads, env=chosen.env)
    shown.screenshot("login")
    log_in(shown, "guest")
    wait_for(shown, "transcript", "I am a bot", seconds=10)
    for said, answer in (("hello, who is here?", "Hello guest!"), ("roll the dice", "You rolled")):
        say(shown, said)
        wait_for(shown, "transcript", answer)
    shown.screenshot("chat")
    turn_to_files(shown)
    for name, size in (("slides.pdf", 2_400_000), ("timetable.csv", 1_200), ("班级照片.png", 0)):
        path = tmp_path / name
        path.write_bytes(PICTURE if name.endswith("png") else b"x" * size)
        chosen.choose(path)
        shown.widget("upload_file").click()
        wait_for(shown, "files_list", name)
    shown.screenshot("files")
    check.equal(shown.errors(), [], "errors in callbacks")
    shown.close()
    shown.wait_exit(code=0)
    whole.end()


# A PNG of one pixel.
PICTURE = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489"
    "0000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)
