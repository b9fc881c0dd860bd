"""``kit.py check stage1``: the suite on your folder, task by task, the first cause first."""

import argparse
import shlex
import time
from pathlib import Path

from rich.console import Console

from .. import verdicts
from ..checking import RunFailed, run
from ..failure import HarnessError
from ..progress import Progress
from ..recipes import FILE_NAME
from ..repeats import Repeats
from ..starters import short, source_files, stage_named, task_titles
from ..student_view import View
from ..tree import STAGES, has_reference
from .arguments import add_folder, add_stage, command, folder_words, listed, whole_number

EPILOG = """\
What is shown: tasks in order, points, and in full the first cause, which is what to mend next. A
task that builds on a failed one waits; what passes there has earned its points all the same.

Exit codes: 0 all is well, 1 something is not, 2 the command line or the folder is wrong."""
WATCH_SECONDS = 0.5


def main(argv: list[str]) -> int:
    """Check a folder; returns 0 when all is well, 1 when something is not, 2 for a wrong call."""
    options = parser().parse_intermixed_args(argv)
    console = Console(highlight=False, soft_wrap=True, markup=False, emoji=False)
    try:
        stage = stage_named(options.stage)
        check_folder(stage, options)
        if options.watch:
            watch(stage, options, console)
        if options.repeat > 1:
            return repeat(stage, options, console)
        return 0 if once(stage, options, console).is_perfect else 1
    except HarnessError as error:
        console.print(f"kit.py check: {error}")
        return 2
    except RunFailed as error:
        console.print(f"kit.py check: {error}")
        return 2
    except KeyboardInterrupt:
        return 130


def parser() -> argparse.ArgumentParser:
    """Return the command's own parser."""
    made = command("check", __doc__, EPILOG)
    add_stage(made)
    add_folder(made, "your folder, which holds the stage's")
    made.add_argument(
        "--task",
        action="append",
        default=[],
        metavar="ID",
        help="only this task (2.3) and those that it builds on; may be given again",
    )
    made.add_argument("--first", action="store_true", help="stop at the first failure")
    made.add_argument("--all", action="store_true", help="show every failure, not only the first")
    made.add_argument(
        "--watch", action="store_true", help="check again whenever a file of the stage changes"
    )
    made.add_argument(
        "--repeat",
        type=whole_number(1, 1000),
        default=1,
        metavar="N",
        help="check N times, each with another seed; what does not always pass is unstable, and "
        "counts as failed",
    )
    made.add_argument(
        "--replay",
        type=whole_number(0, 999_999),
        default=0,
        metavar="SEED",
        help="choose at random as that run did (default: 0, as for marks)",
    )
    made.add_argument(
        "--patient",
        action="store_true",
        help="give each check its whole time, also in a task that has run out of time before",
    )
    made.add_argument(
        "--own-earlier",
        action="store_true",
        help="stand on your own earlier stages (default: on the reference's)",
    )
    made.add_argument(
        "--attach",
        action="append",
        default=[],
        metavar="[KEY=]HOST:PORT",
        help="test a server that already runs, in a debugger say; KEY is like stage3.server",
    )
    return made


def check_folder(stage: str, options: argparse.Namespace) -> None:
    """Raise HarnessError, with what to do instead, for a folder that is no submission."""
    folder: Path = options.folder
    start = f"kit.py start {short(stage)} {shlex.quote(str(folder))}"
    if folder.is_file():
        raise HarnessError(f"{folder} is a file; give the folder that holds {stage}")
    if not folder.is_dir():
        raise HarnessError(f"there is no folder {folder}; {start} makes one")
    if (folder / stage).is_dir() or (folder / FILE_NAME).is_file():
        check_earlier(stage, folder)
        return
    if folder.resolve().name == stage:
        outer = shlex.quote(str(folder.parent if folder.name == stage else folder / ".."))
        raise HarnessError(f"give the folder around it: kit.py check {short(stage)} {outer}")
    raise HarnessError(f"{folder} holds no {stage}; {start} puts a starter there")


def check_earlier(stage: str, folder: Path) -> None:
    """Raise HarnessError where an earlier stage is neither in the folder nor in this handout."""
    for earlier in own_earlier(stage):
        if not (folder / earlier).is_dir():
            start = f"kit.py start {short(earlier)} {shlex.quote(str(folder))}"
            raise HarnessError(f"{short(stage)} stands on your own {earlier}: {start} begins it")


def own_earlier(stage: str) -> list[str]:
    """Return the earlier stages of which this folder has no reference: a student's own count."""
    return [name for name in STAGES[: STAGES.index(stage)] if not has_reference(name)]


def once(stage: str, options: argparse.Namespace, console: Console) -> Progress:
    """Run the suite once and show it."""
    if own := own_earlier(stage):
        console.print(f"It stands on your own {listed(own)}: a mistake there may show here.")
    progress = Progress(task_titles(stage))
    with View(console, stage, options.folder, progress) as view:
        run(arguments(stage, options, options.replay), view.take)
    view.conclude(everything=options.all)
    if is_whole(options):
        verdicts.keep(stage, options.folder, verdicts.verdict_of(stage, options.folder, progress))
    return progress


def is_whole(options: argparse.Namespace) -> bool:
    """Whether the run says what the stage is worth: a verdict that ``kit.py status`` may show."""
    part = options.task or options.attach or options.first
    return not part and not options.own_earlier and not options.replay


def arguments(stage: str, options: argparse.Namespace, seed: int) -> list[str]:
    """Return what pytest is told."""
    words = [f"tests/{stage}", f"--submission={options.folder.resolve()}", f"--seed={seed}"]
    words += [] if options.patient else ["--hurry"]
    words += [f"--task={task}" for task in options.task]
    words += [f"--attach={address}" for address in options.attach]
    words += ["--own-earlier"] * options.own_earlier + ["--exitfirst"] * options.first
    return words


def watch(stage: str, options: argparse.Namespace, console: Console) -> None:
    """Check again after each change, until Ctrl-C."""
    while True:
        before = state(stage, options.folder)
        try:
            once(stage, options, console)
        except RunFailed as error:
            console.print(f"kit.py check: {error}")
        console.print(f"\nWatching {options.folder / stage}; Ctrl-C ends")
        while state(stage, options.folder) == before:
            time.sleep(WATCH_SECONDS)
        console.clear()


def state(stage: str, folder: Path) -> dict[Path, tuple[int, int]]:
    """Return what changes when a file of the submission does."""
    found = {}
    for path in [*source_files(stage, folder), Path(FILE_NAME)]:
        try:
            about = (folder / path).stat()
        except OSError:
            continue
        found[path] = (about.st_mtime_ns, about.st_size)
    return found


def repeat(stage: str, options: argparse.Namespace, console: Console) -> int:
    """Run the suite many times, each with another seed; say what passes always and sometimes."""
    repeats = Repeats()
    for number in range(options.repeat):
        seed = options.replay + number
        progress = Progress(task_titles(stage))
        run(arguments(stage, options, seed), progress.take)
        repeats.note(seed, progress)
        points = f"{progress.earned:g} of {progress.points:g} points"
        console.print(f"{number + 1}: {points} (seed {seed})")
    console.print()
    again = f"kit.py check {short(stage)}{folder_words(options.folder)}"
    for line in repeats.verdict(again):
        console.print(line)
    return 0 if repeats.is_perfect else 1
