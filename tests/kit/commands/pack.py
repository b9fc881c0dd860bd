"""``kit.py pack stage1``: a checked zip of what you hand in."""

import argparse
from pathlib import Path

from rich.console import Console

from ..failure import HarnessError
from ..packing import Packed, default_name, pack
from ..starters import short, stage_named
from ..tree import STAGES
from .arguments import in_words

EPILOG = """\
The zip holds the stage's folder, and programs.toml if there is one: nothing else is looked at when
it is graded. What does not belong there is refused, not left out. The same files make the same zip,
byte for byte. Whether it passes is told by: kit.py check

Exit codes: 0 it is packed, 2 it is not."""


def main(argv: list[str]) -> int:
    """Pack a stage; returns 0, or 2 when there is nothing to pack or something does not belong."""
    options = parser().parse_intermixed_args(argv)
    console = Console(highlight=False, soft_wrap=True, markup=False, emoji=False)
    try:
        stage = stage_named(options.stage)
        into = options.out or Path(default_name(stage))
        if into.is_dir():
            into /= default_name(stage)
        packed = pack(stage, options.folder, into)
    except (HarnessError, OSError) as error:
        console.print(f"kit.py pack: {in_words(error)}")
        return 2
    for line in report(packed):
        console.print(line)
    return 0


def parser() -> argparse.ArgumentParser:
    """Return the command's own parser."""
    made = argparse.ArgumentParser(
        prog="kit.py pack",
        description=__doc__,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    stages = ", ".join(map(short, STAGES))
    made.add_argument("stage", metavar="STAGE", help=f"one of: {stages}")
    made.add_argument(
        "folder",
        nargs="?",
        type=Path,
        default=Path("mine"),
        metavar="DIR",
        help="your folder, which holds the stage's (default: mine)",
    )
    made.add_argument("--out", type=Path, metavar="FILE", help="the zip (default: STAGE.zip here)")
    return made


def report(packed: Packed) -> list[str]:
    """Return what is in the archive, and what is not written yet."""
    lines = [f"{size:>9,}  {name}" for name, size in packed.files.items()]
    size = packed.path.stat().st_size
    lines.append(f"{packed.path}: {len(packed.files)} files, {size:,} bytes")
    if packed.stubs:
        tasks = ", ".join(sorted({stub.task for stub in packed.stubs}))
        lines.append(f"Not written yet: {len(packed.stubs)} functions, of tasks {tasks}")
    return lines
