"""The parts that pages are made of: HTML without scripts or anything from elsewhere, Markdown.

Headings, tables and words carry the meaning, colour only repeats it. A page follows the reader's
dark or light mode, prints, and reads in the order in which it is written.
"""

import re
from collections.abc import Sequence
from html import escape

STYLE = """
:root { color-scheme: light dark;
  --page: #fff; --ink: #1d2329; --faint: #59636e; --line: #d5dbe1; --soft: #f4f6f8;
  --good: #1a7f37; --bad: #c0262d; --wait: #8a6100; --other: #6b7280; --out: #0b5cad;
  --in: #7a3fa8; --shade: #1d232955; --bar: min(20rem, 35vw); }
@media (prefers-color-scheme: dark) { :root {
  --page: #14181d; --ink: #e4e8ec; --faint: #9aa5b1; --line: #343c46; --soft: #1d232a;
  --good: #4cc269; --bad: #ff7b72; --wait: #e0b04a; --other: #9aa5b1; --out: #79b8ff;
  --in: #d2a8ff; --shade: #000c; } }
* { box-sizing: border-box; }
body { font: 1rem/1.55 system-ui, "Noto Sans", "Noto Sans CJK SC", sans-serif; color: var(--ink);
  background: var(--page); max-width: 64rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; }
h1 { font-size: 1.7rem; line-height: 1.25; margin: .5rem 0; }
h2 { font-size: 1.25rem; margin: 2.2rem 0 .6rem; padding-bottom: .2rem;
  border-bottom: 1px solid var(--line); }
h3 { font-size: 1.05rem; margin: 1.4rem 0 .4rem; }
h4 { font-size: 1rem; margin: 1rem 0 .3rem; }
p, li { max-width: 46rem; }
a { color: var(--out); }
.score { font-size: 1.35rem; font-weight: 600; margin: .3rem 0 .8rem; }
.faint { color: var(--faint); }
.note { border-left: .25rem solid var(--out); background: var(--soft); padding: .5rem .9rem;
  margin: .8rem 0; }
/* A shadow at the side where a table goes on; covers that scroll along hide it at the ends. */
.table { overflow-x: auto; background:
  linear-gradient(to right, var(--page) 40%, transparent) 0 0 / 2.5rem 100% no-repeat local,
  linear-gradient(to left, var(--page) 40%, transparent) 100% 0 / 2.5rem 100% no-repeat local,
  linear-gradient(to right, var(--shade), transparent) 0 0 / .8rem 100% no-repeat,
  linear-gradient(to left, var(--shade), transparent) 100% 0 / .8rem 100% no-repeat; }
table { border-collapse: collapse; width: 100%; margin: .4rem 0; }
caption { text-align: left; color: var(--faint); padding: .2rem 0; }
th, td { text-align: left; padding: .35rem .6rem; border-bottom: 1px solid var(--line);
  vertical-align: top; overflow-wrap: break-word; }
thead th { color: var(--faint); font-weight: 600; border-bottom-width: 2px; white-space: nowrap; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
tbody th { font-weight: 600; }
tr.passed > :first-child { box-shadow: inset .25rem 0 var(--good); }
tr.failed > :first-child { box-shadow: inset .25rem 0 var(--bad); }
tr.waiting > :first-child { box-shadow: inset .25rem 0 var(--wait); }
tr.other > :first-child { box-shadow: inset .25rem 0 var(--other); }
td.failed { color: var(--bad); font-weight: 600; } td.passed { color: var(--good); }
td.waiting { color: var(--wait); }
code, pre { font: .875rem/1.5 ui-monospace, "DejaVu Sans Mono", "Noto Sans Mono CJK SC",
  monospace; }
pre { background: var(--soft); border: 1px solid var(--line); border-radius: .3rem;
  padding: .7rem .9rem; white-space: pre-wrap; overflow-wrap: anywhere; margin: .5rem 0; }
details { border: 1px solid var(--line); border-radius: .3rem; margin: .6rem 0;
  padding: .1rem .9rem; }
details[open] { padding-bottom: .6rem; }
summary { cursor: pointer; font-weight: 600; padding: .5rem 0; }
table.wire tbody :is(td, th) { border-bottom: 0; padding: .2rem .6rem; }
table.wire .way { white-space: nowrap; } table.wire .said { overflow-wrap: anywhere; }
tr.to .way, tr.to .said { color: var(--out); } tr.from .way, tr.from .said { color: var(--in); }
table.wire .bytes { color: var(--faint); display: block; overflow-wrap: anywhere; }
.bar { background: var(--out); min-width: 1px; height: 1.1rem; display: inline-block;
  border-radius: .15rem; vertical-align: middle; print-color-adjust: exact; }
@media (max-width: 40rem) { table.wire :is(thead th, .way) { white-space: normal; }
  table.wire :is(thead th, tbody td, tbody th) { padding: .2rem .3rem; } }
@media print { :root { color-scheme: light; --page: #fff; --ink: #000; --faint: #444;
    --line: #bbb; --soft: #f4f4f4; --good: #1a7f37; --bad: #b00; --wait: #740; --out: #049;
    --in: #638; }
  body { max-width: none; margin: 0; padding: 0; font-size: 10pt; } pre, code { font-size: 8.5pt; }
  h2, h3, summary, caption { break-after: avoid; } tr, .note { break-inside: avoid; }
  details { border: 0; padding: 0; }
  details::details-content { content-visibility: visible; block-size: auto; }
  .table { overflow: visible; background: none; }
  a { color: inherit; text-decoration: none; } }
"""


