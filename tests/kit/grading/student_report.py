"""The report of one submission, for its student: as one HTML file, and as Markdown."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from html import escape
from typing import Any

from ..report import render
from ..scoreboard import COLOURS, NOTHING_WORKS
from ..starters import short
from ..tree import STAGES
from . import wire_diagram
from .markup import details, fenced, md, md_table, page, table
from .mistake_texts import Guide, Place
from .paths import without_places
from .results import Result
from .text import (
    WAITING_WORDS,
    headline,
    outcome_words,
    own_words,
    points_words,
    repeated,
    sandbox_words,
    seen_words,
    waiting,
)

# A first failure is shown open; so many more are told in full, the rest by their titles.
TOLD = 40
SAME = "the same as above"
EARLIER_WORDS = "the reference's: an old mistake costs nothing here"


@dataclass
class _Report:
    """A result with the places of the course's text that fit it; ``used`` are those named so far"""

    result: Result
    guide: Guide | None
    used: list[Place] = field(default_factory=list)

    @property
    def likely(self) -> list[Place]:
        """The places of the likely mistakes."""
        return self.guide.of_names(m["name"] for m in self.result.likely) if self.guide else []

    def places(self, failure: dict[str, Any]) -> list[Place]:
        """The places that fit a failure, noted as used."""
        if self.guide is None or (failure.get("failure") or {}).get("not_written"):
            return []
        if self.result.nothing_works:
            return []  # no mistake of one task does that
        names = [mistake["name"] for mistake in self.result.likely]
        found = self.guide.of_check(failure, names)
        self.used += [place for place in found if place not in self.used]
        return found


def student_html(result: Result, guide: Guide | None = None) -> str:
    """Return the page of one submission."""
    report = _Report(result, guide)
    title = f"{_who(result)}: {short(result.stage)}"
    score = headline(replace(result, rule=""))
    body = [f"<h1>{escape(title)}</h1>", f'<p class="score">{escape(score)}</p>']
    body.append(f"<p>{escape(result.rule)}</p>" if result.rule else "")
    body += [_likely_html(report), _notes_html(result)]
    if result.checks:
        body += [_tasks_html(result), _own_html(result), *_failures_html(report)]
        body += [*_waiting_html(result), *_mistakes_html(report), _checks_html(result)]
    body += ["<h2>How it was judged</h2>", _facts_html(result)]
    return page(title, body)


def _who(result: Result) -> str:
    """Return the people, where a roster or an LMS told their names."""
    return ", ".join(person["name"] for person in result.people) or result.name


def _likely_html(report: _Report) -> str:
    likely = report.result.likely
    if not likely:
        words = f'<div class="note"><p>{escape(NOTHING_WORKS)}</p></div>'
        return words if report.result.nothing_works else ""
    report.used += [place for place in report.likely if place not in report.used]
    says = "".join(f"<li>{escape(mistake['says'])}</li>" for mistake in likely)
    more = ", ".join(_link(place) for place in report.likely)
    read = f"<p>Read on: {more}.</p>" if more else ""
    lead = "It behaves like a program that …" if len(likely) == 1 else _several()
    return f'<div class="note"><p><strong>{lead}</strong></p><ul>{says}</ul>{read}</div>'


def _several() -> str:
    return "It behaves like a program that makes one of these mistakes: it …"


def _link(place: Place) -> str:
    return f'<a href="#{escape(place.anchor)}">{escape(_plain(place.title))}</a>'


def _plain(title: str) -> str:
    return title.replace("`", "")


def _notes_html(result: Result) -> str:
    if not result.notes:
        return ""
    notes = "".join(f"<li>{escape(note)}</li>" for note in result.notes)
    return f"<h2>What was noted</h2><ul>{notes}</ul>"


