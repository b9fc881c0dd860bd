"""The report of a class, for its instructor: as HTML beside the students' pages, and as Markdown"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from statistics import median
from urllib.parse import quote

from ..scoreboard import FAILED, LEFT_OUT, WAITING
from ..starters import short
from . import lms_names
from .markup import md, md_table, page, table
from .results import GRADED, REFUSED, STUDENTS, TROUBLE, Result, TaskResult

TENS = [f"{ten}–{ten + 9}" for ten in range(0, 100, 10)]
MARKS = (*TENS, "100")
HARDEST = 10
HARD_NUMBERS = ("#Failed", "#Lost points", "#Of")
# Why a program does not start, where its log says it so.
NO_START = re.compile(
    r"\b(SyntaxError|IndentationError|TabError|ImportError|ModuleNotFoundError)\b(?=:)"
)


@dataclass(frozen=True, slots=True)
class Hard:
    """A task that submissions failed: by themselves, and ``lost`` points of it in any way.

    ``mistake`` is what they look like most often.
    """

    task: str
    title: str
    failed: int
    lost: int
    of: int
    mistake: str = ""


def histogram(results: Sequence[Result]) -> list[tuple[str, int]]:
    """Return how often there is which mark, in tens and 100 percent of the points."""
    marks = [100 * mark / r.points for r in results if r.points for mark in marks_of(r)]
    places = Counter(10 if mark >= 100 else int(mark // 10) for mark in marks)
    return [(name, places[at]) for at, name in enumerate(MARKS)]


def marks_of(result: Result) -> list[float]:
    """Return the marks that a submission gives: each person's after the roster's rules."""
    if result.people:
        return [person["mark"] for person in result.people if person["mark"] is not None]
    return [] if result.score is None else [result.score]


def hardest(results: Sequence[Result]) -> list[Hard]:
    """Return the tasks that most submissions failed by themselves, the hardest first.

    Then come those of which points were lost only because another task failed.
    """
    judged = [result for result in results if result.checks]
    tasks: dict[str, TaskResult] = {task.name: task for r in judged for task in r.tasks}
    found = []
    for name, task in tasks.items():
        failing = [result for result in judged if name in _failed(result)]
        looks = Counter(m for r in failing if first_task(r) == name for m in looks_like(r))
        most = looks.most_common(1)
        mistake = f"{most[0][0]} ({most[0][1]})" if most else ""
        waits = any(_outcomes(result, name) & {FAILED, WAITING} for result in judged)
        lost = sum(_loses(result, name) for result in judged)
        if waits:
            found.append(Hard(name, task.title, len(failing), lost, len(judged), mistake))
    return sorted(found, key=lambda hard: (-hard.failed, -hard.lost))[:HARDEST]


def _outcomes(result: Result, task: str) -> set[str]:
    return {str(check["outcome"]) for check in result.checks if check["task"] == task}


def _loses(result: Result, task: str) -> bool:
    checks = [c for c in result.checks if c["task"] == task and c["outcome"] != LEFT_OUT]
    return any(check["earned"] < check["points"] for check in checks)


def first_task(result: Result) -> str:
    """Return the first task that failed by itself, "" for none."""
    return next((task.name for task in result.tasks if task.name in result.first_causes), "")


def _failed(result: Result) -> set[str]:
    # What a run that was ended did not reach is not hard.
    return {str(check["task"]) for check in result.checks if check["outcome"] == FAILED}


def looks_like(result: Result) -> list[str]:
    """Return what a failing program looks like, behind "a program that": mistakes, or a stub."""
    if result.likely:
        return [mistake["says"] for mistake in result.likely]
    if result.nothing_works:
        if error := _start_error(result):
            return [f"does not start ({error}): nothing passed"]
        return ["does not start, or does not answer: nothing passed"]
    met = result.unwritten  # that says more than what it looks like
    return [f"has no {met['name']} yet, task {met['task']}"] if met else []


def _start_error(result: Result) -> str:
    """Return the kind of error that the first failure's message or log names, "" for none."""
    data = (result.failures[0] if result.failures else {}).get("failure") or {}
    logs = [str(program.get("stderr", "")) for program in data.get("programs", [])]
    said = "\n".join([str(data.get("message", "")), *data.get("lines", []), *logs])
    found: list[str] = NO_START.findall(said)
    return found[-1] if found else ""


def summary(results: Sequence[Result]) -> str:
    """Return the class in a sentence or two."""
    marks = [mark for result in results for mark in marks_of(result)]
    states = Counter(result.status for result in results)
    words = f"{len(results)} submissions"
    if marks:
        full = sum(r.score is not None and r.score >= r.points for r in results)
        words += f", the middle mark is {median(marks):g}, {full} with all points"
    more = [f"{number} {state}" for state, number in states.items() if state != GRADED]
    levels = sorted({result.sandbox for result in results if result.sandbox})
    return f"{'; '.join([words, *more])}. Sandbox: {', '.join(levels)}."


