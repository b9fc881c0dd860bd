"""Is a suite as good as it says? It is repeated on a busy machine, and must stay green."""

import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from .json_types import JsonObject
from .pytest_command import pytest_command, pytest_environment
from .scoreboard import PASSED
from .tree import CHECKOUT

RUN_SECONDS = 1200
BURN = "while True: pass"


@dataclass
class Repeated:
    """What became of one suite that was run again and again."""

    suite: str
    seconds: list[float] = field(default_factory=list)
    green: int = 0
    failures: Counter[str] = field(default_factory=Counter)
    last_failed: list[str] = field(default_factory=list)  # in the last run

    @property
    def runs(self) -> int:
        """How often it ran."""
        return len(self.seconds)

    @property
    def median(self) -> float:
        """The middle of the runs' times, in seconds."""
        return statistics.median(self.seconds)

    def note(self, seconds: float, code: int, failed: list[str]) -> None:
        """Take in one run."""
        self.seconds.append(seconds)
        self.green += code == 0
        self.last_failed = failed or (["the suite itself"] if code else [])
        self.failures.update(self.last_failed)


@contextlib.contextmanager
def busy(processes: int) -> Iterator[None]:
    """Keep so many processors busy with nothing until the block ends."""
    burning = [subprocess.Popen([sys.executable, "-c", BURN]) for _ in range(processes)]
    try:
        yield
    finally:
        for process in burning:
            process.kill()
            process.wait()


def run_once(suite: str, repeated: Repeated, *options: str) -> None:
    """Run a suite (its folder below tests/) once and note what became of it."""
    with tempfile.TemporaryDirectory(prefix="kit-doctor-") as folder:
        results = Path(folder, "results.json")
        words = [f"tests/{suite}", f"--results={results}", "-p", "no:cacheprovider", *options]
        start = time.monotonic()
        try:
            code = subprocess.run(
                pytest_command(*words),
                cwd=CHECKOUT,
                env=pytest_environment(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                timeout=RUN_SECONDS,
                check=False,
            ).returncode
        except subprocess.TimeoutExpired:
            code = 1
        took = time.monotonic() - start
        lines: list[JsonObject] = json.loads(results.read_text("utf-8")) if results.exists() else []
    failed = [str(line["function"]) for line in lines if line["outcome"] != PASSED]
    repeated.note(took, code, failed if code else [])


def processors() -> int:
    """Return how many processors this machine has."""
    return os.cpu_count() or 1