def _tasks_html(result: Result) -> str:
    rows = [
        [
            escape(task.name),
            escape(task.title),
            escape(outcome_words(task.outcome, task.waiting_on)),
            f"{task.earned:g}",
            f"{task.points:g}",
        ]
        for task in result.tasks
    ]
    heads = ("Task", "What", "!Outcome", "#Points", "#Of")
    classes = [_kind(task.outcome) for task in result.tasks]
    return "<h2>Tasks</h2>\n" + table("Points by task", heads, rows, classes)


def _own_html(result: Result) -> str:
    words = own_words(result)
    return f"<h2>With your own earlier stages</h2>\n<p>{escape(words)}</p>" if words else ""


def _failures_html(report: _Report) -> list[str]:
    """Return the failures, the first cause open and the others closed."""
    failures = report.result.failures
    if not failures:
        return []
    lines = [
        "<h2>What failed</h2>",
        "<p>The first cause comes first: mend it, then run the suite again. What waits on another "
        "task stands below.</p>",
    ]
    again = repeated(report.result)
    for number, failure in enumerate(failures[:TOLD]):
        title = f"Task {failure['task']}: {failure['title']}"
        if number in again:
            lines.append(f"<p>{escape(title)}: {SAME}</p>")
            continue
        lines.append(details(title, _failure_html(report, failure), is_open=number == 0))
    if failures[TOLD:]:
        titles = "".join(
            f"<li>Task {escape(f['task'])}: {escape(f['title'])}</li>" for f in failures[TOLD:]
        )
        lines.append(f"<p>And these failed:</p><ul>{titles}</ul>")
    return lines


def _waiting_html(result: Result) -> list[str]:
    """Return what was not passed either and builds on a task that failed, with what was seen."""
    lost = waiting(result.checks)
    if not lost:
        return []
    rows = [
        [
            escape(str(check["task"])),
            escape(str(check["title"])),
            escape(str(check["waiting_on"])),
            f"{check['points']:g}",
            escape(seen_words(check)),
        ]
        for check in lost
    ]
    heads = ("Task", "Check", "!Waits on", "#Points", "What was seen")
    return [
        "<h2>What waits</h2>",
        f"<p>{escape(WAITING_WORDS)}</p>",
        details(_lost_words(lost), [table("What waits", heads, rows, ["waiting"] * len(rows))]),
    ]


def _lost_words(lost: Sequence[dict[str, Any]]) -> str:
    points = sum(float(check["points"]) for check in lost)
    return f"{len(lost)} {'check' if len(lost) == 1 else 'checks'}, {points_words(points)}"


def _failure_html(report: _Report, failure: dict[str, Any]) -> list[str]:
    data = failure.get("failure")
    if not data:
        return ["<p>The program skipped this check.</p>"]
    hint = data.get("hint")
    parts = [f"<p><strong>A question to start from:</strong> {escape(hint)}</p>" if hint else ""]
    if found := report.places(failure):
        links = ", ".join(map(_link, found))
        parts.append(f"<p><strong>Common mistakes here:</strong> {links}</p>")
    parts.append(wire_diagram.as_html(data.get("steps", [])))
    parts.append(f"<pre>{escape(_rest(data))}</pre>")
    return parts


def _rest(data: dict[str, Any]) -> str:
    """Return what the text of a failure says beside its title, question and steps."""
    told = without_places(render({**data, "hint": "", "steps": []}))
    return told.partition("\n\n")[2].strip()


def _mistakes_html(report: _Report) -> list[str]:
    if not report.used or report.guide is None:
        return []
    text = f"docs/{short(report.result.stage)}.md"
    lines = [
        "<h2>Common mistakes</h2>",
        f'<p class="faint">From the text of the stage ({text}), what fits what failed.</p>',
    ]
    for place in report.guide.places:
        if place in report.used:
            title = escape(_plain(place.title))
            lines.append(f'<h3 id="{escape(place.anchor)}">{title}</h3>\n{place.as_html()}')
    return lines


