"""``kit.py grade stage1 SUBMISSIONS``: marks and reports for a folder of submissions."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.live import Live

from ..failure import HarnessError
from ..grading import progress_view, results, sandbox, writing
from ..grading.class_report import summary
from ..grading.classbook import missing_words
from ..grading.likely import likely
from ..grading.preparing import PARTS, Prepared, new_roster, prepare
from ..grading.results import Result
from ..grading.running import LIMIT_SECONDS
from ..processes import ended_as_by_ctrl_c
from .arguments import add_stage, command, whole_number

EPILOG = """\
FOLDER is a folder of submissions (folders or archives), or one submission. In OUT there will be:

  index.html, class.md      the class: marks, hardest tasks, who looks like which mistake
  class.csv                 a row a submission, a column a task
  people.csv                with --roster: a row a person, with the mark after the rules
  moodle.csv, canvas.csv    with --moodle, --canvas: your own file with the marks filled in
  students/NAME/            for the student: report.html, report.md, junit.xml, classroom50.json
  results/NAME/             for you: result.json with all that is known, gradescope.json

Without FOLDER nothing is run: all of it is made again from the results that are in OUT, as after a
change of the roster, or for a sheet that was forgotten. The roster is that of the last run into
OUT, until --roster names another one.

A run that was interrupted goes on with --resume: what is done and has not changed is kept.

Exit codes: 0 every submission has a mark, 1 some have none, 2 the command line, the folders or the
machine are not fit; then nothing was graded. 130: interrupted."""


def main(argv: list[str], suite: sandbox.Suite | None = None) -> int:
    """Grade submissions; returns 0 when each has a mark, 1 when not, 2 for a wrong call."""
    options = parser().parse_intermixed_args(argv)
    console = Console(highlight=False, soft_wrap=True, markup=False, emoji=False)
    try:
        if options.new_roster:
            number = new_roster(options)
            console.print(f"{options.new_roster}: {number} people; complete it, then --roster")
            return 0
        prepared = prepare(options, suite)
    except (HarnessError, OSError) as error:
        console.print(f"kit.py grade: {error}")
        return 2
    for warning in prepared.warnings:
        console.print(f"note: {warning}")
    try:
        return _graded(prepared, console)
    finally:
        prepared.close()


def _graded(prepared: Prepared, console: Console) -> int:
    try:
        with ended_as_by_ctrl_c():
            found = run(prepared, console)
    except KeyboardInterrupt:
        done, all_of_them = len(prepared.done), len(prepared.submissions)
        console.print(f"\n{done} of {all_of_them} are done; --resume goes on from there")
        return 130
    try:
        return conclude(prepared, found, console)
    except (HarnessError, OSError) as error:
        console.print(f"kit.py grade: {error}")
        return 2


def parser() -> argparse.ArgumentParser:
    """Return the command's own parser."""
    made = command("grade", __doc__, EPILOG)
    add_stage(made)
    made.add_argument("folder", nargs="*", type=Path, metavar="FOLDER", help="what was handed in")
    made.add_argument(
        "--out", type=Path, default=Path("grades"), metavar="OUT", help="default: grades"
    )
    _add_tests(made.add_argument_group("what is tested"))
    _add_running(made.add_argument_group("how it runs"))
    _add_people(made.add_argument_group("people and their marks"))
    _add_gradescope(made.add_argument_group("Gradescope"))
    return made


def _add_tests(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--all-own",
        action="store_true",
        help="run the suite a second time, over the student's own earlier stages: reported beside "
        "the mark, counts for nothing",
    )
    group.add_argument(
        "--hidden", type=Path, metavar="DIR", help="further tests, in files test_hidden_*.py"
    )
    group.add_argument(
        "--points", type=Path, metavar="FILE", help="other points for tests and tasks (TOML)"
    )
    group.add_argument(
        "--release-hidden",
        action="store_true",
        help="let the reports show hidden tests; before, students see the sum of their points",
    )


