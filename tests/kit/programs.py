"""Programs under test: started, watched, talked to through their standard streams, ended."""

import contextlib
import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import IO, NoReturn, Protocol

import psutil

from . import confine, deadlines, processes, story
from .deadlines import ANSWER_SECONDS, Deadline
from .failure import NOT_GIVEN, ProgramFailed
from .json_types import JsonObject
from .logs import Stream
from .patience import Patience
from .view import escape, show_value

READY = re.compile(r"READY (?P<service>[a-z0-9]+) (?P<host>\S+) (?P<port>[1-9][0-9]{0,4})\Z")
# The contract: a server that is asked to end has ended within so many seconds.
END_SECONDS = 5.0
STAY_SECONDS = 0.5
# Enough for the traceback of a bug that is buried in calls.
LOG_LINES = 60
# How often a wait for a line looks whether the program still runs.
LOOK_SECONDS = 0.2
# For the end of a program that has closed both its outputs.
GONE_SECONDS = 1.0
# Whether a program has ever printed a line.
_lines = Patience()


class Server(Protocol):
    """Where a server under test listens, whether the harness started it or found it running."""

    name: str
    host: str
    port: int

    def assert_alive(self) -> None:
        """Raise ProgramFailed when the server is gone."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A service that one READY line announced."""

    service: str
    host: str
    port: int


