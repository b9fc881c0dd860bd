"""``kit.py doctor``: is the grader well? Suites are repeated, tried on wrong programs, attacked."""

import argparse
import os
import platform
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from .. import attacks, bank, mistakes, system
from ..confine import BUBBLEWRAP
from ..failure import HarnessError
from ..flaky import Repeated, busy, processors, run_once
from ..grading import sandbox
from ..matrix import Matrix, Verdict, judge_all
from ..scoreboard import FAILED
from ..starters import short, stage_named
from ..tree import CHECKOUT, STAGES
from .arguments import command, known_stages, whole_number

EPILOG = """\
--flaky keeps every processor busy with nothing and runs the suites of the reference N times: each
run must be green. --matrix runs a stage's whole suite on every program of its bank and tells which
test finds out what: no test that finds nothing, no wrong program that survives, no right program
that is punished, no two wrong programs that fail the same. --learn runs each wrong program's own
tasks and keeps which tests find it out (tests/bank/STAGE/failing.json); with --matrix it keeps what
the matrix has told. --attack grades submissions that cheat (tests/kit/attacks.py) and tells which
the sandbox stops. At the level limits most of them succeed on this very machine: 2,000 processes
are started, memory is taken, files are read.

Exit codes: 0 all is well, 1 something is not, 2 the command line is wrong."""


def main(argv: list[str]) -> int:
    """Examine what `argv` names; returns 0 when all is well, 1 when not, 2 for a wrong call."""
    options = parsed(argv)
    console = Console(highlight=False, soft_wrap=True, emoji=False)
    try:
        if options.attack:
            return attack(sandbox.pick(options.attack), console)
        stages = [stage_named(word) for word in options.stage] or list(STAGES)
        _check_parts()
        if options.flaky:
            return flaky(stages, options.flaky, console)
        if options.matrix:
            return max([matrix(stage, options.learn, console) for stage in stages])
        return max([learn(stage, console) for stage in stages])
    except HarnessError as error:
        console.print(f"kit.py doctor: {escape(str(error))}")
        return 2
    except KeyboardInterrupt:
        return 130


def parsed(argv: list[str]) -> argparse.Namespace:
    """Return the options; leaves with exit code 2 when they do not go together."""
    made = parser()
    options = made.parse_args(argv)
    if not (options.flaky or options.matrix or options.learn or options.attack):
        made.error("one of --flaky, --matrix, --learn, --attack is required")
    if options.learn and (options.flaky or options.attack):
        made.error("--learn stands alone or with --matrix")
    return options


def parser() -> argparse.ArgumentParser:
    """Return the command's own parser."""
    made = command("doctor", __doc__, EPILOG)
    stages = f"of: {known_stages()} (default: all)"
    made.add_argument("stage", nargs="*", metavar="STAGE", help=stages)
    what = made.add_mutually_exclusive_group()
    times = whole_number(1, 10_000)
    what.add_argument("--flaky", type=times, metavar="N", help="run each suite N times")
    what.add_argument("--matrix", action="store_true", help="try each suite on the bank's programs")
    what.add_argument(
        "--attack",
        nargs="?",
        const=BUBBLEWRAP,
        choices=sandbox.LEVELS,
        metavar="LEVEL",
        help="try the known cheats on the grader, at a level of its sandbox (default: bubblewrap)",
    )
    made.add_argument(
        "--learn",
        action="store_true",
        help="write down which tests find out which program, for the likely mistake in reports",
    )
    return made


def _check_parts() -> None:
    """Raise HarnessError when a part of the system is missing that nobody leaves out on purpose.

    A test that is left out fails no wrong program: it would look as if it were of no use.
    """
    without = os.environ.get(system.MISSING_VARIABLE, "").split(",")
    otherwise = f"name in {system.MISSING_VARIABLE} what is to be left out"
    system.check_whole(without, "every verdict would suffer", otherwise)


# --- attacked ---


def attack(level: str, console: Console) -> int:
    """Try every known cheat at a level; returns 1 when one works that could have been stopped."""
    with tempfile.TemporaryDirectory(prefix="kit-attack-") as folder:
        outcomes = attacks.run(level, Path(folder))
    table = Table(title=f"known cheats at the level {level}")
    for name in ("cheat", "what it does", "outcome"):
        table.add_column(name, overflow="fold")
    for outcome in outcomes:
        told = f"not stopped: {outcome.gain}" if outcome.gain else "stopped"
        if not outcome.attack.stoppable:
            told = f"no sandbox can stop it: {outcome.gain or outcome.result.status}"
        table.add_row(outcome.attack.name, outcome.attack.says, escape(told))
    console.print(table)
    console.print(machine(), style="dim")
    return 1 if any(outcome.gain and outcome.attack.stoppable for outcome in outcomes) else 0


# --- repeated ---


