"""Reports for people: a page a submission and one for the class, as HTML and as Markdown.

HTML is one file without scripts or anything from elsewhere; headings, tables and words carry the
meaning, colour only repeats it; it follows the reader's dark or light mode and prints.
"""

import re
from collections import Counter
from collections.abc import Sequence
from html import escape
from urllib.parse import quote

from ..scoreboard import COLOURS
from ..starters import short
from .results import GRADED, REFUSED, TROUBLE, Result, TaskResult
from .text import (
    LEVELS,
    failure_text,
    headline,
    likely_words,
    outcome_words,
    own_words,
)

STYLE = """
:root { color-scheme: light dark; --line: #8886; --soft: #8882; }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .3rem .6rem; border-bottom: 1px solid var(--line);
  vertical-align: top; overflow-wrap: anywhere; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; }
pre { background: var(--soft); padding: .8rem; white-space: pre-wrap; overflow-wrap: anywhere; }
.score { font-size: 1.6rem; font-weight: 600; }
.passed { border-left: .3rem solid #2a9d4a; } .failed { border-left: .3rem solid #d33; }
.waiting { border-left: .3rem solid #c90; } .other { border-left: .3rem solid #888; }
.bar { background: #58c; min-width: 1px; height: 1rem; display: inline-block;
  vertical-align: middle; print-color-adjust: exact; }
summary { cursor: pointer; }
@media print { body { max-width: none; margin: 0; } pre { font-size: .8rem; }
  h2, h3, summary { break-after: avoid; } tr { break-inside: avoid; } }
"""
# Texts of the course, as they lie in the checkout, are named and not linked: pages travel alone.
MARKS = (
    "0–9",
    "10–19",
    "20–29",
    "30–39",
    "40–49",
    "50–59",
    "60–69",
    "70–79",
    "80–89",
    "90–99",
    "100",
)
HARDEST = 10


def page(title: str, body: Sequence[str]) -> str:
    """Return a whole HTML file."""
    head = '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
    head += '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
    # Even if something got past the escaping, nothing in the page would run or be fetched.
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    head += f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
    head += f"<title>{escape(title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n"
    return head + "\n".join(body) + "\n</main>\n</body>\n</html>\n"


def table(
    caption: str, heads: Sequence[str], rows: Sequence[Sequence[str]], classes: Sequence[str] = ()
) -> str:
    """Return an HTML table of cells that are HTML; a head that begins with # is of numbers."""
    number = [head.startswith("#") for head in heads]
    lines = [f"<table>\n<caption>{escape(caption)}</caption>\n<thead><tr>"]
    for head, is_number in zip(heads, number, strict=True):
        kind = ' class="number"' if is_number else ""
        lines.append(f'<th scope="col"{kind}>{escape(head.lstrip("#"))}</th>')
    lines.append("</tr></thead>\n<tbody>")
    for at, row in enumerate(rows):
        cells = [
            f'<td class="number">{cell}</td>' if is_number else f"<td>{cell}</td>"
            for cell, is_number in zip(row, number, strict=True)
        ]
        kind = f' class="{classes[at]}"' if classes else ""
        lines.append(f"<tr{kind}>{''.join(cells)}</tr>")
    return "\n".join([*lines, "</tbody>\n</table>"])


# --- one student ---


def student_html(result: Result) -> str:
    """Return the page of one submission."""
    title = f"{result.name}: {short(result.stage)}"
    body = [f"<h1>{escape(title)}</h1>", f'<p class="score">{escape(headline(result))}</p>']
    if words := likely_words(result):
        links = "".join(f"<li>{escape(m['says'])} (see {m['link']})</li>" for m in result.likely)
        body.append(f"<p>{escape(words.partition(' that ')[0])} that …</p><ul>{links}</ul>")
    if result.notes:
        notes = "".join(f"<li>{escape(note)}</li>" for note in result.notes)
        body.append(f"<h2>What was noted</h2><ul>{notes}</ul>")
    if result.checks:
        body += [_tasks_html(result), _own_html(result), *_failures_html(result)]
        body.append(_checks_html(result))
    body += ["<h2>How it was judged</h2>", _facts_html(result)]
    return page(title, body)


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
    heads = ("Task", "What", "Outcome", "#Points", "#Of")
    classes = [_kind(task.outcome) for task in result.tasks]
    return "<h2>Tasks</h2>\n" + table("Points by task", heads, rows, classes)


def _own_html(result: Result) -> str:
    words = own_words(result)
    return f"<h2>With your own earlier stages</h2>\n<p>{escape(words)}</p>" if words else ""


def _failures_html(result: Result) -> list[str]:
    """Return the failures, the first cause open and the others closed."""
    if not result.failures:
        return []
    lines = [
        "<h2>What failed</h2>",
        "<p>The first cause comes first: mend it, then look again.</p>",
    ]
    for number, failure in enumerate(result.failures):
        title = f"Task {failure['task']}: {failure['title']}"
        state = " open" if number == 0 else ""
        text = escape(failure_text(failure))
        lines.append(
            f"<details{state}><summary>{escape(title)}</summary><pre>{text}</pre></details>"
        )
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
    heads = ("Task", "Check", "Outcome", "#Points", "#Of")
    classes = [_kind(check["outcome"]) for check in result.checks]
    return "<h2>All checks</h2>\n" + table("Every check", heads, rows, classes)


