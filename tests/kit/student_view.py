"""What a student sees of a check: a line for each task while it runs, then the first cause."""

import os
import re
from pathlib import Path
from types import TracebackType

from rich.console import Console, Group
from rich.live import Live
from rich.rule import Rule
from rich.text import Text

from . import mistakes
from .progress import Event, Progress, Task
from .report import is_later, render
from .scoreboard import (
    COLOURS,
    FAILED,
    LEFT_OUT,
    NOTHING_WORKS,
    PLAIN_SIGNS,
    SIGNS,
    WAITING,
)
from .starters import not_written, short
from .tree import stages_here
from .view import escape

RUNNING = "▸"


class View:
    """Shows a run on a console: living lines on a terminal, else a line for each ended task."""

    def __init__(self, console: Console, stage: str, folder: Path, progress: Progress) -> None:
        self._console = console
        self._stage = stage
        self._folder = folder
        self._progress = progress
        unicode = "utf" in (console.encoding or "").lower()
        self._signs = SIGNS if unicode else PLAIN_SIGNS
        self._running = RUNNING if unicode else ">"
        self._live = Live(console=console, refresh_per_second=8) if console.is_terminal else None

    def __enter__(self) -> "View":
        if self._live:
            self._live.start()
            self._live.update(self._lines())
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        if self._live:
            self._live.update(self._lines(over=True), refresh=True)
            self._live.stop()
        elif kind is None:
            # What a run that stopped early has not finished.
            for task in self._progress.tasks.values():
                if not task.is_over and task.outcomes:
                    self._console.print(self._line(task))

    def take(self, event: Event) -> None:
        """Show one event of the run."""
        over = self._progress.take(event)
        if self._live:
            self._live.update(self._lines())
        elif over:
            self._console.print(self._line(self._progress.tasks[over]))

    # --- the lines ---

    def _lines(self, over: bool = False) -> Group:
        tasks = self._progress.tasks.values()
        at_work = next((task for task in tasks if not task.is_over), None)
        lines = [self._line(task, task is at_work and not over) for task in tasks]
        if not over:
            now = self._progress.now or "the tests are made ready"
            lines.append(Text(f"   {escape(now)} …", style="dim", no_wrap=True))
        return Group(*lines)

    def _line(self, task: Task, running: bool = False) -> Text:
        ends = task.outcome
        sign = self._signs.get(ends, " ")
        style = COLOURS.get(ends, "dim")
        if running:
            sign, style = self._running, "bold"
        points = f"{task.earned:g}/{task.points:g}" if task.points else ""
        words = f" {sign}  {task.name:5}{points:>8}  {task.title}"
        return Text(words + self._more(task), style=style, no_wrap=bool(self._live))

    def _more(self, task: Task) -> str:
        failed = [line for line in task.lines.values() if line.outcome == FAILED and line.outcomes]
        more = ""
        if failed:
            more = f"{len(failed)} of {_checks(len(task.lines))} failed"
        elif task.outcome == WAITING:
            more = f"waiting on {task.cause}"
        elif task.outcome == LEFT_OUT and task.is_over:
            more = "not tested here"
        return f"{': ' if task.title and more else ''}{more}"

    # --- the end ---

    def conclude(self, *, everything: bool) -> None:
        """Say what to do next: the first cause in full, or with ``everything`` every failure."""
        progress, say = self._progress, self._console.print
        failures = progress.failures
        for failure in failures if everything else failures[:1]:
            say()
            say(Rule("" if everything else "What to do next", characters="=", align="left"))
            say(self._told(failure, whole=everything))
        self._tell_likely()
        if failures[1:] and not everything:
            say()
            rest = len({failure["function"] for failure in failures} - {failures[0]["function"]})
            if rest:
                say(f"{_checks(rest, 'more')} failed; --all shows every failure")
        say()
        for reason, number in progress.left_out.items():
            say(f"{_checks(number)} could not be tested: {reason}")
        say(f"{short(self._stage)}: {progress.earned:g} of {progress.points:g} points")
        if progress.is_perfect and progress.points == 100:
            say(self._farewell())

    def _tell_likely(self) -> None:
        """Name the known mistakes that this program looks like, with where the text tells of it."""
        found = mistakes.likely(self._stage, self._progress)
        if not found:
            self._tell_nothing_works()
            return
        self._console.print()
        self._console.print("This is how a program fails that …")
        for mistake in found:
            link = self._folder / mistake.link
            there = f": {link}" if self._has(Path(mistake.link.partition("#")[0])) else ""
            self._console.print(Text(f"  … {escape(mistake.says)}{there}"))

    def _tell_nothing_works(self) -> None:
        failures = self._progress.failures
        if self._progress.nothing_works and not (failures[0]["failure"] or {}).get("not_written"):
            self._console.print()
            self._console.print(NOTHING_WORKS)

    def _told(self, failure: Event, whole: bool) -> Text:
        data = failure["failure"] or {}
        stub = data.get("not_written")
        # What a later task will write may be told in passing: then the whole report says more.
        text = ""
        if stub is not None and not is_later(stub, failure["task"]):
            text = self._told_stub(failure, stub)
        if whole or not text:
            text = render(data) if data else f"{failure['title']} was skipped by the program"
            text = self._with_own_paths(text)
        return Text(f"{text}\n\n{self._leads_on(failure['task'])}".rstrip())

    def _with_own_paths(self, text: str) -> str:
        """Name the student's files, not the copies of them that were judged."""
        copies = re.compile(r"((?<=File \")[^\"]*|[^\"'\s]*)[/\\]tree[/\\](?P<stage>stage\d_\w+)")

        def own(copy: re.Match[str]) -> str:
            stage = copy["stage"]  # the others are the reference's, or were: by their names
            return f"{self._folder}{os.sep}{stage}" if stage == self._stage else stage

        return copies.sub(own, text)

    def _told_stub(self, failure: Event, stub: dict[str, str]) -> str:
        found = not_written(self._stage, self._folder)
        places = [s.file for s in found if (s.task, s.name) == (stub["task"], stub["name"])]
        file = f" in {self._folder / places[0]}" if places else ""
        lines = [f"Task {failure['task']}: {failure['title']}", ""]
        if failure["hint"]:
            lines += [f"A question to start from: {failure['hint']}", ""]
        lines += [f"{stub['name']}{file} is not written yet (task {stub['task']})."]
        return "\n".join(lines)

    def _leads_on(self, task: str) -> str:
        name = Path("docs", f"{short(self._stage)}.md")
        return f"{self._folder / name} leads on: task {task}" if self._has(name) and task else ""

    def _has(self, file: Path) -> bool:
        return (self._folder / file).exists()

    def _farewell(self) -> str:
        later = [name for name in stages_here() if name > self._stage]
        done = f"{short(self._stage)} is done."
        return f"{done} Next: kit.py start {short(later[0])}" if later else done


def _checks(number: int, which: str = "") -> str:
    return " ".join(filter(None, [str(number), which, "check" if number == 1 else "checks"]))
