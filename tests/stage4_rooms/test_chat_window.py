"""The chat window, driven by the names of its widgets against real servers: what one does in it."""

from collections.abc import Callable

import pytest
from PIL import Image, ImageChops

from tests.kit import check
from tests.kit.accounts import CHANGE_PASSWORD, User
from tests.kit.deadlines import within
from tests.kit.fixtures import Launcher
from tests.kit.programs import Server
from tests.kit.proxy.fixture import ServerProxy
from tests.kit.window import Window

from .conftest import Chat, OwnChat
from .device import MEMBERS, MESSAGE, PRESENCE_PUSH, Device
from .window_steps import (
    OpenChat,
    OpenWindow,
    flags_for,
    log_in,
    log_out,
    say,
    say_all,
    wait_for,
    wait_until_gone,
)

pytestmark = [
    pytest.mark.parts("tk", "xvfb"),
    pytest.mark.needs("4.1", "4.2", "4.3", "4.4", "4.5", "4.8", "4.11"),
]


@pytest.fixture(scope="module")
def evicted() -> list[Window]:
    """The windows whose session was ended elsewhere; they notice within seconds."""
    return []


def end_session(chat: Chat, user: User) -> None:
    """End all of a user's sessions but a new one, of another device."""
    token = chat.login(user).token
    args = {"token": token, "user_pwd": user.password, "new_pwd": "another1"}
    chat.registrar.request(CHANGE_PASSWORD, args)


@pytest.mark.task(
    "4.12", hint="Who knows of a message first: the window that sends it, or the room?"
)
@pytest.mark.points(1)
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


@pytest.mark.task("4.12", hint="Two people, two windows: what does each see of the other?")
@pytest.mark.points(1)
def test_two_people_at_two_windows_talk(
    open_chat: OpenChat, open_second: OpenChat, sqlite_chat: Chat, ann: Device, ben: Device
) -> None:
    room = sqlite_chat.room(ann, ben)
    one, two = open_chat(sqlite_chat, ann.user), open_second(sqlite_chat, ben.user)
    for shown in (one, two):
        shown.widget("rooms").choose(room)
        wait_for(shown, "talk_name", room)
    for speaker, listener, text in (
        (one, two, "Shall we? 👋"),
        (two, one, "好的，走吧"),
        (one, two, "line one\nline two"),
    ):
        say(speaker, text)
        for shown in (listener, speaker):
            wait_for(shown, "transcript", text)
    for shown in (one, two):
        told = shown.widget("transcript").text()
        places = [told.find(text) for text in ("Shall we?", "好的，走吧", "line one")]
        check.that(0 <= places[0] < places[1] < places[2], f"all in one order: {told!r}")
        check.equal(told.count("Shall we?"), 1, "how often a message is shown")
    two.widget("members").choose(ann.user.name)
    two.widget("members").key("Return")
    wait_for(two, "talk_name", ann.user.name)
    say(two, "just between us")
    wait_for(one, "rooms", f"{ben.user.name}\t1")
    one.widget("rooms").choose(ben.user.name)
    wait_for(one, "transcript", "just between us")
    for shown, name in ((two, "ben_of_two"), (one, "ann_of_two")):
        shown.lift()  # to the front
        shown.screenshot(name)
    check.equal([*one.errors(), *two.errors()], [], "errors in callbacks")


@pytest.mark.task("4.12", hint="What stands still on the screen while something is put above it?")
@pytest.mark.points(0.5)
def test_older_messages_are_put_above_what_is_read_without_moving_it(
    open_second: OpenChat,
    sqlite_chat: Chat,
    ann: Device,
    ben: Device,
    between: Callable[[Server], ServerProxy],
    evicted: list[Window],
) -> None:
    room = sqlite_chat.room(ben, ann)
    words = " and more words"
    say_all(ben, room, [f"message {number}." + words * (number % 7) for number in range(1, 121)])
    shown = open_second(sqlite_chat, ann.user)
    shown.widget("rooms").choose(room)
    wait_for(shown, "transcript", "message 120.")
    left, top, right, bottom = shown.widget("transcript").box
    # Below the button "earlier messages", and beside the scroll bar, which does move.
    box = (left, top + 60, right - 30, bottom)

    before = shown.display.grab(box)
    # The top can be looked at before the older messages come.
    with between(sqlite_chat.server).held("to-client"):
        shown.widget("transcript").key("Control-Home")
        shown.wait_until(
            lambda: shown.display.grab(box) != before, why="the first line is in sight"
        )
        seen = shown.display.grab(box)
        check.that("message 22." not in shown.widget("transcript").text(), "they are on their way")
    wait_for(shown, "transcript", "message 22.")
    shown.screenshot("older_without_a_jump")
    after = shown.display.grab(box)
    check.that(_same(seen, after), "what was in sight stays where it was")
    check.equal(shown.errors(), [], "errors in callbacks")
    end_session(sqlite_chat, ann.user)  # what becomes of this window the last test looks at
    evicted.append(shown)


