"""Those who talk too much, and those who do not listen. The rules: docs/protocol.md, Limits."""

import itertools
import re
import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.kit import check
from tests.kit.deadlines import Deadline, eventually
from tests.kit.server_clock import time_of, wait_until
from tests.kit.wire import Message

from .conftest import Chat, OwnChat
from .device import SAY, WHISPER, Device, new_cid

pytestmark = pytest.mark.needs("4.1", "4.2")

BURST, PER_SECOND = 20, 10


@pytest.mark.task("4.10", hint="A bucket of 20 tokens, 10 a second: when is the next one there?")
@pytest.mark.points(1.5)
@pytest.mark.needs("4.3", "4.4", "4.5")
def test_whoever_talks_too_fast_gets_105_and_is_told_how_long(own_chat: OwnChat) -> None:
    chat = own_chat(limits="on")
    ann, ben = chat.people("ann", "ben")
    room = chat.room(ann, ben)
    began = time.monotonic()
    numbers = itertools.count()
    replies = _until_refused([ann], lambda d: d.ask_say(room, str(next(numbers)), new_cid()))
    tests = [reply["test"] for reply in replies]
    seconds = time.monotonic() - began
    check.equal(set(tests), {0, 105}, "the answers")
    check.equal(tests[:BURST], [0] * BURST, "the answers to the burst")
    most = BURST + PER_SECOND * seconds + 1
    check.that(tests.count(0) <= most, f"{tests.count(0)} messages passed in {seconds:.1f} s")
    said = [m["text"] for m in ben.all_history(room)]
    check.equal(said, [str(n) for n, test in enumerate(tests) if test == 0], "the history")
    # A whisper does not get round it.
    whisper = {"to": ben.user.name, "text": "x"}
    answers = _until_refused([ann], lambda d: d.ask(WHISPER, {**whisper, "cid": new_cid()}))
    refused = [reply for reply in answers if reply["test"] != 0]
    passed = tests.count(0) + len(answers) - len(refused)
    most = BURST + PER_SECOND * (time.monotonic() - began) + 1
    check.that(passed <= most, f"{passed} messages passed, whispers among them")
    check.matches(refused[-1], {"test": 105, "retry_after": float}, "the refusal")
    wait = float(refused[-1]["retry_after"])
    check.that(0 < wait <= 1, f"one waits a moment at most, got {wait} s")
    ben.say(room, "others may talk")
    wait_until(ann, time_of(ann) + wait)
    ann.say(room, "and so may I")


def _until_refused(devices: list[Device], ask: Callable[[Device], Any]) -> list[Message]:
    """Ask without a pause until something is refused; return all replies, in each device's order"""
    replies: list[Message] = []
    deadline = Deadline(20)
    # A busy machine may answer the first ones so slowly that all of them are allowed.
    while not any(reply["test"] for reply in replies) and not deadline.passed:
        asked = [(device, ask(device)) for device in devices for _ in range(200 // len(devices))]
        replies += [device.expect_reply(id, test=None) for device, id in asked]
    return replies


@pytest.mark.task("4.10", hint="What does somebody do who may say 20 things on each connection?")
@pytest.mark.points(0.5)
@pytest.mark.needs("4.3")
def test_another_device_does_not_get_round_the_limit(own_chat: OwnChat) -> None:
    chat = own_chat(limits="on")
    ann = chat.person("ann")
    room = chat.room(ann)
    devices = [ann, *(chat.enter(ann.user, f"device {n}") for n in range(3))]
    began = time.monotonic()
    replies = _until_refused(devices, lambda d: d.ask_say(room, "x", new_cid()))
    tests = [reply["test"] for reply in replies]
    most = BURST + PER_SECOND * (time.monotonic() - began) + 1
    check.equal(set(tests), {0, 105}, "the answers")
    check.that(tests.count(0) <= most, f"{tests.count(0)} messages passed, from four devices")


@pytest.mark.task("4.10", hint="Which limits does --limits off lift?")
@pytest.mark.points(0.5)
@pytest.mark.needs("4.3")
def test_without_limits_nobody_is_slowed_down(sqlite_chat: Chat) -> None:
    ann = sqlite_chat.person("ann")
    room = sqlite_chat.room(ann)
    asked = [ann.ask_say(room, f"{number}", new_cid()) for number in range(600)]
    for number, id in enumerate(asked, 1):
        ann.expect_reply(id, SAY, data={"seq": number})


@pytest.mark.task("4.10", hint="Where do the messages for somebody wait who does not read them?")
@pytest.mark.points(3)
@pytest.mark.needs("4.3", "4.4", "4.8")
def test_a_slow_reader_delays_nobody_and_is_dropped(own_chat: OwnChat) -> None:
    chat = own_chat("sqlite", "--log-level", "info")
    ann, ben, cleo = chat.people("ann", "ben", "cle")
    room = chat.room(ann, ben, cleo)
    # Cleo never reads. What the operating system holds for her is bounded, the server's queue too.
    large = "🦊" * 8000
    gone, said = False, 0
    while not gone and said < 3000:
        for id in [ann.ask_say(room, f"{large[:-5]}{said + n:05}", new_cid()) for n in range(50)]:
            ann.expect_reply(id, SAY)
        said += 50
        gone = ben.who(room)[cleo.user.name] == "offline"
        heard = [message["text"][-5:] for message in ben.take_messages()]
        check.equal(heard, [f"{said - 50 + n:05}" for n in range(50)], "what Ben heard meanwhile")
    check.that(gone, f"Cleo has read nothing of {said * 32} kB and is still there")
    chat.program.assert_alive()
    reason = re.compile(rb"drop|slow|full|not read", re.IGNORECASE)
    eventually(
        lambda: reason.search(chat.program.stderr.read()) is not None,
        why="the reason in the server's log for dropping somebody",
    )
    # She comes back and reads what she has missed.
    cleo = chat.enter(cleo.user, "Cleo again")
    page, _ = cleo.history(room, after=said - 3)
    check.equal([m["seq"] for m in page], [said - 2, said - 1, said], "the end of the history")
    ann.say(room, "welcome back")
    cleo.expect_push(100, text="welcome back")


@pytest.mark.task("4.10", hint="A thousand questions at once: is that an attack?")
@pytest.mark.points(0.5)
@pytest.mark.needs("4.3", "4.4")
def test_a_thousand_small_requests_at_once_are_all_answered(
    sqlite_chat: Chat, count: Callable[[int, int], int]
) -> None:
    ann, ben = sqlite_chat.people("ann", "ben")
    room = sqlite_chat.room(ann, ben)
    total = count(1000, 1000)
    ids = [ann.ask_say(room, f"{number}", new_cid()) for number in range(total)]
    for number, id in enumerate(ids, 1):
        ann.expect_reply(id, SAY, data={"seq": number})
    check.equal(len(ben.take_messages()), total, "the number of messages that Ben heard")
