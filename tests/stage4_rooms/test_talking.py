"""SAY and WHISPER: order, who hears it, answers. The rules: docs/protocol.md, ops 15, 16, 100."""

from collections.abc import Callable

import pytest

from tests.kit import check
from tests.kit.match import ABSENT
from tests.kit.server_clock import time_of

from .conftest import Chat
from .device import ENTER, MESSAGE, SAY, WHISPER, Device, new_cid
from .naughty import NAUGHTY

pytestmark = pytest.mark.needs("4.1", "4.2")


@pytest.mark.task("4.3", hint="Who gets the answer, and who gets the push?")
@pytest.mark.points(2)
def test_what_one_says_the_others_hear(chat: Chat) -> None:
    ann, ben, cleo = chat.people("ann", "ben", "cle")
    room = chat.room(ann, ben, cleo)
    before = time_of(ann)
    said = ann.say(room, "hello, 你好")
    check.that(before <= said["time"] <= time_of(ann), "the time of the message is not now")
    pushed = {"room": room, "seq": said["seq"], "text": "hello, 你好", "time": said["time"]}
    for device in (ben, cleo):
        found = device.expect_push(MESSAGE)
        wanted = {**pushed, "from": ann.user.name, "cid": ABSENT, "with": ABSENT}
        check.matches(found, wanted, "the message")
    for device in (ann, ben, cleo):
        device.nothing_else()


@pytest.mark.task("4.3", hint="How does your phone know what you said at your desk?")
@pytest.mark.points(2)
def test_it_reaches_every_device_but_the_connection_that_spoke(chat: Chat) -> None:
    user, ben = chat.user("ann"), chat.person("ben")
    desk, phone = chat.enter(user, "the desk"), chat.enter(user, "the phone")
    tablet = chat.enter(chat.login(user), "the tablet")
    laptop = chat.enter(ben.user, "Ben's laptop")
    room = chat.room(desk, ben)
    for device in (phone, tablet, laptop):
        device.forget_pushes()
    cid = new_cid()
    seq = desk.say(room, "from the desk", cid)["seq"]
    for device in (phone, tablet):
        device.expect_push(MESSAGE, room=room, seq=seq, text="from the desk", cid=cid)
    for device in (ben, laptop):
        device.expect_push(MESSAGE, room=room, seq=seq, text="from the desk", cid=ABSENT)
    for device in (desk, phone, tablet, ben, laptop):
        device.nothing_else()


@pytest.mark.task("4.3", hint="Who says who spoke: the client, or the server?")
@pytest.mark.points(1)
def test_nobody_can_speak_as_somebody_else(chat: Chat) -> None:
    ann, ben, cleo = chat.people("ann", "ben", "cle")
    room = chat.room(ann, ben, cleo)
    ann.request(ENTER, {"token": cleo.user.token}, test=103)
    claims = {"from": cleo.user.name, "user_name": cleo.user.name, "uid": cleo.user.uid}
    args = {"room": room, "text": "who am I?", "cid": new_cid(), "token": cleo.user.token}
    ann.request(SAY, {**args, **claims})
    check.matches(ben.expect_push(MESSAGE), {"from": ann.user.name}, "the message")
    check.matches(cleo.expect_push(MESSAGE), {"from": ann.user.name}, "the message")


@pytest.mark.task("4.3", hint="Which rooms may one speak in, and which of them does one hear?")
@pytest.mark.points(1)
def test_one_speaks_and_hears_only_where_one_is(chat: Chat) -> None:
    ann, ben = chat.people("ann", "ben")
    phone = chat.enter(ben.user, "Ben's phone")
    room = chat.room(ann, ben)
    phone.forget_pushes()
    ben.leave(room)
    for device in (ben, phone):
        device.say(room, "hello", test=103)
        device.say("nowhere-at-all", "hello", test=104)
    check.equal(ann.say(room, "is anybody here?")["seq"], 1, "the number of the message")
    for device in (ben, phone):
        check.equal(device.take_messages(), [], "what is heard outside")
    ben.join(room.upper(), data={"room": room, "last_seq": 1})
    ben.say(room.replace("r", "ｒ"), "I am")
    for device in (ann, phone):
        device.expect_push(MESSAGE, room=room, seq=2, text="I am")
    ann.request(SAY, {"text": "x", "cid": "1"}, test=100)


