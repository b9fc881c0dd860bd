"""Which known mistake a program looks like, by the tests that it fails.

The bank (``bank.py``) knows programs that are wrong in one way each, and ``failing.json`` beside
them which tests of their own tasks find them out (``kit.py doctor --learn``). A handout has no
bank: it gets a list of what each mistake is called and which tests fail, which is what the stage's
text tells as well, and nothing of how the program is made.
"""

import json
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from .json_types import JsonObject
from .progress import NO_TASK, Progress
from .starters import short
from .tree import CHECKOUT

BANK = CHECKOUT / "tests" / "bank"
FAILING = "failing.json"
# What a handout has instead.
LIST = Path("tests", "kit", "mistakes.json")
MOST = 3
# So much of what failed, here or there, must have failed in both.
NEAR = 0.6


@dataclass(frozen=True, slots=True)
class Mistake:
    """A known mistake: its name, what such a program does, and the tests that find it out."""

    stage: str
    name: str
    says: str
    tests: frozenset[str]

    @property
    def link(self) -> str:
        """Where the stage's text speaks of it."""
        return f"docs/{short(self.stage)}.md#mistake-{self.name}"


def known(stage: str) -> list[Mistake]:
    """Return the known mistakes of a stage, by name; [] where there is no list of them."""
    if (CHECKOUT / LIST).is_file():
        told = json.loads((CHECKOUT / LIST).read_text("utf-8")).get(stage, [])
        return [Mistake(stage, m["name"], m["says"], frozenset(m["tests"])) for m in told]
    folder = BANK / short(stage)
    if not (folder / FAILING).is_file():
        return []
    failing = json.loads((folder / FAILING).read_text("utf-8"))
    return [
        Mistake(stage, path.stem, tomllib.loads(path.read_text("utf-8"))["says"], frozenset(tests))
        for path in sorted(folder.glob("*.toml"))
        if (tests := failing.get(path.stem))
    ]


def looks_like(mistakes: Sequence[Mistake], failed: Iterable[str]) -> list[Mistake]:
    """Return the nearest of ``mistakes``, at most three; ``failed`` are tests: FILE::FUNCTION.

    They are places to look at, not a verdict: a mistake may be one that nobody has made before.
    """
    found = frozenset(failed)
    near = [(_nearness(found, mistake.tests), mistake) for mistake in mistakes]
    best = max((nearness for nearness, _ in near), default=0.0)
    return [mistake for nearness, mistake in near if nearness == best >= NEAR][:MOST]


def likely(stage: str, progress: Progress) -> list[Mistake]:
    """Return what a run looks like: by all that failed, else by what failed in the first task.

    Where the first cause is that something is not written, that says more, and where nothing works
    there is no saying: then it is [].
    """
    if not progress.failures or (progress.failures[0]["failure"] or {}).get("not_written"):
        return []
    if progress.nothing_works:
        return []
    failed = {test_named(failure["function"]) for failure in progress.failures}
    first = progress.tasks[progress.failures[0]["task"] or NO_TASK]
    return nearest(known(stage), failed, {test_named(function) for function in first.lines})


def nearest(mistakes: Sequence[Mistake], failed: set[str], inside: set[str]) -> list[Mistake]:
    """Return what is near by all that failed, else by what failed ``inside``: in the first task."""
    if found := looks_like(mistakes, failed):
        return found
    parts = [replace(mistake, tests=mistake.tests & inside) for mistake in mistakes]
    return looks_like([mistake for mistake in parts if mistake.tests], failed & inside)


def _nearness(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / len(one | other) if one | other else 0.0


def test_named(function: str) -> str:
    """Return FILE::FUNCTION of a test's whole name."""
    return function.rpartition("/")[2]


def for_handout(stages: Iterable[str]) -> bytes:
    """Return the list that a handout of these stages gets, without what hidden tests find out."""
    told: JsonObject = {}
    for stage in stages:
        mistakes = []
        for mistake in known(stage):
            tests = sorted(test for test in mistake.tests if not test.startswith("test_hidden_"))
            if tests:
                mistakes.append({"name": mistake.name, "says": mistake.says, "tests": tests})
        told[stage] = mistakes  # type: ignore[assignment]
    return (json.dumps(told, ensure_ascii=False, indent=1) + "\n").encode()


def learn(stage: str, failing: dict[str, set[str]]) -> Path:
    """Keep which tests find out which program of a stage's bank: name -> functions.

    What is known of programs that could not be tried here (another language's) is kept.
    """
    path = BANK / short(stage) / FAILING
    known_names = {file.stem for file in path.parent.glob("*.toml")}
    before = json.loads(path.read_text("utf-8")) if path.is_file() else {}
    found = {name: sorted(map(test_named, tests)) for name, tests in failing.items()}
    kept = {name: tests for name, tests in {**before, **found}.items() if name in known_names}
    path.write_text(json.dumps(dict(sorted(kept.items())), indent=1) + "\n", "utf-8")
    return path
