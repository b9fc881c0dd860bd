"""The chat window as its reader has it: what is shown, found again, copied, opened."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import ImageChops

from tests.kit import check
from tests.kit.deadlines import within
from tests.kit.window import Window

from .conftest import Chat
from .device import Device
from .window_steps import OpenChat, say_all, wait_for

pytestmark = [
    pytest.mark.parts("tk", "xvfb"),
    pytest.mark.needs("4.1", "4.2", "4.3", "4.4", "4.5", "4.8", "4.11"),
]


@pytest.mark.task("4.12", hint="Where does the stretch of messages begin that a window holds?")
@pytest.mark.points(0.5)
def test_older_messages_come_when_asked_for_and_the_newest_are_one_click_away(
    open_chat: OpenChat, sqlite_chat: Chat, ann: Device, ben: Device
) -> None:
    room = sqlite_chat.room(ben, ann)
    say_all(ben, room, [f"message {number}." for number in range(1, 131)])
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


@pytest.mark.task("4.12", hint="What is shown, and what is copied?")
def test_an_emoji_is_a_picture_in_colour_and_is_copied_as_text(
    open_chat: OpenChat, sqlite_chat: Chat, ann: Device, ben: Device
) -> None:
    room = sqlite_chat.room(ben, ann)
    text = "look 🦊 and 👨‍👩‍👧‍👦, 1️⃣ 🇨🇳 👍🏽 ❤️!"
    ben.say(room, text)
    shown = open_chat(sqlite_chat, ann.user)
    shown.widget("rooms").choose(room)
    wait_for(shown, "transcript", text)
    left, top, right, bottom = shown.widget("transcript").box
    picture = shown.display.grab((left, top, right, bottom)).convert("HSV")
    hue, saturation, value = picture.split()
    # Names and links are in colour, too, but not in a fox's.
    masks = [hue.point(lambda h: 255 * (10 < h < 30))]
    masks += [band.point(lambda v: 255 * (v > 150)) for band in (saturation, value)]
    orange = ImageChops.darker(ImageChops.darker(*masks[:2]), masks[2]).histogram()[255]
    check.that(orange > 20, f"the fox is orange ({orange} pixels of the transcript are)")
    copied = copy_all(shown)
    check.that(text in copied, f"what was copied holds the message; it is {copied!r}")
    check.equal(shown.errors(), [], "errors in callbacks")


@pytest.mark.task("4.12", hint="In which order are characters stored, and in which are they shown?")
def test_what_runs_from_right_to_left_is_copied_as_it_was_said(
    open_chat: OpenChat, sqlite_chat: Chat, ann: Device, ben: Device
) -> None:
    room = sqlite_chat.room(ben, ann)
    texts = [
        "שלום לכולם (בדיקה 123) 😀",
        "مرحبا بالجميع، كيف الحال اليوم؟ " * 12,
        "then https://a.example/אב ok",
    ]
    for text in texts:
        ben.say(room, text)
    shown = open_chat(sqlite_chat, ann.user)
    shown.widget("rooms").choose(room)
    wait_for(shown, "transcript", "then https")
    for width in (900, 480):
        shown.resize(width, 600)
        copied = copy_all(shown)
        for text in texts:
            check.equal(copied.count(text), 1, f"how often {text[:20]!r}… is copied")
    shown.screenshot("right_to_left")
    check.equal(shown.errors(), [], "errors in callbacks")


def copy_all(shown: Window) -> str:
    """Select all of the transcript with keys, copy it, and paste it into the composer."""
    shown.widget("composer").clear()
    for key in ("Control-Home", "Control-Shift-End"):
        shown.widget("transcript").key(key)
    shown.widget("transcript").event("<<Copy>>")
    shown.widget("composer").event("<<Paste>>")
    return shown.widget("composer").text()


@pytest.mark.task("4.12", hint="Somebody has no mouse. How do they open a link?")
def test_links_are_opened_with_the_keyboard(
    open_chat: OpenChat, sqlite_chat: Chat, ann: Device, ben: Device, opened_links: Path
) -> None:
    room = sqlite_chat.room(ben, ann)
    first, second = (f"https://{name}.example/?room={room}" for name in ("a", "b"))
    ben.say(room, f"look at {first}, and שלום")
    ben.say(room, f"or at {second}.")
    shown = open_chat(sqlite_chat, ann.user)
    shown.widget("rooms").choose(room)
    wait_for(shown, "transcript", second)
    transcript = shown.widget("transcript")
    for keys, url in ((("Right",), first), (("Right",), second), (("Left", "Right"), second)):
        for key in keys:
            transcript.key(key)
        wait_for(shown, "news", url)
    shown.screenshot("link_chosen")
    transcript.key("Return")

    def opened() -> bool:
        return opened_links.exists() and opened_links.read_text("utf-8").endswith(f"{second}\n")

    shown.wait_until(opened, why="the browser is asked to open it")
    check.equal(shown.errors(), [], "errors in callbacks")


@pytest.mark.task("4.12", hint="How often does a window need to draw itself?")
@pytest.mark.needs("4.10")  # only who may say that much makes a flood
def test_a_flood_of_messages_does_not_block_the_window(
    open_chat: OpenChat,
    sqlite_chat: Chat,
    ann: Device,
    ben: Device,
    count: Callable[[int, int], int],
) -> None:
    room = sqlite_chat.room(ben, ann)
    shown = open_chat(sqlite_chat, ann.user)
    shown.widget("rooms").choose(room)
    wait_for(shown, "talk_name", room)
    shown.longest_stall()
    messages = count(1000, 5000)
    texts = [f"message {number} 😀 https://a.example/{number}" for number in range(messages)]
    say_all(ben, room, texts)
    wait_for(shown, "transcript", f"message {messages - 1} ", seconds=60)
    # What blocks is meant to be under 0.05 s; the factor is for a machine that others use, too.
    stall = shown.longest_stall()
    check.that(stall < within(0.25), f"the window was never blocked for long (once {stall:.3f} s)")
    drawn = shown.widget("transcript").text().count("message ")
    check.that(drawn <= 500, f"the window holds the newest messages only (it holds {drawn})")
    check.equal(shown.errors(), [], "errors in callbacks")