@pytest.mark.task("4.3", hint="Who decides which of two messages was first?")
@pytest.mark.points(3)
def test_everybody_sees_all_messages_in_one_order_without_gaps(
    chat: Chat, count: Callable[[int, int], int]
) -> None:
    devices = chat.people("a", "b", "c", "d", "e")
    room = chat.room(*devices)
    each = count(30, 400)
    asked: dict[Device, list[int]] = {device: [] for device in devices}
    for number in range(each):
        for device in devices:
            text = f"{device.user.name} {number}"
            asked[device].append(device.ask_say(room, text, new_cid()))
    total = each * len(devices)
    own = {device: _own(device, asked[device]) for device in devices}
    heard = {device: own[device] | _pushed(device) for device in devices}
    expected = dict(sorted(heard[devices[0]].items()))
    check.equal(list(expected), list(range(1, total + 1)), "the numbers of the messages")
    for device in devices:
        check.equal(heard[device], expected, f"what {device.name} has heard, by number")
        mine = [text for text in expected.values() if text.startswith(f"{device.user.name} ")]
        check.equal(mine, [f"{device.user.name} {n}" for n in range(each)], "one's own order")


def _own(device: Device, asked: list[int]) -> dict[int, str]:
    replies = [device.expect_reply(number, SAY, data={"seq": int}) for number in asked]
    seqs = [reply["data"]["seq"] for reply in replies]
    check.equal(seqs, sorted(seqs), "the numbers of one's own messages, in the order said")
    return {seq: f"{device.user.name} {n}" for n, seq in enumerate(seqs)}


def _pushed(device: Device) -> dict[int, str]:
    messages = device.take_messages()
    seqs = [message["seq"] for message in messages]
    check.equal(seqs, sorted(set(seqs)), f"the numbers of what was pushed to {device.name}")
    return {message["seq"]: message["text"] for message in messages}


@pytest.mark.task("4.5", hint="Who is the other one, seen from you and seen from them?")
@pytest.mark.points(2)
@pytest.mark.needs("4.3", "4.4")
def test_a_whisper_reaches_one_person_and_names_the_other(chat: Chat) -> None:
    ann, ben, cleo = chat.people("ann", "ben", "cle")
    chat.room(ann, ben, cleo)
    phone = chat.enter(ann.user, "Ann's phone")
    laptop = chat.enter(ben.user, "Ben's laptop")
    for device in (ann, ben, cleo):
        device.forget_pushes()  # who is told of a second device is another task
    cid = new_cid()
    said = ann.whisper(ben.user.name.upper(), "psst", cid)
    common = {"seq": 1, "text": "psst", "time": said["time"], "room": ABSENT}
    for device in (ben, laptop):
        found = device.expect_push(MESSAGE)
        wanted = {**common, "from": ann.user.name, "with": ann.user.name, "cid": ABSENT}
        check.matches(found, wanted, "the message")
    found = phone.expect_push(MESSAGE)
    wanted = {**common, "from": ann.user.name, "with": ben.user.name, "cid": cid}
    check.matches(found, wanted, "the message")
    check.equal(ben.whisper(ann.user.name, "yes?")["seq"], 2, "the number of the answer")
    check.equal(cleo.whisper(ben.user.name, "and me?")["seq"], 1, "the first number of a pair")
    for device, other in ((ann, ben), (ben, ann)):
        texts = [m["text"] for m in device.all_history(**{"with": other.user.name})]
        check.equal(texts, ["psst", "yes?"], "the history of the pair")
    cleo.nothing_else()
    check.equal(cleo.all_history(**{"with": ann.user.name}), [], "what Cleo and Ann said")
    found_again, _ = ben.history(**{"with": ann.user.name.upper()})
    check.equal(len(found_again), 2, "the number of messages, asked for by a form of the name")


