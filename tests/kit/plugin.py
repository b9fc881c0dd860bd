"""The pytest plugin: options, order of tasks, waiting, reports that explain, the scoreboard."""

import json
import os
import re
import sys
from collections.abc import Generator
from pathlib import Path
from typing import Any, NoReturn

import pytest

from . import confine, deadlines, planted_links, processes, side_by_side, story
from .cutting import not_written
from .events import EventLog
from .failure import CheckFailed, HarnessError
from .fixtures import JUDGES, OPTIONS
from .marks import (
    LINES,
    MARKS,
    Ledger,
    Marks,
    check_points,
    in_task_order,
    is_ci,
    missing_parts,
    read_marks,
)
from .options import add_options, read_options
from .report import render
from .scoreboard import Scoreboard
from .tree import EVERYTHING
from .view import escape, shorten

LEDGER = pytest.StashKey[Ledger]()
BOARD = pytest.StashKey[Scoreboard]()
CAUSE = pytest.StashKey[str]()
# One test may take so long before it is stopped, stretched like every limit.
TEST_SECONDS = 60
# What is told of a test that waits on another task.
SEEN_CHARACTERS = 300


def pytest_addoption(parser: pytest.Parser) -> None:
    add_options(parser)


def pytest_configure(config: pytest.Config) -> None:
    for line in LINES:
        config.addinivalue_line("markers", line)
    deadlines.set_factor(config.getoption("--time-scale"))
    config.stash[OPTIONS] = read_options(config)
    config.stash[JUDGES] = {}
    processes.allow_many_files()
    confine.open_up()
    config.stash[LEDGER] = Ledger()
    config.stash[BOARD] = Scoreboard()
    if events := config.stash[OPTIONS].events:
        config.pluginmanager.register(EventLog(events))
    _refuse_conftest_of_submission(config)
    processes.heed_interrupts()


def _refuse_conftest_of_submission(config: pytest.Config) -> None:
    submission = config.stash[OPTIONS].submission
    for plugin in config.pluginmanager.get_plugins():
        file = getattr(plugin, "__file__", None)
        if submission is not None and file and Path(file).resolve().is_relative_to(submission):
            # pytest takes DIR of "--submission DIR" for a folder of tests before it knows the
            # option; "--submission=DIR" cannot be misread.
            raise pytest.UsageError(
                f"{file} was loaded from the submission: write --submission=DIR in one word"
            )


def pytest_report_header(config: pytest.Config) -> list[str]:
    options = config.stash[OPTIONS]
    judged = "the reference" if options.submission is None else f"{options.submission}"
    lines = [f"judging {judged}; time limits × {deadlines.factor():.1f}"]
    if options.programs is not None:
        lines.append(f"programs as in {options.programs}")
    return lines


# --- which tests, in which order ---


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item, marks in zip(items, _marks(config, items), strict=True):
        item.stash[MARKS] = marks
        item.user_properties.append(("course", marks.as_data()))
        if item.get_closest_marker("timeout") is None and config.pluginmanager.hasplugin("timeout"):
            item.add_marker(pytest.mark.timeout(deadlines.within(TEST_SECONDS)))
    check_points(config, items)
    items[:] = in_task_order(items)
    options = config.stash[OPTIONS]
    if options.tasks:
        _select_tasks(config, items, options.tasks, alone=options.alone)


def _marks(config: pytest.Config, items: list[pytest.Item]) -> list[Marks]:
    """Return the marks of all tests, with the points that the instructor gives."""
    marks = [read_marks(item) for item in items]
    points = config.stash[OPTIONS].points
    try:
        return points.apply(marks) if points is not None else marks
    except HarnessError as error:
        raise pytest.UsageError(str(error)) from error


def _select_tasks(
    config: pytest.Config, items: list[pytest.Item], wanted: frozenset[str], *, alone: bool
) -> None:
    """Keep the tests of the wanted tasks and, unless ``alone``, of all that these build on."""
    marks = [item.stash[MARKS] for item in items]
    unknown = wanted - {mark.task for mark in marks}
    if unknown:
        raise pytest.UsageError(f"--task: no test here belongs to {', '.join(sorted(unknown))}")
    needed, before = set(wanted), set[str]()
    while needed != before and not alone:
        before = set(needed)
        needed |= {task for mark in marks if mark.task in needed for task in mark.needs}
    kept = [item for item in items if item.stash[MARKS].task in needed]
    config.hook.pytest_deselected(items=[item for item in items if item not in kept])
    items[:] = kept


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    return side_by_side.scheduler(config, log)


