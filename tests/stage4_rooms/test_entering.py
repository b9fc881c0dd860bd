"""ENTER: who may come in, and when that ends. The rules: docs/protocol.md, op 10, and stage 3."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import pytest

from tests.kit import check
from tests.kit.accounts import CHANGE_PASSWORD, LOGIN, LOGOUT, RESET_PASSWORD, User
from tests.kit.deadlines import within
from tests.kit.fixtures import Launcher
from tests.kit.programs import Server
from tests.kit.server_clock import time_of, wait_until
from tests.kit.wire import WireClient

from .conftest import Chat
from .device import (
    CREATE,
    ENTER,
    HELLO,
    HISTORY,
    JOIN,
    LEAVE,
    MESSAGE,
    PING,
    PRESENCE,
    PRESENCE_PUSH,
    ROOMS,
    SAY,
    TOPIC,
    WHISPER,
    WHO,
    Device,
)

NEW_PASSWORD = "xyz789"
INSIDE = {
    ROOMS: {},
    CREATE: {"room": "somewhere"},
    JOIN: {"room": "lobby"},
    LEAVE: {"room": "lobby"},
    SAY: {"room": "lobby", "text": "hello", "cid": "1"},
    WHISPER: {"to": "nobody", "text": "hello", "cid": "1"},
    HISTORY: {"room": "lobby"},
    WHO: {},
    PRESENCE: {"state": "away"},
    TOPIC: {"room": "lobby", "topic": "x"},
}
LIMITS = {"text": 8000, "topic": 200, "room": 32, "cid": 64, "history": 200, "list": 500}


def expect_nothing_inside(device: Device) -> None:
    """Check that everything inside is refused with 102, and everything else is answered."""
    for op, args in INSIDE.items():
        device.request(op, args, test=102)
    device.request(PING)
    device.request(HELLO, data={"service": "chat"})


@pytest.mark.task("4.1", hint="Where is it checked who speaks: in every op, or before all of them?")
@pytest.mark.points(2)
def test_before_enter_everything_inside_gets_102(sqlite_chat: Chat) -> None:
    ann = sqlite_chat.open(sqlite_chat.server, "Ann")
    expect_nothing_inside(ann)
    for op in INSIDE:  # the arguments are nobody's business yet
        ann.request(op, {}, test=102)
    ann.enter(sqlite_chat.user())
    ann.request(WHO)


@pytest.mark.task("4.1", hint="How does the chat server know whose token it is?")
@pytest.mark.points(1.5)
def test_a_token_opens_the_door(chat: Chat) -> None:
    user = chat.user()
    ann = chat.open(chat.server, "Ann")
    for token in ("", "x", user.token[:-1], user.token + " ", user.token.swapcase(), user.name):
        ann.request(ENTER, {"token": token}, test=102)
    for args in ({}, {"token": None}, {"token": 7}):
        ann.request(ENTER, args, test=100)
    expect_nothing_inside(ann)
    check.equal(ann.enter(user), [], "the rooms of a new user")


@pytest.mark.task("4.2", hint="What does the server still know of you after your connection broke?")
@pytest.mark.points(2)
@pytest.mark.needs("4.1")
@pytest.mark.parametrize("how", ["reset", "closed"])
def test_enter_tells_the_rooms_joined_earlier(chat: Chat, how: str) -> None:
    ann = chat.person()
    rooms = sorted([chat.room(ann), chat.room(ann), "lobby"])
    ann.join("lobby")
    ann.leave(chat.room(ann))
    ann.reset() if how == "reset" else ann.close()
    again = chat.open(chat.server, "Ann again")
    check.equal(sorted(again.enter(chat.login(ann.user))), rooms, "the rooms")


@pytest.mark.task("4.1", hint="May a connection change its mind about who it is?")
@pytest.mark.points(1.5)
def test_one_may_enter_again_but_only_as_oneself(chat: Chat) -> None:
    ann, ben = chat.person("ann"), chat.user("ben")
    ann.enter(ann.user)
    ann.enter(chat.login(ann.user))
    ann.request(ENTER, {"token": ben.token}, test=103)
    ann.request(ENTER, {"token": "x"}, test=102)
    ann.enter(ann.user)


@pytest.mark.task("4.1", hint="What does a client need to know before it sends?")
@pytest.mark.points(0.5)
def test_hello_tells_the_limits(sqlite_chat: Chat) -> None:
    ann = sqlite_chat.open(sqlite_chat.server, "Ann")
    ann.request(HELLO, data={"service": "chat", "limits": {**LIMITS, "frame": 16384, "file": 0}})


@pytest.mark.task("4.1", hint="Who may send larger frames than a stranger?")
@pytest.mark.points(0.5)
def test_whoever_has_entered_is_trusted_with_larger_frames(sqlite_chat: Chat) -> None:
    ann = sqlite_chat.person("ann")
    ann.request(HELLO, data={"limits": {**LIMITS, "frame": 262144}})


@dataclass
class Expiring:
    """A short session of somebody with two devices, and Ben, who is with them in a room."""

    ben: Device
    devices: list[Device]
    room: str
    expires_at: float
    server: Server


@pytest.fixture(scope="module")
def begun() -> Iterator[list[Expiring]]:
    """The session that one test begins and the next one sees ended."""
    kept: list[Expiring] = []
    yield kept
    for each in kept:
        for device in (each.ben, *each.devices):
            device.dispose()


@pytest.fixture
def begin_to_expire(
    sqlite_chat: Chat,
    launch: Launcher,
    connect: Callable[..., WireClient],
    begun: list[Expiring],
) -> Callable[[], Expiring]:
    """Begin a session that ends by itself soon, unless there is one on this server."""
    chat = sqlite_chat

    def begin() -> Expiring:
        if begun and begun[-1].server is chat.server:
            return begun[-1]
        flags = ("--db", chat.accounts.database.url, "--session-ttl", f"{within(0.5)}")
        auth = connect(launch("stage3.server", *flags), "Ann at another account server")
        ben, user = chat.user("ben"), chat.user("ann")
        args = {"user_name": user.name, "user_pwd": user.password}
        session = auth.request(LOGIN, args)["data"]
        user = replace(user, token=session["token"])
        labels = {"Ben": ben, "Ann": user, "Ann, who only listens": user}
        people = [Device(chat.server, label) for label in labels]
        for device, who in zip(people, labels.values(), strict=True):
            device.enter(who)
        room = chat.room(*people[:2])
        begun.append(Expiring(people[0], people[1:], room, session["expires_at"], chat.server))
        return begun[-1]

    return begin


# One test for all ways and on one database, as each costs the second that the server has.
@pytest.mark.task("4.9", hint="A connection that only listens sends nothing that could be checked.")
@pytest.mark.points(3)
@pytest.mark.needs("4.1", "4.2", "4.3", "4.4")
def test_within_a_second_of_its_sessions_end_a_connection_hears_and_says_nothing(
    sqlite_chat: Chat, begin_to_expire: Callable[[], Expiring]
) -> None:
    chat = sqlite_chat
    begin_to_expire()  # the next test's session ends meanwhile
    ben = chat.person("ben")
    victims = {how: chat.user("ann") for how in ("logout", "change", "reset")}
    devices = [
        chat.enter(user, f"{how}, {does}")
        for how, user in victims.items()
        for does in ("speaking", "listening")
    ]
    room = chat.room(ben, *devices[::2])
    changed = chat.enter(chat.login(victims["change"]), "who changed the password")
    for how, user in victims.items():
        end_session(chat, user, how, keep=changed.user)
    wait_until(ben, time_of(ben) + 1.0)
    ben.say(room, "is anybody there?")
    for device in devices:
        expect_shut_out(room, device)
    changed.expect_push(MESSAGE, text="is anybody there?")
    changed.say(room, "I am")
    check.equal(
        [m["text"] for m in ben.all_history(room)], ["is anybody there?", "I am"], "history"
    )
    for how in ("logout", "reset"):
        ben.expect_push(PRESENCE_PUSH, user_name=victims[how].name, state="offline")
    # A connection that was shut out may come in again, with a live token only.
    devices[0].request(ENTER, {"token": victims["logout"].token}, test=102)
    devices[0].enter(chat.login(victims["logout"]))
    ben.say(room, "welcome back")
    devices[0].expect_push(MESSAGE, text="welcome back")


@pytest.mark.task("4.9", hint="Who looks at the clock while nobody says anything?")
@pytest.mark.points(1)
@pytest.mark.needs("4.1", "4.2", "4.3", "4.4")
def test_an_expired_session_is_shut_out_too(begin_to_expire: Callable[[], Expiring]) -> None:
    ending = begin_to_expire()
    wait_until(ending.ben, ending.expires_at + 1.0)
    ending.ben.say(ending.room, "is anybody there?")
    for device in ending.devices:
        expect_shut_out(ending.room, device)
    ending.ben.expect_push(PRESENCE_PUSH, user_name=ending.devices[0].user.name, state="offline")


def end_session(chat: Chat, user: User, how: str, keep: User) -> None:
    """End a user's session in one of three ways; a change of password is made with ``keep``."""
    auth = chat.registrar
    if how == "logout":
        auth.request(LOGOUT, {"token": user.token})
    elif how == "change":
        args = {"token": keep.token, "user_pwd": user.password, "new_pwd": NEW_PASSWORD}
        auth.request(CHANGE_PASSWORD, args)
    else:
        code = chat.accounts.code(auth, user.phone, "reset")
        args = {"phone": user.phone, "code": code, "new_pwd": NEW_PASSWORD}
        auth.request(RESET_PASSWORD, args)


def expect_shut_out(room: str, device: Device) -> None:
    """Check that a device has heard nothing and can do nothing."""
    texts = [message["text"] for message in device.take_messages()]
    check.equal(texts, [], f"the messages that reached {device.name}")
    device.request(SAY, {"room": room, "text": "I am here", "cid": "1"}, test=102)
    expect_nothing_inside(device)
