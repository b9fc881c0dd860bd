"""The chat window, driven by the names of its widgets against real servers."""

from collections.abc import Callable

import pytest

from tests.kit import check
from tests.kit.accounts import User
from tests.kit.deadlines import within
from tests.kit.fixtures import Launcher
from tests.kit.programs import Server
from tests.kit.window import Window

from .conftest import Chat, OwnChat
from .device import MEMBERS, MESSAGE, Device

pytestmark = pytest.mark.parts("tk", "xvfb")

OpenWindow = Callable[..., Window]
OpenChat = Callable[..., Window]


def wait_for(shown: Window, name: str, words: str, seconds: float = 10) -> None:
    """Wait until the widget ``name`` says ``words`` somewhere in its text."""
    shown.wait_until(
        lambda: words in shown.widget(name).text(), why=f"{name} says {words!r}", seconds=seconds
    )


def wait_until_gone(shown: Window, name: str, words: str) -> None:
    """Wait until the widget ``name`` says ``words`` no more."""
    shown.wait_until(
        lambda: words not in shown.widget(name).text(), why=f"{name} drops {words!r}", seconds=10
    )


def address(server: Server) -> str:
    """Return where a server is, for a flag."""
    return f"{server.host}:{server.port}"


@pytest.fixture
def open_chat(window: OpenWindow) -> OpenChat:
    """Open a chat window and log in."""

    def open_one(chat: Chat, user: User, *flags: str) -> Window:
        shown = window(
            "stage4.chat_window",
            *("--auth", address(chat.accounts.server), "--chat", address(chat.server)),
            *("--lang", "en", "--theme", "light", "--reduced-motion", *flags),
        )
        log_in(shown, user)
        return shown

    return open_one


def log_in(shown: Window, user: User) -> None:
    """Fill in the login and wait until the chat is connected."""
    shown.widget("user_name").type(user.name)
    shown.widget("user_pwd").type(user.password + "\n")
    shown.wait_until(lambda: shown.widget("status").visible, why="the chat is shown")
    wait_for(shown, "status", "Connected")


def say(shown: Window, text: str) -> None:
    """Type a message, and send it with Return."""
    shown.widget("composer").type(text)
    shown.widget("composer").key("Return")


@pytest.fixture
def ann(sqlite_chat: Chat) -> Device:
    """Whoever sits at the window; the device joins rooms for her and is silent."""
    device = sqlite_chat.person("ann")
    device.join("lobby")
    return device


@pytest.fixture
def ben(sqlite_chat: Chat) -> Device:
    """Somebody else, at the other end of a wire."""
    return sqlite_chat.person("ben")


def test_what_is_typed_reaches_the_room_and_what_others_say_appears(
    open_chat: OpenChat, sqlite_chat: Chat, ann: Device, ben: Device
) -> None:
    room = sqlite_chat.room(ben, ann)
    shown = open_chat(sqlite_chat, ann.user)
    shown.widget("rooms").choose(room)
    wait_for(shown, "talk_name", room)
    wait_for(shown, "members", ben.user.name)
    shown.longest_stall()
    text = "Grüße aus 北京 😀\nשלום, second line"
    shown.widget("composer").type(text.split("\n")[0])
    shown.widget("composer").key("Shift-Return")
    shown.widget("composer").type(text.split("\n")[1])
    shown.widget("composer").key("Return")
    pushed = ben.expect_push(MESSAGE, room=room, text=text)
    check.equal(pushed["from"], ann.user.name, "who said it")
    check.equal(shown.widget("composer").text(), "", "the composer after sending")
    ben.say(room, "I see you \x1b[31m\u202etxt.exe")
    wait_for(shown, "transcript", r"I see you \x1b[31m\u202etxt.exe")
    lines = shown.widget("transcript").text()
    check.equal(lines.count("second line"), 1, "how often one's own message is shown")
    check.that("Today" in lines, "the day stands above the messages")
    check.that(shown.longest_stall() < within(0.25), "the window was never blocked for long")
    shown.screenshot("chat")
    check.equal(shown.errors(), [], "errors in callbacks")


def test_unread_messages_are_counted_until_they_are_seen(
    open_chat: OpenChat, sqlite_chat: Chat, ann: Device, ben: Device
) -> None:
    room = sqlite_chat.room(ben, ann)
    shown = open_chat(sqlite_chat, ann.user)
    wait_for(shown, "rooms", room)
    for number in range(3):
        ben.say(room, f"message {number}")
    wait_for(shown, "rooms", f"{room}\t3")
    wait_for(shown, ".", "(3)")
    ben.whisper(ann.user.name, "a word in private")
    wait_for(shown, "rooms", f"{ben.user.name}\t1")
    shown.screenshot("unread")
    shown.widget("rooms").choose(room)
    wait_for(shown, "transcript", "New")
    wait_until_gone(shown, "rooms", f"{room}\t3")
    shown.widget("rooms").choose(ben.user.name)
    wait_for(shown, "transcript", "a word in private")
    wait_until_gone(shown, ".", "(")
    say(shown, "and one back")
    pushed = ben.expect_push(MESSAGE, text="and one back")
    check.equal(pushed["with"], ann.user.name, "whom one talks with")
    check.equal(shown.errors(), [], "errors in callbacks")


