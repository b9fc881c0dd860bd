"""What the terminal shows while submissions are graded: who runs, who is done, how long it takes"""

import time

from rich.console import Group
from rich.text import Text

from ..view import escape
from .grader import Watch
from .results import Result

SHOWN_RUNNING = 8


class View:
    """A live view of a watch; ``start`` is when grading began, by the monotonic clock."""

    def __init__(self, watch: Watch, start: float) -> None:
        self._watch = watch
        self._start = start

    def render(self) -> Group:
        """Return what is to be shown now."""
        watch, elapsed = self._watch, time.monotonic() - self._start
        with watch.lock:
            running, done = dict(watch.running), list(watch.done)
            left = watch.seconds_left(elapsed)
        lines = [f"  ▸ {name}: {test}" for name, test in list(running.items())[:SHOWN_RUNNING]]
        bad = sum(result.score is None or result.score < result.points for result in done)
        words = f"{len(done)} of {watch.total} done, {bad} with less than all points"
        words += "" if left is None else f", about {left / 60:.0f} min {left % 60:.0f} s left"
        return Group(*(Text(text, no_wrap=True) for text in [*lines, words]))


def line(result: Result) -> str:
    """Return a result in a line."""
    mark = "no mark" if result.score is None else f"{result.score:g} of {result.points:g}"
    first = result.why.splitlines()[0] if result.why else ""
    more = f": {escape(first, keep='')}" if first else ""
    if result.rule:
        more += f". {result.rule}"
    return f"{result.name}: {mark}, {result.status}{more}"
