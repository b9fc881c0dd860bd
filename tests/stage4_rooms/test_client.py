"""The terminal client, driven through pipes. The rules: docs/protocol.md, docs/stage4.md.

A line of a message is ``place #seq sender: text`` where a script reads it.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from tests.kit import check
from tests.kit.accounts import User
from tests.kit.fixtures import Launcher
from tests.kit.listening import Listening
from tests.kit.programs import Program
from tests.kit.wire import WireClient

from .conftest import Chat, OwnChat, new_room
from .device import ENTER, HISTORY, Device
from .naughty import NAUGHTY

pytestmark = pytest.mark.needs("4.1", "4.2", "4.3", "4.4")

MESSAGE = re.compile(r"^(?:earlier )?(?P<place>\S+) #(?P<seq>\d+) (?P<sender>\S+): (?P<text>.*)$")
# A client waits longer each time it does not reach the server.
RECONNECT = 20.0


@dataclass
class Terminal:
    """A person at a terminal client, logged in."""

    program: Program
    user: User

    def do(self, line: str, expected: str, seconds: float = 10) -> None:
        """Type a line and wait for what it prints."""
        self.program.send_line(line)
        self.program.expect_line(expected, seconds=seconds)

    def heard(self, place: str) -> list[tuple[int, str]]:
        """Return number and text of every message of a place printed so far."""
        lines = self.program.stdout.read().decode("utf-8").splitlines()
        found = [match for match in map(MESSAGE.match, lines) if match and match["place"] == place]
        return [(int(match["seq"]), match["text"]) for match in found]

    def leave(self) -> None:
        """End the input; it ends by itself with exit code 0."""
        self.program.close_stdin()
        self.program.wait_exit(seconds=10, code=0)


OpenTerminal = Callable[..., Terminal]


@pytest.fixture
def open_terminal(launch: Launcher) -> OpenTerminal:
    """Start a terminal client and log a new user in; in ``room`` if one is given."""

    def open_one(chat: Chat, room: str = "") -> Terminal:
        user = chat.accounts.register(chat.registrar)
        where = {"--auth": chat.accounts.server, "--chat": chat.server}
        flags = [word for flag, s in where.items() for word in (flag, f"{s.host}:{s.port}")]
        terminal = Terminal(launch("stage4.client", *flags), user)
        terminal.do(f"/login {user.name} {user.password}", f"entered as {user.name}")
        if room:
            terminal.do(f"/join {room}", f"joined {room}")
        return terminal

    return open_one


@pytest.mark.task("4.11", hint="One command a line, one event a line: what happens in between?")
@pytest.mark.points(1)
@pytest.mark.needs("4.5")
def test_people_at_terminals_talk(sqlite_chat: Chat, open_terminal: OpenTerminal) -> None:
    ann = open_terminal(sqlite_chat)
    room = new_room()
    ann.do(f"/create {room} about this", f"created {room}")
    ben = open_terminal(sqlite_chat)
    ben.do("/rooms", f"{room} .*about this")
    ben.do(f"/join {room}", f"joined {room} .*2.*about this")
    ann.program.expect_line(f"{ben.user.name} joined {room}")
    ann.do("/who", f"{ben.user.name} online")
    for speaker, listener, text in ((ann, ben, "hello, 你好"), (ben, ann, "/me waves 🦊")):
        line = f"{room} #\\d+ {speaker.user.name}: {re.escape(text)}$"
        speaker.do("/" + text if text.startswith("/") else text, line)
        listener.program.expect_line(line)
    ann.do(f"/msg {ben.user.name} psst, two words", f"@{ben.user.name} #1 .*psst, two words$")
    ben.program.expect_line(f"@{ann.user.name} #1 {ann.user.name}: psst, two words$")
    ben.do("/history", "end of history")
    ben.do(f"/leave {room}", f"left {room}")
    ann.program.expect_line(f"{ben.user.name} left {room}")
    for terminal in (ann, ben):
        check.equal([seq for seq, _ in terminal.heard(room)][:2], [1, 2], "the numbers")
        terminal.leave()


@pytest.mark.task("4.11", hint="What is on its way when the input ends?")
@pytest.mark.points(1)
def test_everything_typed_is_said_before_it_ends(
    chat: Chat, open_terminal: OpenTerminal, count: Callable[[int, int], int]
) -> None:
    watcher = chat.person("ben")
    room = chat.room(watcher)
    ann = open_terminal(chat, room=room)
    texts = [f"line {number}" for number in range(count(100, 2000))]
    for text in texts:
        ann.program.send_line(text)
    ann.leave()
    check.equal([m["text"] for m in watcher.all_history(room)], texts, "the history")
    check.equal(ann.heard(room), list(enumerate(texts, 1)), "what the terminal showed")


@pytest.mark.task("4.11", hint="What does a client have to ask after it has come back?")
@pytest.mark.points(3)
@pytest.mark.needs("4.7")
def test_after_the_server_was_killed_each_message_is_shown_once_and_in_order(
    own_chat: OwnChat,
    launch: Launcher,
    open_terminal: OpenTerminal,
    count: Callable[[int, int], int],
) -> None:
    chat = own_chat()
    cleo = chat.person("cle")
    room = chat.room(cleo)
    ann, ben = open_terminal(chat, room=room), open_terminal(chat, room=room)
    typed: list[str] = []

    def type_lines(number: int) -> None:
        for _ in range(number):
            for terminal in (ann, ben):
                typed.append(f"{terminal.user.name} says {len(typed)}")
                terminal.program.send_line(typed[-1])

    # Few rounds also when thorough: a client waits longer each time it is cut off again at once.
    for number in range(count(1, 4)):
        type_lines(20 + number)
        chat.program.kill()
        for terminal in (ann, ben):
            terminal.program.expect_line("disconnected", seconds=RECONNECT)
        type_lines(5)
        chat.server = launch.again(chat.program)
        # Somebody speaks while they are still on their way back.
        cleo = chat.enter(cleo.user, "Cleo again")
        typed.append(f"cleo says {len(typed)}")
        cleo.say(room, typed[-1])
        for terminal in (ann, ben):
            terminal.program.expect_line("entered as", seconds=RECONNECT)
        type_lines(5)
        typed.append(f"round {number} is over")
        for terminal in (ann, ben):
            _wait_until_said(terminal, cleo, room, typed)
        cleo.say(room, typed[-1])
        for terminal in (ann, ben):
            terminal.program.expect_line(typed[-1], seconds=RECONNECT)
    history = [(m["seq"], m["text"]) for m in cleo.all_history(room)]
    check.equal(sorted(text for _, text in history), sorted(typed), "what was said, each once")
    for terminal in (ann, ben):
        check.equal(terminal.heard(room), history, f"what {terminal.user.name} was shown")
        mine = [text for _, text in history if text.startswith(f"{terminal.user.name} ")]
        wanted = [text for text in typed if text.startswith(f"{terminal.user.name} ")]
        check.equal(mine, wanted, "the order of one's own messages")
        terminal.leave()


def _wait_until_said(terminal: Terminal, cleo: Device, room: str, typed: list[str]) -> None:
    """Wait until the last line of a terminal has become a message."""
    last = [text for text in typed if text.startswith(f"{terminal.user.name} ")][-1]
    terminal.program.expect_line(f"{re.escape(last)}$", seconds=RECONNECT)


@pytest.mark.task("4.11", hint="The server is there, its database is not. What should a client do?")
@pytest.mark.points(1)
def test_a_server_without_its_database_is_asked_again(
    sqlite_chat: Chat, launch: Launcher, listen: Callable[..., Listening[WireClient]]
) -> None:
    # The test plays the chat server; the client wants to enter, and then to know what it missed.
    accounts, listening = sqlite_chat.accounts, listen(WireClient)
    user = accounts.register(sqlite_chat.registrar)
    auth = f"{accounts.server.host}:{accounts.server.port}"
    client = launch("stage4.client", "--auth", auth, "--chat", f"127.0.0.1:{listening.port}")
    listening.expected.append(client)
    client.send_line(f"/login {user.name} {user.password}")
    away = {"test": 109, "error": "the database is not available now"}
    entered = {"uid": user.uid, "user_name": user.name, "rooms": ["lobby"]}
    said = {"seq": 1, "from": "ben", "text": "hello", "time": 1.0}
    for enter, history in (
        (away, None),
        ({"test": 0, "data": entered}, away),
        ({"test": 0, "data": entered}, {"test": 0, "data": {"messages": [said], "more": False}}),
    ):
        connection = listening.accept(seconds=RECONNECT)
        _answer(connection, ENTER, enter)
        if history is not None:
            _answer(connection, HISTORY, history)
    client.expect_line("lobby #1 ben: hello$")


@pytest.mark.task("4.11", hint="How often does a person want to read that the server is away?")
def test_an_outage_is_told_once_however_long_it_lasts(
    sqlite_chat: Chat, launch: Launcher, listen: Callable[..., Listening[WireClient]]
) -> None:
    accounts, listening = sqlite_chat.accounts, listen(WireClient)
    user = accounts.register(sqlite_chat.registrar)
    auth = f"{accounts.server.host}:{accounts.server.port}"
    client = launch("stage4.client", "--auth", auth, "--chat", f"127.0.0.1:{listening.port}")
    listening.expected.append(client)
    client.send_line(f"/login {user.name} {user.password}")

    def enter() -> WireClient:
        connection = listening.accept(seconds=RECONNECT)
        data = {"uid": user.uid, "user_name": user.name, "rooms": ["lobby"]}
        _answer(connection, ENTER, {"test": 0, "data": data})
        _answer(connection, HISTORY, {"test": 0, "data": {"messages": [], "more": False}})
        client.expect_line("^entered as")
        return connection

    enter().dispose()
    listening.accept(seconds=RECONNECT).dispose()
    enter()
    told = client.stdout.read().decode("utf-8").count("disconnected")
    check.equal(told, 1, "how often the outage was told")


def _answer(connection: WireClient, op: int, fields: dict[str, object]) -> None:
    request = connection.recv_message(seconds=RECONNECT)
    check.equal(request["op"], op, "what the client asks")
    connection.send_frame({"op": op, "id": request["id"], **fields})


@pytest.mark.task("4.11", hint="Whose words reach the screen, and what could they do there?")
@pytest.mark.points(0.5)
def test_no_text_steers_the_terminal(sqlite_chat: Chat, open_terminal: OpenTerminal) -> None:
    ben = sqlite_chat.person("ben")
    room = sqlite_chat.room(ben)
    ann = open_terminal(sqlite_chat, room=room)
    for text in NAUGHTY:
        ben.say(room, text)
    ben.say(room, "the end")
    ann.program.expect_line(f"{room} #{len(NAUGHTY) + 1} {ben.user.name}: the end$", seconds=20)
    shown = ann.program.stdout.read().decode("utf-8").replace("\r\n", "\n")
    steering = {c for c in shown if c != "\n" and (c < " " or "\x7f" <= c <= "\x9f")}
    steering |= set(shown) & set(
        "\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
    )
    check.equal(steering, set(), "the characters that steer a terminal")
    check.equal(len(ann.heard(room)), len(NAUGHTY) + 1, "the number of lines with a message")


@pytest.mark.task("4.11", hint="What else ends when one thing that came makes no sense?")
def test_a_push_without_sense_does_not_make_the_client_deaf(
    sqlite_chat: Chat, launch: Launcher
) -> None:
    user = sqlite_chat.accounts.register(sqlite_chat.registrar)
    auth = sqlite_chat.accounts.server
    listening = Listening(WireClient)
    try:
        where = ("--auth", f"{auth.host}:{auth.port}", "--chat", f"127.0.0.1:{listening.port}")
        client = launch("stage4.client", *where)
        listening.expected.append(client)
        client.send_line(f"/login {user.name} {user.password}")
        server = listening.accept()
        entered = {"uid": 1, "user_name": user.name, "rooms": ["lobby"]}
        for data in (entered, {"messages": [], "more": False}):
            asked = server.recv_message()
            server.send_frame({"op": asked["op"], "id": asked["id"], "test": 0, "data": data})
        sound = {"room": "lobby", "seq": 1, "from": "eve", "text": "still here", "time": 1.0}
        for odd in ({"seq": "one"}, {"room": ["lobby"]}, {"time": None, "seq": None}, {}):
            server.send_frame({"op": 100, "data": {**sound, **odd}})
        client.expect_line("lobby #1 eve: still here$")
    finally:
        listening.dispose()


@pytest.mark.task("4.11", hint="What does a person read when something is refused?")
@pytest.mark.points(0.5)
def test_what_is_refused_is_said_in_a_line(sqlite_chat: Chat, open_terminal: OpenTerminal) -> None:
    ann = open_terminal(sqlite_chat)
    for line in (
        "/join nowhere-at-all",
        "/create a\u00a0b",
        "/create lobby",
        "/leave nowhere-at-all",
        "/msg nobody-there hello",
        "/msg",
        "/history sideways 3",
        "/history after x",
        "/nonsense",
        "/state asleep",
        "/topic of somebody else's room",
        "/reply to nobody",
        "/help nonsense",
    ):
        ann.do(line, "^error")
    ann.do("/to nowhere-at-all", "nowhere-at-all")
    ann.do("hello?", "^error")
    ann.do("/to lobby", "lobby")
    ann.do("hello!", f"lobby #\\d+ {ann.user.name}: hello!")
    ann.leave()


@pytest.mark.task("4.11", hint="What can be said about a room, and about oneself?")
@pytest.mark.needs("4.5", "4.8")
def test_topics_states_and_replies(sqlite_chat: Chat, open_terminal: OpenTerminal) -> None:
    ann, room = open_terminal(sqlite_chat), new_room()
    ann.do(f"/create {room}", f"created {room}")
    ann.do("/topic tea, and what goes with it", f"topic of {room}: tea, and what goes with it")
    ben = open_terminal(sqlite_chat)
    ben.do(f"/join {room}", f"joined {room} .*tea, and what goes with it")
    ben.do("/state busy", "you are busy now")
    ann.program.expect_line(f"{ben.user.name} is busy")
    ann.do("/who", f"member {ben.user.name} busy")
    ben.do(f"/msg {ann.user.name} psst", f"@{ann.user.name} #1 .*psst$")
    ann.program.expect_line("psst$")
    ann.do("/reply what is it?", f"@{ben.user.name} #2 {ann.user.name}: what is it\\?$")
    ben.do("/leave", f"left {room}")
    ben.do("/hlep", "did you mean /help")
    ben.do("/help topic", "^/topic TEXT")
