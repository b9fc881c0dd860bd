"""What is said of a result in words, for every kind of report."""

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from ..report import render
from ..scoreboard import FAILED, LEFT_OUT, NOTHING_WORKS, PASSED, WAITING
from ..starters import short
from .paths import without_places
from .results import REFUSED, TROUBLE, UNFINISHED, Result
from .running import NOT_RUN

# What was called, before what came of it: "encode_frame(b'x') raised SyntaxError: …".
CALL = re.compile(r"[\w.]+\(.*?\)(?: raised |: )", re.DOTALL)

LEVELS = {
    "bubblewrap": "bubblewrap: the programs saw neither the tests, nor the results, nor a network",
    "user": "another user: the programs saw neither tests nor results; the network was open",
    "limits": "limits only: the programs ran as ordinary processes of the grader's machine",
}


def sandbox_words(result: Result) -> str:
    """Return how the programs were shut in; "" where none ran."""
    return "" if result.status == REFUSED else LEVELS.get(result.sandbox, result.sandbox)


def headline(result: Result) -> str:
    """Return the mark and what there is to say of it, in a few sentences."""
    stage = short(result.stage)
    if result.status == REFUSED:
        words = f"0 of 100 points: this is not a submission of {stage}: {result.why}."
        remedy = f"kit.py pack {stage} makes one that can be graded."
        return f"{words} {remedy} {result.rule}".rstrip()
    if result.status == TROUBLE:
        return f"{stage}: no mark. The grader had trouble of its own: {result.why}"
    words = f"{stage}: {result.score:g} of {result.points:g} points."
    if result.status == UNFINISHED:
        words += f" The run did not come to its end: {result.why}. What had passed by then counts."
    for reason, number in result.left_out.items():
        words += f" {number} checks could not be made for anybody: {reason}."
    return f"{words} {result.rule}".rstrip()


def outcome_words(outcome: str, waiting_on: str) -> str:
    """Return an outcome in words that need no colour."""
    return {
        PASSED: "passed",
        FAILED: "failed",
        WAITING: f"waiting on {waiting_on}",
        LEFT_OUT: "not tested here",
        NOT_RUN: "not reached",
    }.get(outcome, outcome)


WAITING_WORDS = (
    "These build on a task that failed, and most of them will pass once that is mended. What does "
    "not has a cause of its own, which shows then."
)


def waiting(checks: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the checks that did not pass and wait on another task."""
    return [check for check in checks if check["outcome"] == WAITING]


def points_words(points: float) -> str:
    """Return "1 point", "2 points", "0.5 points"."""
    return f"{points:g} point{'' if points == 1 else 's'}"


def seen_words(check: dict[str, Any]) -> str:
    """Return what was seen of a check that waits, in a line."""
    return (
        without_places(str(check.get("seen", "")))
        or "not tried: others of its task had waited in vain"
    )


def check_lines(result: Result, check: dict[str, Any]) -> str:
    """Return the story of one check's failures; "" for one that has none."""
    if check["outcome"] == WAITING:
        first = f"This builds on task {check['waiting_on']}, which failed: mend that first."
        return f"{first} Seen here: {seen_words(check)}"
    if check["outcome"] == NOT_RUN:
        return f"The run was over before this check: {result.why}"
    found = [f for f in result.failures if f["function"] == check["function"]]
    return "\n\n".join(failure_text(failure) for failure in found)


def failure_text(failure: dict[str, Any]) -> str:
    """Return one failure in full: question, steps, bytes, logs."""
    data = failure.get("failure")
    if not data:
        return f"{failure['title']}: skipped by the program"
    return without_places(render(data))


def repeated(result: Result) -> set[int]:
    """Return which failures say what the one before says, of a program of which nothing works."""
    if not result.nothing_works:
        return set()
    said = [_said(failure) for failure in result.failures]
    return {at for at in range(1, len(said)) if said[at] and said[at] == said[at - 1]}


def _said(failure: dict[str, Any]) -> str:
    message = str((failure.get("failure") or {}).get("message", ""))
    call = CALL.match(message)
    return message[call.end() :] if call else message


def own_words(result: Result) -> str:
    """Return what the run over the student's own earlier stages gave; "" when there was none."""
    own = result.all_own
    if not own:
        return ""
    stages = ", ".join(short(name) for name in own["stages"])
    if own["score"] is None:
        return f"Over your own {stages} it could not be judged: {own['why']}"
    words = f"Over your own {stages} it would be {own['score']:g} of {own['points']:g} points"
    words += f"; that run was cut short: {own['why']}" if own["why"] else ""
    if own["score"] == result.score:
        return f"{words}: the same. This counts for nothing."
    lost = changed_tasks(result)
    tasks = f" Other points in: {', '.join(lost)}." if lost else ""
    return f"{words}. This counts for nothing; it tells how your stages fit together.{tasks}"


def changed_tasks(result: Result) -> list[str]:
    """Return the tasks in which the run over the student's own stages earned other points."""
    own = replace(result, checks=result.all_own.get("checks", []))
    before = {task.name: task.earned for task in result.tasks}
    return [task.name for task in own.tasks if task.earned != before.get(task.name, 0.0)]


def likely_words(result: Result) -> str:
    """Return which known mistakes it looks like, or that nothing works; "" for neither."""
    if not result.likely:
        return NOTHING_WORKS if result.nothing_works else ""
    says = "; or that ".join(mistake["says"] for mistake in result.likely)
    return f"It behaves like a program that {says}."
