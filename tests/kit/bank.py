"""The bank: programs that are wrong in one known way, and odd ones that are right.

A suite is only as good as what it finds out. So each stage keeps small named changes to the
reference, in ``tests/bank/stageN/NAME.toml``:

```toml
says = "takes one recv for one message"       # how a report would name the mistake
fails = ["2.4"]                               # the first causes; [] for odd but right programs
base = "right-in-node"                        # a change of this program, not of the reference
requires = "node"                             # only where this program is installed
meets = ["3.6"]                               # a right program's tasks in everyday use; else all

[[change]]                                    # in a file of the stage (or "../server.js", beside
                                              # it); ``old`` stands there once
file = "engine.py"
old = "…"
new = "…"

[files]                                       # or whole files, below the submission's folder
"stage2_protocol/server.py" = "…"
```

The test of the bank wants exactly these tasks to fail; whatever else is not green must be waiting.
"""

import json
import subprocess
import tomllib
from dataclasses import dataclass
from pathlib import Path

from . import deadlines
from .environment import scrubbed
from .failure import HarnessError
from .json_types import JsonObject
from .pytest_command import pytest_command, pytest_environment
from .scoreboard import FAILED
from .starters import short
from .tree import CHECKOUT, STAGES, copy_plain

BANK = CHECKOUT / "tests" / "bank"
RUN_SECONDS = 600
# Some mistakes show as an answer that never comes. In everyday use nobody waits for it as long as
# for a student's: what is awaited before it comes in a hundredth of the time.
SHORT_SCALE = 0.4


@dataclass(frozen=True, slots=True)
class Change:
    """A piece of text in a file of the reference, and what stands there instead."""

    file: str
    old: str
    new: str

    def apply(self, stage: Path) -> None:
        """Change a copy of the stage; raises HarnessError when the reference has moved on."""
        path = stage / self.file
        text = path.read_text("utf-8")
        if text.count(self.old) != 1:
            raise HarnessError(f"{self.file} has {text.count(self.old)} places with {self.old!r}")
        path.write_text(text.replace(self.old, self.new), "utf-8")


@dataclass(frozen=True, slots=True)
class Entry:
    """One program of the bank; ``stage`` is the directory it belongs to."""

    name: str
    stage: str
    says: str
    fails: tuple[str, ...]
    changes: tuple[Change, ...]
    files: dict[str, str]
    requires: str = ""  # a program that must be installed: another language's
    meets: tuple[str, ...] = ()

    def build(self, where: Path) -> Path:
        """Write the program as a submission into the empty folder ``where`` and return it."""
        copy_plain(CHECKOUT / self.stage, where / self.stage)
        for name, text in self.files.items():
            path = where / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
        for change in self.changes:
            change.apply(where / self.stage)
        return where


def entries(stage: str | None = None) -> list[Entry]:
    """Return the bank's programs, of one stage or of all, by name."""
    names = {name.partition("_")[0]: name for name in STAGES}
    return [
        _read(path, names[path.parent.name])
        for path in sorted(BANK.glob("stage?/*.toml"))
        if stage in (None, names[path.parent.name])
    ]


def _read(path: Path, stage: str) -> Entry:
    table = tomllib.loads(path.read_text("utf-8"))
    base = _read(path.with_stem(table["base"]), stage) if "base" in table else None
    changes = tuple(Change(c["file"], c["old"], c["new"]) for c in table.get("change", []))
    return Entry(
        path.stem,
        stage,
        table["says"],
        tuple(table["fails"]),
        (*(base.changes if base else ()), *changes),
        {**(base.files if base else {}), **table.get("files", {})},
        table.get("requires", base.requires if base else ""),
        tuple(table.get("meets", [])),
    )


def judge(
    entry: Entry, folder: Path, *, everything: bool, first_only: bool = True
) -> list[JsonObject]:
    """Run a suite on an entry; return what each test function earned.

    ``folder`` is an empty folder for the submission, the results and the run's output. Unless
    ``everything`` is wanted, a wrong program meets only its own tasks, up to the first failure if
    it should have one (unless ``first_only`` is false), and a right one those that it names, if it
    names any. The tests that are known to find a program out come first: mostly that is enough.
    """
    submission = entry.build(folder / "submission")
    if everything or not (tasks := entry.fails or entry.meets):
        return _run(entry, folder, submission, [f"tests/{entry.stage}"])
    options = ["--alone", *(f"--task={task}" for task in tasks)]
    if entry.fails:
        options += ["--exitfirst"] if len(entry.fails) == 1 and first_only else []
        options += [f"--time-scale={SHORT_SCALE * deadlines.factor():.2f}"]
    if first_only and (tests := _found_by(entry)):
        lines = _run(entry, folder, submission, tests + options)
        if {line["task"] for line in lines if line["outcome"] == FAILED} == set(entry.fails):
            return lines
    return _run(entry, folder, submission, [f"tests/{entry.stage}", *options])


def _found_by(entry: Entry) -> list[str]:
    """Return the tests that are known to find a wrong program out (``doctor --learn``)."""
    file = BANK / short(entry.stage) / "failing.json"
    if not entry.fails or not file.is_file():
        return []
    tests = json.loads(file.read_text("utf-8")).get(entry.name, {})
    return [f"tests/{entry.stage}/{test}" for test in tests]


def _run(entry: Entry, folder: Path, submission: Path, words: list[str]) -> list[JsonObject]:
    results = folder / "results.json"
    results.unlink(missing_ok=True)
    options = [f"--submission={submission}", f"--results={results}", "-p", "no:cacheprovider"]
    done = subprocess.run(
        pytest_command(*words, *options),
        cwd=CHECKOUT,
        env=pytest_environment(scrubbed(folder)),
        capture_output=True,
        timeout=RUN_SECONDS,
        check=False,
    )
    output = done.stdout.decode("utf-8", "replace") + done.stderr.decode("utf-8", "replace")
    (folder / "output.txt").write_text(output, "utf-8")
    if not results.exists():
        raise HarnessError(f"the suite did not run on {entry.name}:\n{output[-2000:]}")
    lines: list[JsonObject] = json.loads(results.read_text("utf-8"))
    return lines