def _same(one: Image.Image, other: Image.Image) -> bool:
    """Tell whether two pictures are alike but for some pixels: a line, say, that says "Today"."""
    difference = ImageChops.difference(one.convert("L"), other.convert("L"))
    return sum(difference.histogram()[40:]) < 0.02 * one.width * one.height


@pytest.mark.task("4.12", hint="A message arrives: was it seen? Who can know that?")
@pytest.mark.points(1.5)
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


@pytest.mark.task(
    "4.12", hint="You answer on your phone. What does that say about what stood before it?"
)
@pytest.mark.points(1)
def test_whoever_answers_on_another_device_has_read_what_was_there(
    open_chat: OpenChat, sqlite_chat: Chat, ann: Device, ben: Device
) -> None:
    room = sqlite_chat.room(ben, ann)
    shown = open_chat(sqlite_chat, ann.user)
    wait_for(shown, "rooms", room)
    ben.say(room, "are you there?")
    wait_for(shown, "rooms", f"{room}\t1")
    ann.say(room, "yes, on the train")
    wait_until_gone(shown, "rooms", f"{room}\t1")
    wait_until_gone(shown, ".", "(")


@pytest.mark.task("4.12", hint="What does a window do with a talk in a room that was left?")
@pytest.mark.points(0.5)
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


@pytest.mark.task("4.12", hint="Which name is meant when somebody types one?")
def test_a_new_name_is_offered_as_a_new_room_and_one_can_write_there_at_once(
    open_chat: OpenChat, sqlite_chat: Chat, ann: Device, ben: Device
) -> None:
    other = sqlite_chat.room(ben)
    shown = open_chat(sqlite_chat, ann.user)
    name = f"nest-{ann.user.name}"
    for way_out in ("Escape", "Return"):  # what was put away can be opened again
        shown.widget("new_room").click()
        shown.wait_until(lambda: shown.widget("room_name").visible, why="the dialog is open")
        wait_for(shown, "room_list", other)  # until the rooms are known Return means "join"
        shown.widget("room_name").type(name)
        shown.widget("room_name").key(way_out)
        shown.wait_until(lambda: not shown.widget("room_name").visible, why=f"{way_out} ends it")
    wait_for(shown, "talk_name", name)
    shown.wait_until(
        lambda: shown.widget("composer").state()["focused"], why="the composer has the focus"
    )
    check.equal(shown.errors(), [], "errors in callbacks")


@pytest.mark.task("4.12", hint="Who may say what a room is about, and who reads it?")
def test_the_owner_of_a_room_sets_its_topic_and_others_read_it(
    open_chat: OpenChat, sqlite_chat: Chat, ann: Device, ben: Device
) -> None:
    hers, his = sqlite_chat.room(ann, ben), sqlite_chat.room(ben, ann)
    shown = open_chat(sqlite_chat, ann.user)
    shown.widget("rooms").choose(his)
    wait_for(shown, "talk_name", his)
    shown.widget("rooms").choose(hers)
    wait_for(shown, "talk_name", hers)
    shown.wait_until(lambda: shown.widget("set_topic").visible, why="she may set the topic")
    shown.widget("set_topic").click()
    shown.wait_until(lambda: shown.widget("topic").visible, why="the dialog is open")
    shown.widget("topic").type("x" * 201)
    shown.widget("topic").key("Return")
    wait_for(shown, "topic_message", "200")
    shown.widget("topic").clear()
    shown.widget("topic").type("tea 🍵 and 蛋糕")
    check.equal(shown.widget("topic_message").text(), "", "what is said about another topic")
    shown.screenshot("topic_dialog")
    shown.widget("save_topic").click()
    wait_for(shown, "talk_topic", "tea 🍵 and 蛋糕")
    ben.join(hers, data={"topic": "tea 🍵 and 蛋糕"})
    shown.widget("rooms").choose(his)
    wait_for(shown, "talk_name", his)
    check.that(not shown.widget("set_topic").visible, "in his room she may not")
    check.equal(shown.errors(), [], "errors in callbacks")


@pytest.mark.task("4.12", hint="What does the board put into the composer?")
def test_emoji_can_be_chosen_from_a_board(
    open_chat: OpenChat, sqlite_chat: Chat, ann: Device, ben: Device
) -> None:
    room = sqlite_chat.room(ben, ann)
    shown = open_chat(sqlite_chat, ann.user)
    shown.widget("rooms").choose(room)
    wait_for(shown, "talk_name", room)
    shown.widget("composer").type("hi ")
    shown.widget("emoji").click()
    shown.wait_until(lambda: shown.widget("emoji_0").visible, why="the board is open")
    shown.widget("emoji_0").key("Right")
    shown.wait_until(lambda: shown.widget("emoji_1").state()["focused"], why="an arrow key moves")
    shown.widget("emoji_1").key("Return")
    shown.wait_until(lambda: not shown.widget("emoji_1").visible, why="the board is put away")
    shown.widget("composer").type("😀x\b")
    shown.widget("composer").key("Return")
    ben.expect_push(MESSAGE, room=room, text="hi 😄😀")
    check.equal(shown.errors(), [], "errors in callbacks")