@pytest.mark.task("4.5", hint="What does a message need besides a reader who is there?")
@pytest.mark.points(1)
@pytest.mark.needs("4.3", "4.4")
def test_whoever_is_away_finds_a_whisper_in_the_history(chat: Chat) -> None:
    ann, ben = chat.person("ann"), chat.user("ben")
    ann.whisper(ben.name, "call me")
    device = chat.enter(ben)
    device.nothing_else()
    (found,) = device.all_history(**{"with": ann.user.name})
    check.matches(found, {"seq": 1, "from": ann.user.name, "text": "call me"}, "the message")
    args = {"to": "nobody", "text": "x", "cid": new_cid()}
    ann.request(WHISPER, args, test=1)
    ann.request(WHISPER, {**args, "to": ""}, test=1)
    ann.request(WHISPER, {**args, "to": f"{ben.name} "}, test=1)


@pytest.mark.task("4.5", hint="May one leave oneself a note?")
@pytest.mark.points(1)
@pytest.mark.needs("4.3", "4.4")
def test_a_whisper_to_oneself_is_said_once(chat: Chat) -> None:
    ann = chat.person("ann")
    phone = chat.enter(ann.user, "Ann's phone")
    ann.whisper(ann.user.name, "milk")
    phone.expect_push(MESSAGE, text="milk")
    for device in (ann, phone):
        device.nothing_else()
    check.equal(len(ann.all_history(**{"with": ann.user.name})), 1, "the number of messages")


@pytest.mark.task("4.6", hint="The answer got lost and you ask again. How does the server know?")
@pytest.mark.points(2)
@pytest.mark.needs("4.3", "4.4")
def test_a_repeated_cid_gets_the_first_answer_and_makes_no_second_message(chat: Chat) -> None:
    ann, ben = chat.people("ann", "ben")
    room, other_room = chat.room(ann, ben), chat.room(ann, ben)
    cid = new_cid()
    first = ann.say(room, "once", cid)
    ben.expect_push(MESSAGE, text="once")
    phone = chat.enter(ann.user, "Ann's phone")
    for device in (ann, phone):
        for where, text in ((room, "once"), (room, "twice"), (other_room, "elsewhere")):
            check.equal(device.say(where, text, cid), first, "the answer to the repetition")
        check.equal(device.whisper(ben.user.name, "psst", cid), first, "the answer to a whisper")
    ann.reset()
    again = chat.enter(ann.user, "Ann again")
    check.equal(again.say(room, "once", cid), first, "the answer after a reconnect")
    for device in (phone, ben, again):
        check.equal(device.take_messages(), [], f"what {device.name} heard")
    check.equal([m["text"] for m in ben.all_history(room)], ["once"], "the history")
    check.equal(ben.all_history(other_room), [], "the history of the other room")
    check.equal(again.say(room, "next")["seq"], first["seq"] + 1, "the next number")
    # A cid belongs to its sender: somebody else may use the same.
    check.equal(ben.say(room, "mine", cid)["seq"], first["seq"] + 2, "the number after that")


@pytest.mark.task("4.6", hint="The answer is the same. Is there one message, too?")
@pytest.mark.needs("4.3", "4.4")
def test_whatever_is_answered_to_a_repetition_nobody_hears_it_twice(chat: Chat) -> None:
    ann, ben = chat.people("ann", "ben")
    room, cid = chat.room(ann, ben), new_cid()
    for text in ("once", "twice"):
        ann.say(room, text, cid)
    check.equal([m["text"] for m in ben.take_messages()], ["once"], "what Ben heard")
    check.equal([m["text"] for m in ben.all_history(room)], ["once"], "the history")


@pytest.mark.task("4.6", hint="Two copies arrive at the same moment. Who looks first, who writes?")
@pytest.mark.points(2.5)
@pytest.mark.needs("4.3", "4.4")
def test_of_racing_copies_one_becomes_a_message(
    chat: Chat, count: Callable[[int, int], int]
) -> None:
    ben, user = chat.person("ben"), chat.user("ann")
    devices = [chat.enter(user, f"device {n}") for n in range(4)]
    room = chat.room(ben, devices[0])
    rounds = count(25, 500)
    for number in range(rounds):
        asked = [(d, d.ask_say(room, f"copy {number}", f"race-{number}")) for d in devices]
        answers = [d.expect_reply(id, SAY, data={"seq": int})["data"] for d, id in asked]
        check.equal(answers, [answers[0]] * len(devices), "the answers to the copies")
    texts = [f"copy {number}" for number in range(rounds)]
    check.equal([m["text"] for m in ben.take_messages()], texts, "what Ben heard")
    check.equal([m["text"] for m in ben.all_history(room)], texts, "the history")


