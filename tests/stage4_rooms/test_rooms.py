"""Rooms: made, joined, left, listed. The rules: docs/protocol.md, ops 11 to 14, 18, 20."""

import pytest

from tests.kit import check
from tests.kit.match import ABSENT, OneOf

from .conftest import Chat, new_room
from .device import (
    CREATE,
    JOIN,
    LEAVE,
    MEMBERS,
    ROOMS,
    TOPIC,
    WHO,
    Device,
)

pytestmark = pytest.mark.needs("4.1")

FAMILY = "👨\u200d👩\u200d👧"
WRONG_NAMES = {
    "empty": "",
    "33 characters": "x" * 33,
    "33 after NFC": "e\u0301" * 33,
    "a space": "a room",
    "a newline behind": "room\n",
    "a tab": "a\troom",
    "an ideographic space": "a\u3000room",
    "a zero byte": "room\x00",
    "an escape": "\x1b[2J",
    "a zero-width space": "ro\u200bom",
    "a joiner": FAMILY,
    "a right-to-left override": "\u202emoor",
    "a variation selector": "❤\ufe0f",
    "unassigned": "room\u0378",
    "a noncharacter": "room\uffff",
    "very long": "x" * 10_000,
}
WRONG_TOPICS = {
    "201 characters": "x" * 201,
    "a newline": "one\ntwo",
    "a zero byte": "x\x00",
    "an escape": "\x1b[2J",
    "a tab": "one\ttwo",
}

# Emoji of several code points: joiners and variation selectors hold them together.
EMOJI_TOPICS = ("❤\ufe0f us", "👨\u200d👩\u200d👧 family", "1\ufe0f\u20e3")


def rooms_on_all_pages(device: Device, limit: int) -> list[dict[str, object]]:
    """Return what ROOMS lists, page by page."""
    found: list[dict[str, object]] = []
    more = True
    while more:
        after = {"after": found[-1]["room"]} if found else {}
        data = device.request(ROOMS, {"limit": limit, **after}, data={"rooms": list, "more": bool})
        page, more = data["data"]["rooms"], data["data"]["more"]
        assert len(page) <= limit, f"a page of {len(page)} rooms, asked for {limit}"
        assert page or not more, "an empty page says that there is more"
        found += page
    return found


@pytest.mark.task("4.2", hint="Which room is there before anybody has made one?")
@pytest.mark.points(0.5)
def test_the_lobby_always_exists(chat: Chat) -> None:
    ann = chat.person()
    ann.join("lobby", data={"topic": str, "members": int, "last_seq": int})
    ann.join("LOBBY")
    names = [entry["room"] for entry in rooms_on_all_pages(ann, 500)]
    check.equal(names.count("lobby"), 1, "how often the lobby is listed")
    for name in ("lobby", "Lobby", "ｌｏｂｂｙ"):
        ann.create(name, test=3)
    ann.leave("lobby")
    ann.join("lobby")


@pytest.mark.task("4.2", hint="Who is in a room right after it was made?")
@pytest.mark.points(1)
def test_whoever_creates_a_room_is_in_it(chat: Chat) -> None:
    ann, ben = chat.people("ann", "ben")
    name, topic = new_room(), "Über alles reden: 日本語, русский"
    ann.create(name, topic)
    check.equal(ann.who(name), {ann.user.name: "online"}, "the members")
    ben.join(name, data={"topic": topic, "members": 2, "last_seq": 0})
    plain = new_room()
    ann.create(plain)
    ben.join(plain, data={"topic": "", "members": 2, "last_seq": 0})


@pytest.mark.task("4.2", hint="Are names of rooms less dangerous than names of users?")
@pytest.mark.points(1)
def test_names_of_rooms_have_rules(sqlite_chat: Chat) -> None:
    ann = sqlite_chat.person()
    for name in WRONG_NAMES.values():
        reply = ann.create(name, test=2)
        check.matches(reply, {"field": OneOf("room", ABSENT)}, "the answer")
    name = new_room()
    for args in ({}, {"room": 7}, {"room": None}, {"room": name, "topic": 7}):
        ann.request(CREATE, args, test=100)
    ann.join(name, test=104)
    ann.create(f"{name}-".ljust(32, "x"))
    ann.create(f"{name}".ljust(20, "-") + "e\u0301" * 12)  # 32 after NFC
    ann.create(f"<{name}>'\"\\%_🦊")