def test_older_messages_come_when_asked_for_and_the_newest_are_one_click_away(
    open_chat: OpenChat, sqlite_chat: Chat, ann: Device, ben: Device
) -> None:
    room = sqlite_chat.room(ben, ann)
    for number in range(1, 131):
        ben.say(room, f"message {number}.")
    shown = open_chat(sqlite_chat, ann.user)
    shown.widget("rooms").choose(room)
    wait_for(shown, "transcript", "message 130.")
    check.that("message 80." not in shown.widget("transcript").text(), "only a page is loaded")

    def scrolled_back() -> bool:
        shown.widget("transcript").key("Control-Home")
        return "message 1." in shown.widget("transcript").text()

    shown.wait_until(scrolled_back, why="the first message is there")
    check.equal(shown.widget("transcript").text().count("message 81."), 1, "no message is doubled")
    ben.say(room, "meanwhile")
    shown.wait_until(lambda: "1 new" in shown.widget("newest").text(), why="the button counts")
    shown.widget("newest").click()
    shown.wait_until(lambda: not shown.widget("newest").visible, why="the newest are in sight")
    check.that("meanwhile" in shown.widget("transcript").text(), "the newest message is there")
    check.equal(shown.errors(), [], "errors in callbacks")


def test_a_room_is_created_joined_by_others_and_left(
    open_chat: OpenChat, sqlite_chat: Chat, ann: Device, ben: Device
) -> None:
    shown = open_chat(sqlite_chat, ann.user)
    name = f"den-{ann.user.name}"
    shown.widget("new_room").click()
    shown.wait_until(lambda: shown.widget("room_name").visible, why="the dialog is open")
    shown.widget("room_name").type(name)
    shown.widget("join_room").click()
    wait_for(shown, "room_message", "no room of this name")
    shown.widget("create_room").click()
    wait_for(shown, "talk_name", name)
    ben.join(name)
    wait_for(shown, "transcript", f"{ben.user.name} joined")
    wait_for(shown, "members", ben.user.name)
    shown.widget("leave").click()
    wait_for(shown, "talk_name", "lobby")
    ben.expect_push(MEMBERS, room=name, left=ann.user.name)
    check.equal(shown.errors(), [], "errors in callbacks")


def test_words_and_colours_change_at_once_and_480_pixels_are_enough(
    open_chat: OpenChat, sqlite_chat: Chat, ann: Device
) -> None:
    shown = open_chat(sqlite_chat, ann.user)
    shown.widget("language").click()
    wait_for(shown, "status", "已连接")
    wait_for(shown, "rooms", "聊天室")
    wait_for(shown, ".", "从回声到聊天")
    shown.widget("theme").click()
    shown.resize(480, 560)
    shown.wait_until(lambda: not shown.widget("members").visible, why="the members make room")
    left, _, right, _ = shown.widget("transcript").box
    check.that(right - left > 200, f"the transcript has {right - left} pixels")
    shown.screenshot("chat_narrow_chinese_dark")
    shown.widget("show_members").click()
    shown.wait_until(lambda: shown.widget("members").visible, why="the members are shown")
    check.equal(shown.errors(), [], "errors in callbacks")


def test_a_lost_server_is_told_and_what_was_said_meanwhile_is_sent_once_it_is_back(
    open_chat: OpenChat, own_chat: OwnChat, launch: Launcher
) -> None:
    chat = own_chat()
    ann, ben = chat.user("ann"), chat.user("ben")
    shown = open_chat(chat, ann)
    chat.program.kill()
    wait_for(shown, "status", "lost")
    say(shown, "said into the void")
    wait_for(shown, "transcript", "said into the void")
    launch.again(chat.program)
    wait_for(shown, "status", "Connected", seconds=20)
    reader = chat.enter(chat.login(ben))
    reader.join("lobby")
    said = [message["text"] for message in reader.all_history("lobby")]
    check.equal(said.count("said into the void"), 1, "how often it is in the history")
    shown.widget("log_out").click()
    shown.wait_until(lambda: shown.widget("user_name").visible, why="the window asks again")
    shown.close()
    shown.wait_exit(code=0)


def test_a_session_that_ends_elsewhere_leads_back_to_the_login(
    open_chat: OpenChat, sqlite_chat: Chat
) -> None:
    ann = sqlite_chat.user("ann")
    shown = open_chat(sqlite_chat, ann)
    other = sqlite_chat.login(ann)
    args = {"token": other.token, "user_pwd": ann.password, "new_pwd": "another1"}
    sqlite_chat.registrar.request(5, args)
    shown.wait_until(lambda: shown.widget("user_name").visible, why="the login is shown again")
    wait_for(shown, "message", "has ended")
    check.equal(shown.errors(), [], "errors in callbacks")