@pytest.mark.task("4.6", hint="When are two cids the same: to you, and to your database?")
@pytest.mark.points(1.5)
@pytest.mark.needs("4.3", "4.4")
def test_cids_are_compared_exactly(chat: Chat) -> None:
    ann = chat.person("ann")
    room = chat.room(ann)
    cids = [
        "a",
        "A",
        "á",
        "a\u0301",
        "ａ",
        "a ",
        " a",
        "a\x00",
        "a\t",
        "ß",
        "ss",
        "😀",
        "😁",
        "0",
        "00",
    ]
    cids += ["%", "_", "'", "\\", "\ufeffa", "x" * 63 + "y", "x" * 64, "😀" * 64]
    seqs = [ann.say(room, f"{number}", cid)["seq"] for number, cid in enumerate(cids)]
    check.equal(seqs, list(range(1, len(cids) + 1)), "the numbers of the messages")
    again = [ann.say(room, "again", cid)["seq"] for cid in cids]
    check.equal(again, seqs, "the numbers of the repetitions")


@pytest.mark.task("4.3", hint="How long is a text of 8,000 emoji?")
@pytest.mark.points(1)
def test_texts_and_cids_have_limits_in_characters(sqlite_chat: Chat) -> None:
    ann = sqlite_chat.person("ann")
    room = sqlite_chat.room(ann)
    said = _try_the_limits(ann, SAY, {"room": room})
    check.equal(ann.say(room, "next")["seq"], said + 1, "the number of the next message")


@pytest.mark.task("4.5", hint="Is a private message another kind of message?")
@pytest.mark.points(0.5)
@pytest.mark.needs("4.3")
def test_a_whisper_has_the_same_limits(sqlite_chat: Chat) -> None:
    ann, ben = sqlite_chat.people("ann", "ben")
    said = _try_the_limits(ann, WHISPER, {"to": ben.user.name})
    check.equal(ann.whisper(ben.user.name, "next")["seq"], said + 1, "the next number")


def _try_the_limits(ann: Device, op: int, where: dict[str, str]) -> int:
    """Say what is as long as it may be, and what is not; return how many became messages."""
    right = {**where, "text": "hello", "cid": new_cid()}
    for size, test in ((8000, 0), (8001, 106), (60_000, 106)):
        for character in ("x", "😀"):
            fresh = {"text": character * size, "cid": new_cid()}
            ann.request(op, {**right, **fresh}, test=test)
    for size in (65, 1000):
        ann.request(op, {**right, "cid": "x" * size}, test=106)
    for wrong in ({"text": ""}, {"cid": ""}, {"text": None}, {"cid": None}, {"cid": 7}):
        ann.request(op, {**right, **wrong}, test=100)
    for missing in right:
        rest = {name: value for name, value in right.items() if name != missing}
        ann.request(op, rest, test=100)
    ann.request(op, right)
    return 3


@pytest.mark.task(
    "4.4", hint="Through how many hands does a text go, and which of them changes it?"
)
@pytest.mark.needs("4.3")
@pytest.mark.points(1.5)
def test_every_text_comes_back_code_point_for_code_point(chat: Chat) -> None:
    ann, ben = chat.people("ann", "ben")
    room = chat.room(ann, ben)
    ids = [ann.ask_say(room, text, new_cid()) for text in NAUGHTY]
    for number in ids:
        ann.expect_reply(number, SAY, data={"seq": int})
    heard = [message["text"] for message in ben.take_messages()]
    stored = [message["text"] for message in ann.all_history(room)]
    for text, pushed, kept in zip(NAUGHTY, heard, stored, strict=True):
        check.equal(pushed, text, "the text that was pushed")
        check.equal(kept, text, "the text in the history")
