"""What the terminal shows while submissions are graded: who runs, who is done, how long it takes"""

from rich.console import Group
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from ..view import escape
from .class_report import first_task
from .results import Result
from .watch import Watch

SHOWN_RUNNING = 12
LONGEST_NAME = 32
BAR_WIDTH = 30


class View:
    """A live view of a watch; ``start`` is when grading began, by the watch's clock."""

    def __init__(self, watch: Watch, start: float) -> None:
        self._watch = watch
        self._start = start

    def render(self) -> Group:
        """Return what is to be shown now."""
        watch, now = self._watch, self._watch.clock()
        with watch.lock:
            running = [(name, one, now - one.since) for name, one in watch.running.items()]
            done = list(watch.done)
            left = watch.seconds_left(now - self._start)
        table = Table.grid(padding=(0, 2), expand=True)
        table.add_column(width=LONGEST_NAME, no_wrap=True)
        table.add_column(justify="right", width=len("130/130"), no_wrap=True)
        table.add_column(justify="right", width=len("1:02:05"), no_wrap=True)
        table.add_column(no_wrap=True, ratio=1)
        for name, one, seconds in running[:SHOWN_RUNNING]:
            checks = f"{one.ended}/{one.expected}" if one.expected else ""
            table.add_row(Text(f"▸ {name}"), checks, clock(seconds), Text(one.test, style="dim"))
        if running[SHOWN_RUNNING:]:
            table.add_row(Text(f"and {len(running) - SHOWN_RUNNING} more"))
        over = Table.grid(padding=(0, 2))
        bar = ProgressBar(watch.total or 1, len(done), width=BAR_WIDTH)
        over.add_row(bar, Text(f"{len(done)} of {watch.total} done"), Text(self._left(left)))
        return Group(table, over, Text(counted(done), style="dim"))

    def _left(self, seconds: float | None) -> str:
        took = clock(self._watch.clock() - self._start)
        return took if seconds is None else f"{took}, about {clock(seconds)} left"


def counted(done: list[Result]) -> str:
    """Return how many have all points, fewer, or no mark."""
    none = sum(result.score is None for result in done)
    full = sum(result.score is not None and result.score >= result.points for result in done)
    words = f"{full} with all points, {len(done) - full - none} with fewer"
    cut = sum(result.status == "unfinished" for result in done)
    words += f" ({cut} unfinished)" if cut else ""
    return f"{words}, {none} without a mark" if none else words


def clock(seconds: float) -> str:
    """Return a time as 1:05 or 1:02:05."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def line(result: Result) -> str:
    """Return a result in a line."""
    mark = "no mark" if result.score is None else f"{result.score:g} of {result.points:g}"
    first = result.why.splitlines()[0] if result.why else ""
    if not first and (task := first_task(result)):
        first = f"task {task} fails first"
    more = f": {escape(first, keep='')}" if first else ""
    if result.rule:
        more += f". {result.rule}"
    return f"{result.name}: {mark}, {result.status}{more}"
