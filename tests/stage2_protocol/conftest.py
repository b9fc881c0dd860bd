"""What the tests of stage 2 share."""

import sys
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

import pytest

from tests.kit.environment import scrubbed
from tests.kit.failure import CheckFailed
from tests.kit.judge import Judge
from tests.kit.programs import Program, Server
from tests.kit.wire import WireClient

from .driver import NEVER, Driver
from .pipe import Pipe

SUITE_COMPLETE = True
TOYS = Path(__file__).with_name("toys")
FORGET = 56  # the toy verb that clears the list of events
# One log line a connection is a teacher; a thousand of them are only slow.
QUIET = ("--log-level", "warning")


@pytest.fixture
def server(shared_server: Callable[..., Server]) -> Server:
    """A protocol server that tests share."""
    return shared_server("stage2.server", *QUIET, flags_matter=False)


class Toys:
    """Starts the programs in toys/: they import the public names of the code under test."""

    def __init__(self, judge: Judge) -> None:
        self._judge = judge
        self._started: list[Program] = []

    def start(self, name: str, *flags: str, ready: bool = False) -> Program:
        """Start ``toys/<name>.py``; with ``ready`` it is a server and waited for."""
        if self._judge.tree.missing:
            raise CheckFailed(f"the submission has no folder {self._judge.tree.missing}")
        folder = self._judge.new_folder(name)
        home = folder / "home"
        home.mkdir()
        program = Program(
            name,
            [sys.executable, "-P", str(TOYS / f"{name}.py"), *flags],
            cwd=home,
            env=scrubbed(home, PYTHONPATH=str(self._judge.tree.root)),
            folder=folder,
        )
        self._started.append(program)
        if ready:
            self._judge.wait_ready(program, name, 15)
        return program

    def dispose(self) -> None:
        """End everything that was started."""
        for program in self._started:
            program.dispose()


@pytest.fixture
def toys(judge: Judge) -> Iterator[Toys]:
    """Start programs that are built on the code under test."""
    started = Toys(judge)
    yield started
    started.dispose()


class KeptChildren:
    """The children that the tests of one run share: quicker than one for each test."""

    def __init__(self, judge: Judge) -> None:
        self._toys = Toys(judge)
        self._pipe: Pipe | None = None
        self._driver: Driver | None = None
        self._server: Program | None = None

    def pipe(self) -> Pipe:
        """Return the pipe, with a new service in it."""
        if self._pipe is None or self._pipe.program.exit_code is not None:
            self._pipe = Pipe(self._toys.start("toy_service", "--pipe"))
        self._pipe.begin()
        return self._pipe

    def driver(self) -> Driver:
        """Return the driver, with nothing left of the last test."""
        if self._driver is None or self._driver.program.exit_code is not None:
            self._driver = Driver(self._toys.start("client_driver"))
        self._driver.begin()
        return self._driver

    def server(self) -> Program:
        """Return the server of toy verbs; its list of events may be that of earlier tests."""
        if self._server is None or self._server.exit_code is not None:
            self._server = self._toys.start("toy_service", *QUIET, ready=True)
        self._server.join()
        return self._server

    def drop(self) -> None:
        """End the children: after a failure nobody knows what state they are in."""
        self._toys.dispose()
        self._pipe = self._driver = self._server = None


KEPT: WeakKeyDictionary[Judge, KeptChildren] = WeakKeyDictionary()


@pytest.fixture
def children(judge: Judge) -> KeptChildren:
    """The children that tests share."""
    return KEPT.setdefault(judge, KeptChildren(judge))


@pytest.fixture
def pipe(children: KeptChildren) -> Pipe:
    """The toy verbs without sockets and threads: bytes in, replies out."""
    return children.pipe()


@pytest.fixture
def toy_server(children: KeptChildren, connect: Callable[..., WireClient]) -> Program:
    """A server of toy verbs on the engine under test (toys/toy_service.py)."""
    server = children.server()
    connect(server, "the one who tidies up").request(FORGET)
    return server


@pytest.fixture
def driver(children: KeptChildren) -> Driver:
    """The client connection under test, driven by the test (toys/client_driver.py)."""
    return children.driver()


@pytest.fixture
def ends(driver: Driver, listen: Callable[..., Any]) -> tuple[Driver, WireClient]:
    """Both ends of one connection: the client under test, and the server, which the test plays."""
    return driver, driver.connect(listen(WireClient), heartbeat=NEVER)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Drop the shared children after a failure."""
    report = yield
    if report.failed:
        for children in KEPT.values():
            children.drop()
    return report
