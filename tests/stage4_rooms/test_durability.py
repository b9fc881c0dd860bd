"""What was answered is never lost, whatever dies. The rules: docs/protocol.md, ops 15 to 17.

The server is killed, or its database goes away; then everything is there once, and in order.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.kit import check
from tests.kit.accounts import KeptDatabases
from tests.kit.databases import Databases, SqliteDatabase
from tests.kit.failure import CheckFailed
from tests.kit.fixtures import Launcher
from tests.kit.judge import Attached
from tests.kit.mariadb import MariaDB
from tests.kit.match import OneOf
from tests.kit.proxy.fixture import ServerProxy
from tests.kit.wire_codec import Message

from .conftest import SUITE, OwnChat
from .device import ENTER, HISTORY, JOIN, MESSAGE, SAY, WHISPER, Device, new_cid

pytestmark = pytest.mark.needs("4.1", "4.2")

# A server may first find out that its connections to the database are dead.
SLOW = 15.0


@dataclass
class Speaker:
    """Somebody who says a lot at once, and remembers what was answered."""

    device: Device
    room: str
    waiting: dict[int, str] = field(default_factory=dict)  # request id -> cid
    texts: dict[str, str] = field(default_factory=dict)  # cid -> text
    answered: dict[str, int] = field(default_factory=dict)  # cid -> seq

    def say(self, count: int) -> None:
        """Say ``count`` new messages without waiting."""
        for _ in range(count):
            cid = new_cid()
            self.texts[cid] = f"{self.device.user.name}: {cid}"
            self._ask(cid)

    def repeat(self) -> None:
        """Say again what was not answered."""
        self.waiting.clear()
        for cid in self.texts:
            if cid not in self.answered:
                self._ask(cid)

    def take_answers(self, count: int | None = None) -> int:
        """Read ``count`` answers, or all; return how many were 109, which stay unanswered."""
        refused = 0
        while self.waiting and count != 0:
            id = next(iter(self.waiting))
            reply = self.device.expect_reply(id, SAY, test=None, seconds=SLOW)
            check.matches(reply, {"test": OneOf(0, 109)}, "the answer")
            cid = self.waiting.pop(id)
            if reply["test"] == 0:
                self.answered[cid] = reply["data"]["seq"]
            refused += reply["test"] == 109
            count = None if count is None else count - 1
        return refused

    def take_what_came(self) -> None:
        """Read the answers that were on their way when the server died."""
        try:
            self.take_answers()
        except CheckFailed as failure:
            # The end of the connection is what is expected here, a wrong answer is not.
            if failure.differences:
                raise

    def _ask(self, cid: str) -> None:
        self.waiting[self.device.ask_say(self.room, self.texts[cid], cid)] = cid


def expect_everything_once(device: Device, room: str, speakers: list[Speaker]) -> list[Message]:
    """Check the history against what was said and answered; return it."""
    history = device.all_history(room)
    check.equal([m["seq"] for m in history], list(range(1, len(history) + 1)), "the numbers")
    by_text = {message["text"]: message["seq"] for message in history}
    check.equal(len(by_text), len(history), "the number of different texts")
    for speaker in speakers:
        for cid, seq in speaker.answered.items():
            found = by_text.get(speaker.texts[cid])
            check.equal(found, seq, f"the number of {speaker.texts[cid]!r}, which was answered")
    return history


@pytest.mark.timeout(1200)  # the thorough tier kills 100 times on each database
@pytest.mark.task("4.7", hint="In which order do you write, push and answer?")
@pytest.mark.points(3.5)
@pytest.mark.needs("4.3", "4.4", "4.6")
def test_a_killed_server_has_lost_nothing_that_it_answered(
    own_chat: OwnChat, launch: Launcher, kind: str, count: Callable[[int, int], int]
) -> None:
    chat = own_chat(kind)
    people = chat.people("a", "b", "c")
    room = chat.room(*people)
    speakers = [Speaker(person, room) for person in people]
    server = chat.program
    # 5 times over both databases, and 100 times on each.
    for number in range(count(3, 100) if kind == "sqlite" else count(2, 100)):
        for speaker in speakers:
            speaker.say(100)
        # Killed after a few answers, at another moment each time.
        speakers[number % 3].take_answers(7 + 23 * (number % 4))
        server.kill()
        for speaker in speakers:
            speaker.take_what_came()
        chat.server = server = launch.again(server)
        for speaker in speakers:
            speaker.device = chat.enter(speaker.device.user, f"{speaker.device.user.name} again")
        expect_everything_once(speakers[0].device, room, speakers)
        for speaker in speakers:
            speaker.repeat()
        for speaker in speakers:
            speaker.take_answers()
        history = expect_everything_once(speakers[0].device, room, speakers)
        said = sum(len(speaker.texts) for speaker in speakers)
        check.equal(len(history), said, "the number of messages in the history")


@pytest.mark.task("4.7", hint="Where does the server remember which cids it has seen?")
@pytest.mark.points(1)
@pytest.mark.needs("4.3", "4.6")
def test_a_cid_is_remembered_when_the_server_is_killed(
    own_chat: OwnChat, launch: Launcher, kind: str
) -> None:
    chat = own_chat(kind)
    ann, ben = chat.people("ann", "ben")
    room = chat.room(ann, ben)
    said = ann.say(room, "before", "one")
    whispered = ann.whisper(ben.user.name, "psst", "two")
    chat.program.kill()
    chat.server = launch.again(chat.program)
    ann, ben = (chat.enter(each.user, f"{each.user.name} again") for each in (ann, ben))
    check.equal(ann.say(room, "after", "one"), said, "the answer to the repetition")
    check.equal(ann.whisper(ben.user.name, "after", "two"), whispered, "the answer")
    check.equal(ann.say(room, "next")["seq"], 2, "the next number")
    check.equal([m["text"] for m in ann.all_history(room)], ["before", "next"], "the history")


@pytest.fixture
def mariadb(databases: Databases) -> Iterator[MariaDB]:
    """The private MariaDB; it runs again when the test is over."""
    yield databases.mariadb()
    databases.mariadb()


@pytest.mark.task("4.7", hint="May anybody read what may never have been written?")
@pytest.mark.points(2)
@pytest.mark.needs("4.3", "4.4", "4.6")
@pytest.mark.parts("mariadb")
def test_without_its_database_nothing_is_said_and_then_all_works_again(
    own_chat: OwnChat, mariadb: MariaDB
) -> None:
    chat = own_chat("mariadb")
    ann, ben = chat.people("ann", "ben")
    room = chat.room(ann, ben)
    ann.say(room, "before")
    ben.forget_pushes()
    mariadb.stop()
    cid = new_cid()
    for _ in range(3):
        ann.request(SAY, {"room": room, "text": "lost?", "cid": cid}, test=109, seconds=SLOW)
    for op, args in (
        (WHISPER, {"to": ben.user.name, "text": "lost?", "cid": new_cid()}),
        (HISTORY, {"room": room}),
        (JOIN, {"room": "lobby"}),
    ):
        ann.request(op, args, test=109, seconds=SLOW)
    token = {"token": ben.user.token}
    chat.open(chat.server, "Ben's phone").request(ENTER, token, test=109, seconds=SLOW)
    ben.nothing_else()
    mariadb.start()
    check.equal(ann.say(room, "lost?", cid)["seq"], 2, "the number of the message")
    ben.expect_push(MESSAGE, room=room, seq=2, text="lost?")
    ben.say(room, "no")
    ann.expect_push(MESSAGE, room=room, seq=3, text="no")
    ann.join("lobby")
    texts = [message["text"] for message in chat.enter(ben.user, "Ben again").all_history(room)]
    check.equal(texts, ["before", "lost?", "no"], "the history")


@pytest.mark.task("4.7", hint="A file that is open can be moved away. Where do you write then?")
@pytest.mark.points(1)
@pytest.mark.needs("4.3", "4.4", "4.6")
def test_without_its_file_nothing_is_said_and_then_all_works_again(
    own_chat: OwnChat, tmp_path: Path
) -> None:
    chat = own_chat("sqlite")
    database = chat.accounts.database
    assert isinstance(database, SqliteDatabase)
    ann, ben = chat.people("ann", "ben")
    room = chat.room(ann, ben)
    ann.say(room, "before")
    ben.forget_pushes()
    try:
        database.path.rename(tmp_path / "away.db")
    except PermissionError:  # Windows does not let it go while it is open
        return
    cid = new_cid()
    for _ in range(3):
        ann.request(SAY, {"room": room, "text": "lost?", "cid": cid}, test=109, seconds=SLOW)
    for op, args in ((HISTORY, {"room": room}), (JOIN, {"room": "lobby"})):
        ann.request(op, args, test=109, seconds=SLOW)
    ben.nothing_else()
    (tmp_path / "away.db").rename(database.path)
    check.equal(ann.say(room, "lost?", cid)["seq"], 2, "the number of the message")
    ben.expect_push(MESSAGE, room=room, seq=2, text="lost?")
    ben.nothing_else()
    texts = [message["text"] for message in ben.all_history(room)]
    check.equal(texts, ["before", "lost?"], "the history")


@pytest.mark.task("4.7", hint="The commit is done, and nobody tells you. Was it said or not?")
@pytest.mark.points(1)
@pytest.mark.needs("4.3", "4.4", "4.6")
@pytest.mark.parts("mariadb")
def test_a_message_whose_commit_was_not_answered_is_said_once_and_heard(
    own_chat: OwnChat,
    mariadb: MariaDB,
    kept_databases: KeptDatabases,
    proxy: Callable[..., ServerProxy],
) -> None:
    before = proxy(Attached("MariaDB", "127.0.0.1", mariadb.port))
    url = kept_databases.get(SUITE, "mariadb")[0].url
    chat = own_chat("mariadb", "--db", url.replace(f":{mariadb.port}", f":{before.port}"))
    ann, ben, cleo = chat.people("ann", "ben", "cle")
    room = chat.room(ann, ben, cleo)
    ann.say(room, "before")
    ben.expect_push(MESSAGE, room=room, seq=1)
    trap = before.lose_answer(b"for whom the commit tolls", b"commit")
    args = {"room": room, "text": "for whom the commit tolls", "cid": new_cid()}
    # Both answers are right: the server may look at once, or say that it does not know.
    first = ann.request(SAY, args, test=None, seconds=SLOW)
    check.matches(first, {"test": OneOf(0, 109)}, "the answer")
    check.that(trap.wait(0), "the answer to a commit was lost")
    # It is in the database; so those who are here must hear it, also if nobody says a word more.
    ben.expect_push(MESSAGE, room=room, seq=2, text=args["text"], seconds=SLOW)
    again = ann.request(SAY, args, data={"seq": 2}, seconds=SLOW)
    if first["test"] == 0:
        check.equal(first["data"], again["data"], "the two answers")
    check.equal(cleo.say(room, "after")["seq"], 3, "the next number")
    ben.expect_push(MESSAGE, room=room, seq=3)
    ben.nothing_else()
    texts = [message["text"] for message in ben.all_history(room)]
    check.equal(texts, ["before", args["text"], "after"], "the history")


@pytest.mark.timeout(1200)
@pytest.mark.task("4.7", hint="The database died while it wrote. Did it write?")
@pytest.mark.points(1)
@pytest.mark.needs("4.3", "4.4", "4.6")
@pytest.mark.parts("mariadb")
def test_messages_in_whose_middle_the_database_dies_are_said_once(
    own_chat: OwnChat, mariadb: MariaDB, count: Callable[[int, int], int]
) -> None:
    chat = own_chat("mariadb")
    ben, *people = chat.people("ben", "a", "b", "c")
    room = chat.room(ben, *people)
    speakers = [Speaker(person, room) for person in people]
    heard: list[Message] = []
    for number in range(count(2, 30)):
        for speaker in speakers:
            speaker.say(100)
        speakers[0].take_answers(1 + 30 * (number % 4))
        mariadb.kill()
        for speaker in speakers:
            speaker.take_answers()
        mariadb.start()
        for speaker in speakers:
            speaker.repeat()
        for speaker in speakers:
            check.equal(speaker.take_answers(), 0, "how many were refused although it is back")
        heard += ben.take_messages()
        history = expect_everything_once(ben, room, speakers)
        check.equal(len(history), 300 * (number + 1), "the number of messages in the history")
        check.equal(
            [(m["seq"], m["text"]) for m in heard],
            [(m["seq"], m["text"]) for m in history],
            "what Ben heard, all of it in order",
        )
