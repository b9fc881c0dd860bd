"""The scenes of docs/stage4.md: a talk, a killed server, what is refused."""

import json
import re
import sys
import textwrap
from typing import Any

from tests.kit import deadlines
from tests.kit.accounts import LOGOUT, PASSWORD, Accounts, Sms, User
from tests.kit.byte_client import ByteClient
from tests.kit.check import equal, that
from tests.kit.databases import SqliteDatabase
from tests.kit.docs import diagrams
from tests.kit.docs.stage import Stage
from tests.kit.docs.terminal import Terminal
from tests.kit.failure import CheckFailed
from tests.kit.wire import WireClient
from tests.kit.wire_codec import HEADER, encode

ENTER, CREATE, JOIN, LEAVE, SAY, HISTORY, PRESENCE = 10, 12, 13, 14, 15, 17, 19
MESSAGE, PRESENCE_PUSH = 100, 101
KILLED_AFTER, MESSAGES = 500, 2000
TIMES = re.compile(r'"time":[\d.]+')
# What is written first, by the function that it stands in.
FIRST_LINES = {
    "ChatService.__init__": """\
        self.limits |= {
            "text": TEXT_LENGTH,
            "topic": TOPIC_LENGTH,
            "room": ROOM_NAME_LENGTH,
            "cid": CID_LENGTH,
            "history": HISTORY_PAGE,
            "list": LIST_PAGE,
        }
""",
    "ChatService.check": """\
        if FIRST_OP_INSIDE <= verb.op <= LAST_OP_INSIDE:
            self._hub.session(peer)
""",
}