def pytest_collection_finish(session: pytest.Session) -> None:
    _refuse_code_under_test()


def _refuse_code_under_test() -> None:
    found = [name for name in sys.modules if name.partition(".")[0] in EVERYTHING]
    if found:
        raise pytest.UsageError(
            f"{found[0]} was imported by the pytest process; suites judge programs: "
            "start them, or call functions through the probe"
        )


@pytest.hookimpl(wrapper=True)
def pytest_fixture_setup(fixturedef: pytest.FixtureDef[Any]) -> Generator[None, Any, Any]:
    """Where programs are confined, links that they plant in the tests' folders lead nowhere.

    Where they run as another user, these folders are theirs.
    """
    made = yield
    if fixturedef.argname != "tmp_path_factory" or not confine.level():
        return made
    base, is_user = made.getbasetemp(), confine.level() == confine.USER
    planted_links.install(base, confine.user() if is_user else None)
    if is_user:
        make = made.mktemp
        base.chmod(0o711)
        made.mktemp = lambda *args, **kwargs: confine.give(make(*args, **kwargs))
    return made


# --- one test ---


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    story.begin()
    marks = item.stash[MARKS]
    ledger = item.config.stash[LEDGER]
    item.stash[CAUSE] = ledger.waiting_on(marks)
    waits = bool(item.stash[CAUSE])
    hurried = item.config.stash[OPTIONS].hurry and (waits or ledger.has_waited_in_vain(marks))
    hurried = hurried or (waits and ledger.is_late(marks))
    deadlines.begin(hurried=hurried, usual=ledger.usual_seconds)
    if waits and ledger.is_hopeless(marks):
        item.user_properties.append(("waiting_on", item.stash[CAUSE]))
        pytest.skip(f"waiting on {item.stash[CAUSE]}")
    if marks.suite == "final" and item.config.stash[OPTIONS].submission is not None:
        leave_out(item, "final is the reference's, a submission is judged by its stages")
    for mark in item.iter_markers("skipif"):
        if mark.args[0]:  # by the suite, for a reason of this machine: no submission can say it
            leave_out(item, mark.kwargs["reason"])
    missing = missing_parts() if marks.parts else {}
    for part in marks.parts:
        if part not in missing:
            continue
        reason = f"{part} is missing here: {missing[part]}"
        if is_ci():
            pytest.fail(f"CI=true and {reason}", pytrace=False)
        leave_out(item, reason)


def leave_out(item: pytest.Item, reason: str) -> NoReturn:
    """Skip a test for a reason that is not the submission's: its points are not expected."""
    item.user_properties.append(("not_tested", reason))
    pytest.skip(reason)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.skipped and "--attach" in str(report.longrepr):
        report.user_properties.append(("not_tested", "needs a server of its own (--attach)"))
    if not report.failed:
        if report.when == "call" and report.passed:
            item.config.stash[LEDGER].passed(item.stash[MARKS], report.duration)
        return report
    is_late = deadlines.waited_in_vain() or "Timeout" in str(call.excinfo and call.excinfo.value)
    if is_late:
        item.config.stash[LEDGER].waited_in_vain(item.stash[MARKS])
    if cause := item.stash.get(CAUSE, ""):
        if is_late:
            seconds = report.duration / deadlines.factor()
            item.config.stash[LEDGER].late_echo(item.stash[MARKS], seconds)
        _make_waiting(item, call, report, cause)
    else:
        _make_failure(item, call, report)
    for shared in item.config.stash[JUDGES].values():
        shared.drop_kept()
    return report


