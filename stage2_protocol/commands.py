"""Command lines for terminal clients: ``/name arguments`` runs a command, other text is said.

Every terminal client from this stage on is a table of commands; a later client adds rows to an
earlier one's table.
"""

import contextlib
import inspect
import shlex
from collections.abc import Callable
from dataclasses import dataclass

from stage1_echo import CourseError, input_lines, print_event

from .errors import ConnectionLost, ProtocolError, Refused


@dataclass(frozen=True)
class Command:
    """One command: what to write behind its name, what it does, and the function that does it.

    ``run`` gets the words behind the name; with ``raw`` it gets all behind the name as one word.
    """

    usage: str
    help: str
    run: Callable[..., object]
    raw: bool = False


class WrongUsage(ProtocolError):
    """Raised by a command whose words make no sense; its usage is then shown."""


class Quit(Exception):
    """Raised by a command to end the command line."""


class CommandLine:
    """Reads commands until the input ends or ``/quit``; a failing command prints one error line.

    ``say(text)`` gets lines that do not begin with a slash; a double slash says a single one.
    """

    def __init__(self, say: Callable[[str], object]) -> None:
        self._say = say
        self._commands: dict[str, Command] = {}
        self.add("help", Command("", "show the commands", self._help))
        self.add("quit", Command("", "leave", self._quit))

    def add(self, name: str, command: Command) -> None:
        """Add a row to the table."""
        self._commands[name] = command

    def run(self) -> int:
        """Carry out the input, line by line, until its end or Ctrl-C; return the exit code."""
        with contextlib.suppress(Quit, KeyboardInterrupt):
            for line in input_lines():
                self.carry_out(line)
        return 0

    def carry_out(self, line: str) -> None:
        """Carry out one line; what goes wrong is printed as one line, ``error …``."""
        try:
            if line.startswith("/") and not line.startswith("//"):
                self._command(line[1:])
            elif line:
                self._say(line.removeprefix("/") if line.startswith("//") else line)
        except Refused as error:
            field = f" ({error.field})" if error.field else ""
            print_event(f"error {error.status}{field}: {error.message}")
        except ConnectionLost as error:
            print_event(f"error: {error}")
        except CourseError as error:
            print_event(f"error: {error}")

    def _command(self, text: str) -> None:
        name, _, rest = text.partition(" ")
        command = self._commands.get(name)
        if command is None:
            print_event(f"error: no command /{name}; /help shows what there is")
            return
        words = [rest.strip()] if command.raw else split_words(rest)
        try:
            _check_count(command, words)
            command.run(*words)
        except WrongUsage:
            print_event(f"error: usage: /{name} {command.usage}".rstrip())

    def _help(self) -> None:
        for name, command in self._commands.items():
            print_event(f"/{name} {command.usage}".rstrip() + f"  -  {command.help}")

    def _quit(self) -> None:
        raise Quit


def _check_count(command: Command, words: list[str]) -> None:
    """Raise WrongUsage when the command does not take so many words."""
    try:
        inspect.signature(command.run).bind(*words)
    except TypeError as error:
        raise WrongUsage(str(error)) from error


def split_words(text: str) -> list[str]:
    """Split at spaces; quotes hold words together, a backslash is itself (Windows paths)."""
    lexer = shlex.shlex(text, posix=True, punctuation_chars=False)
    lexer.whitespace_split = True
    lexer.escape = ""
    lexer.commenters = ""
    try:
        return list(lexer)
    except ValueError:  # a quote that is not closed is just a character
        return text.split()
