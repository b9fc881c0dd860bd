"""Work in the background while a person watches a bar; a script sees none. Ctrl-C pauses."""

import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from typing import TypeVar

from stage1_echo import safe_text

from .watch import Progress

R = TypeVar("R")


def with_progress(title: str, work: Callable[[Progress, threading.Event], R]) -> R:
    """Return what ``work(progress, pause)`` returns; ``pause`` is set by Ctrl-C."""
    pause = threading.Event()
    with _bar(title) as report, ThreadPoolExecutor(1) as executor:
        future = executor.submit(work, report, pause)
        while True:
            try:
                # In short waits: on Windows a long one would not let Ctrl-C through.
                while not wait([future], timeout=0.2).done:
                    pass
                return future.result()
            except KeyboardInterrupt:
                pause.set()


@contextmanager
def _bar(title: str) -> Iterator[Progress]:
    """Show a bar on standard error if that is a terminal."""
    if not sys.stderr.isatty():
        yield lambda _done, _total: None
        return
    # Only here: it costs every other program that imports this stage 50 ms of its start.
    from rich import progress
    from rich.console import Console
    from rich.markup import escape

    columns = (
        progress.TextColumn("{task.description}"),
        progress.BarColumn(),
        progress.DownloadColumn(),
        progress.TransferSpeedColumn(),
        progress.TimeRemainingColumn(),
    )
    console = Console(stderr=True)
    with progress.Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(escape(safe_text(title)), total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