@pytest.mark.task("4.2", hint="Where is a topic shown, and what could it do there?")
@pytest.mark.points(1)
def test_topics_have_rules(sqlite_chat: Chat) -> None:
    ann, name = sqlite_chat.person(), new_room()
    for topic in WRONG_TOPICS.values():
        ann.create(name, topic, test=2)
    ann.join(name, test=104)
    ann.create(name, "t" * 200)
    for number, topic in enumerate(EMOJI_TOPICS):
        ann.create(f"{name}-{number}", topic)
        ann.join(f"{name}-{number}", data={"topic": topic})


@pytest.mark.task("4.2", hint="When do two names look the same to a person?")
@pytest.mark.points(1.5)
def test_a_room_is_found_by_any_form_of_its_name_and_made_once(chat: Chat) -> None:
    ann, ben = chat.people("ann", "ben")
    name = new_room() + "-\u00e9"
    ann.create(name)
    for alike in (name, name.upper(), name.replace("r", "ｒ"), name.replace("\u00e9", "e\u0301")):
        ben.create(alike, test=3)
    ben.join(name.upper())
    check.equal(len(ben.who(name.replace("r", "ｒ"))), 2, "the number of members")
    ann.expect_push(MEMBERS, room=name, joined=ben.user.name)
    ben.create(name.replace("\u00e9", "e"))
    ben.create(name + "😀")
    ben.create(name + "😁")
    # Each of these letters is 18 in the form in which names are compared.
    long = new_room().ljust(32, "\ufdfa")
    ben.create(long)
    ann.join(long, data={"room": long, "members": 2})


@pytest.mark.task("4.2", hint="What happens when somebody joins who is there already?")
@pytest.mark.points(0.5)
def test_joining_twice_is_fine(chat: Chat) -> None:
    ann, ben = chat.people("ann", "ben")
    room = chat.room(ann)
    first = ben.join(room)
    second = ben.join(room)
    check.equal(second, first, "the second answer")
    check.equal(ben.who(room).keys(), {ann.user.name, ben.user.name}, "the members")
    ann.expect_push(MEMBERS, room=room, joined=ben.user.name)
    ann.nothing_else()


@pytest.mark.task("4.2", hint="Who needs to hear of it when somebody joins or leaves?")
@pytest.mark.points(2)
def test_joining_and_leaving_are_told_to_the_other_devices_in_the_room(chat: Chat) -> None:
    ann, ben = chat.people("ann", "ben")
    other = chat.enter(ben.user, "Ben's other device")
    stranger = chat.person("str")
    room = chat.room(ann)
    ben.join(room)
    ann.expect_push(MEMBERS, room=room, joined=ben.user.name, left=ABSENT)
    other.expect_push(MEMBERS, room=room, joined=ben.user.name)
    ben.leave(room)
    ann.expect_push(MEMBERS, room=room, left=ben.user.name, joined=ABSENT)
    other.expect_push(MEMBERS, room=room, left=ben.user.name)
    for device in (ann, ben, other, stranger):
        device.nothing_else()


@pytest.mark.task(
    "4.2", hint="Which is worse: a room that does not exist, or one that is not yours?"
)
@pytest.mark.points(2)
def test_outside_a_room_one_sees_nothing_of_it(chat: Chat) -> None:
    ann, ben = chat.people("ann", "ben")
    room, nowhere = chat.room(ann, ben), new_room()
    ann.leave(room)
    for name, test in ((room, 103), (nowhere, 104)):
        ann.request(WHO, {"room": name}, test=test)
        ann.request(LEAVE, {"room": name}, test=test)
    ann.request(JOIN, {"room": nowhere}, test=104)
    ann.request(TOPIC, {"room": nowhere, "topic": "x"}, test=104)
    ann.request(TOPIC, {"room": room, "topic": "mine"})  # its owner, though not inside
    for op in (JOIN, LEAVE, TOPIC):
        ann.request(op, {"topic": "x"}, test=100)


