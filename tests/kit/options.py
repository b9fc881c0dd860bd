"""The command-line options that the harness adds to pytest."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from .failure import HarnessError
from .points import Points, read_points
from .tree import CHECKOUT


def add_options(parser: pytest.Parser) -> None:
    """Add the harness's options to pytest's."""
    group = parser.getgroup("course", "the course's suites")
    group.addoption(
        "--submission",
        metavar="DIR",
        help="judge this submission (the folder that holds stage3_auth/ …), not the reference",
    )
    group.addoption(
        "--own-earlier",
        action="store_true",
        help="with --submission: earlier stages are the submission's too, not the reference's",
    )
    group.addoption(
        "--programs",
        metavar="FILE",
        help="start programs as this programs.toml says (another language, another engine)",
    )
    group.addoption(
        "--attach",
        action="append",
        default=[],
        metavar="[KEY=]HOST:PORT",
        help="use a server that already runs, as in a debugger; tests that must start their own "
        "are skipped. KEY is like stage3.server; without it, the server of the suite's stage",
    )
    group.addoption(
        "--thorough", action="store_true", help="the large counts: soaks, long fuzzing, many users"
    )
    group.addoption(
        "--time-scale",
        type=float,
        metavar="X",
        help="stretch every time limit by X; by default measured for this machine",
    )
    group.addoption(
        "--task",
        action="append",
        default=[],
        metavar="ID",
        help="run only this task (2.3) and those that it builds on; may be given again",
    )
    group.addoption(
        "--alone",
        action="store_true",
        help="with --task: leave out the tasks that it builds on",
    )
    group.addoption(
        "--seed",
        type=int,
        default=0,
        metavar="N",
        help="what tests choose at random, they choose by this number (default: 0, as for marks)",
    )
    group.addoption(
        "--hurry",
        action="store_true",
        help="once a check of a task has waited in vain, give answers less time in that task; for "
        "people who wait, never for marks",
    )
    group.addoption(
        "--points",
        metavar="FILE",
        help="give tests and tasks other points (tests/kit/points.py)",
    )
    group.addoption(
        "--results",
        metavar="FILE",
        help="write what was earned, task by task, as JSON",
    )
    group.addoption(
        "--events",
        metavar="FILE",
        help="write what happens while it happens, as lines of JSON (tests/kit/events.py)",
    )
    group.addoption(
        "--artefacts",
        metavar="DIR",
        default=str(CHECKOUT / "artefacts"),
        help="where screenshots and the like are kept (default: artefacts/ in the checkout)",
    )


@dataclass(frozen=True, slots=True)
class Options:
    """The options of one run, read and checked."""

    submission: Path | None
    own_earlier: bool
    programs: Path | None
    attach: dict[str, tuple[str, int]]  # key ("" for the suite's own server) -> host, port
    thorough: bool
    artefacts: Path
    tasks: frozenset[str] = frozenset()  # empty: all of them
    alone: bool = False  # without the tasks that those build on
    seed: int = 0
    hurry: bool = False
    results: Path | None = None
    events: Path | None = None
    points: Points | None = None


def read_options(config: pytest.Config) -> Options:
    """Return the options; raises pytest.UsageError for one that makes no sense."""
    submission = config.getoption("--submission")
    programs = config.getoption("--programs")
    if submission is not None and not Path(submission).is_dir():
        raise pytest.UsageError(f"--submission wants a folder, there is none at {submission}")
    if programs is not None and not Path(programs).is_file():
        raise pytest.UsageError(f"--programs wants a file, there is none at {programs}")
    results = config.getoption("--results")
    events = config.getoption("--events")
    points = config.getoption("--points")
    scale = config.getoption("--time-scale")
    if scale is not None and not 0 < scale <= 1000:
        raise pytest.UsageError(f"--time-scale wants a number above 0, got {scale}")
    return Options(
        submission=Path(submission).resolve() if submission is not None else None,
        own_earlier=bool(config.getoption("--own-earlier")),
        programs=Path(programs).resolve() if programs is not None else None,
        attach=dict(_read_attach(text) for text in config.getoption("--attach")),
        thorough=bool(config.getoption("--thorough")),
        artefacts=Path(config.getoption("--artefacts")).absolute(),
        tasks=frozenset(config.getoption("--task")),
        alone=bool(config.getoption("--alone")),
        seed=int(config.getoption("--seed")),
        hurry=bool(config.getoption("--hurry")),
        results=Path(results).absolute() if results is not None else None,
        events=Path(events).absolute() if events is not None else None,
        points=_read_points(Path(points)) if points is not None else None,
    )


def _read_points(path: Path) -> Points:
    try:
        return read_points(path)
    except HarnessError as error:
        raise pytest.UsageError(str(error)) from error


def _read_attach(text: str) -> tuple[str, tuple[str, int]]:
    key, _, address = text.rpartition("=")
    host, _, port = address.rpartition(":")
    if not (host and port.isdecimal() and 0 < int(port) < 65536):
        raise pytest.UsageError(f"--attach wants HOST:PORT or KEY=HOST:PORT, got {text}")
    return key, (host.strip("[]"), int(port))
