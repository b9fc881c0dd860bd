"""``kit.py snapshot stage3 DIR``: the course as it stands at a stage, in a folder of its own."""

import argparse
from pathlib import Path

from rich.console import Console

from ..cutting import MarkerError
from ..excerpts import write_new
from ..failure import HarnessError
from ..snapshots import snapshot
from ..starters import short, stage_named
from .arguments import add_stage, command

EPILOG = """\
In it are the reference of the stages up to this one, their suites and texts, and kit.py with run,
test and wire: it needs nothing of this folder. Solutions are in it; what students get is made by
kit.py handout.

Exit codes: 0 made, 1 it cannot be made there, 2 the command line is wrong."""


def main(argv: list[str]) -> int:
    """Write a snapshot; returns 0, 1 when it cannot be written there, 2 for a wrong call."""
    options = parser().parse_args(argv)
    console = Console(highlight=False, soft_wrap=True, markup=False, emoji=False)
    try:
        stage = stage_named(options.stage)
    except HarnessError as error:
        console.print(f"kit.py snapshot: {error}")
        return 2
    try:
        files = snapshot(stage)
        write_new(options.folder, files)
    except (HarnessError, MarkerError, OSError) as error:
        console.print(f"kit.py snapshot: {error}")
        return 1
    size = sum(map(len, files.values())) / 1e6
    console.print(f"{options.folder}: all up to {short(stage)}, {len(files)} files, {size:.1f} MB")
    console.print(f"\nTo try it: cd {options.folder}; python3 kit.py run {short(stage)}")
    return 0


def parser() -> argparse.ArgumentParser:
    """Return the command's own parser."""
    made = command("snapshot", __doc__, EPILOG)
    add_stage(made)
    made.add_argument("folder", type=Path, metavar="DIR", help="a new folder, or an empty one")
    return made
