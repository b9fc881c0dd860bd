"""Presence: who is here, as others see it. The rules: docs/protocol.md, ops 18, 19, 101."""

from collections.abc import Callable

import pytest

from tests.kit import check
from tests.kit.deadlines import eventually, within

from .conftest import Chat, OwnChat
from .device import BYE, PRESENCE, PRESENCE_PUSH, Device

pytestmark = pytest.mark.needs("4.1", "4.2")


def expect_states(watcher: Device, name: str, *states: str) -> None:
    """Check that exactly these states of a user were pushed, in this order, and nothing else."""
    for state in states:
        watcher.expect_push(PRESENCE_PUSH, user_name=name, state=state)
    watcher.nothing_else()


@pytest.mark.task("4.8", hint="When does a person come online: with each device?")
@pytest.mark.points(2)
def test_several_devices_are_one_person(sqlite_chat: Chat) -> None:
    chat = sqlite_chat
    ben, user = chat.person("ben"), chat.user("ann")
    first = chat.enter(user, "the first device")
    room = chat.room(ben, first)
    first.request(BYE)
    expect_states(ben, user.name, "offline")
    check.equal(ben.who(room)[user.name], "offline", "the state of somebody who is gone")
    devices = [chat.enter(user, f"device {n}") for n in range(3)]
    expect_states(ben, user.name, "online")
    for device in devices[:2]:
        device.request(BYE)
        device.expect_closed()
    check.equal(ben.who(room)[user.name], "online", "the state with one device left")
    ben.nothing_else()
    devices[2].request(BYE)
    expect_states(ben, user.name, "offline")


@pytest.mark.task("4.8", hint="How does the server learn that a connection is gone?")
@pytest.mark.points(2)
@pytest.mark.parametrize("how", ["goodbye", "close", "half-close", "reset"])
def test_whoever_goes_is_offline_once_however_they_go(sqlite_chat: Chat, how: str) -> None:
    ann, ben = sqlite_chat.people("ann", "ben")
    room = sqlite_chat.room(ann, ben)
    {
        "goodbye": lambda: ann.request(BYE),
        "close": ann.close,
        "half-close": ann.half_close,
        "reset": ann.reset,
    }[how]()
    expect_states(ben, ann.user.name, "offline")
    check.equal(ben.who(room)[ann.user.name], "offline", "the state in WHO")
    check.that(ann.user.name not in ben.who(), "somebody offline is listed")
    sqlite_chat.enter(ann.user, "Ann again")
    expect_states(ben, ann.user.name, "online")


@pytest.mark.task("4.8", hint="A cable is pulled: nothing arrives any more. How long do you wait?")
@pytest.mark.points(1)
def test_a_silent_peer_is_dropped_and_offline(own_chat: OwnChat) -> None:
    chat = own_chat("sqlite", "--idle", f"{within(0.6)}")
    ann, ben = chat.people("ann", "ben")
    room = chat.room(ann, ben)
    # Ben asks again and again, so he is not silent.
    eventually(
        lambda: ben.who(room)[ann.user.name] == "offline",
        why="the silent Ann to be offline",
        seconds=5,
        poll=0.1,
    )
    expect_states(ben, ann.user.name, "offline")
    ann.expect_closed()


@pytest.mark.task("4.8", hint="Who needs to hear of a new state, and who of the same state again?")
@pytest.mark.points(1.5)
def test_a_state_is_told_when_it_changes(sqlite_chat: Chat) -> None:
    ann, ben, stranger = sqlite_chat.people("ann", "ben", "str")
    room = sqlite_chat.room(ann, ben)
    sqlite_chat.room(ann, ben)  # two rooms in common: one push all the same
    for state in ("away", "away", "busy", "busy", "online", "online"):
        ann.set_state(state)
    expect_states(ben, ann.user.name, "away", "busy", "online")
    ann.set_state("busy")
    check.equal(ben.who(room)[ann.user.name], "busy", "the state in WHO")
    check.equal(stranger.who()[ann.user.name], "busy", "the state that a stranger sees")
    expect_states(ben, ann.user.name, "busy")
    ann.nothing_else()
    stranger.nothing_else()


