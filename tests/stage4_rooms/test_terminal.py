"""The terminal client on a terminal: what a person sees who types while others speak."""

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.kit import check
from tests.kit.accounts import User
from tests.kit.environment import scrubbed
from tests.kit.judge import Judge

from .conftest import Chat
from .device import MESSAGE

if TYPE_CHECKING:
    from tests.kit.docs.terminal import Terminal

pytestmark = [
    pytest.mark.needs("4.1", "4.2", "4.3", "4.4"),
    pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal"),
]


@dataclass
class Person:
    """A person at a terminal, logged in."""

    screen: "Terminal"
    user: User


OpenPerson = Callable[..., Person]


@pytest.fixture
def person_at(judge: Judge, tmp_path: Path) -> Iterator[OpenPerson]:
    """Start the terminal client on a terminal of the kind TERM, and log a new user in."""
    from tests.kit.docs.terminal import Terminal

    opened: list[Terminal] = []

    def start(chat: Chat, *flags: str, TERM: str) -> Person:
        judge.require_code("stage4.client")
        user = chat.accounts.register(chat.registrar)
        where = {"--auth": chat.accounts.server, "--chat": chat.server}
        flags += tuple(word for flag, s in where.items() for word in (flag, f"{s.host}:{s.port}"))
        recipe = judge.recipes.find("stage4.client")
        env = scrubbed(tmp_path, PYTHONPATH=str(judge.tree.root), **recipe.env)
        argv, folder = [*recipe.argv, *flags], recipe.cwd or tmp_path
        screen = Terminal("stage4.client", argv, cwd=folder, env={**env, "TERM": TERM})
        opened.append(screen)
        screen.press(f"/login {user.name} {user.password}\r")
        screen.wait_for(f"entered as {user.name}")
        return Person(screen, user)

    yield start
    for screen in opened:
        screen.dispose()


@pytest.mark.task("4.11", hint="Where does the line go that is being typed when a message comes?")
def test_what_arrives_does_not_garble_the_line_that_is_typed(
    sqlite_chat: Chat, person_at: OpenPerson
) -> None:
    ben = sqlite_chat.person("ben")
    ben.join("lobby")
    ann = person_at(sqlite_chat, TERM="xterm")
    ann.screen.press("half a li")
    ann.screen.wait_for("half a li")
    ben.say("lobby", "an interruption \x1b[2J\x1b]0;title\x07")
    ann.screen.wait_for(r"ben\S*: an interruption \\x1b\[2J\\x1b\]0;title\\x07")
    ann.screen.wait_for("half a li")  # the editor has drawn it again below
    ann.screen.press("ne\r")
    ben.expect_push(MESSAGE, room="lobby", text="half a line")
    ann.screen.press("/quit\r")
    check.equal(ann.screen.wait_exit(), 0, "the exit code")


@pytest.mark.task("4.11", hint="What does a screen reader make of a line that is drawn again?")
@pytest.mark.parametrize(("term", "flags"), [("dumb", ()), ("xterm", ("--plain",))])
def test_a_plain_terminal_gets_lines_and_nothing_else(
    sqlite_chat: Chat, person_at: OpenPerson, term: str, flags: tuple[str, ...]
) -> None:
    ben = sqlite_chat.person("ben")
    ben.join("lobby")
    ann = person_at(sqlite_chat, *flags, TERM=term)
    ann.screen.press("hello there\r")
    ben.expect_push(MESSAGE, room="lobby", text="hello there")
    ben.say("lobby", "first\nsecond")
    ann.screen.wait_for(r"ben\S*: first\r?\n +second")
    ann.screen.press("/quit\r")
    check.equal(ann.screen.wait_exit(), 0, "the exit code")
    check.that("\x1b" not in ann.screen.text, "no escape sequence was written")