def _make_failure(
    item: pytest.Item, call: pytest.CallInfo[None], report: pytest.TestReport
) -> None:
    """Note the cause, and let the report tell the story."""
    marks = item.stash[MARKS]
    judge = item.config.stash[JUDGES].get(marks.suite)
    if not (marks.functions and judge is not None and judge.has_foreign_server()):
        item.config.stash[LEDGER].failed(marks)
    error = call.excinfo.value if call.excinfo is not None else None
    data: dict[str, Any] = {**marks.as_data(), **story.current().as_data()}
    if isinstance(error, CheckFailed):
        data |= error.as_data()
        data["not_written"] = not_written(_said(data), marks.task)
        data["place"] = _place(item, call)
        data["hurried"] = deadlines.is_hurried() and deadlines.waited_in_vain()
        report.longrepr = render(data)
    else:
        data |= {"kind": type(error).__name__, "message": str(error)}
        if data["steps"]:
            # pytest shows the error itself, and better.
            report.sections.append(("what was done", render({**data, "message": ""})))
    report.user_properties.append(("failure", data))


def _said(data: dict[str, Any]) -> str:
    """Return what the code under test has said: its errors, and its logs."""
    logs = [str(program.get("stderr")) for program in data["programs"]]
    return "\n".join([data["message"], json.dumps(data.get("received")), *data["lines"], *logs])


def _make_waiting(
    item: pytest.Item, call: pytest.CallInfo[None], report: pytest.TestReport, cause: str
) -> None:
    """Turn the failure of a test that builds on a failed task into an echo of it."""
    path, line, _ = item.location
    seen = _in_a_line(call.excinfo.value) if call.excinfo is not None else ""
    report.outcome, report.longrepr = "skipped", (path, line or 0, f"waiting on {cause}")
    report.user_properties += [("waiting_on", cause), ("seen", seen)]


def _in_a_line(error: BaseException) -> str:
    words = escape(str(error).partition("\n")[0])
    if not isinstance(error, AssertionError):
        words = f"{type(error).__name__}: {words}"
    for found in error.differences[:1] if isinstance(error, CheckFailed) else ():
        words += f" ({found.path}: expected {found.expected}, received {found.received})"
    return shorten(words, SEEN_CHARACTERS)


def _place(item: pytest.Item, call: pytest.CallInfo[None]) -> str:
    """Return file and line of the test that made the failing check."""
    if call.excinfo is None:
        return ""
    for entry in reversed(call.excinfo.traceback):
        if re.search(r"[/\\](test_\w+|conftest)\.py$", str(entry.path)):
            return f"{os.path.relpath(entry.path, item.config.rootpath)}:{entry.lineno + 1}"
    return ""


def pytest_report_teststatus(
    report: pytest.CollectReport | pytest.TestReport,
) -> tuple[str, str, tuple[str, dict[str, bool]]] | None:
    if report.skipped and dict(getattr(report, "user_properties", [])).get("waiting_on"):
        return "waiting", "w", ("WAITING", {"yellow": True})
    return None


# --- the end ---


class _Collector:
    """Feeds the scoreboard; on the process that shows the results, also under xdist."""

    def __init__(self, board: Scoreboard) -> None:
        self._board = board

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._board.note(report)


def pytest_sessionstart(session: pytest.Session) -> None:
    session.config.pluginmanager.register(_Collector(session.config.stash[BOARD]))


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> Generator[None]:
    yield  # pytest's own summary first: what was earned and what was left out ends the run
    config, writer = terminalreporter.config, terminalreporter
    board = config.stash[BOARD]
    encoding = (getattr(sys.stdout, "encoding", "") or "").lower()
    colour = config.get_terminal_writer().hasmarkup
    width = config.get_terminal_writer().fullwidth
    text = board.render(width, colour, unicode="utf" in encoding)
    if text:
        writer.write_sep("=", "points")
        writer.write(text)
    if board.untested:
        writer.write_sep("=", "NOT tested in this run")
        for reason, number in board.untested.items():
            writer.write_line(f"{number} {'test' if number == 1 else 'tests'}: {reason}")


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    if (results := session.config.stash[OPTIONS].results) is not None:
        board = session.config.stash[BOARD]
        results.write_text(json.dumps(board.as_data(), ensure_ascii=False, indent=1), "utf-8")
    for shared in session.config.stash[JUDGES].values():
        shared.close()
    processes.end_all()