def _facts(result: Result) -> list[tuple[str, str]]:
    return [
        ("Sandbox", LEVELS.get(result.sandbox, result.sandbox)),
        ("Earlier stages", "the reference's: an old mistake costs nothing here"),
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


def student_markdown(result: Result) -> str:
    """Return the report of one submission as Markdown."""
    lines = [f"# {md(result.name)}: {short(result.stage)}", "", md(headline(result)), ""]
    if words := likely_words(result):
        lines += [md(words) + ".", *[f"- {m['link']}" for m in result.likely], ""]
    lines += [*(f"- {md(note)}" for note in result.notes), ""]
    if result.checks:
        lines += ["| task | what | outcome | points | of |", "|---|---|---|---:|---:|"]
        for task in result.tasks:
            outcome = outcome_words(task.outcome, task.waiting_on)
            points = f"{task.earned:g} | {task.points:g}"
            lines.append(f"| {task.name} | {md(task.title)} | {outcome} | {points} |")
    if words := own_words(result):
        lines += ["", "## With your own earlier stages", "", md(words)]
    for failure in result.failures:
        lines += ["", f"## Task {failure['task']}: {md(failure['title'])}", ""]
        lines += _fenced(failure_text(failure))
    lines += ["", "## How it was judged", ""]
    lines += [f"- {name}: {value}" for name, value in _facts(result) if value]
    return "\n".join(lines) + "\n"


def md(text: str) -> str:
    """Return text in which Markdown sees no markup, and no end of a table's cell or line."""
    return re.sub(r"([\\`*_\[\]<>|#])", r"\\\1", " ".join(text.split()))


def _fenced(text: str) -> list[str]:
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return [f"{fence}text", text, fence]


# --- the class ---


def histogram(results: Sequence[Result]) -> list[tuple[str, int]]:
    """Return how many submissions have which mark, in tens and 100."""
    marks = [result.score for result in results if result.score is not None]
    places = Counter(10 if mark >= 100 else int(mark // 10) for mark in marks)
    return [(name, places[at]) for at, name in enumerate(MARKS)]


def hardest(results: Sequence[Result]) -> list[tuple[str, str, int, int]]:
    """Return tasks by how many submissions failed them by themselves: id, title, failed, of."""
    judged = [result for result in results if result.checks]
    tasks: dict[str, TaskResult] = {task.name: task for r in judged for task in r.tasks}
    causes = Counter(name for result in judged for name in result.first_causes)
    found = [(name, task.title, causes[name], len(judged)) for name, task in tasks.items()]
    return sorted((row for row in found if row[2]), key=lambda row: -row[2])[:HARDEST]


def class_html(results: Sequence[Result], stage: str, changed: Sequence[str] = ()) -> str:
    """Return the page of the class; it links to the pages of the students beside it."""
    title = f"{short(stage)}: {len(results)} submissions"
    body = [f"<h1>{escape(title)}</h1>", f"<p>{escape(summary(results))}</p>"]
    most = max((number for _, number in histogram(results)), default=0) or 1
    rows = [
        [name, str(number), f'<span class="bar" style="width: {20 * number / most:.1f}rem"></span>']
        for name, number in histogram(results)
    ]
    body += ["<h2>Marks</h2>", table("How many have which mark", ("Mark", "#Number", "Bar"), rows)]
    hard = [[n, escape(t), str(f), str(of)] for n, t, f, of in hardest(results)]
    if hard:
        heads = ("Task", "What", "#Failed", "#Of")
        body += ["<h2>Hardest tasks</h2>", table("First causes, by task", heads, hard)]
    rows = [
        [
            f'<a href="students/{quote(result.id)}/report.html">{escape(result.name)}</a>',
            escape(_mark(result)),
            escape(_state(result)),
            escape("; or ".join(mistake["says"] for mistake in result.likely)),
        ]
        for result in results
    ]
    heads = ("Submission", "#Points", "State", "Looks like a program that")
    body += ["<h2>Submissions</h2>", table("Every submission", heads, rows)]
    if changed:
        items = "".join(f"<li>{escape(line)}</li>" for line in changed)
        body.append(f"<h2>Changed since the other run</h2><ul>{items}</ul>")
    return page(title, body)


def class_markdown(results: Sequence[Result], stage: str, changed: Sequence[str] = ()) -> str:
    """Return the report of the class as Markdown."""
    lines = [f"# {short(stage)}: {len(results)} submissions", "", summary(results), ""]
    lines += ["| mark | number | |", "|---|---:|---|"]
    lines += [f"| {name} | {number} | {'█' * number} |" for name, number in histogram(results)]
    lines += ["", "| task | what | failed | of |", "|---|---|---:|---:|"]
    lines += [f"| {n} | {md(t)} | {f} | {of} |" for n, t, f, of in hardest(results)]
    lines += [
        "",
        "| submission | points | state | looks like a program that |",
        "|---|---:|---|---|",
    ]
    for result in results:
        looks = md("; or ".join(mistake["says"] for mistake in result.likely))
        lines.append(f"| {md(result.name)} | {_mark(result)} | {md(_state(result))} | {looks} |")
    if changed:
        lines += ["", "## Changed since the other run", "", *(f"- {md(line)}" for line in changed)]
    return "\n".join(lines) + "\n"


def summary(results: Sequence[Result]) -> str:
    """Return the class in a sentence or two."""
    marks = sorted(result.score for result in results if result.score is not None)
    states = Counter(result.status for result in results)
    words = f"{len(results)} submissions"
    if marks:
        words += f", the middle mark is {marks[len(marks) // 2]:g}"
    more = [f"{number} {state}" for state, number in states.items() if state != GRADED]
    levels = sorted({result.sandbox for result in results if result.sandbox})
    return f"{'; '.join([words, *more])}. Sandbox: {', '.join(levels)}."


def _mark(result: Result) -> str:
    return "no mark" if result.score is None else f"{result.score:g}"


def _state(result: Result) -> str:
    if result.status in (REFUSED, TROUBLE):
        return f"{result.status}: {result.why.splitlines()[0] if result.why else ''}"
    return result.status if not result.why else f"{result.status}: {result.why}"
