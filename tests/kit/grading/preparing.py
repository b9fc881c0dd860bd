"""All that is checked before the first submission is graded: a mistake found late costs hours."""

import argparse
import os
import shlex
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path

from .. import bank, system
from ..confine import USER
from ..failure import HarnessError
from ..starters import stage_named
from ..tree import CHECKOUT, EVERYTHING
from . import last_run, lms_sheets, own_tests, sandbox, trial, user_ids, writing
from .classbook import Classbook, lay_beside
from .collecting import Found, find
from .grader import Grader, Order, shard
from .mistake_texts import Guide
from .results import Result, load_all
from .roster import Roster, read_roster
from .roster_draft import write_draft
from .sheets import Sheet

NEEDS_FOLDER = (
    "resume", "only", "shard", "without", "sandbox", "all_own", "hidden", "points", "gradescope",
)  # fmt: skip
PARTS = {"windows": ("tk", "xvfb", "fonts"), "mariadb": ("mariadb",)}


@dataclass
class Prepared:
    """A command line that is in order. Without ``grader`` nothing is run: results are in ``done``.

    ``others`` are results of earlier runs that stay as they are.
    """

    stage: str
    out: Path
    book: Classbook
    grader: Grader | None = None
    submissions: list[Found] = field(default_factory=list)
    done: list[Result] = field(default_factory=list)
    others: list[Result] = field(default_factory=list)
    old: list[Result] = field(default_factory=list)
    sheets: list[Sheet] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    reports: writing.Reports = field(default_factory=writing.Reports)
    known: list[bank.Entry] = field(default_factory=list)  # the bank of the stage
    gradescope: Path | None = None
    folder: tempfile.TemporaryDirectory[str] | None = None  # of the instructor's own suite

    def close(self) -> None:
        """Remove what was made for the run."""
        if self.folder is not None:
            self.folder.cleanup()


def prepare(options: argparse.Namespace, suite: sandbox.Suite | None = None) -> Prepared:
    """Check a command line; raises HarnessError with what to do."""
    stage = stage_named(options.stage)
    if options.limit <= 0:
        raise HarnessError(f"--limit wants a number above 0, got {options.limit:g}")
    made = Prepared(stage, options.out, Classbook())
    made.known = bank.entries(stage)
    guide = Guide(stage, made.known)
    made.reports = writing.Reports(options.release_hidden, options.gradescope_hidden, guide)
    if options.diff:
        made.old = load_all(options.diff)
        if not made.old:
            raise HarnessError(f"{options.diff} holds no results of kit.py grade")
    made.sheets = _sheets(options, stage)
    for sheet in made.sheets:
        sheet.target(options.out)
    roster = _roster(options, made)
    if not options.folder:
        _take_results(options, made, roster)
        _remember(options)
        return made
    everything, passed = find(options.folder, stage, is_one=bool(options.gradescope))
    made.warnings += [f"passed over, it is neither a folder nor an archive: {p}" for p in passed]
    made.book = lay_beside(roster, everything)
    made.warnings += made.book.warnings
    made.submissions = _chosen(options, everything, made.book)
    _check_out(options)
    if options.only:
        again = {found.id for found in made.submissions}
        made.others = [old for old in load_all(options.out) if old.id not in again]
    without = [part for name in options.without for part in PARTS[name]]
    check_parts(without, suite)
    level = sandbox.pick(options.sandbox)
    if level == USER:
        check_closed([*options.folder, options.out, *filter(None, [options.hidden])])
    if own := own_tests.OwnTests(options.hidden, options.points):
        made.folder = tempfile.TemporaryDirectory(prefix="kit-suite-", ignore_cleanup_errors=True)
        # The outer folder is the grader's alone.
        suite = own_tests.build(stage, own, _inner(Path(made.folder.name)))
    if options.hidden and suite is not None:
        made.warnings += trial.check_hidden(
            stage, suite, level, without=without, limit=options.limit
        )
    order = Order(
        stage,
        level,
        options.out,
        options.jobs or (1 if level == USER else os.cpu_count() or 1),
        options.limit,
        suite=suite,
        without=without,
        is_anew=bool(options.only),
        all_own=options.all_own,
        partial=_partial(options, made),
    )
    options.out.mkdir(0o700 if level == USER else 0o777, parents=True, exist_ok=True)
    _remember(options)
    made.grader = Grader(order)
    return made


def new_roster(options: argparse.Namespace) -> int:
    """Write the roster that a command line asks for; return how many people are in it."""
    stage = stage_named(options.stage)
    made = _sheets(options, stage)
    if not options.folder and not made:
        raise HarnessError("--new-roster needs FOLDER, --moodle or --canvas to take names from")
    submissions = find(options.folder, stage)[0] if options.folder else []
    return write_draft(options.new_roster, submissions, made)


def _inner(folder: Path) -> Path:
    inner = folder / "suite"
    inner.mkdir(0o755)
    return inner


def _partial(options: argparse.Namespace, made: Prepared) -> Callable[[Result], None] | None:
    """Return what writes Gradescope's file while the tests run."""
    path: Path | None = options.gradescope
    if path is None:
        return None
    made.gradescope = path
    if len(made.submissions) != 1:
        raise HarnessError(
            f"--gradescope is for one submission, there are {len(made.submissions)}; for many, "
            "take results/NAME/gradescope.json"
        )
    return lambda result: writing.write_gradescope(path, result, made.reports)


