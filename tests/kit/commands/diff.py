"""``kit.py diff stage2 stage3``: what a stage added: files, ops, tables, flags, tests."""

import argparse

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ..docs.blocks import DocumentError
from ..failure import HarnessError
from ..growth import Growth, growths
from ..starters import short, stage_named
from ..tree import STAGES, STARTERS
from .arguments import add_stage, command

EPILOG = """\
No file of an earlier stage is ever edited: a stage adds files, and changes only what its own server
and its tables are. With stages between the two, each of them is shown.

Exit codes: 0 shown, 1 the code could not be asked, 2 the command line is wrong."""


def main(argv: list[str]) -> int:
    """Show what was added; returns 0, 1 when it cannot be told, 2 for a wrong call."""
    options = parser().parse_args(argv)
    console = Console(highlight=False, emoji=False)
    try:
        stages = between(stage_named(options.before), stage_named(options.after))
    except HarnessError as error:
        console.print(f"kit.py diff: {escape(str(error))}")
        return 2
    try:
        for growth in growths(stages):
            show(growth, console)
    except DocumentError as error:
        console.print(f"kit.py diff: {escape(str(error))}")
        return 1
    return 0


def parser() -> argparse.ArgumentParser:
    """Return the command's own parser."""
    made = command("diff", __doc__, EPILOG)
    add_stage(made, "before", "what there was")
    add_stage(made, "after", "what there is then")
    return made


def between(before: str, after: str) -> list[str]:
    """Return the stages above ``before`` up to ``after``; raises HarnessError if there is none."""
    if STARTERS.is_dir():
        raise HarnessError("this folder is a handout; only the whole has all stages to compare")
    first, last = STAGES.index(before), STAGES.index(after)
    if first == last:
        raise HarnessError(f"{short(before)} twice: nothing lies between; name two stages")
    if first > last:
        turned = f"kit.py diff {short(after)} {short(before)}"
        raise HarnessError(f"{short(before)} comes after {short(after)}: {turned}")
    return list(STAGES[first + 1 : last + 1])


def show(growth: Growth, console: Console) -> None:
    """Print what one stage adds."""
    number = len(growth.files)
    console.rule(f"[bold]{growth.stage}[/]", align="left")
    console.print(f"{number} new files, {growth.lines:,} lines; no earlier file is changed\n")
    console.print(files(growth))
    facts = Table.grid(padding=(0, 2))
    facts.add_column(style="bold", no_wrap=True)
    facts.add_column()
    for name, lines in rows(growth):
        facts.add_row(name, escape("\n".join(lines)))
    console.print(facts)
    console.print()


def files(growth: Growth) -> Table:
    """Return the table of a stage's files."""
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("file", no_wrap=True)
    table.add_column("lines", justify="right")
    table.add_column("what it is")
    for file in growth.files:
        lines = f"[green]+{file.lines}[/]" if file.lines else ""
        table.add_row(escape(file.name), lines, escape(file.words))
    return table


def rows(growth: Growth) -> list[tuple[str, list[str]]]:
    """Return what there is beside files: a heading and its lines each, those without left out."""
    tasks = [f"{task} {title}" for task, title in growth.tasks.items()]
    tested = [f"tests/{growth.stage}: {growth.test_lines:,} lines", *tasks]
    tables = [f"{name} ({', '.join(columns)})" for name, columns in growth.tables.items()]
    found = [
        ("\nnew ops", [", ".join(growth.ops)] if growth.ops else []),
        ("\nnew tables", tables),
        ("\nnew flags", [f"{name}  {words}" for name, words in growth.flags.items()]),
        ("\nnew packages", [", ".join(growth.packages)] if growth.packages else []),
        ("\nits server", list(growth.changed)),
        ("\nstands on", [f"{name}: {', '.join(names)}" for name, names in growth.uses.items()]),
        ("\nnew tests", tested),
    ]
    return [(name, ["", *lines]) for name, lines in found if lines]