@pytest.mark.task("4.2", hint="Whose topic is it?")
@pytest.mark.points(1)
def test_only_the_owner_sets_the_topic(chat: Chat) -> None:
    ann, ben = chat.people("ann", "ben")
    room = chat.room(ann, ben)
    ben.request(TOPIC, {"room": room, "topic": "mine"}, test=103)
    ben.request(TOPIC, {"room": "lobby", "topic": "mine"}, test=103)
    ann.request(TOPIC, {"room": room, "topic": "two words"})
    for topic in WRONG_TOPICS.values():
        ann.request(TOPIC, {"room": room, "topic": topic}, test=2)
    ben.join(room, data={"topic": "two words"})
    entry = next(e for e in rooms_on_all_pages(ben, 500) if e["room"] == room)
    check.matches(entry, {"room": room, "topic": "two words", "members": 2}, "the listed room")
    ann.request(TOPIC, {"room": room, "topic": ""})
    ben.join(room, data={"topic": ""})


@pytest.mark.task("4.2", hint="In which order are names of many scripts listed?")
@pytest.mark.points(0.5)
def test_rooms_are_listed_in_pages_by_code_point(chat: Chat) -> None:
    ann = chat.person()
    stem = new_room()
    # Where code points, UTF-16 units and collations disagree about the order.
    ends = [
        "",
        "'",
        "-",
        "A",
        "Z",
        "_",
        "a",
        "z",
        "É",
        "é",
        "я",
        "ﬀ",
        "\ue000",
        "\uffe5",
        "😀",
        "🦊",
    ]
    mine = [f"{stem}{end}" for end in ends if end not in ("A", "Z", "É", "ﬀ")]
    mine += [f"{stem}{end}" for end in ("B", "Ä")]
    for name in reversed(mine):
        ann.create(name)
    for limit in (3, 500):
        names = [str(entry["room"]) for entry in rooms_on_all_pages(ann, limit)]
        check.equal(names, sorted(set(names)), f"the names, {limit} a page")
        check.equal([n for n in names if n.startswith(stem)], sorted(mine), "the new rooms")
    for wrong in (0, -1, "5", 1.5, True):
        ann.request(ROOMS, {"limit": wrong}, test=100)
    ann.request(ROOMS, {"limit": 10**30}, data={"rooms": list})
    ann.request(ROOMS, {"after": f"{stem}'"}, data={"rooms": list})
    last = ann.request(ROOMS, {"after": "\U0010ffff"}, data={"rooms": [], "more": False})
    check.equal(last["data"]["rooms"], [], "what stands behind the last code point")


@pytest.mark.task("4.2", hint="Who belongs to a room: those who are here, or those who joined?")
@pytest.mark.points(0.5)
def test_who_lists_the_members_of_a_room_in_pages(chat: Chat) -> None:
    ann = chat.person("a")
    others = chat.people("b", "c", "é", "я", "😀", "d")
    room = chat.room(ann, *others)
    others[1].leave(room)
    members = {device.user.name: "online" for device in (ann, *others)}
    del members[others[1].user.name]
    check.equal(ann.who(room), members, "all members")
    seen: list[str] = []
    more = True
    while more:
        args = {"room": room, "limit": 2, **({"after": seen[-1]} if seen else {})}
        data = ann.request(WHO, args, data={"users": list, "more": bool})["data"]
        check.that(len(data["users"]) <= 2, "a page holds more than was asked for")
        seen += [entry["user_name"] for entry in data["users"]]
        more = data["more"]
    check.equal(seen, sorted(members), "the names in the order of the pages")
    ann.request(WHO, {"room": room, "limit": 0}, test=100)