@pytest.mark.task(
    "4.12", hint="Whose state does the window show: what was asked for, or what was answered?"
)
def test_how_others_see_one_can_be_chosen(
    open_chat: OpenChat, sqlite_chat: Chat, ben: Device
) -> None:
    # The person has this window only: a second device would say "online" for her.
    ann = sqlite_chat.user("ann")
    ben.join("lobby")
    shown = open_chat(sqlite_chat, ann)
    wait_for(shown, "members", ben.user.name)
    ben.forget_pushes()
    menu = f"{shown.widget('own_state').state()['path'].rpartition('.')[0]}.!menu"
    shown.widget(menu).invoke("*busy")
    wait_for(shown, "own_state", "busy")
    ben.expect_push(PRESENCE_PUSH, user_name=ann.name, state="busy")


@pytest.mark.task("4.12", hint="What may a refused message become, and with which cid?")
@pytest.mark.points(1.5)
def test_a_message_that_is_refused_can_be_sent_again_or_discarded(
    open_chat: OpenChat, sqlite_chat: Chat, ann: Device, ben: Device
) -> None:
    room = sqlite_chat.room(ben, ann)
    shown = open_chat(sqlite_chat, ann.user)
    shown.widget("rooms").choose(room)
    wait_for(shown, "talk_name", room)
    ann.leave(room)  # with another device, of which the window hears nothing
    for text in ("first", "second"):
        say(shown, text)
    wait_for(shown, "transcript", "second")
    shown.wait_until(lambda: shown.widget("again_2").visible, why="both are refused")
    check.that("Not sent" in shown.widget("transcript").text(), "the window says so")
    shown.screenshot("refused")
    shown.widget("discard_1").click()
    wait_until_gone(shown, "transcript", "first")
    ann.join(room)
    ben.forget_pushes()
    shown.widget("again_1").key("Return")
    ben.expect_push(MESSAGE, room=room, text="second")
    shown.wait_until(lambda: not shown.widget("again_1").visible, why="the message is sent")
    wait_until_gone(shown, "transcript", "Not sent")
    check.equal(shown.errors(), [], "errors in callbacks")


@pytest.mark.task("4.12", hint="Which of the texts in the window were made once, and never again?")
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
    for button in ("language", "theme"):
        shown.widget(button).click()
    wait_for(shown, "status", "Connected")
    check.equal(shown.errors(), [], "errors in callbacks")


@pytest.mark.task(
    "4.12", hint="A message is on its way, and the server is gone. What does its writer see?"
)
@pytest.mark.points(1)
def test_a_lost_server_is_told_and_what_was_said_meanwhile_is_sent_once_it_is_back(
    window: OpenWindow, own_chat: OwnChat, launch: Launcher
) -> None:
    chat = own_chat()
    ann, ben = chat.user("ann"), chat.user("ben")
    shown = window("stage4.chat_window", *flags_for(chat))
    log_in(shown, ann)
    chat.program.kill()
    wait_for(shown, "status", "lost")
    say(shown, "said into the void")
    wait_for(shown, "transcript", "said into the void")
    launch.again(chat.program)
    wait_for(shown, "status", "Connected", seconds=20)
    reader = chat.enter(chat.login(ben))
    reader.join("lobby")

    def said() -> int:
        history = reader.all_history("lobby")
        return [message["text"] for message in history].count("said into the void")

    # "Connected" comes first, and then what was said meanwhile is sent.
    shown.wait_until(said, why="what was said meanwhile is sent")
    check.equal(said(), 1, "how often it is in the history")
    log_out(shown)
    shown.close()
    shown.wait_exit(code=0)


@pytest.mark.task("4.12", hint="Whose session is it that ended, and what is there to be done?")
@pytest.mark.points(0.5)
def test_a_session_that_ends_elsewhere_leads_back_to_the_login(
    open_second: OpenChat, sqlite_chat: Chat, evicted: list[Window]
) -> None:
    if not evicted or not evicted[-1].running:
        ann = sqlite_chat.user("ann")
        evicted.append(open_second(sqlite_chat, ann))
        end_session(sqlite_chat, ann)
    shown = evicted[-1]
    shown.lift()
    # Nobody does anything at this window: it finds out by itself.
    shown.wait_until(lambda: shown.widget("user_name").visible, why="the login is shown again")
    wait_for(shown, "message", "has ended")
    check.equal(shown.errors(), [], "errors in callbacks")