@pytest.mark.task("4.8", hint="Which states may one choose?")
@pytest.mark.points(0.5)
def test_an_unknown_state_gets_100(sqlite_chat: Chat) -> None:
    ann, ben = sqlite_chat.people("ann", "ben")
    sqlite_chat.room(ann, ben)
    for state in ("offline", "Online", "", "asleep", "x" * 5000):
        ann.set_state(state, test=100)
    for args in ({}, {"state": None}, {"state": 1}):
        ann.request(PRESENCE, args, test=100)
    ben.nothing_else()


@pytest.mark.task("4.8", hint="What may others notice of somebody who is invisible?")
@pytest.mark.points(1.5)
@pytest.mark.needs("4.3")
def test_invisible_looks_offline_and_ends_with_the_last_device(sqlite_chat: Chat) -> None:
    chat = sqlite_chat
    ben, user = chat.person("ben"), chat.user("ann")
    first = chat.enter(user, "the first device")
    room = chat.room(ben, first)
    first.set_state("invisible")
    expect_states(ben, user.name, "offline")
    second = chat.enter(user, "the second device")
    first.request(BYE)
    check.equal(ben.who(room)[user.name], "offline", "the state in WHO")
    check.that(user.name not in ben.who(), "somebody invisible is listed")
    ben.nothing_else()
    # One speaks all the same, and hears.
    second.say(room, "boo")
    ben.expect_push(100, text="boo")
    second.set_state("away")
    expect_states(ben, user.name, "away")
    second.set_state("invisible")
    expect_states(ben, user.name, "offline")
    second.request(BYE)
    second.expect_closed()
    ben.nothing_else()
    chat.enter(user, "the third device")
    expect_states(ben, user.name, "online")


@pytest.mark.task("4.8", hint="Whose state is it: the device's, or the person's?")
@pytest.mark.points(0.5)
def test_a_state_belongs_to_the_person(sqlite_chat: Chat) -> None:
    chat = sqlite_chat
    ben, user = chat.person("ben"), chat.user("ann")
    first, second = chat.enter(user, "the first device"), chat.enter(user, "the second device")
    room = chat.room(ben, first)
    first.set_state("busy")
    expect_states(ben, user.name, "busy")
    chat.enter(user, "the third device")
    first.request(BYE)
    first.expect_closed()
    check.equal(ben.who(room)[user.name], "busy", "the state in WHO")
    second.set_state("online")
    expect_states(ben, user.name, "online")


@pytest.mark.task("4.8", hint="Do joining and leaving say anything about presence?")
@pytest.mark.points(0.5)
def test_joining_changes_nobodys_presence(sqlite_chat: Chat) -> None:
    ann, ben = sqlite_chat.people("ann", "ben")
    room = sqlite_chat.room(ann)
    # States that nobody would take for granted, and that nobody was told of: no room is shared yet.
    ann.set_state("busy")
    ben.set_state("away")
    ben.join(room)
    states = {ann.user.name: "busy", ben.user.name: "away"}
    check.equal(ann.who(room), states, "the states in WHO")
    ben.leave(room)
    for device in (ann, ben):
        device.barrier()
        found = [push for push in device.pushes() if push["op"] == PRESENCE_PUSH]
        check.equal(found, [], "the presence that was pushed")


@pytest.mark.task("4.8", hint="Who is listed when no room is named?")
@pytest.mark.points(0.5)
def test_who_without_a_room_lists_everybody_who_is_not_offline(
    own_chat: OwnChat, count: Callable[[int, int], int]
) -> None:
    chat = own_chat("sqlite")  # its own, so that nobody else is online
    people = chat.people(*(["p"] * count(7, 100)))
    people[0].set_state("away")
    people[1].set_state("invisible")
    expected = {p.user.name: "online" for p in people}
    expected[people[0].user.name] = "away"
    del expected[people[1].user.name]
    check.equal(people[2].who(), expected, "who is listed")
    names: list[str] = []
    while page := list(people[2].who(None, limit=2, **({"after": names[-1]} if names else {}))):
        names += page
    check.equal(names, sorted(expected), "the names, page by page")
