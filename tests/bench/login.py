"""``kit.py bench login``: what the moving login window costs, against a bare Tk loop, in one run.

The bare loop shifts a ready-made picture of the window's size 30 times a second: whoever moves
something in a Tk window pays that much, and nothing is computed for it. Measured are frames a
second and the share of one core; the aim is 30 frames a second under 15 % at 100 % scale, and a
larger window may lower the rate but not exceed the cost.
"""

import argparse
import json
import os
import statistics
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from rich.console import Console
from rich.table import Table

from tests.kit.display import Display

from .children import Child
from .measure import machine

WINDOW = "tests.bench.inside.moving_window"
AIM_RATE, AIM_SHARE = 29.5, 0.15  # frames a second (30, less the ticks of the clock), of one core


@dataclass
class Motion:
    """One window: its kind, its size in pixels, its scale; and what each round measured."""

    name: str
    kind: str
    width: int
    height: int
    scale: float = 1.0
    rates: list[float] = field(default_factory=list)  # frames a second
    shares: list[float] = field(default_factory=list)  # of one core, by the window's process
    server_shares: list[float] = field(default_factory=list)  # of one core, by the X server

    def round(self, seconds: float) -> None:
        """Open the window, measure it for so long, and close it."""
        size = str(self.width), str(self.height), str(self.scale)
        with Child(WINDOW, self.kind, *size) as child:
            before = _server_seconds()
            child.tell(str(seconds))
            found = json.loads(child.line())
            self.server_shares.append((_server_seconds() - before) / found["seconds"])
        self.rates.append(found["frames"] / found["seconds"])
        self.shares.append(found["cpu"] / found["seconds"])

    @property
    def rate(self) -> float:
        """Frames a second, the median."""
        return statistics.median(self.rates)

    @property
    def share(self) -> float:
        """The share of a core, the median."""
        return statistics.median(self.shares)

    @property
    def frame_ms(self) -> float:
        """Processor milliseconds a frame."""
        return 1000 * self.share / self.rate if self.rate else 0.0


def _server_seconds() -> float:
    """Return the processor seconds of the private X server so far; 0 where there is none."""
    for child in psutil.Process().children():
        if child.name().startswith("Xvfb"):
            times = child.cpu_times()
            return float(times.user + times.system)
    return 0.0


def motions() -> list[Motion]:
    """Return what is measured, the bare loop first."""
    return [
        Motion("bare loop, 600×780", "bare", 600, 780),
        Motion("login, light, 100 %", "light", 600, 780),
        Motion("login, dark, 100 %", "dark", 600, 780),
        Motion("login, reduced motion", "still", 600, 780),
        Motion("login, 1200×940, 100 %", "light", 1200, 940),
        Motion("login, 1200×940, 150 %", "light", 1200, 940, 1.5),
    ]


def print_table(measured: Sequence[Motion]) -> None:
    """Print rates, shares and ratios; the first one is the peer."""
    bare = measured[0]
    table = Table(title="the login window in motion", caption=machine(), caption_justify="left")
    table.add_column("measured")
    for heading in ("frames/s", "share of a core", "lowest–highest", "ms/frame"):
        table.add_column(heading, justify="right")
    table.add_column("cost to: bare loop", justify="right")
    table.add_column("X server", justify="right")
    for one in measured:
        table.add_row(
            one.name,
            f"{one.rate:.1f}",
            f"{one.share:.1%}",
            f"{min(one.shares):.1%}–{max(one.shares):.1%}",
            f"{one.frame_ms:.2f}" if one.rate else "-",
            "1" if one is bare else f"{one.share / bare.share:.2f}",
            f"{statistics.median(one.server_shares):.1%}",
        )
    Console().print(table)


def verdict(measured: Sequence[Motion]) -> int:
    """Say whether the aim is met; returns the exit code."""
    at_100 = [one for one in measured if one.name.endswith("light, 100 %")]
    slow = [one.name for one in at_100 if one.rate < AIM_RATE]
    dear = [one.name for one in measured if one.share >= AIM_SHARE]
    for complaint, names in (("below 30 frames/s", slow), ("15 % of a core or more", dear)):
        if names:
            print(f"{complaint}: {', '.join(names)}")
    if not slow and not dear:
        print("30 frames/s at 100 %, and every window under 15 % of a core")
    return 1 if slow or dear else 0


def main(argv: list[str] | None = None) -> int:
    """Run the benchmark; returns the exit code, 1 when the aim is missed."""
    parser = argparse.ArgumentParser(
        prog="kit.py bench login", formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=4.0, help="seconds a measurement takes")
    parser.add_argument("--rounds", type=int, default=3, help="measurements of each window")
    options = parser.parse_args(argv)
    measured = motions()
    with tempfile.TemporaryDirectory() as folder:
        display = Display(Path(folder))
        os.environ.update(display.environment)
        try:
            for _ in range(options.rounds):
                for motion in measured:
                    motion.round(options.seconds)
        finally:
            display.close()
    print_table(measured)
    return verdict(measured)