class _Chat:
    """An account server and a chat server on one database, and people who use them."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._url = f"sqlite:///{stage.folder}/chat.db"
        stage.call("sqlite:////chat.db", "sqlite:///chat.db")
        sms = Sms(stage.folder / "codes.jsonl")
        flags = ("--db", self._url, "--limits", "off")
        auth = stage.server("stage3_auth.server", *flags, *sms.flags, shown_port=8889)
        database = SqliteDatabase(stage.folder / "chat.db")
        self.accounts = Accounts(auth, database, sms)
        self.registrar = WireClient(auth, "the registrar")
        self.server = self.start()

    def start(self) -> Terminal:
        """Start a chat server that slows nobody down."""
        flags = ("--db", self._url, "--limits", "off")
        return self._stage.server("stage4_rooms.server", *flags, shown_port=8890)

    def user(self, name: str) -> User:
        """Register somebody and log in."""
        return self.accounts.new_user(self.registrar, name)

    def enter(self, user: User) -> WireClient:
        """Connect a device and enter."""
        client = WireClient(self.server, user.name)
        client.request(ENTER, {"token": user.token})
        return client

    def terminal(self, user: User) -> Terminal:
        """Start the terminal client and log in."""
        auth, chat = self.accounts.server, self.server
        where = ["--auth", f"127.0.0.1:{auth.port}", "--chat", f"127.0.0.1:{chat.port}"]
        argv = [sys.executable, "-m", "stage4_rooms.client", *where]
        started = self._stage.terminal("python -m stage4_rooms.client", argv)
        started.wait_for("help shows the commands")
        started.edits = True
        started.type(f"/login {user.name} {PASSWORD}", "entered as .*\n")
        return started


def a_talk_in_two_terminals(stage: Stage) -> str:
    """Two people in a room, and a word in private."""
    chat = _Chat(stage)
    ann = chat.terminal(chat.user("ann"))
    ben = chat.terminal(chat.user("ben"))
    ann.wait_for("ben joined lobby|ben is online")
    ann.type("/create tea green or black", "created tea.*\n")
    ben.type("/join tea", "joined tea .*\n")
    ann.wait_for("ben joined tea.*\n")
    ann.type("你好 Ben 😀", "tea ann: .*\n")
    ben.wait_for("tea ann: .*\n")
    ben.type("hello! green, please", "tea ben: .*\n")
    ann.wait_for("tea ben: .*\n")
    ben.type("/msg ann is there any cake?", "@ann ben: .*\n")
    ann.wait_for("@ben ben: .*\n")
    ann.type("/reply yes", "@ben ann: .*\n")
    ben.wait_for("@ann ann: .*\n")
    ann.type("/who", "online .*\n")
    shown = stage.show(ann, caption="Ann:") + "\n\n" + stage.show(ben, caption="Ben:")
    return re.sub(r"\[\d\d:\d\d\]", "[12:00]", shown)


def a_message_as_bytes(stage: Stage) -> str:
    """SAY, its answer, and the push to somebody else in the room."""
    chat = _Chat(stage)
    ann, ben = chat.user("ann"), chat.user("ben")
    room = chat.enter(ann)
    room.request(CREATE, {"room": "tea"})
    clients = {}
    for user in (ann, ben):
        client = clients[user.name] = ByteClient(chat.server, user.name)
        client.send_bytes(encode({"op": ENTER, "args": {"token": user.token}}))
        _next_message(client)
        client.send_bytes(encode({"op": JOIN, "args": {"room": "tea"}}))
        while json.loads(_next_message(client)).get("op") != JOIN:
            pass
    args = {"room": "tea", "text": "你好", "cid": "a-1"}
    sent = encode({"op": SAY, "id": 7, "args": args})
    clients["ann"].send_bytes(sent)
    answer = _of_op(clients["ann"], SAY)
    push = _of_op(clients["ben"], MESSAGE)
    parts = [f"Ann → server, {len(sent)} bytes", diagrams.frame(sent), ""]
    for caption, text in (("server → Ann", answer), ("server → Ben", push)):
        data = encode(json.loads(TIMES.sub('"time":1700000000.5', text)))
        parts += [f"{caption}, {len(data)} bytes", diagrams.frame(data), ""]
    return stage.block("\n".join(parts))


def the_server_is_killed(stage: Stage) -> str:
    """SIGKILL in the middle; everything is read back, and said once more."""
    chat = _Chat(stage)
    user = chat.user("ann")
    ann = chat.enter(user)
    ann.request(CREATE, {"room": "tea"})
    chat.server.kill()
    chat.server = chat.start()
    ann = chat.enter(user)
    asked = [ann.ask(SAY, _numbered(number)) for number in range(1, MESSAGES + 1)]
    answered = {}
    for number, id in enumerate(asked[:KILLED_AFTER], 1):
        answered[number] = ann.expect_reply(id, SAY, data={"seq": int})["data"]["seq"]
    chat.server.kill()
    try:  # what was on its way when the server died
        for number, id in enumerate(asked[KILLED_AFTER:], KILLED_AFTER + 1):
            answered[number] = ann.expect_reply(id, SAY, data={"seq": int})["data"]["seq"]
    except CheckFailed:
        pass
    chat.server = chat.start()
    ann = chat.enter(user)
    stored = _all_history(ann)
    that(len(stored) >= len(answered), "no answered message is lost")
    equal([m["seq"] for m in stored], list(range(1, len(stored) + 1)), "the numbers")
    texts = {m["seq"]: m["text"] for m in stored}
    equal({texts[seq] for seq in answered.values()}, {_text(n) for n in answered}, "the answers")
    again = [ann.ask(SAY, _numbered(number)) for number in range(1, MESSAGES + 1)]
    for number, id in enumerate(again, 1):
        seq = ann.expect_reply(id, SAY, data={"seq": int})["data"]["seq"]
        equal(seq, answered.get(number, seq), "the answer to the repetition")
    whole = [m["text"] for m in _all_history(ann)]
    equal(whole, [_text(number) for number in range(1, MESSAGES + 1)], "the history in the end")
    return stage.block(
        f"Ann sends {MESSAGES:,} messages; after the answer to number {KILLED_AFTER} the server is"
        " killed (SIGKILL), and started again\n"
        "stored:        seq 1 to n, none missing, none twice\n"
        "every answer:  its message is stored, under the seq that was answered\n\n"
        f"Ann sends all {MESSAGES:,} once more, with the same cids\n"
        "every answer:  the seq that was answered before the kill, where there was an answer\n"
        f"stored:        {MESSAGES:,} messages, each once, in the order in which Ann said them"
    )


def two_devices_of_one_person(stage: Stage) -> str:
    """Ben comes with a phone and a laptop, and goes in several ways; what Ann is told."""
    chat = _Chat(stage)
    ann, ben = chat.enter(chat.user("ann")), chat.user("ben")
    ann.request(JOIN, {"room": "lobby"})
    member = chat.enter(ben)
    member.request(JOIN, {"room": "lobby"})
    member.reset()
    ann.expect_push(PRESENCE_PUSH, state="offline")
    ann.pushes()
    lines = [f"{'what happens':36}what Ann is told"]
    phone = chat.enter(ben)
    lines += [_seen(ann, "Ben's phone enters", "online")]
    laptop = chat.enter(ben)
    lines += [_seen(ann, "Ben's laptop enters")]
    laptop.request(PRESENCE, {"state": "busy"})
    lines += [_seen(ann, "the laptop: PRESENCE busy", "busy")]
    phone.reset()
    lines += [_seen(ann, "the phone's connection is reset")]
    laptop.request(PRESENCE, {"state": "invisible"})
    lines += [_seen(ann, "the laptop: PRESENCE invisible", "offline")]
    laptop.request(PRESENCE, {"state": "away"})
    lines += [_seen(ann, "the laptop: PRESENCE away", "away")]
    laptop.close()
    lines += [_seen(ann, "the laptop's connection is closed", "offline")]
    return stage.block("\n".join(lines))


def a_session_ends(stage: Stage) -> str:
    """Ann logs out on another device; what her connection may still do."""
    chat = _Chat(stage)
    user = chat.user("ann")
    ann = ByteClient(chat.server, "Ann")
    hello: list[tuple[int, dict[str, Any]]] = [
        (SAY, {"room": "lobby", "text": "before I came in", "cid": "1"}),
        (ENTER, {"token": user.token}),
        (JOIN, {"room": "lobby"}),
        (SAY, {"room": "lobby", "text": "hello", "cid": "2"}),
    ]
    text = _dialogue(ann, hello)
    chat.registrar.request(LOGOUT, {"token": user.token})
    late = (SAY, {"room": "lobby", "text": "still here?", "cid": "3"})
    # A session that was looked up is believed for half a second.
    answer = deadlines.eventually(lambda: _refused(ann, late), why="the session to be refused")
    text += "\n(Ann logs out on her phone; half a second later)\n\n" + answer
    return stage.block(_evened(text.replace(user.token, "Ann's token")))


def _refused(client: ByteClient, question: tuple[int, dict[str, Any]]) -> str:
    said = _dialogue(client, [question])
    return said if '"test":102' in said else ""


def what_is_refused(stage: Stage) -> str:
    """What the chat server answers when something is wrong."""
    chat = _Chat(stage)
    owner = chat.enter(chat.user("ben"))
    owner.request(CREATE, {"room": "tea"})
    ann, user = ByteClient(chat.server, "Ann"), chat.user("ann")
    ann.send_bytes(encode({"op": ENTER, "args": {"token": user.token}}))
    _next_message(ann)
    say = {"room": "tea", "text": "hello", "cid": "a-1"}
    questions: list[tuple[int, dict[str, Any]]] = [
        (CREATE, {"room": "ＴＥＡ"}),
        (CREATE, {"room": "green tea"}),
        (SAY, say),
        (SAY, {**say, "room": "coffee"}),
        (JOIN, {"room": "tea"}),
        (SAY, {**say, "text": ""}),
        (SAY, {**say, "cid": "x" * 65}),
        (HISTORY, {"with": "nobody"}),
        (HISTORY, {"room": "tea", "before": 5, "after": 1}),
        (PRESENCE, {"state": "asleep"}),
        (20, {"room": "tea", "topic": "mine"}),
    ]
    return stage.block(_dialogue(ann, questions).replace("x" * 65, "xxx…"))


def first_lines(stage: Stage) -> str:
    """The first things to write."""
    del stage
    return "\n\n".join(
        f"In `{name}`:\n\n```python\n{textwrap.dedent(code).rstrip()}\n```"
        for name, code in FIRST_LINES.items()
    )


def start(stage: Stage) -> str:
    """A folder of one's own, which stands on the reference's earlier stages."""
    return stage.block(stage.kit("start", "stage4", "--catch-up"))


def first_win(stage: Stage) -> str:
    """A starter whose server starts, and tells its limits."""
    stage.kit("start", "stage4")
    service = stage.folder / "mine" / "stage4_rooms" / "service.py"
    text = service.read_text("utf-8")
    for name, code in FIRST_LINES.items():
        stub = f'        raise NotImplementedError("task 4.1: {name} is not written yet")\n'
        that(stub in text, f"{name} is the student's")
        text = text.replace(stub, code)
    service.write_text(text, "utf-8")
    return stage.block(stage.kit("check", "stage4", "--task=4.1"))


def part_of_the_suite(stage: Stage) -> str:
    """A part of one task, on the reference."""
    return stage.block(stage.suite("stage4", "--task=4.8", "-k", "state or however"))


def _numbered(number: int) -> dict[str, Any]:
    return {"room": "tea", "text": _text(number), "cid": f"a-{number}"}


def _text(number: int) -> str:
    return f"message {number}"


def _all_history(client: WireClient) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    more = True
    while more:
        args = {"room": "tea", "after": found[-1]["seq"] if found else 0}
        data = client.request(HISTORY, args)["data"]
        found, more = found + data["messages"], data["more"]
    return found


def _seen(ann: WireClient, what: str, told: str = "") -> str:
    """Return what happened, and what Ann was told of it: of a new state, or nothing."""
    if told:
        ann.expect_push(PRESENCE_PUSH, user_name="ben", state=told)
    ann.barrier()
    equal([p for p in ann.pushes() if p["op"] == PRESENCE_PUSH], [], "other pushes")
    return f"{what:36}{f'ben is {told}' if told else '-'}"


def _of_op(client: ByteClient, op: int) -> str:
    while json.loads(text := _next_message(client)).get("op") != op:
        pass
    return text


def _dialogue(client: ByteClient, questions: list[tuple[int, dict[str, Any]]]) -> str:
    lines = []
    for op, args in questions:
        client.send_bytes(encode({"op": op, "args": args}))
        asked = json.dumps({"op": op, "args": args}, ensure_ascii=False, separators=(",", ":"))
        lines += [f"→ {asked}", f"← {_of_op(client, op)}", ""]
    return "\n".join(lines)


def _next_message(client: ByteClient) -> str:
    (length,) = HEADER.unpack(client.recv_exactly(HEADER.size))
    return client.recv_exactly(length).decode()


def _evened(text: str) -> str:
    text = re.sub(r'"uid":\d+', '"uid":1001', text)
    return TIMES.sub('"time":1700000000.5', text)
