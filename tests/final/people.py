"""What the tests of the whole talk about: its three servers, people at terminals, real text."""

import json
import re
from dataclasses import dataclass
from pathlib import Path

from tests.kit.deadlines import eventually
from tests.kit.fixtures import Launcher
from tests.kit.programs import Program

SERVICES = ("auth", "chat", "files")
PASSWORD = "abc123"


def real_lines() -> list[str]:
    """Return lines of real text: many scripts, right-to-left, emoji, characters with a meaning."""
    return Path(__file__).with_name("talk.txt").read_text("utf-8").splitlines()


def as_shown(line: str) -> str:
    """Return how a terminal or a window shows a line: what could steer it is escaped."""
    return line.replace("\t", "\\t").replace("\u00ad", "\\xad")


@dataclass(frozen=True)
class Whole:
    """The three servers under test; ``sms`` is the file with the codes."""

    program: Program
    sms: Path

    def flags(self) -> list[str]:
        """Return the flags that tell a client where the servers are."""
        return [
            word
            for name in SERVICES
            for word in (
                f"--{name}",
                f"{self.program.endpoints[name].host}:{self.program.endpoints[name].port}",
            )
        ]

    def code_for(self, phone: str) -> str:
        """Return the newest code sent to ``phone``."""

        def newest() -> str:
            if not self.sms.exists():
                return ""
            sent = [json.loads(line) for line in self.sms.read_text("utf-8").splitlines()]
            return next((s["code"] for s in reversed(sent) if s["phone"] == phone), "")

        return eventually(newest, why=f"a code for {phone} in the SMS file")


class Person:
    """Somebody at a terminal client; registered and logged in."""

    def __init__(self, launch: Launcher, whole: Whole, name: str, phone: str, home: Path) -> None:
        self.name = name
        self.home = home
        self._launch = launch
        self._whole = whole
        home.mkdir(exist_ok=True)
        self.terminal = self._open()
        self.do(f"/code {phone}", "a code was sent")
        code = whole.code_for(phone)
        self.do(f"/register {name} {PASSWORD} {phone} {code}", f"registered {name}")
        self.log_in()

    def do(self, line: str, expected: str, seconds: float = 15) -> None:
        """Type a line and wait for what it prints."""
        self.terminal.send_line(line)
        self.terminal.expect_line(expected, seconds=seconds)

    def log_in(self) -> None:
        """Log in and enter the chat."""
        self.do(f"/login {self.name} {PASSWORD}", f"entered as {self.name}")

    def come_back(self) -> None:
        """Open a new terminal after the old one was killed, and log in."""
        self.terminal = self._open()
        self.log_in()

    def leave(self) -> None:
        """End the input; the terminal must end by itself with exit code 0."""
        self.terminal.close_stdin()
        self.terminal.wait_exit(seconds=15, code=0)

    def _open(self) -> Program:
        return self._launch("final.terminal", *self._whole.flags())


def spoken(person: Person, place: str = "lobby") -> list[tuple[int, str, str]]:
    """Return (seq, name, text) of every line of ``place`` that a terminal has shown."""
    shown = re.compile(rf"^(?:earlier )?{place} #(\d+) (\S+): (.*)$")
    matches = map(shown.match, person.terminal.seen)
    return [(int(m[1]), m[2], m[3]) for m in matches if m]
