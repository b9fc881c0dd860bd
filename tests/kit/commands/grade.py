"""``kit.py grade stage1 SUBMISSIONS``: marks and reports for a folder of submissions."""

import argparse
import json
import os
import time
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

from .. import system
from ..failure import HarnessError
from ..grading import formats, pages, results, sandbox
from ..grading.collecting import Found, find
from ..grading.grader import STUDENTS, Grader, Order, results_in, shard
from ..grading.results import Result
from ..grading.running import LIMIT_SECONDS
from ..starters import short, stage_named
from ..tree import STAGES
from ..view import escape

EPILOG = """\
FOLDER is a folder of submissions (folders or zips), or one submission. In OUT there will be:

  index.html, class.md         the class: marks, hardest tasks, who looks like which mistake
  class.csv                    a row a submission, a column a task
  students/NAME/               report.html and report.md for the student, result.json with all that
                               is known, gradescope.json, classroom50.json, junit.xml

A run that was interrupted goes on with --resume: what is done and has not changed is kept.

Exit codes: 0 every submission has a mark, 1 some have none, 2 the command line, the folders or the
machine are not fit; then nothing was graded."""
SHOWN_RUNNING = 8
PARTS = {"windows": ("tk", "xvfb", "fonts"), "mariadb": ("mariadb",)}


def main(argv: list[str], suite: sandbox.Suite | None = None) -> int:
    """Grade submissions; returns 0 when each has a mark, 1 when not, 2 for a wrong call."""
    options = parser().parse_args(argv)
    console = Console(highlight=False, soft_wrap=True, markup=False, emoji=False)
    try:
        grader, submissions = prepare(options, console, suite)
    except (HarnessError, OSError) as error:
        console.print(f"kit.py grade: {error}")
        return 2
    try:
        found = run(grader, submissions, console)
    except KeyboardInterrupt:
        done = len(grader.watch.done)
        console.print(f"\n{done} of {len(submissions)} are done; --resume goes on from there")
        return 130
    old = results.load_all(options.diff) if options.diff else []
    changed = results.changes(old, found) if options.diff else []
    write_class(options.out, grader.order.stage, found, changed)
    return conclude(options.out, found, changed, console)


