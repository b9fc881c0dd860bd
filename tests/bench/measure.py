"""How a benchmark measures: rounds in turn, medians, ratios, and a table that shows the spread."""

import os
import platform
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from rich.console import Console
from rich.table import Table


@dataclass
class Measure:
    """One figure, measured several times; ``unit`` is what is counted a second."""

    name: str
    unit: str
    run: Callable[[], int]  # does the work, returns how much of it was done
    prepare: Callable[[], object] = lambda: None  # before each round, not measured
    rates: list[float] = field(default_factory=list)

    def round(self) -> None:
        """Measure once more."""
        self.prepare()
        start = time.perf_counter()
        amount = self.run()
        self.rates.append(amount / (time.perf_counter() - start))

    @property
    def median(self) -> float:
        """The rate to quote."""
        return statistics.median(self.rates)


def measure_in_turn(measures: Sequence[Measure], rounds: int) -> None:
    """Measure all of them again and again, A B C A B C …: the machine's speed drifts.

    One round before the first is not counted.
    """
    for _ in range(rounds + 1):
        for measure in measures:
            measure.round()
    for measure in measures:
        del measure.rates[0]


def ratio(measure: Measure, peer: Measure) -> float:
    """Return the median of the ratios round by round, which drift less than the rates."""
    return statistics.median(a / b for a, b in zip(measure.rates, peer.rates, strict=True))


def print_table(title: str, measures: Sequence[Measure], peer: Measure) -> None:
    """Print rates with their spread, and each measure's ratio to ``peer``."""
    table = Table(title=title, caption=machine(), caption_justify="left")
    for heading in ("measured", "median", "lowest", "highest", f"ratio to: {peer.name}"):
        table.add_column(heading, justify="left" if heading == "measured" else "right")
    for measure in measures:
        table.add_row(
            measure.name,
            f"{measure.median:,.0f} {measure.unit}",
            f"{min(measure.rates):,.0f}",
            f"{max(measure.rates):,.0f}",
            "1" if measure is peer else f"{ratio(measure, peer):.2f}",
        )
    Console().print(table)


def machine() -> str:
    """Say in one line where this was measured."""
    return (
        f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, "
        f"Python {platform.python_version()}"
    )