def _roster(options: argparse.Namespace, made: Prepared) -> Roster | None:
    """Return the roster that is named, else that of the last run into OUT."""
    if options.roster:
        return read_roster(options.roster)
    path = last_run.roster_of(options.out)
    if path is None:
        return None
    made.warnings.append(f"with the roster {path} of the last run")
    return read_roster(path)


def _remember(options: argparse.Namespace) -> None:
    if options.roster:
        last_run.remember_roster(options.out, options.roster)


def _sheets(options: argparse.Namespace, stage: str) -> list[Sheet]:
    found = []
    for name, needs in (("moodle_columns", "moodle"), ("canvas_column", "canvas")):
        if getattr(options, name) and not getattr(options, needs):
            raise HarnessError(f"--{name.replace('_', '-')} belongs to --{needs}, which is missing")
    if options.moodle:
        columns = [name for name in options.moodle_columns.split(",") if name.strip()]
        found.append(lms_sheets.moodle(options.moodle, columns))
    if options.canvas:
        found.append(lms_sheets.canvas(options.canvas, stage, options.canvas_column))
    return found


def _take_results(options: argparse.Namespace, made: Prepared, roster: Roster | None) -> None:
    """Without a folder: what an earlier run found."""
    for name in NEEDS_FOLDER:
        if getattr(options, name):
            flag = name.replace("_", "-")
            raise HarnessError(f"--{flag} needs FOLDER: without it nothing is run")
    made.done = [result for result in load_all(options.out) if result.stage == made.stage]
    if not made.done:
        raise HarnessError(
            f"no FOLDER of submissions is named, and {options.out} holds no results of {made.stage}"
        )
    found = [Found(result.id, result.name, Path(result.name)) for result in made.done]
    made.book = lay_beside(roster, found)
    made.warnings += made.book.warnings


def _chosen(options: argparse.Namespace, everything: list[Found], book: Classbook) -> list[Found]:
    if options.only and options.shard:
        raise HarnessError("--only and --shard do not go together")
    if options.shard:
        return shard(everything, options.shard)
    chosen = {}
    for name in options.only:
        found = [each for each in everything if name in _names(each, book)]
        if len(found) != 1:
            raise HarnessError(f"--only: {_not_one(name, found, everything, book)}")
        chosen[found[0].id] = found[0]
    return list(chosen.values()) or everything


def _not_one(name: str, found: list[Found], everything: list[Found], book: Classbook) -> str:
    """Say why a name is not that of one submission, with the names that come near, nearest first.

    Whoever handed nothing in is among them: then it is not the name that is wrong.
    """
    if found:
        return f"{len(found)} submissions are {name!r}: {', '.join(each.id for each in found)}"
    for person in book.without:
        if name in (person.id, person.name):
            return f"{person.name} ({person.id}) handed in nothing"
    people = [person.name for owners in book.owners.values() for person in owners.people]
    people += [person.name for person in book.without]
    names = {known.casefold(): known for known in [*people, *(each.name for each in everything)]}
    near = [names[known] for known in get_close_matches(name.casefold(), names, n=5, cutoff=0.4)]
    shown = ", ".join(near or list(names.values())[:3])
    return f"no submission is {name!r}; there are, for example: {shown}"


def _names(found: Found, book: Classbook) -> set[str]:
    names = {found.id, found.name, found.path.name}
    if owners := book.owners.get(found.id):
        names |= {text for person in owners.people for text in (person.id, person.name)}
        names |= {owners.team.name} if owners.team else set()
    return names


def _check_out(options: argparse.Namespace) -> None:
    """Raise HarnessError when the results of another run would be mixed with these."""
    out: Path = options.out
    if out.exists() and not out.is_dir():
        raise HarnessError(f"--out wants a folder, {out} is a file")
    if not (options.resume or options.only) and load_all(out):
        raise HarnessError(
            f"{out} holds results: --resume goes on with them, --only NAME grades one again, or "
            "take another --out"
        )
    for folder in options.folder:
        if out.resolve() == folder.resolve() or folder.resolve() in out.resolve().parents:
            raise HarnessError(f"{out} lies in {folder}: results would be taken for submissions")


def check_closed(paths: Sequence[Path]) -> None:
    """Raise HarnessError when programs that run as another user could read what they must not."""
    secret = [CHECKOUT / name for name in ("tests", *EVERYTHING, ".git", "starters")]
    there = [path.resolve() for path in (*secret, *paths) if path.exists()]
    if is_open := user_ids.readable(there):
        told = " ".join(shlex.quote(str(path)) for path in is_open)
        raise HarnessError(
            "at the level user the permissions are the wall, and every user of this machine may "
            f"read what submissions must not see. Close it, then start again: chmod go-rwx {told}"
        )


def check_parts(without: Sequence[str], suite: sandbox.Suite | None) -> None:
    """Raise HarnessError when a part is missing that the suite needs and nobody has left out."""
    if not suite:  # what is not of the suites, the sandbox, is told of by sandbox.pick
        otherwise = "leave them out for everybody: --without"
        system.check_whole([*without, system.SANDBOX], "every mark would suffer", otherwise)