def flaky(stages: Sequence[str], times: int, console: Console) -> int:
    """Run each suite ``times`` times on a busy machine; tell of each run, then of all."""
    found = [Repeated(stage) for stage in stages]
    with busy(processors()):
        for number in range(1, times + 1):
            for suite in found:
                run_once(suite.suite, suite)
                console.print(
                    f"{number}/{times} {short(suite.suite)}: {suite.green} of {suite.runs} green, "
                    f"{suite.seconds[-1]:.1f} s"
                )
                for function in suite.last_failed:
                    console.print(f"  failed: {escape(function)}")
    console.print(_repeated_table(found))
    for suite in found:
        for function, count in suite.failures.most_common():
            console.print(f"  failed {count} of {suite.runs} times: {escape(function)}")
    console.print(machine(), style="dim")
    return 0 if all(suite.green == suite.runs for suite in found) else 1


def _repeated_table(found: Sequence[Repeated]) -> Table:
    table = Table(title=f"beside {processors()} busy processes")
    table.add_column("suite")
    for name in ("runs", "green", "fastest", "median", "slowest"):
        table.add_column(name, justify="right")
    for suite in found:
        times = (min(suite.seconds), suite.median, max(suite.seconds))
        cells = [f"{seconds:.1f} s" for seconds in times]
        table.add_row(short(suite.suite), str(suite.runs), str(suite.green), *cells)
    return table


def machine() -> str:
    """Return a line that says on which commit and what kind of machine this ran."""
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    ).stdout.strip()
    words = [f"commit {commit}"] if commit else []
    words += [f"{platform.system()} {platform.machine()}", f"{processors()} processors"]
    return ", ".join([*words, f"Python {platform.python_version()}"])


# --- the matrix ---


def matrix(stage: str, is_learnt: bool, console: Console) -> int:
    """Run a stage's suite on the whole bank and print who finds out whom; maybe keep it."""
    entries = [entry for entry in bank.entries(stage) if not _is_missing(entry, console)]
    if not entries:
        console.print(f"{short(stage)}: its bank is empty")
        return 0
    found = Matrix()
    for verdict in judge_all(entries, 2 * processors()):
        found.verdicts.append(verdict)
        well = escape(verdict.complaint) or "as it should"
        console.print(f"{len(found.verdicts)}/{len(entries)} {verdict.entry.name}: {well}")
    _print_matrix(stage, found, console)
    if is_learnt:
        _keep(stage, [verdict for verdict in found.verdicts if verdict.entry.fails], console)
    complaints = _complaints(found)
    for complaint in complaints:
        console.print(f"  {escape(complaint)}")
    if not complaints:
        console.print(f"{short(stage)}: all is as it should be")
    console.print(machine(), style="dim")
    return 1 if complaints else 0


def learn(stage: str, console: Console) -> int:
    """Run each wrong program's own tasks; keep which tests find it out."""
    wrong = [e for e in bank.entries(stage) if e.fails and not _is_missing(e, console)]
    verdicts: list[Verdict] = []
    for verdict in judge_all(wrong, processors(), everything=False):
        verdicts.append(verdict)
        found = len(verdict.found_by)
        told = escape(verdict.trouble) or (f"{found} tests" if found else "it survives")
        console.print(f"{len(verdicts)}/{len(wrong)} {verdict.entry.name}: {told}")
    _keep(stage, verdicts, console)
    return 0 if all(verdict.found_by for verdict in verdicts) else 1


def _keep(stage: str, verdicts: Sequence[Verdict], console: Console) -> None:
    failing = {v.entry.name: v.found_by for v in verdicts if v.found_by}
    console.print(f"{mistakes.learn(stage, failing)} is written")


def _is_missing(entry: bank.Entry, console: Console) -> bool:
    if not entry.requires or shutil.which(entry.requires):
        return False
    console.print(f"left out: {entry.name} ({entry.requires} is not installed here)")
    return True


def _print_matrix(stage: str, found: Matrix, console: Console) -> None:
    """Print a row a test, a column a program: ✗ is where the test fails the program."""
    names = [verdict.entry.name for verdict in found.verdicts]
    console.print(f"\n{short(stage)}: the columns, from left to right")
    for number, name in enumerate(names, 1):
        console.print(f"  {number:3} {name}")
    console.print()
    for function, line in found.functions().items():
        marks = "".join(
            "✗" if verdict.outcome(function) == FAILED else "·" for verdict in found.verdicts
        )
        title = function.rpartition("::")[2].removeprefix("test_").replace("_", " ")
        console.print(f"{line['task'] or '':>5} {marks} {title}")
    console.print()


def _complaints(found: Matrix) -> list[str]:
    wrong = [f"{v.entry.name}: {v.complaint}" for v in found.verdicts if v.complaint]
    twins = [f"{one} and {other} fail the same tests" for one, other in found.twins()]
    useless = [f"finds out no program: {function}" for function in found.useless()]
    return [*wrong, *twins, *useless]
