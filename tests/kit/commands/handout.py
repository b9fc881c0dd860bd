"""``kit.py handout DIR``: the folder that students get, with what they write and no solutions."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from ..cutting import MarkerError
from ..excerpts import write_new
from ..failure import HarnessError
from ..handouts import FOLDER, handout, stages_to_write
from ..starters import short, task_titles
from ..tree import STAGES, has_reference
from .arguments import command, known_stages

EPILOG = """\
In it are kit.py (start, check, status, test, run, wire), the starters and texts of the stages up to
the last one that is named, and their visible tests: a file tests/STAGE/test_hidden_*.py stays here.
The reference of the stages below the first one named is in it, to stand on and to read. Of the
stages that are to write, and of later ones, no solution is; nor the final chat, nor the grader.
Where two stages are to write at once, the later one stands on the student's own earlier one.

  kit.py handout week1 --stages stage1             to begin with
  kit.py handout week3 --stages stage2             stage 1's reference goes with it
  kit.py handout all --stages stage1 stage2 stage3

Students unpack a later handout beside the earlier one and move their folder mine/ into it.

Exit codes: 0 made, 1 it cannot be made there, 2 the command line is wrong."""


def main(argv: list[str]) -> int:
    """Write a handout; returns 0, 1 when it cannot be written there, 2 for a wrong call."""
    options = parser().parse_args(argv)
    console = Console(highlight=False, soft_wrap=True, markup=False, emoji=False)
    try:
        stages = stages_to_write(options.stages)
    except HarnessError as error:
        console.print(f"kit.py handout: {error}")
        return 2
    try:
        files = handout(stages)
        write_new(options.folder, files)
    except (HarnessError, MarkerError, OSError) as error:
        console.print(f"kit.py handout: {error}")
        return 1
    for line in report(stages, options.folder, files):
        console.print(line)
    return 0


def parser() -> argparse.ArgumentParser:
    """Return the command's own parser."""
    made = command("handout", __doc__, EPILOG)
    made.usage = "kit.py handout DIR [--stages STAGE [STAGE …]]"
    made.add_argument("folder", type=Path, metavar="DIR", help="a new folder, or an empty one")
    made.add_argument(
        "--stages",
        nargs="+",
        default=[short(stage) for stage in STAGES if has_reference(stage)],
        metavar="STAGE",
        help=f"those that are to write, of: {known_stages()} (default: all)",
    )
    return made


def report(to_write: Sequence[str], folder: Path, files: dict[Path, bytes]) -> list[str]:
    """Return what the instructor is told: what is in it, and what to try."""
    lines = [f"{folder}: {len(files)} files, {sum(map(len, files.values())) / 1e6:.1f} MB"]
    for stage in STAGES:
        if stage in to_write:
            tasks = len(task_titles(stage)) or "some"
            lines.append(f"  {short(stage)}  to write: {tasks} tasks; no solution is in it")
        elif FOLDER / stage / "__init__.py" in files:
            lines.append(f"  {short(stage)}  released: its reference is in it")
        else:
            lines.append(f"  {short(stage)}  not in it")
    first = short(to_write[0])
    return [*lines, "", f"To try it: cd {folder}; python3 kit.py start {first}"]
