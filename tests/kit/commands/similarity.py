"""``kit.py similarity stage2 SUBMISSIONS``: who shares code that was not given."""

import argparse
import math
from pathlib import Path
from statistics import median

from rich.console import Console

from ..failure import HarnessError
from ..grading.collecting import find
from ..similarity import Pair, collect, compare, page
from ..starters import stage_named
from ..view import escape
from .arguments import add_stage, command, whole_number

EPILOG = """\
FOLDER is a folder of submissions (folders or zips), as for kit.py grade. The files in which
students write are compared with everybody else's; what the starter gives counts for nobody, and
names, comments and layout do not matter. The page shows the passages that each pair shares.
Behind a name stands how much of that one's code is in the other's too; before the pair, the larger
of the two.

A share is no proof: the tasks are small, and right answers look alike. Look at what stands far
above the median of the class, and read it. Only Python is compared.

Exit codes: 0 compared, 1 it could not be, 2 the command line or the folder is wrong."""

# Nobody reads more pairs, and each costs its passages.
MOST_SHOWN = 100


def main(argv: list[str]) -> int:
    """Compare submissions; returns 0, 1 when that failed, 2 for a wrong call."""
    options = parser().parse_args(argv)
    console = Console(highlight=False, soft_wrap=True, markup=False, emoji=False)
    try:
        stage = stage_named(options.stage)
        found, passed = find(options.folder, stage)
        codes, without = collect(stage, found)
        if len(codes) < 2:
            raise HarnessError(f"{len(codes)} of {len(found)} submissions can be compared, not two")
    except HarnessError as error:
        console.print(f"kit.py similarity: {error}")
        return 2
    for name in (*without, *(f"{name}: passed over" for name in passed)):
        console.print(f"left out: {escape(name)}")
    try:
        pairs = compare(stage, codes)
        above = [pair for pair in pairs if pair.most * 100 >= options.least]
        options.out.write_text(page(above[:MOST_SHOWN], codes), "utf-8")
    except (HarnessError, OSError) as error:
        console.print(f"kit.py similarity: {error}")
        return 1
    for line in report(pairs, above, options.least):
        console.print(line)
    console.print(f"The passages: {options.out}")
    return 0


def parser() -> argparse.ArgumentParser:
    """Return the command's own parser."""
    made = command("similarity", __doc__, EPILOG)
    add_stage(made)
    made.add_argument("folder", nargs="+", type=Path, metavar="FOLDER", help="what was handed in")
    made.add_argument(
        "--least",
        type=whole_number(1, 100),
        default=60,
        metavar="PERCENT",
        help="show pairs of which one shares at least so much (default: 60)",
    )
    made.add_argument(
        "--out",
        type=Path,
        default=Path("similarity.html"),
        metavar="FILE",
        help="the page with the passages (default: similarity.html)",
    )
    return made


def report(pairs: list[Pair], above: list[Pair], least: int) -> list[str]:
    """Return a line for each pair that is shown, and what is usual in this class."""
    lines = [
        f"{pair.most:4.0%}  {escape(pair.one)} ({pair.of_one:.0%}), "
        f"{escape(pair.other)} ({pair.of_other:.0%})"
        for pair in above[:MOST_SHOWN]
    ]
    if len(above) > MOST_SHOWN:
        lines.append(f"… and {len(above) - MOST_SHOWN} more{_fewer(above)}")
    usual = median(pair.most for pair in pairs)
    return [
        *lines,
        f"{len(above)} of {len(pairs)} pairs share {least} % or more; the median is {usual:.0%}",
    ]


def _fewer(above: list[Pair]) -> str:
    """Return which --least would show only pairs that stand higher, "" where none would."""
    least = math.floor(above[MOST_SHOWN].most * 100) + 1
    return f"; --least {least} shows fewer" if least <= above[0].most * 100 else ""
