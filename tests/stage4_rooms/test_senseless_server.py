"""A terminal client at a server whose answers make no sense. The rules: docs/protocol.md.

The test plays the server. Whatever it says, the client prints an error line and goes on.
"""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.kit import check
from tests.kit.accounts import LOGIN
from tests.kit.fixtures import Launcher
from tests.kit.listening import Listening
from tests.kit.programs import Program
from tests.kit.wire import WireClient
from tests.kit.wire_codec import Message

from .conftest import Chat
from .device import ENTER, HISTORY, JOIN, ROOMS, SAY, WHO

pytestmark = pytest.mark.needs("4.1", "4.2", "4.3", "4.4")

PAGES_AT_MOST = 20_000
LOBBY = {"room": "lobby", "topic": "", "members": 1}
ENDLESS = ("the same page again", "an empty page", "always one more")
SAID = {"seq": 1, "from": "eve", "text": "hello", "time": 1.0}


@dataclass
class Played:
    """A client and the connection on which the test plays its server."""

    client: Program
    wire: WireClient
    listening: Listening[WireClient]
    entered: Message

    def answer(self, op: int, data: object) -> Message:
        """Take the next request, which must be of this op, and answer it; return the request."""
        request = self.wire.recv_message()
        check.equal(request["op"], op, "what the client asks")
        reply(self.wire, request, data)
        return request


def reply(wire: WireClient, request: Message, data: object) -> None:
    """Answer a request with success."""
    wire.send_frame({"op": request["op"], "id": request["id"], "test": 0, "data": data})


Play = Callable[[], Played]


@pytest.fixture
def play(
    sqlite_chat: Chat, launch: Launcher, listen: Callable[..., Listening[WireClient]]
) -> Iterator[Play]:
    """Start a client that has entered a server played by the test."""

    def start() -> Played:
        listening, accounts = listen(WireClient), sqlite_chat.accounts
        user = accounts.register(sqlite_chat.registrar)
        auth = f"{accounts.server.host}:{accounts.server.port}"
        client = launch("stage4.client", "--auth", auth, "--chat", f"127.0.0.1:{listening.port}")
        listening.expected.append(client)
        client.send_line(f"/login {user.name} {user.password}")
        entered: Message = {"uid": user.uid, "user_name": user.name, "rooms": ["lobby"]}
        played = Played(client, listening.accept(), listening, entered)
        played.answer(ENTER, entered)
        played.answer(HISTORY, {"messages": [], "more": False})
        client.expect_line("entered as")
        return played

    yield start


def without_each(sound: Message) -> list[Message]:
    """Return ``sound`` without each of its fields, and with each of another kind."""
    missing = [{k: v for k, v in sound.items() if k != name} for name in sound]
    odd: tuple[object, ...] = (None, {}, [], True, -1e300)
    return missing + [{**sound, name: wrong} for name in sound for wrong in odd]


@pytest.mark.task("4.11", hint="Which of the fields that you read has the server promised?")
@pytest.mark.points(0.5)
def test_an_answer_without_sense_is_an_error_line(play: Play) -> None:
    played = play()
    lists = (
        ("/rooms", ROOMS, "rooms", LOBBY),
        ("/who", WHO, "users", {"user_name": "eve", "state": "online"}),
        ("/history", HISTORY, "messages", SAID),
    )
    single = (
        ("/join there", JOIN, {**LOBBY, "room": "there", "last_seq": 0}),
        ("hello", SAY, {"seq": 1, "time": 1.0}),
    )
    answers: list[tuple[str, int, Any]] = []
    for line, op, name, row in lists:
        odd = [{name: [each], "more": False} for each in without_each(row)]
        odd += [{}, {name: None, "more": False}, {name: {}, "more": False}, {name: [7]}]
        answers += [(line, op, data) for data in odd]
    answers += [(line, op, data) for line, op, row in single for data in without_each(row)]
    for line, op, data in answers:
        played.client.send_line(line)
        played.answer(op, data)
        played.client.expect_line("^error")
    played.client.assert_alive()


@pytest.mark.task("4.11", hint="Was it lost on the way there or back? How will the server know?")
def test_what_was_not_answered_is_sent_again_under_the_same_cid(play: Play) -> None:
    played = play()
    played.client.send_line("hello")
    first = played.wire.recv_message()
    check.equal(first["op"], SAY, "what the client asks")
    played.wire.reset()
    again = played.listening.accept()
    history = {"messages": [], "more": False}
    joined = {**LOBBY, "last_seq": 0}
    answers = {ENTER: played.entered, HISTORY: history, JOIN: joined, 91: {"time": 1.0}}
    while (request := again.recv_message())["op"] != SAY:
        reply(again, request, answers.get(request["op"], {}))
    check.equal(request["args"], first["args"], "what is sent again; cid and text")
    reply(again, request, {"seq": 1, "time": 1.0})
    played.client.expect_line("hello")


@pytest.mark.task("4.11", hint="When does your loop over the pages end, and who decides that?")
@pytest.mark.points(0.5)
def test_pages_without_end_are_an_error_line(play: Play) -> None:
    played = play()
    for how in ENDLESS:
        played.client.send_line("/rooms")
        played.client.send_line("/leave lobby")
        for asked in itertools.count(1):
            request = played.wire.recv_message()
            if request["op"] != ROOMS:
                break
            check.that(asked < PAGES_AT_MOST, f"{how}: {asked} pages of one list were asked for")
            name = f"room {asked if how == 'always one more' else 0:06}"
            rows = [] if how == "an empty page" else [{**LOBBY, "room": name}]
            reply(played.wire, request, {"rooms": rows, "more": True})
        reply(played.wire, request, {})
        played.client.expect_line("^error.* page|^error.*list")
        played.client.expect_line("left lobby")


@pytest.mark.task("4.11", hint="What does a client do that is told of more messages for ever?")
@pytest.mark.points(0.5)
@pytest.mark.parametrize("how", ENDLESS)
def test_history_without_end_does_not_keep_a_client_busy(play: Play, how: str) -> None:
    played = play()
    # A hole, so that it asks for what was said before; then something in a room it does not know.
    for room, seq in (("lobby", 10**6), ("elsewhere", 1)):
        played.wire.send_frame({"op": 100, "data": {**SAID, "room": room, "seq": seq}})
    for asked in itertools.count(1):
        request = played.wire.recv_message()
        if request["args"]["room"] == "elsewhere":
            break
        check.that(asked < PAGES_AT_MOST, f"{asked} pages of one history were asked for")
        seq = asked if how == "always one more" else 1
        page = [] if how == "an empty page" else [{**SAID, "seq": seq}]
        reply(played.wire, request, {"messages": page, "more": True})
    reply(played.wire, request, {"messages": [SAID], "more": False})
    played.client.expect_line("elsewhere #1 eve: hello$")


@pytest.mark.task("4.11", hint="And the account server: is it to be believed?")
def test_a_login_without_sense_is_an_error_line(
    launch: Launcher, listen: Callable[..., Listening[WireClient]]
) -> None:
    listening = listen(WireClient)
    client = launch("stage4.client", "--auth", f"127.0.0.1:{listening.port}", "--chat", "[::1]:1")
    listening.expected.append(client)
    connection: WireClient | None = None
    sound: Message = {"token": "t", "uid": 1, "user_name": "ann", "expires_at": 1.0}
    for data in without_each(sound):
        client.send_line("/login ann abc123")
        connection = connection or listening.accept()
        request = connection.recv_message()
        check.equal(request["op"], LOGIN, "what the client asks")
        reply(connection, request, data)
        client.expect_line("^error")
    client.assert_alive()