def parser() -> argparse.ArgumentParser:
    """Return the command's own parser."""
    made = argparse.ArgumentParser(
        prog="kit.py grade",
        description=__doc__,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.add_argument("stage", metavar="STAGE", help=f"one of: {', '.join(map(short, STAGES))}")
    made.add_argument("folder", nargs="+", type=Path, metavar="FOLDER", help="what was handed in")
    made.add_argument(
        "--out", type=Path, default=Path("grades"), metavar="DIR", help="default: grades"
    )
    made.add_argument(
        "--jobs",
        type=int,
        default=os.cpu_count() or 1,
        metavar="N",
        help="so many side by side (default: one a processor)",
    )
    made.add_argument("--resume", action="store_true", help="go on with an earlier run in DIR")
    made.add_argument("--shard", metavar="I/N", help="only the I-th of N parts, for many machines")
    made.add_argument("--diff", type=Path, metavar="OLD", help="say whose mark differs from OLD's")
    made.add_argument(
        "--sandbox", metavar="LEVEL", help="bubblewrap (default) or limits; see the guide"
    )
    made.add_argument(
        "--without",
        action="append",
        default=[],
        choices=sorted(PARTS),
        help="leave out, for everybody, what needs this part of the system",
    )
    made.add_argument(
        "--limit",
        type=float,
        default=LIMIT_SECONDS,
        metavar="SECONDS",
        help=f"time for one submission, stretched on a busy machine (default: {LIMIT_SECONDS:g})",
    )
    return made


def prepare(
    options: argparse.Namespace, console: Console, suite: sandbox.Suite | None
) -> tuple[Grader, list[Found]]:
    """Check everything before the first submission; raises HarnessError with what to do."""
    stage = stage_named(options.stage)
    if options.jobs < 1 or options.limit <= 0:
        raise HarnessError(f"--jobs and --limit want numbers above 0, got {options.jobs}")
    submissions, passed = find(options.folder, stage)
    if options.shard:
        submissions = shard(submissions, options.shard)
    if options.diff and not any(results_in(options.diff)):
        raise HarnessError(f"{options.diff} holds no results of kit.py grade")
    check_out(options)
    without = [part for name in options.without for part in PARTS[name]]
    check_parts(without, suite)
    level = sandbox.pick(options.sandbox)
    for path in passed:
        console.print(f"passed over, it is neither a folder nor an archive: {path}")
    order = Order(
        stage, level, options.out, options.jobs, options.limit, suite=suite, without=without
    )
    options.out.mkdir(parents=True, exist_ok=True)
    return Grader(order), submissions


def check_out(options: argparse.Namespace) -> None:
    """Raise HarnessError when the results of another run would be mixed with these."""
    out: Path = options.out
    if out.exists() and not out.is_dir():
        raise HarnessError(f"--out wants a folder, {out} is a file")
    if not options.resume and any(results_in(out)):
        raise HarnessError(
            f"{out} holds results: --resume goes on with them, or take another --out"
        )
    for folder in options.folder:
        if out.resolve() == folder.resolve() or folder.resolve() in out.resolve().parents:
            raise HarnessError(f"{out} lies in {folder}: results would be taken for submissions")


def check_parts(without: Sequence[str], suite: sandbox.Suite | None) -> None:
    """Raise HarnessError when a part is missing that the suite needs and nobody has left out."""
    missing = [part for part in system.look() if part.name not in without] if not suite else []
    if missing:
        lines = [f"{part.name} ({part.untested}): {system.remedy(part)}" for part in missing]
        told = "; ".join(lines)
        raise HarnessError(
            f"parts of the system are missing, and every mark would suffer: {told}. "
            "Install them, or leave them out for everybody: --without"
        )


def run(grader: Grader, submissions: Sequence[Found], console: Console) -> list[Result]:
    """Grade all with a view of how far it is."""
    start = time.monotonic()
    live = Live(console=console, refresh_per_second=4, get_renderable=lambda: shown(grader, start))

    def tell(result: Result) -> None:
        write_student(grader.order.out / STUDENTS / result.id, result)
        console.print(f"{len(grader.watch.done)}/{len(submissions)} {line(result)}")

    if not console.is_terminal:
        return grader.grade(submissions, tell)
    with live:
        return grader.grade(submissions, tell)


def shown(grader: Grader, start: float) -> Group:
    """Return who runs, what is done, and how long the rest may take."""
    watch = grader.watch
    with watch.lock:
        running, done = dict(watch.running), list(watch.done)
        left = watch.seconds_left(time.monotonic() - start)
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
    return f"{result.name}: {mark}, {result.status}{more}"


def write_student(folder: Path, result: Result) -> None:
    """Write all reports of one submission."""
    folder.mkdir(parents=True, exist_ok=True)
    texts = {
        "report.html": pages.student_html(result),
        "report.md": pages.student_markdown(result),
        "gradescope.json": as_json(formats.gradescope(result)),
        "classroom50.json": as_json(formats.classroom50(result, {})),
        "junit.xml": formats.junit(result),
    }
    for name, text in texts.items():
        (folder / name).write_text(text, "utf-8", "replace", newline="\n")


def as_json(data: object) -> str:
    """Return JSON for people and programs."""
    return json.dumps(data, ensure_ascii=False, indent=1) + "\n"


def write_class(out: Path, stage: str, found: Sequence[Result], changed: Sequence[str]) -> None:
    """Write the reports of the class."""
    (out / "index.html").write_text(pages.class_html(found, stage, changed), "utf-8", "replace")
    text = pages.class_markdown(found, stage, changed)
    (out / "class.md").write_text(text, "utf-8", "replace")
    (out / "class.csv").write_bytes(formats.class_list(found).encode("utf-8", "replace"))


def conclude(out: Path, found: Sequence[Result], changed: Sequence[str], console: Console) -> int:
    """Say how it ended; returns the exit code."""
    for text in changed:
        console.print(f"changed: {text}")
    console.print(pages.summary(found))
    console.print(f"The class: {out / 'index.html'}; marks: {out / 'class.csv'}")
    return 1 if any(result.score is None for result in found) else 0