def _add_running(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--jobs",
        type=whole_number(1, 512),
        default=0,
        metavar="N",
        help="so many side by side, and up to three times as many while processors idle because "
        "submissions hang (default: one a processor; at the level user one at a time, as all share "
        "a network there)",
    )
    group.add_argument("--resume", action="store_true", help="go on with an earlier run in OUT")
    group.add_argument(
        "--only",
        action="append",
        default=[],
        metavar="NAME",
        help="grade this submission again, or this person's; the others keep their results",
    )
    group.add_argument("--shard", metavar="I/N", help="only the I-th of N parts, for many machines")
    group.add_argument("--diff", type=Path, metavar="OLD", help="say whose mark differs from OLD's")
    levels = ", ".join(sandbox.LEVELS)
    group.add_argument(
        "--sandbox",
        metavar="LEVEL",
        help=f"one of: {levels} (default: the first); see the instructor's guide",
    )
    group.add_argument(
        "--without",
        action="append",
        default=[],
        choices=sorted(PARTS),
        help="leave out, for everybody, what needs this part of the system",
    )
    group.add_argument(
        "--limit",
        type=float,
        default=LIMIT_SECONDS,
        metavar="SECONDS",
        help=f"time for one submission, stretched on a busy machine (default: {LIMIT_SECONDS:g})",
    )


def _add_people(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--roster",
        type=Path,
        metavar="FILE",
        help="who the submissions belong to, teams, late rule, excuses, marks by hand (TOML)",
    )
    group.add_argument(
        "--new-roster",
        type=Path,
        metavar="FILE",
        help="write a roster to begin with, from --moodle or --canvas, else from the names of the "
        "submissions; nothing is graded",
    )
    group.add_argument(
        "--moodle", type=Path, metavar="CSV", help="Moodle's grading worksheet, to be filled"
    )
    group.add_argument(
        "--moodle-columns",
        default="",
        metavar="NAMES",
        help='what its columns are called, if that is not certain: "Grade,Feedback comments"',
    )
    group.add_argument(
        "--canvas", type=Path, metavar="CSV", help="Canvas's gradebook export, to be filled"
    )
    group.add_argument(
        "--canvas-column",
        default="",
        metavar="TITLE",
        help="the assignment, by title or id (default: the one whose title names the stage)",
    )


def _add_gradescope(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--gradescope",
        type=Path,
        metavar="FILE",
        help="of one submission: write results.json there, from the first test on",
    )
    group.add_argument(
        "--gradescope-hidden",
        choices=("after_published", "hidden"),
        default="after_published",
        help="when Gradescope shows hidden tests (default: after_published)",
    )


def run(prepared: Prepared, console: Console) -> list[Result]:
    """Grade all with a view of how far it is; return the results of the class."""
    grader, total = prepared.grader, len(prepared.submissions)
    if grader is None:
        return prepared.done
    start = grader.watch.clock()

    def tell(result: Result) -> None:
        prepared.done.append(result)
        prepared.book.settle(result)
        writing.write_student(prepared.out, result, prepared.reports)
        console.print(f"{len(prepared.done)}/{total} {progress_view.line(result)}")

    if console.is_terminal:
        view = progress_view.View(grader.watch, start)
        with Live(console=console, refresh_per_second=4, get_renderable=view.render):
            found = grader.grade(prepared.submissions, tell)
    else:
        found = grader.grade(prepared.submissions, tell)
    return sorted([*found, *prepared.others], key=lambda result: result.id)


def _replaced(number: int) -> str:
    return f", {number} of them in place of another mark" if number else ""


def conclude(prepared: Prepared, found: Sequence[Result], console: Console) -> int:
    """Write what concerns the class, and say how it ended; returns the exit code."""
    out = prepared.out
    for result in found:
        prepared.book.settle(result)
        result.likely = likely(result, prepared.known)  # the bank may know more than it did
        result.save(writing.results_of(out, result))
        writing.write_student(out, result, prepared.reports)
        if prepared.gradescope is not None:
            writing.write_gradescope(prepared.gradescope, result, prepared.reports)
    changed = results.changes(prepared.old, found) if prepared.old else []
    writing.write_class(out, prepared.stage, found, prepared.book, changed)
    for text in changed:
        console.print(f"changed: {text}")
    if missing := missing_words(prepared.book):
        console.print(missing)
    console.print(summary(found))
    strangers: list[str] = []
    for sheet in prepared.sheets:
        filled = sheet.fill(found, out)
        strangers = filled.strangers  # the same in each sheet
        console.print(f"{filled.file}: {filled.marks} marks filled in{_replaced(filled.replaced)}")
        for note in filled.notes:
            console.print(f"  {note}")
    if strangers:
        console.print(f"nobody knows whose these are, no sheet has them: {', '.join(strangers)}")
    console.print(f"The class: {out / 'index.html'}; marks: {out / 'class.csv'}")
    return 1 if any(result.score is None for result in found) else 0
