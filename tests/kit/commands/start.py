"""``kit.py start stage1``: your own folder for a stage, with what is given and what is to write."""

import argparse
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.console import Console

from ..failure import HarnessError
from ..handing_out import Started, start
from ..starters import Stub, not_written, short, stage_named, task_titles
from ..tree import has_reference
from .arguments import add_folder, add_stage, command, folder_words, in_words, listed

EPILOG = """\
The starter is the reference without its solutions: what is to write raises NotImplementedError and
names its task. Nothing that is there is ever overwritten. Then, from the same folder:

  python3 kit.py check stage1           the suite on your folder
  python3 kit.py start stage2           the next stage, beside the first

Where an earlier stage is missing in your folder, the suite brings the reference's; to start
programs of the later stage by hand you need it there: --catch-up copies it."""


def main(argv: list[str]) -> int:
    """Write a starter; returns 0, 1 when it cannot be written there, 2 for a wrong command line."""
    options = parser().parse_intermixed_args(argv)
    console = Console(highlight=False, soft_wrap=True, markup=False, emoji=False)
    try:
        stage = stage_named(options.stage)
    except HarnessError as error:
        console.print(f"kit.py start: {error}")
        return 2
    try:
        started = start(stage, options.folder, catch_up=options.catch_up)
    except (HarnessError, OSError) as error:
        console.print(f"kit.py start: {in_words(error)}")
        return 1
    for line in report(stage, options.folder, started):
        console.print(line)
    return 0


def parser() -> argparse.ArgumentParser:
    """Return the command's own parser."""
    made = command("start", __doc__, EPILOG)
    add_stage(made)
    add_folder(made, "your folder; it is made if it is not there")
    made.add_argument(
        "--catch-up",
        action="store_true",
        help="copy the reference of earlier stages that are missing in DIR",
    )
    return made


def report(stage: str, folder: Path, started: Started) -> list[str]:
    """Return what the student is told: what there is now, and what comes first."""
    stubs = not_written(stage, folder)
    lines = [f"{folder / name} is a copy of the reference, to stand on" for name in started.copied]
    if not started.is_new:
        return [*lines, f"{folder / stage} is as it was"]
    lines.insert(0, f"{folder / stage} is yours: {len(stubs)} functions to write")
    if started.text is not None:
        lines.append(f"{started.text} is the text that leads through it")
    where = folder_words(folder)
    command = f"{short(stage)}{where}"
    if started.absent:
        lines += absent(started.absent, command, where)
    lines += ["", *tasks(stubs, task_titles(stage)), "", "To see how far you are:", ""]
    return [*lines, f"  python3 kit.py check {command}"]


def absent(names: Sequence[str], command: str, where: str) -> list[str]:
    """Return what is said of earlier stages that are not in the student's folder."""
    lines = []
    if brought := [name for name in names if has_reference(name)]:
        is_or_are = "is" if len(brought) == 1 else "are"
        lines.append(
            f"{listed(brought)} {is_or_are} not there: the suite brings the reference's; to "
            f"start your own programs by hand, too: kit.py start {command} --catch-up"
        )
    for name in names:
        if not has_reference(name):
            lines.append(f"it stands on your own {name}: kit.py start {short(name)}{where}")
    return lines


def tasks(stubs: Sequence[Stub], titles: Mapping[str, str]) -> list[str]:
    """Return a line for each task: its id, its title, and how many functions wait for it."""
    wide = max(map(len, titles.values()), default=0)
    longest = max(map(len, {*titles, *(stub.task for stub in stubs)}), default=0)
    lines = []
    number_of = Counter(stub.task for stub in stubs)
    for task in sorted({*titles, *number_of}, key=lambda task: int(task.partition(".")[2])):
        number = number_of[task]
        words = f"{number} function{'s' if number > 1 else ''}" if number else "in what is there"
        lines.append(f"  {task:{longest}}  {titles.get(task, ''):{wide}}  {words}")
    return lines
