"""Which steps of a story a report tells: how it began, what came last, and waiting only once."""

import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

Step = dict[str, Any]

FIRST = 5  # how it began explains most of what came of it
# A test that waits for something asks PING again and again; its first and last round are told.
PING = re.compile(r'(sends|receives) \{"op": 91[,}]')
PINGS_TOLD = 2  # at each end of a row of them: a request and its reply


def told(steps: Sequence[Step], most: int) -> Iterator[Step | str]:
    """Yield at most ``most`` steps in order, and in words what is left out between them.

    ``steps`` have a number and words (``Step.as_data``); numbers that are missing are told too.
    """
    folded = list(_folded(steps))
    shown = [*folded[:FIRST], *folded[FIRST - most :]] if len(folded) > most else folded
    last, inside = 0, False
    for step in shown:
        number, is_ping = int(step["number"]), _is_ping(step)
        if number > last + 1:
            what = "more of the same: " if inside and is_ping else ""
            span = f"steps {last + 1} to {number - 1}"
            yield f"{what}{span}" if what else f"{span} left out"
        last, inside = number, is_ping
        yield step


def _folded(steps: Sequence[Step]) -> Iterator[Step]:
    for is_ping, row in groupby(steps, _is_ping):
        group = list(row)
        if is_ping and len(group) > 2 * PINGS_TOLD:
            group = [*group[:PINGS_TOLD], *group[-PINGS_TOLD:]]
        yield from group


def _is_ping(step: Step) -> bool:
    return PING.match(str(step["words"])) is not None
