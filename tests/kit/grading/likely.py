"""Which known mistake a failing submission looks like: the bank's entries, by what they fail."""

from dataclasses import replace
from typing import Any

from .. import bank, mistakes
from ..scoreboard import FAILED
from ..starters import short
from .own_tests import is_hidden
from .results import REFUSED, TROUBLE, Result

MOST = 3
NEVER_READY = "ended before it was ready"  # of programs.py
NEAR = 0.5


def likely(result: Result, entries: list[bank.Entry]) -> list[dict[str, str]]:
    """Return the nearest known mistakes, nearest first; [] when nothing is near.

    Near is by tests, where the bank's list of what fails is there (``mistakes.py``); else by tasks:
    those that failed by themselves, against those that the entry fails. Many
    mistakes share a task, so these are places to look at, not a verdict.
    """
    # What a report names must not tell of tests that are hidden.
    shown = [check for check in result.checks if not is_hidden(str(check["function"]))]
    failed = replace(result, checks=shown).first_causes
    if not failed or result.status in (REFUSED, TROUBLE):
        return []
    if result.unwritten or result.nothing_works or _never_starts(result):
        return []
    if known := mistakes.known(result.stage):
        cases = {(mistakes.test_named(c["function"]), title) for c in shown for title in _failed(c)}
        first = next((c["task"] for c in shown if c["outcome"] == FAILED), "")
        inside = {mistakes.test_named(c["function"]) for c in shown if c["task"] == first}
        near = mistakes.nearest(known, cases, inside)
        return [{"name": m.name, "says": m.says, "link": m.link} for m in near]
    wrong = [entry for entry in entries if entry.fails and not entry.requires]
    ranked = sorted(
        ((_nearness(failed, frozenset(entry.fails)), entry) for entry in wrong),
        key=lambda pair: (-pair[0], pair[1].name),
    )
    best = ranked[0][0] if ranked else 0.0
    if best < NEAR:
        return []
    text = f"docs/{short(result.stage)}.md"
    near_ones = [entry for near, entry in ranked if near == best]
    if len(near_ones) > MOST:
        return []  # so many share these tasks that naming some would say nothing
    return [
        {"name": entry.name, "says": entry.says, "link": f"{text}#mistake-{entry.name}"}
        for entry in near_ones
    ]


def _failed(check: dict[str, Any]) -> list[str]:
    """Return the titles of a check's failed cases."""
    return list(check["failed_cases"]) if check["outcome"] == FAILED else []


def _never_starts(result: Result) -> bool:
    """Whether nothing started even for the first task: its log says why, no mistake does."""
    first = result.failures[0] if result.failures else {}
    said = str((first.get("failure") or {}).get("message", ""))
    return first.get("task") == result.tasks[0].name and NEVER_READY in said


def _nearness(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / len(one | other)