class Program:
    """A child process under test; its logs are files in ``folder``.

    ``host``, ``port`` and ``service`` are those of its first READY line (``endpoints``: of all);
    before wait_ready they are empty. ``own_env`` is what a submission adds to ``env``.
    """

    def __init__(
        self,
        name: str,
        argv: Sequence[str],
        *,
        cwd: Path,
        env: Mapping[str, str],
        folder: Path,
        own_env: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self.name = name
        self.argv = tuple(argv)
        self.host, self.port, self.service = "", 0, ""
        self.endpoints: dict[str, Endpoint] = {}
        self.before_ready: list[str] = []
        self.seen: list[str] = []
        story.current().tell(name, f"is started: {_command_text(argv)}")
        confine.give(folder / "home")
        argv, more = confine.environment(argv, own_env)
        words = confine.confined(argv, cwd, own=folder / "home", fence=folder.parent)
        self._process = processes.spawn(words, cwd=cwd, env={**env, **more})
        self._gone = False
        self.stdout = Stream(_pipe(self._process.stdout), folder / "stdout.txt")
        self.stderr = Stream(_pipe(self._process.stderr), folder / "stderr.txt")
        self._told = (0, 0)  # what stood on both streams before this test began to use it
        story.current().involve(self)

    # --- how it is ---

    @property
    def pid(self) -> int:
        """The process id."""
        return confine.real_pid(self._process.pid)

    @property
    def exit_code(self) -> int | None:
        """The exit code; negative for a signal, None while it runs."""
        return self._process.poll()

    def assert_alive(self) -> None:
        """Raise ProgramFailed with exit code and log when the program has ended."""
        if self.exit_code is not None:
            self._fail(f"{self.name} has ended ({self._ending()}), it should still run")

    def holdings(self) -> int:
        """Return how many threads and open files (on Windows: handles) the program has now."""
        process = psutil.Process(self.pid)
        files = process.num_handles() if hasattr(process, "num_handles") else process.num_fds()
        return int(files) + int(process.num_threads())

    def join(self) -> None:
        """Take part in the current test: what it writes from here on belongs in the report."""
        if story.current().involve(self):
            self._told = (self.stdout.total, self.stderr.total)

    def testimony(self) -> JsonObject:
        """Return name, state and the ends of what it wrote in this test, as JSON."""
        self._finish_logs()
        if self.stdout.ended and self.stderr.ended:
            # On its way out: a connection breaks before the process is gone.
            self._exits_within(Deadline(GONE_SECONDS).seconds)
        state = "running" if self.exit_code is None else self._ending()
        return {
            "name": self.name,
            "state": state,
            "stdout": self.stdout.tail(LOG_LINES, since=self._told[0]),
            "stderr": self.stderr.tail(LOG_LINES, since=self._told[1]),
        }

    # --- the READY line ---

    def wait_ready(self, seconds: float, count: int = 1) -> None:
        """Wait until ``count`` READY lines stand on standard output.

        Lines before them are kept in ``before_ready`` and forgiven here: a suite checks them in
        one task, so that one mistake costs one task.
        """
        deadline = Deadline(seconds)
        while len(self.endpoints) < count:
            line = self._next_line(deadline)
            if line is None:
                self._not_ready(deadline)
            match = READY.match(line)
            if match is None or int(match["port"]) > 65535:
                self.before_ready.append(line)
                continue
            found = Endpoint(match["service"], match["host"], int(match["port"]))
            self.endpoints[found.service] = found
            if not self.port:
                self.service, self.host, self.port = found.service, found.host, found.port
            story.current().tell(self.name, f"says it is ready: {escape(line)}")

    def _not_ready(self, deadline: Deadline) -> NoReturn:
        if self.exit_code is not None or (self.stdout.ended and self._exits_within(1.0)):
            what = f"{self.name} ended before it was ready ({self._ending()})"
        elif self.stdout.ended:
            what = f"{self.name} closed its standard output before it was ready"
        else:
            what = f"{self.name} printed no READY line within {deadline.seconds:.1f} s"
        self._fail(
            what,
            expected="a line: READY <service> <host> <port>",
            received=self.before_ready[:10] or "nothing on standard output",
        )

    # --- its standard streams ---

    def send_line(self, text: str, fed: bytes | None = None) -> None:
        """Write one line to the program's standard input.

        The story tells the bytes ``fed`` instead, where the line does no more than carry them.
        """
        words = "is given the line" if fed is None else "is fed"
        story.current().tell(self.name, words, text.encode() if fed is None else fed)
        stdin = _pipe(self._process.stdin)
        try:
            stdin.write(text.encode("utf-8", "surrogateescape") + b"\n")
            stdin.flush()
        except OSError:
            self._fail(f"{self.name} no longer reads its standard input ({self._ending()})")

    def close_stdin(self) -> None:
        """End the program's standard input."""
        story.current().tell(self.name, "is told that its input ends")
        with contextlib.suppress(OSError):
            _pipe(self._process.stdin).close()

    def expect_line(self, pattern: str, seconds: float = ANSWER_SECONDS) -> re.Match[str]:
        """Read lines of standard output until one contains ``pattern``; return the match.

        Lines before it are passed over and kept in ``seen``.
        """
        deadline, passed = Deadline(_lines.seconds(self.name, seconds)), list[str]()
        while (line := self._next_line(deadline)) is not None:
            passed.append(line)
            self.seen.append(line)
            if match := re.search(pattern, line):
                story.current().tell(self.name, f"prints: {show_value(line, 200)}")
                return match
        if deadline.passed and not passed:
            _lines.in_vain(self.name)
        until = f"within {deadline.seconds:.1f} s" if deadline.passed else "before it ended"
        self._fail(
            f"{self.name} printed no line with {pattern!r} {until}",
            expected=f"a line on standard output that matches {pattern}",
            received=passed[-20:] or "no further line",
        )

    def _next_line(self, deadline: Deadline) -> str | None:
        """Return the next line; None when the time is up or no more can come."""
        while True:
            ended = self.exit_code is not None
            line = self.stdout.next_line(min(deadline.remaining, LOOK_SECONDS))
            if line is not None:
                _lines.worked(self.name)
            # Something that the program started may hold its output open after its end.
            if line is not None or ended or self.stdout.ended or deadline.passed:
                return line

    # --- its end ---

    def ask_to_end(self) -> None:
        """Ask the program to end (SIGTERM, Ctrl-Break) and return at once."""
        story.current().tell(self.name, "is asked to end (SIGTERM, or Ctrl-Break on Windows)")
        processes.ask_to_end(self._process)

    def interrupt(self) -> None:
        """Do what Ctrl-C does and return at once."""
        story.current().tell(self.name, "is interrupted (as by Ctrl-C)")
        processes.interrupt(self._process)

    def wait_exit(self, seconds: float = END_SECONDS, code: int | None = None) -> int:
        """Wait for the end and return the exit code; it must be ``code`` if one is given."""
        deadline = Deadline(seconds)
        if not self._exits_within(deadline.seconds):
            deadlines.note_waited_in_vain()
            self._fail(f"{self.name} has not ended within {deadline.seconds:.1f} s")
        found = self._process.wait()
        self._finish_logs()
        story.current().tell(self.name, f"has ended with {self._ending()}")
        if code is not None and found != code:
            self._fail(f"{self.name} ended with {self._ending()}", expected=code, received=found)
        return found

    def must_stay(self, seconds: float = STAY_SECONDS) -> None:
        """Fail if the program ends now: it has not yet got what it has to wait for.

        The time only gives a wrong program its chance; a right one is late with nothing.
        """
        if self._exits_within(Deadline(seconds).seconds):
            self._finish_logs()
            self._fail(f"{self.name} has ended already", "it waits", self._ending())

    def end(self, code: int | None = 0) -> int:
        """Ask the program to end and wait for it; whatever happens, it is gone afterwards."""
        self.ask_to_end()
        try:
            return self.wait_exit(code=code)
        finally:
            self.dispose()

    def kill(self) -> None:
        """Kill the program and all it started at once (SIGKILL), as a power cut would."""
        story.current().tell(self.name, "is killed")
        self.dispose()

    def dispose(self) -> None:
        """Make sure that nothing of the program is left; says nothing in the story."""
        if not self._gone:
            processes.kill_tree(self._process)
            self._gone = True
        with contextlib.suppress(OSError):
            _pipe(self._process.stdin).close()

    def _finish_logs(self) -> None:
        """Let the logs become complete; of an ended program something else may hold them open."""
        if self.exit_code is not None:
            for stream in (self.stdout, self.stderr):
                stream.wait_end(LOOK_SECONDS)
            return
        for stream in (self.stdout, self.stderr):
            stream.catch_up(LOOK_SECONDS)

    def _exits_within(self, seconds: float) -> bool:
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def _ending(self) -> str:
        code = self.exit_code
        if code is None:
            return "it still runs"
        return f"exit code {code}" if code >= 0 else f"signal {-code}"

    def _fail(
        self, what: str, expected: object = NOT_GIVEN, received: object = NOT_GIVEN
    ) -> NoReturn:
        raise ProgramFailed(what, expected=expected, received=received)


def _command_text(argv: Sequence[str]) -> str:
    # The interpreter's whole path says nothing to a reader.
    first = Path(argv[0]).name
    words = [first, *(word for word in argv[1:] if word != "-P")]
    return escape(" ".join(words), keep="")


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    if pipe is None:
        raise TypeError("the child was started without this pipe")
    return pipe
