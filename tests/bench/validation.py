"""``kit.py bench validation``: what checking a hostile text costs as it grows, as ratios.

A check that reads its text a fixed number of times costs at most 8 times as much for a text 8 times
as long; one that tries again for every character, 64 times. The ratio is shown, and when it is
above what a linear cost can be, the benchmark ends with exit code 1.
"""

import argparse
import json
from typing import Any

from rich.console import Console
from rich.table import Table

from .children import Child
from .measure import machine

CHECK_COSTS = "tests.bench.inside.check_costs"
LENGTHS = (12_500, 100_000)
GROWTH = LENGTHS[1] / LENGTHS[0]
# Above linear by so much is noise; what is quadratic is at GROWTH times GROWTH.
TOLERANCE = 2.0


def costs() -> list[dict[str, Any]]:
    """Measure every check with every kind of text."""
    found = []
    with Child(CHECK_COSTS, *map(str, LENGTHS)) as child:
        while (line := child.line()) != "DONE":
            found.append(json.loads(line))
    return found


def main(argv: list[str] | None = None) -> int:
    """Run the benchmark; returns the exit code: 1 when a cost grows faster than its text."""
    argparse.ArgumentParser(prog="kit.py bench validation").parse_args(argv)
    short, long = LENGTHS
    headings = ("check", "text that costs it most", f"{short:,}", f"{long:,}", "ratio")
    table = Table(
        title=f"a text {GROWTH:g} times as long: linear is a ratio up to {GROWTH:g}",
        caption=machine(),
        caption_justify="left",
    )
    for number, heading in enumerate(headings):
        table.add_column(heading, justify="left" if number < 2 else "right")
    found = costs()
    highest = 0.0
    for check in dict.fromkeys(each["check"] for each in found):
        worst = max(
            (each for each in found if each["check"] == check), key=lambda each: each["seconds"][1]
        )
        before, after = worst["seconds"]
        ratio = after / before if before else 1.0
        highest = max(highest, ratio)
        micro = [f"{seconds * 1e6:,.2f} µs" for seconds in (before, after)]
        table.add_row(check, worst["text"], *micro, f"{ratio:.2f}")
    Console().print(table)
    return int(highest > GROWTH * TOLERANCE)