def _heads(results: Sequence[Result]) -> list[str]:
    heads = ["Submission", "#Points"]
    heads += ["#Mark"] if _has_marks(results) else []
    heads += ["#All own"] if any(result.all_own for result in results) else []
    return [*heads, "State", "First cause", "Looks like a program that"]


def _shown(result: Result) -> str:
    """Return what a submission is called: the long name that an LMS made says no more than who."""
    people = ", ".join(person["name"] for person in result.people)
    if not people or lms_names.read(result.name):
        return people or result.name
    return f"{result.name} ({people})"


def _has_marks(results: Sequence[Result]) -> bool:
    return any(result.rule or any(p["rule"] for p in result.people) for result in results)


def _row(result: Result, results: Sequence[Result]) -> list[str]:
    """Return the cells of a submission, as plain text."""
    cells = [_shown(result), _mark(result.score)]
    if _has_marks(results):
        marks = dict.fromkeys(_mark(person["mark"]) for person in result.people)
        cells.append(", ".join(marks) or _mark(result.mark))
    if any(each.all_own for each in results):
        own = result.all_own.get("score")
        cells.append("" if own is None else f"{own:g}")
    looks = "; or ".join(looks_like(result))
    return [*cells, _state(result), first_task(result), looks]


def class_html(results: Sequence[Result], stage: str, changed: Sequence[str] = ()) -> str:
    """Return the page of the class; it links to the pages of the students beside it."""
    title = f"{short(stage)}: {len(results)} submissions"
    body = [f"<h1>{escape(title)}</h1>", f"<p>{escape(summary(results))}</p>"]
    most = max((number for _, number in histogram(results)), default=0) or 1
    rows = [
        [name, str(number), _bar(number / most) if number else ""]
        for name, number in histogram(results)
    ]
    heads: Sequence[str] = ("Percent", f"#{_counted(results).capitalize()}", "Bar")
    body += ["<h2>Marks</h2>", table("How many have which part of the points", heads, rows)]
    hard = [
        [escape(h.task), escape(h.title), *map(str, (h.failed, h.lost, h.of)), escape(h.mistake)]
        for h in hardest(results)
    ]
    if hard:
        heads = ("Task", "What", *HARD_NUMBERS, "Most often it looks like a program that")
        caption = "How many failed a task by itself, and lost points of it in any way"
        body += ["<h2>Hardest tasks</h2>", table(caption, heads, hard)]
    body += ["<h2>Submissions</h2>", _submissions_html(results)]
    if changed:
        items = "".join(f"<li>{escape(line)}</li>" for line in changed)
        body.append(f"<h2>Changed since the other run</h2><ul>{items}</ul>")
    return page(title, body)


def _counted(results: Sequence[Result]) -> str:
    """Return whose marks are counted: those of the people, where they are known."""
    return "people" if any(result.people for result in results) else "submissions"


def _bar(part: float) -> str:
    return f'<span class="bar" style="width: calc({part:.3f} * var(--bar))"></span>'


def _submissions_html(results: Sequence[Result]) -> str:
    rows, classes = [], []
    for result in results:
        name, *cells = [escape(cell) for cell in _row(result, results)]
        link = f'<a href="{STUDENTS}/{quote(result.id)}/report.html">{name}</a>'
        rows.append([link, *cells])
        is_full = result.score is not None and result.score >= result.points
        classes.append("passed" if is_full else "failed" if result.status == GRADED else "other")
    return table("Every submission", _heads(results), rows, classes)


def class_markdown(results: Sequence[Result], stage: str, changed: Sequence[str] = ()) -> str:
    """Return the report of the class as Markdown."""
    lines = [f"# {short(stage)}: {len(results)} submissions", "", summary(results), ""]
    marks = [[name, str(number), "█" * number] for name, number in histogram(results)]
    lines += [*md_table(("percent", f"#{_counted(results)}", ""), marks), ""]
    hard = [
        [h.task, md(h.title), *map(str, (h.failed, h.lost, h.of)), md(h.mistake)]
        for h in hardest(results)
    ]
    numbers = [name.casefold() for name in HARD_NUMBERS]
    heads = ("task", "what", *numbers, "most often it looks like a program that")
    lines += [*md_table(heads, hard), ""]
    rows = [[md(cell) for cell in _row(result, results)] for result in results]
    lines += md_table(_heads(results), rows)
    if changed:
        lines += ["", "## Changed since the other run", "", *(f"- {md(line)}" for line in changed)]
    return "\n".join(lines) + "\n"


def _mark(value: float | None) -> str:
    return "no mark" if value is None else f"{value:g}"


def _state(result: Result) -> str:
    if result.status in (REFUSED, TROUBLE):
        return f"{result.status}: {result.why.splitlines()[0] if result.why else ''}"
    return result.status if not result.why else f"{result.status}: {result.why}"
