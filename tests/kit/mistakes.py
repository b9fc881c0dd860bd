"""Which known mistake a program looks like, by the tests that it fails.

The bank (``bank.py``) knows programs that are wrong in one way each, and ``failing.json`` beside
them which tests of their own tasks find them out, in which cases (``kit.py doctor --learn``). A
handout has no bank: it gets a list of what each mistake is called and which tests fail, which is
what the stage's text tells as well, and nothing of how the program is made.
"""

import json
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from .json_types import JsonObject
from .progress import NO_TASK, Progress
from .starters import short
from .tree import CHECKOUT

BANK = CHECKOUT / "tests" / "bank"
FAILING = "failing.json"
# What a handout has instead.
LIST = Path("tests", "kit", "mistakes.json")
MOST = 3
# So much of the tests that failed, here or there, must have failed in both. One that the mistake
# fails and this program does not counts twice: a program may have other mistakes as well.
NEAR, ABSENCE = 0.6, 2
# So many of a mistake's cases must have failed here too; half of them where one of two databases is
# left out.
SHARED = 0.5

T = TypeVar("T")
Case = tuple[str, str]  # a test as FILE::FUNCTION, and the title of one of its cases
Failing = dict[str, dict[str, list[str]]]  # a program's name -> test -> titles of failed cases


@dataclass(frozen=True, slots=True)
class Mistake:
    """A known mistake: its name, what such a program does, and the cases that find it out."""

    stage: str
    name: str
    says: str
    cases: frozenset[Case]

    @property
    def tests(self) -> frozenset[str]:
        """The tests that find it out."""
        return _tests(self.cases)

    @property
    def link(self) -> str:
        """Where the stage's text speaks of it."""
        return f"docs/{short(self.stage)}.md#mistake-{self.name}"


def known(stage: str) -> list[Mistake]:
    """Return the known mistakes of a stage, by name; [] where there is no list of them."""
    if (CHECKOUT / LIST).is_file():
        told = json.loads((CHECKOUT / LIST).read_text("utf-8")).get(stage, [])
        return [Mistake(stage, m["name"], m["says"], _cases(m["tests"])) for m in told]
    folder = BANK / short(stage)
    if not (folder / FAILING).is_file():
        return []
    failing = json.loads((folder / FAILING).read_text("utf-8"))
    return [
        Mistake(stage, path.stem, tomllib.loads(path.read_text("utf-8"))["says"], _cases(tests))
        for path in sorted(folder.glob("*.toml"))
        if (tests := failing.get(path.stem))
    ]


def looks_like(mistakes: Sequence[Mistake], failed: Iterable[Case]) -> list[Mistake]:
    """Return the nearest of ``mistakes``, at most three.

    The tests that failed say which are near; of those that are equally near, the cases do. They are
    places to look at, not a verdict: a mistake may be one that nobody has made before.
    """
    cases = frozenset(failed)
    near, nearness = _best(mistakes, lambda mistake: _nearness(_tests(cases), mistake.tests))
    if nearness < NEAR:
        return []
    near = [m for m in near if len(cases & m.cases) >= SHARED * len(m.cases)]
    return _best(near, lambda mistake: _nearness(cases, mistake.cases))[0][:MOST]


def _best(
    mistakes: Sequence[Mistake], value: Callable[[Mistake], float]
) -> tuple[list[Mistake], float]:
    valued = [(value(mistake), mistake) for mistake in mistakes]
    best = max((number for number, _ in valued), default=0.0)
    return [mistake for number, mistake in valued if number == best], best


def likely(stage: str, progress: Progress) -> list[Mistake]:
    """Return what a run looks like: by all that failed, else by what failed in the first task.

    Where the first cause is that something is not written, that says more, and where nothing works
    there is no saying: then it is [].
    """
    if not progress.failures or (progress.failures[0]["failure"] or {}).get("not_written"):
        return []
    if progress.nothing_works:
        return []
    failed = {(test_named(event["function"]), event["title"]) for event in progress.failures}
    first = progress.tasks[progress.failures[0]["task"] or NO_TASK]
    return nearest(known(stage), failed, {test_named(function) for function in first.lines})


def nearest(mistakes: Sequence[Mistake], failed: set[Case], inside: set[str]) -> list[Mistake]:
    """Return what is near by all that failed, else by the tests ``inside`` the first task."""
    if found := looks_like(mistakes, failed):
        return found
    parts = [replace(mistake, cases=_inside(mistake.cases, inside)) for mistake in mistakes]
    return looks_like([mistake for mistake in parts if mistake.cases], _inside(failed, inside))


def _inside(cases: Iterable[Case], tests: set[str]) -> frozenset[Case]:
    return frozenset(case for case in cases if case[0] in tests)


def _tests(cases: Iterable[Case]) -> frozenset[str]:
    return frozenset(test for test, _ in cases)


def _cases(tests: Mapping[str, Iterable[str]]) -> frozenset[Case]:
    return frozenset((test, title) for test, titles in tests.items() for title in titles)


def _nearness(failed: frozenset[T], mistake: frozenset[T]) -> float:
    both, only_there = len(failed & mistake), len(mistake - failed)
    return both / (len(failed) + ABSENCE * only_there) if both else 0.0


def test_named(function: str) -> str:
    """Return FILE::FUNCTION of a test's whole name."""
    return function.rpartition("/")[2]


def for_handout(stages: Iterable[str]) -> bytes:
    """Return the list that a handout of these stages gets, without what hidden tests find out."""
    told: JsonObject = {}
    for stage in stages:
        mistakes = []
        for mistake in known(stage):
            tests: dict[str, list[str]] = {}
            for test, title in sorted(mistake.cases):
                if not test.startswith("test_hidden_"):
                    tests.setdefault(test, []).append(title)
            if tests:
                mistakes.append({"name": mistake.name, "says": mistake.says, "tests": tests})
        told[stage] = mistakes  # type: ignore[assignment]
    return (json.dumps(told, ensure_ascii=False, indent=1) + "\n").encode()


def learn(stage: str, failing: Failing) -> Path:
    """Keep which tests find out which program of a stage's bank, in which cases.

    What is known of programs that could not be tried here (another language's) is kept.
    """
    path = BANK / short(stage) / FAILING
    known_names = {file.stem for file in path.parent.glob("*.toml")}
    before = json.loads(path.read_text("utf-8")) if path.is_file() else {}
    found = {name: _sorted(tests) for name, tests in failing.items()}
    kept = {name: tests for name, tests in {**before, **found}.items() if name in known_names}
    path.write_text(
        json.dumps(dict(sorted(kept.items())), ensure_ascii=False, indent=1) + "\n", "utf-8"
    )
    return path


def _sorted(tests: Mapping[str, Iterable[str]]) -> dict[str, list[str]]:
    return {test_named(test): sorted(titles) for test, titles in sorted(tests.items())}
