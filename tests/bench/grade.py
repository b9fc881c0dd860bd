"""``kit.py bench grade``: what grading costs beside the tests themselves, and a whole class.

One submission: the suite run plainly, as ``kit.py test --submission`` does, against all of what
``kit.py grade`` does for it (unpacked, walled in, reported), in turn. More than 1.3 times as long
ends with exit code 1.

A class (``--class N``): N made submissions, a fifth of which hang, each in another way; the rest is
right, odd or wrong as in the bank. Shown is how long it took, and what that would be for 100.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import count, cycle, islice
from pathlib import Path

from rich.console import Console

from tests.kit import bank
from tests.kit.environment import scrubbed
from tests.kit.grading.results import load_all
from tests.kit.starters import short, stage_named
from tests.kit.tree import CHECKOUT, STAGES, copy_plain

from .measure import Measure, machine, measure_in_turn, print_table, ratio

MOST_RATIO = 1.3
HOUR = 3600  # a run counts as so many: rates are shown by the hour
WHOLE_CLASS, CLASS_SECONDS = 100, 20 * 60
# Ways to hang: before READY, without answers after it, and as soon as anything is imported.
HANGS = {
    "never-ready": ("server.py", "import time\ntime.sleep(3600)\n"),
    "never-answers": (
        "server.py",
        "import socket, sys, time\n"
        "made = socket.create_server(('127.0.0.1', 0), backlog=1000)\n"
        "print('READY', {service!r}, '127.0.0.1', made.getsockname()[1], flush=True)\n"
        "time.sleep(3600)\n",
    ),
    "hangs-at-import": ("__init__.py", "import time\ntime.sleep(3600)\n"),
    "busy-for-ever": ("__init__.py", "while True: pass\n"),
}
SERVICES = ("echo", "protocol", "auth", "chat", "files")
Build = Callable[[Path], object]


def main(argv: list[str] | None = None) -> int:
    """Run the benchmark; returns 1 when grading costs more than it may."""
    options = parser().parse_args(argv)
    stage = stage_named(options.stage)
    with tempfile.TemporaryDirectory(prefix="kit-bench-") as name:
        folder = Path(name)
        if options.size:
            return whole_class(stage, folder, options)
        return one(stage, folder, options)


def parser() -> argparse.ArgumentParser:
    """Return the benchmark's own parser."""
    made = argparse.ArgumentParser(
        prog="kit.py bench grade",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.add_argument("--stage", default="stage2", metavar="STAGE", help="default: stage2")
    made.add_argument("--rounds", type=int, default=3, metavar="N", help="default: 3")
    made.add_argument("--class", dest="size", type=int, default=0, metavar="N", help="a class of N")
    made.add_argument("--jobs", type=int, default=2, metavar="N", help="of a class (default: 2)")
    made.add_argument("--sandbox", default="bubblewrap", metavar="LEVEL", help="of kit.py grade")
    return made


def one(stage: str, folder: Path, options: argparse.Namespace) -> int:
    """Compare the suite alone with the whole grading of one submission."""
    submission = folder / "submissions" / "one"
    copy_plain(CHECKOUT / stage, submission / stage)
    numbers = count()

    def plain() -> int:
        words = [f"tests/{stage}", f"--submission={submission}", "-p", "no:cacheprovider"]
        subprocess.run(
            [sys.executable, "-m", "pytest", "-q", *words],
            cwd=CHECKOUT,
            env={**scrubbed(folder), "PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            check=True,
        )
        return HOUR

    def graded() -> int:
        out = folder / f"out{next(numbers)}"
        _grade([short(stage), str(submission), f"--out={out}", f"--sandbox={options.sandbox}"])
        (result,) = load_all(out)
        if result.score != result.points:
            raise SystemExit(f"the reference got {result.score} of {result.points}: {result.why}")
        return HOUR

    measures = [Measure("the suite alone", "an hour", plain)]
    measures.append(Measure("kit.py grade", "an hour", graded))
    measure_in_turn(measures, options.rounds)
    print_table(f"{short(stage)}, one submission", measures, measures[0])
    times = 1 / ratio(measures[1], measures[0])
    print(f"grading takes {times:.2f} times as long as the suite; allowed are {MOST_RATIO}")
    return int(times > MOST_RATIO)


def whole_class(stage: str, folder: Path, options: argparse.Namespace) -> int:
    """Grade a made class; tell how long it took and what became of those that hang."""
    console, size = Console(soft_wrap=True, highlight=False), options.size
    submissions, out = folder / "submissions", folder / "out"
    hanging = max(1, size // 5)
    for number, (name, build) in enumerate(islice(_made(stage, hanging, size), size)):
        build(submissions / f"{number:03} {name}")
    start = time.monotonic()
    words = [short(stage), str(submissions), f"--out={out}", f"--jobs={options.jobs}"]
    _grade([*words, f"--sandbox={options.sandbox}"])
    seconds = time.monotonic() - start
    results = load_all(out)
    states = {result.name: (result.status, result.score, result.seconds) for result in results}
    hung = {name: state for name, state in states.items() if name[4:] in HANGS}
    for name, (status, score, took) in hung.items():
        console.print(f"{name}: {status}, {score} points, {took:.0f} s")
    for result in results:
        if result.name[4:].startswith("right") and result.score != result.points:
            console.print(f"NOT RIGHT: {result.name} got {result.score}: {result.why}")
    whole = seconds * WHOLE_CLASS / size
    console.print(
        f"{size} submissions, {len(hung)} of them hanging, {options.jobs} at a time: "
        f"{seconds / 60:.1f} minutes; {WHOLE_CLASS} would take {whole / 60:.1f}, allowed are "
        f"{CLASS_SECONDS / 60:g}"
    )
    console.print(machine())
    return int(whole > CLASS_SECONDS or any(state[0] == "not graded" for state in states.values()))


def _made(stage: str, hanging: int, size: int) -> Iterator[tuple[str, Build]]:
    """Yield names and what builds them: those that hang, then right, wrong and odd ones."""
    for name in islice(cycle(HANGS), hanging):
        yield name, _hang(stage, *HANGS[name])
    entries = [entry for entry in bank.entries(stage) if not entry.requires]
    wrong = cycle([entry for entry in entries if entry.fails])
    for number in range(size - hanging):
        if number % 2:
            entry = next(wrong)
            yield entry.name, entry.build
        else:
            yield f"right-{number}", _right(stage)


def _hang(stage: str, file: str, text: str) -> Build:
    def build(where: Path) -> None:
        copy_plain(CHECKOUT / stage, where / stage)
        service = SERVICES[STAGES.index(stage)]
        (where / stage / file).write_text(text.replace("{service!r}", repr(service)), "utf-8")

    return build


def _right(stage: str) -> Build:
    def build(where: Path) -> None:
        copy_plain(CHECKOUT / stage, where / stage)

    return build


def _grade(words: list[str]) -> None:
    subprocess.run([sys.executable, "kit.py", "grade", *words], cwd=CHECKOUT, check=False)