def _checks_html(result: Result) -> str:
    rows = [
        [
            escape(str(check["task"])),
            escape(str(check["title"])),
            escape(outcome_words(check["outcome"], check["waiting_on"])),
            f"{check['earned']:g}",
            f"{check['points']:g}",
        ]
        for check in result.checks
    ]
    heads = ("Task", "Check", "!Outcome", "#Points", "#Of")
    classes = [_kind(check["outcome"]) for check in result.checks]
    return "<h2>All checks</h2>\n" + table("Every check", heads, rows, classes)


def _facts(result: Result) -> list[tuple[str, str]]:
    builds_on_others = bool(result.checks) and result.stage != STAGES[0]
    return [
        ("Handed in as", result.name if not result.team else f"{result.name}, team {result.team}"),
        ("Sandbox", sandbox_words(result)),
        ("Earlier stages", EARLIER_WORDS if builds_on_others else ""),
        ("Judged at", result.finished),
        ("Time", f"{result.seconds:.1f} s"),
        ("Submission", result.submission_sha256[:16]),
        ("Grader", result.grader_sha256[:16]),
    ]


def _facts_html(result: Result) -> str:
    rows = [[escape(name), escape(value)] for name, value in _facts(result) if value]
    return table("Facts of this run", ("What", "Value"), rows)


def _kind(outcome: str) -> str:
    return outcome if outcome in COLOURS and " " not in outcome else "other"


# --- Markdown ---


def student_markdown(result: Result, guide: Guide | None = None) -> str:
    """Return the report of one submission as Markdown."""
    report = _Report(result, guide)
    lines = [f"# {md(_who(result))}: {short(result.stage)}", "", md(headline(result)), ""]
    if result.likely:
        lines += ["It behaves like a program that …", ""]
        lines += [f"- {md(m['says'])} (see {m['link']})" for m in result.likely]
        lines.append("")
    elif result.nothing_works:
        lines += [NOTHING_WORKS, ""]
    lines += [*(f"- {md(note)}" for note in result.notes), ""]
    if result.checks:
        rows = [
            [
                md(task.name),
                md(task.title),
                outcome_words(task.outcome, task.waiting_on),
                f"{task.earned:g}",
                f"{task.points:g}",
            ]
            for task in result.tasks
        ]
        lines += md_table(("Task", "What", "Outcome", "#Points", "#Of"), rows)
    if words := own_words(result):
        lines += ["", "## With your own earlier stages", "", md(words)]
    again = repeated(result)
    for number, failure in enumerate(result.failures[:TOLD]):
        title = f"Task {md(failure['task'])}: {md(failure['title'])}"
        if number in again:
            lines += ["", f"{title}: {SAME}"]
            continue
        lines += ["", f"## {title}", "", *_failure_markdown(report, failure)]
    for failure in result.failures[TOLD:]:
        lines += ["", f"Task {md(failure['task'])} failed too: {md(failure['title'])}"]
    lines += _waiting_markdown(result)
    lines += ["", "## How it was judged", ""]
    lines += [f"- {name}: {md(value)}" for name, value in _facts(result) if value]
    return "\n".join(lines) + "\n"


def _waiting_markdown(result: Result) -> list[str]:
    lost = waiting(result.checks)
    if not lost:
        return []
    lines = ["", f"## What waits: {_lost_words(lost)}", "", WAITING_WORDS, ""]
    return lines + [
        f"- Task {md(check['task'])}, waiting on {md(check['waiting_on'])}, "
        f"{points_words(check['points'])}: {md(check['title'])}: {md(seen_words(check))}"
        for check in lost
    ]


def _failure_markdown(report: _Report, failure: dict[str, Any]) -> list[str]:
    data = failure.get("failure")
    if not data:
        return ["The program skipped this check."]
    lines = []
    if data.get("hint"):
        lines += [f"A question to start from: {md(data['hint'])}", ""]
    if found := report.places(failure):
        told = "; ".join(f"{md(_plain(place.title))} ({place.link})" for place in found)
        lines += [f"Common mistakes here: {told}", ""]
    lines += wire_diagram.as_markdown(data.get("steps", []))
    return lines + fenced(_rest(data))
