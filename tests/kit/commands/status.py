"""``kit.py status``: how far your folder is, over all stages."""

import argparse
import shlex
import time
from collections.abc import Callable
from pathlib import Path

from rich.console import Console

from .. import verdicts
from ..checking import RunFailed, run
from ..progress import Progress
from ..starters import not_written, short, task_titles
from ..tree import STAGES, stages_here
from .arguments import add_folder, command, folder_words

EPILOG = """\
A line for each stage: the points of the last whole check and how old it is, what is not written
yet, and the task that is next. Nothing is run for it; --run checks what has changed since.

Exit codes: 0 all stages that are there have all points, 1 not all, or not checked as they are now,
2 the folder is wrong."""


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
    done, stale = True, False
    try:
        for stage in STAGES:
            if stage not in there:
                words = "not started" if stage in stages_here() else "not handed out yet"
                console.print(f"{short(stage)}  {words}")
                continue
            if options.run:
                renew(stage, folder, run_suite)
            is_done, is_stale, words = line(stage, folder)
            console.print(f"{short(stage)}  {words}")
            done, stale = done and is_done, stale or is_stale
    except RunFailed as error:
        console.print(f"kit.py status: {error}")
        return 2
    except KeyboardInterrupt:
        return 130
    if stale:
        console.print(f"kit.py status{folder_words(folder)} --run checks what is not up to date")
    return 0 if done else 1


def parser() -> argparse.ArgumentParser:
    """Return the command's own parser."""
    made = command("status", __doc__, EPILOG)
    add_folder(made, "your folder, which holds the stages'")
    made.add_argument(
        "--run", action="store_true", help="check each stage that has changed since its last check"
    )
    return made


def renew(stage: str, folder: Path, run_suite: Callable[..., None]) -> None:
    """Run the suite of a stage whose last verdict is not about what is there now."""
    last = verdicts.read(folder).get(stage)
    if last is not None and not last.staleness(stage, folder):
        return
    progress = Progress(task_titles(stage))
    words = [f"tests/{stage}", f"--submission={folder.resolve()}", "--hurry"]
    run_suite(words, progress.take)
    verdicts.keep(stage, folder, verdicts.verdict_of(stage, folder, progress))


def line(stage: str, folder: Path) -> tuple[bool, bool, str]:
    """Return whether a stage is done, whether it should be checked again, and what is said."""
    stubs = not_written(stage, folder)
    left = f"{len(stubs)} function{'' if len(stubs) == 1 else 's'} to write" if stubs else ""
    last = verdicts.read(folder).get(stage)
    if last is None:
        return False, True, ", ".join(filter(None, ["not checked yet", left]))
    points = f"{last.earned:g} of {last.points:g} points"
    following = f"next: task {last.following}" if last.following else ""
    changed = last.staleness(stage, folder)
    age = f"last whole check: {verdicts.ago(time.time() - last.at)}"
    age = "; ".join(filter(None, [age, changed]))
    words = ", ".join(filter(None, [points, left, following]))
    return last.is_perfect and not changed, bool(changed), f"{words} ({age})"
