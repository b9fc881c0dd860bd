"""A child process that answers one JSON line with one JSON line; probes and windows are such."""

import contextlib
import json
import queue
import secrets
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any, NoReturn

from . import confine, processes, story
from .deadlines import Deadline, note_waited_in_vain
from .json_types import JsonObject
from .logs import Stream

INSIDE = Path(__file__).parent / "inside"
# Code under test can find the pipe and write to it without end: it costs us no more than this.
LONGEST_ANSWER = 64 * 1024 * 1024
MOST_ANSWERS = 4


class ChildGone(Exception):
    """The child ended, or did not answer in time and was killed; the text says which."""


class ChildPipe:
    """Runs ``inside/<script>`` with the tree on its import path; ``folder`` is its own, empty."""

    def __init__(
        self, name: str, script: str, args: list[str], env: Mapping[str, str], folder: Path
    ) -> None:
        self.name = name
        argv = [sys.executable, "-P", str(INSIDE / script), *args]
        words = confine.confined(argv, folder, own=folder, fence=folder.parent)
        self._process = processes.spawn(words, cwd=folder, env=env)
        if self._process.stderr is None or self._process.stdout is None:
            raise TypeError("the child was started without pipes")
        # Beside the folder: in it, the child could put a link in its place.
        log = folder.with_name(f"{folder.name}-stderr.txt")
        self.stderr = Stream(self._process.stderr, log)
        self._answers: queue.Queue[bytes | None] = queue.Queue(MOST_ANSWERS)
        reader = threading.Thread(target=self._read, args=(self._process.stdout,), daemon=True)
        reader.start()

    @property
    def alive(self) -> bool:
        """Whether the child still runs."""
        return self._process.poll() is None

    def ask(self, request: dict[str, Any], seconds: float) -> dict[str, Any]:
        """Send a request and return its answer; raises ChildGone, and the child is gone then."""
        story.current().involve(self)
        # Not a counter: code under test that writes to the pipe cannot guess it.
        number = secrets.token_hex(8)
        self._send(json.dumps({**request, "id": number}).encode("ascii") + b"\n")
        deadline = Deadline(seconds)
        while True:
            answer = self._next(deadline)
            if answer.get("id") == number:
                return answer

    def wait_exit(self, seconds: float) -> int | None:
        """Wait until the child has ended by itself; return its exit code, None if it has not."""
        try:
            return self._process.wait(Deadline(seconds).seconds)
        except subprocess.TimeoutExpired:
            return None

    def close(self) -> None:
        """End the child."""
        processes.kill_tree(self._process)
        if self._process.stdin is not None:
            with contextlib.suppress(OSError):
                self._process.stdin.close()

    def testimony(self) -> JsonObject:
        """Return name, state and the tail of what was printed, as JSON."""
        code = self._process.poll()
        state = "running" if code is None else f"ended with {code}"
        return {"name": self.name, "state": state, "stderr": self.stderr.tail()}

    def _send(self, line: bytes) -> None:
        stdin = self._process.stdin
        if stdin is None:
            raise TypeError("the child was started without pipes")
        try:
            stdin.write(line)
            stdin.flush()
        except OSError:
            self._gone()

    def _next(self, deadline: Deadline) -> dict[str, Any]:
        try:
            line = self._answers.get(timeout=deadline.remaining)
        except queue.Empty:
            note_waited_in_vain()
            self.close()
            raise ChildGone(f"gave no answer within {deadline.seconds:.1f} s") from None
        if line is None:
            self._gone()
        with contextlib.suppress(ValueError):
            answer = json.loads(line)
            if isinstance(answer, dict):
                return answer
        return {}

    def _gone(self) -> NoReturn:
        self.close()
        raise ChildGone(f"its process ended with exit code {self._process.returncode}")

    def _read(self, pipe: IO[bytes]) -> None:
        with pipe:
            # What is too long is no line; it ends the pipe, and so does the end.
            while (line := pipe.readline(LONGEST_ANSWER)).endswith(b"\n"):
                with contextlib.suppress(queue.Full):
                    self._answers.put_nowait(line)
        self._answers.put(None)
