"""``kit.py status``: how far your folder is, over all stages."""

import argparse
import shlex
from collections.abc import Callable, Sequence
from pathlib import Path

from rich.console import Console

from ..checking import RunFailed, run
from ..progress import Event, Progress
from ..starters import not_written, short, task_titles
from ..tree import STAGES, stages_here
from .arguments import add_folder, command

EPILOG = """\
A line for each stage: points, what is not written yet, and the task that is next. The suites are
run for it, each on the reference's earlier stages; --quick only looks what is not written.

Exit codes: 0 all stages that are there have all points, 1 not all, 2 the folder is wrong."""


def main(argv: list[str], run_suite: Callable[..., None] = run) -> int:
    """Show how far a folder is; returns 0 when all that is there is done."""
    options = parser().parse_args(argv)
    console = Console(highlight=False, soft_wrap=True, markup=False, emoji=False)
    folder: Path = options.folder
    there = [stage for stage in stages_here() if (folder / stage).is_dir()]
    if not there:
        where = shlex.quote(str(folder))
        console.print(
            f"kit.py status: no stage is in {folder}; kit.py start stage1 {where} makes it"
        )
        return 2
    done = True
    try:
        for stage in STAGES:
            is_done, words = True, "not started" if stage in stages_here() else "not handed out yet"
            if stage in there:
                is_done, words = line(stage, folder, options.quick, run_suite)
            console.print(f"{short(stage)}  {words}")
            done = done and is_done
    except RunFailed as error:
        console.print(f"kit.py status: {error}")
        return 2
    except KeyboardInterrupt:
        return 130
    return 0 if done else 1


def parser() -> argparse.ArgumentParser:
    """Return the command's own parser."""
    made = command("status", __doc__, EPILOG)
    add_folder(made, "your folder, which holds the stages'")
    made.add_argument("--quick", action="store_true", help="run no suite")
    return made


def line(stage: str, folder: Path, quick: bool, run_suite: Callable[..., None]) -> tuple[bool, str]:
    """Return whether a stage is done, and what is said of it."""
    stubs = not_written(stage, folder)
    left = f"{len(stubs)} function{'' if len(stubs) == 1 else 's'} to write" if stubs else ""
    if quick:
        return not stubs, left or "all is written"
    progress = Progress(task_titles(stage))
    run_suite([f"tests/{stage}", f"--submission={folder.resolve()}"], progress.take)
    points = f"{progress.earned:g} of {progress.points:g} points"
    return progress.is_perfect, ", ".join(
        filter(None, [points, left, following(progress.failures)])
    )


def following(failures: Sequence[Event]) -> str:
    """Return which task is next: that of the first cause."""
    return f"next: task {failures[0]['task']}" if failures and failures[0]["task"] else ""
