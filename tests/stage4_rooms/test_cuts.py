"""Everybody's transcript, whatever the network does. The rule: docs/protocol.md, Connections.

The chat clients of toys/talker.py talk all the time, each behind a proxy that cuts its connections,
at another byte each time. In the end every client has shown every message once and in order.
"""

import json
import random
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.kit import check
from tests.kit.environment import scrubbed
from tests.kit.judge import Judge
from tests.kit.programs import Program, Server
from tests.kit.proxy.fixture import ServerProxy

from .conftest import Chat
from .device import Device

pytestmark = pytest.mark.needs("4.1", "4.2", "4.3", "4.4", "4.6")

TALKER = Path(__file__).with_name("toys") / "talker.py"
# A connection may live for a reply or two, or for many pages of history.
BYTES = (100, 3000)
SECONDS = 20.0


@dataclass
class Talker:
    """A client that talks, and the proxy before it."""

    program: Program
    proxy: ServerProxy
    connections: int = 1

    def events(self) -> list[dict[str, Any]]:
        """Return everything that the client has told up to the line that was waited for last."""
        return [json.loads(line) for line in self.program.seen]

    def shown(self, room: str) -> list[tuple[int, str]]:
        """Return number and text of what was shown of a room, in the order it was shown."""
        messages = [e["message"] for e in self.events() if e["event"] == "Arrived"]
        return [(m["seq"], m["text"]) for m in messages if m["where"]["name"] == room]


OpenTalker = Callable[[Chat, str], Talker]


@pytest.fixture
def open_talker(judge: Judge, proxy: Callable[[Server], ServerProxy]) -> Iterator[OpenTalker]:
    """Start a talker as a new user, a member of the room."""
    started: list[Program] = []

    def open_one(chat: Chat, room: str) -> Talker:
        person = chat.person("tal")
        person.join(room)
        before = proxy(chat.server)
        folder = judge.new_folder("talker")
        home = folder / "home"
        home.mkdir()
        argv = [sys.executable, "-P", str(TALKER), before.host, str(before.port), room]
        env = scrubbed(home, PYTHONPATH=str(judge.tree.root))
        program = Program("the talker", argv, cwd=home, env=env, folder=folder)
        started.append(program)
        program.send_line(person.user.token)
        program.expect_line('"Sent"')
        return Talker(program, before)

    yield open_one
    for program in started:
        program.dispose()


def cut_twice(talker: Talker, source: random.Random) -> None:
    """Cut the connection that stands, and the next one at some byte; the one after it lives."""
    low, high = BYTES
    how = source.choice(("reset", "close"))
    talker.proxy.use(
        cut_after_bytes=round(low * (high / low) ** source.random()),
        direction=source.choice(("to-server", "to-client")),
        cut=how,
        first=talker.connections + 1,
    )
    talker.proxy.cut(how)
    for _ in range(2):
        talker.program.expect_line('"Disconnected"', seconds=SECONDS)
        talker.connections += 1
    talker.program.expect_line('"Sent"', seconds=SECONDS)


@pytest.mark.functions
@pytest.mark.timeout(7200)  # the thorough tier cuts 5,000 times, on each database
@pytest.mark.task(
    "4.11", hint="The connection breaks in the middle of an answer. What do you know?"
)
@pytest.mark.points(2.5)
def test_through_all_cuts_each_message_is_in_each_transcript_once_and_in_order(
    make_chat: Callable[..., Chat],
    open_talker: OpenTalker,
    dice: Callable[[object], random.Random],
    count: Callable[[int, int], int],
) -> None:
    # What a cut does to a client does not depend on the database: in everyday use one is enough.
    for kind in ("sqlite", "mariadb")[: count(1, 2)]:
        cut_all_the_time(make_chat(kind), open_talker, dice(kind), count(6, 2500))


def cut_all_the_time(
    chat: Chat, open_talker: OpenTalker, source: random.Random, times: int
) -> None:
    """Cut talkers twice ``times`` times, and compare what everybody has seen."""
    watcher = chat.person("wat")
    room = chat.room(watcher)
    talkers = [open_talker(chat, room) for _ in range(3)]
    for number in range(times):
        cut_twice(talkers[number % len(talkers)], source)
    for talker in talkers:
        talker.proxy.use()
        talker.program.send_line("stop")
    for talker in talkers:
        talker.program.expect_line('"flushed", "all": true', seconds=SECONDS)
    # In the meantime the watcher has said nothing for long, and has read nothing.
    expect_one_transcript(chat.enter(watcher.user, "the watcher again"), room, talkers)


def expect_one_transcript(watcher: Device, room: str, talkers: list[Talker]) -> None:
    """Check what each client has shown against the history, and against what was confirmed."""
    watcher.say(room, "the end")
    for talker in talkers:
        talker.program.expect_line('"the end"', seconds=SECONDS)
    history = [(m["seq"], m["text"]) for m in watcher.all_history(room)]
    check.equal([seq for seq, _ in history], list(range(1, len(history) + 1)), "the numbers")
    check.equal(len({text for _, text in history}), len(history), "the number of different texts")
    for talker in talkers:
        shown = talker.shown(room)
        first = shown[0][0]  # what was said before it came in for the first time it need not show
        check.equal(shown, history[first - 1 :], f"the transcript of {talker.program.name}")
        confirmed = [e["seq"] for e in talker.events() if e["event"] == "Sent"]
        check.equal(confirmed, sorted(set(confirmed)), "the numbers of one's own messages")
        check.that(set(confirmed) <= {seq for seq, _ in history}, "an answered message is lost")
        refused = [e for e in talker.events() if e["event"] == "NotSent"]
        check.equal(refused, [], "the messages that the client gave up")