def page(title: str, body: Sequence[str]) -> str:
    """Return a whole HTML file."""
    head = '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
    head += '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
    # Even if something got past the escaping, nothing in the page would run or be fetched.
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    head += f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
    head += f"<title>{escape(title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n"
    return head + "\n".join(part for part in body if part) + "\n</main>\n</body>\n</html>\n"


def table(
    caption: str,
    heads: Sequence[str],
    rows: Sequence[Sequence[str]],
    classes: Sequence[str] = (),
    kind: str = "",
) -> str:
    """Return an HTML table of cells that are HTML; the first cell of a row is its header.

    A head that begins with # is of numbers, one that begins with ! tells how something went: its
    cells get the row's class.
    """
    of_table = f' class="{kind}"' if kind else ""
    lines = [f'<div class="table"><table{of_table}>\n<caption>{escape(caption)}</caption>']
    lines.append("<thead><tr>")
    for head in heads:
        number = ' class="number"' if head.startswith("#") else ""
        lines.append(f'<th scope="col"{number}>{escape(head.lstrip("#!"))}</th>')
    lines.append("</tr></thead>\n<tbody>")
    for at, row in enumerate(rows):
        name = classes[at] if classes else ""
        of_row = f' class="{name}"' if name else ""
        cells = [_cell(head, cell, name) for head, cell in zip(heads[1:], row[1:], strict=True)]
        lines.append(f'<tr{of_row}><th scope="row">{row[0]}</th>{"".join(cells)}</tr>')
    return "\n".join([*lines, "</tbody>\n</table></div>"])


def _cell(head: str, cell: str, of_row: str) -> str:
    if head.startswith("#"):
        return f'<td class="number">{cell}</td>'
    name = f' class="{of_row}"' if head.startswith("!") and of_row else ""
    return f"<td{name}>{cell}</td>"


def details(summary: str, body: Sequence[str], *, is_open: bool = False) -> str:
    """Return what can be folded away; ``body`` is HTML."""
    inside = "\n".join(part for part in body if part)
    state = " open" if is_open else ""
    return f"<details{state}><summary>{escape(summary)}</summary>\n{inside}\n</details>"


def md(text: str) -> str:
    """Return text in which Markdown sees no markup, and no end of a table's cell or line."""
    return re.sub(r"([\\`*_\[\]<>|#])", r"\\\1", " ".join(text.split()))


def md_table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Return the lines of a Markdown table of cells that are Markdown; # is for numbers."""
    line = "|".join("---:" if head.startswith("#") else "---" for head in heads)
    names = " | ".join(head.lstrip("#!") for head in heads)
    return [f"| {names} |", f"|{line}|", *(f"| {' | '.join(row)} |" for row in rows)]


def fenced(text: str) -> list[str]:
    """Return the lines of a block of code, fenced off from whatever stands in it."""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return [f"{fence}text", text, fence]
