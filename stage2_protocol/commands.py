"""Command lines for terminal clients: ``/name arguments`` runs a command, other text is said.

Every terminal client from this stage on is a table of commands; a later client adds rows to an
earlier one's table.
"""

import contextlib
import difflib
import inspect
import shlex
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from stage1_echo import CourseError, input_lines, print_event

from .errors import ConnectionLost, ProtocolError, Refused

_HELP_COLUMN = 34  # what a command does begins no further to the right, unless its usage is longer


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
        self.add("help", Command("[COMMAND]", "show the commands", self._help))
        self.add("quit", Command("", "leave", self._quit))

    def add(self, name: str, command: Command) -> None:
        """Add a row to the table."""
        self._commands[name] = command

    @property
    def names(self) -> list[str]:
        """The names of all commands, without the slash."""
        return list(self._commands)

    def run(self, lines: Iterable[str] | None = None) -> int:
        """Carry out the input, line by line, until its end or Ctrl-C; return the exit code.

        ``lines`` are those of standard input, unless others are given.
        """
        with contextlib.suppress(Quit, KeyboardInterrupt):
            for line in input_lines() if lines is None else lines:
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
        except EOFError:  # Ctrl-D where a command asked for a word
            print_event("error: nothing was done: a word is missing")
        except OSError as error:  # a file or the network of this machine
            print_event(f"error: {error.strerror or error}")

    def _command(self, text: str) -> None:
        name, _, rest = text.partition(" ")
        command = self._commands.get(name)
        if command is None:
            near = difflib.get_close_matches(name, self._commands, n=1)
            meant = f"did you mean /{near[0]}?" if near else "/help shows what there is"
            print_event(f"error: no command /{name}; {meant}")
            return
        words = [rest.strip()] if command.raw else split_words(rest)
        try:
            _check_count(command, words)
            command.run(*words)
        except WrongUsage as error:
            usage = f"/{name} {command.usage}".rstrip()
            print_event(f"error: usage: {usage}" + (f" ({error})" if str(error) else ""))

    def _help(self, name: str = "") -> None:
        name = name.removeprefix("/")
        if name and name not in self._commands:
            raise WrongUsage(f"there is no command /{name}")
        shown = [name] if name else list(self._commands)
        usages = {name: f"/{name} {self._commands[name].usage}".rstrip() for name in shown}
        width = min(_HELP_COLUMN, max(map(len, usages.values())))
        for name, usage in usages.items():
            print_event(f"{usage:{width}}  -  {self._commands[name].help}")

    def _quit(self) -> None:
        raise Quit


def _check_count(command: Command, words: list[str]) -> None:
    """Raise WrongUsage when the command does not take so many words."""
    try:
        inspect.signature(command.run).bind(*words)
    except TypeError as error:
        raise WrongUsage from error


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
