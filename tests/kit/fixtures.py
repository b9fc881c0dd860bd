"""The fixtures that suites are written with."""

import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from . import story
from .byte_client import ByteClient
from .databases import Database, Databases
from .display import Display
from .judge import Attached, Judge, Start, is_server, listening_flags, skip_attached
from .listening import Listening
from .marks import missing_parts, suite_of
from .options import Options
from .probe import Probe
from .programs import Program, Server
from .proxy.fixture import ServerProxy
from .proxy.fixture import proxy as proxy
from .recipes import module_of
from .window import Window
from .wire import WireClient

OPTIONS = pytest.StashKey[Options]()
JUDGES = pytest.StashKey[dict[str, Judge]]()


@pytest.fixture
def judge(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Judge:
    """What the tests of a suite share: the tree under test, kept servers, the probe."""
    stash, suite = request.config.stash, suite_of(request.node)
    judges = stash[JUDGES]
    if suite not in judges:
        folder = tmp_path_factory.mktemp(suite or "suite")
        judges[suite] = Judge(stash[OPTIONS], suite, folder)
    return judges[suite]


class Launcher:
    """Starts programs for one test; all of them are gone when the test ends."""

    def __init__(self, judge: Judge) -> None:
        self._judge = judge
        self._started: dict[Program, Start] = {}

    def __call__(
        self,
        key: str,
        *flags: str,
        port: int = 0,
        to: Server | None = None,
        env: dict[str, str] | None = None,
        ready: int | None = None,
        name: str = "",
    ) -> Program:
        """Start a program of its own for this test.

        ``key`` is like stage2.server, stage1.client, final.chat. Servers get --host and --port
        (``port`` 0: any) and are waited for; a client gets those of the server ``to``. ``ready``
        is the number of READY lines to wait for, ``name`` what reports call the program.
        """
        if is_server(key) and self._judge.options.attach:
            skip_attached(key)
        first = listening_flags(key, port)
        if to is not None:
            first = ("--host", to.host, "--port", str(to.port))
        lines = int(is_server(key)) if ready is None else ready
        program = self._start(Start(key, (*first, *flags), env or {}, lines, name))
        if isinstance(to, Listening):
            to.expected.append(program)
        return program

    def again(self, program: Program) -> Program:
        """Start an ended server again, with the same flags on the same port."""
        how = self._started[program]
        flags = list(how.flags)
        if "--port" in flags:
            flags[flags.index("--port") + 1] = str(program.port)
        return self._start(replace(how, flags=tuple(flags), name=f"{how.name}, again"))

    def dispose(self) -> None:
        """End everything that was started."""
        for program in self._started:
            program.dispose()

    def _start(self, how: Start) -> Program:
        same = sum(started.key == how.key for started in self._started.values())
        if not how.name:
            how = replace(how, name=f"{how.key} ({same + 1})" if same else how.key)
        program = self._judge.start(how)
        self._started[program] = how
        return program


@pytest.fixture
def launch(judge: Judge) -> Iterator[Launcher]:
    """Start programs for this test alone: ``launch("stage2.server", "--idle", "2")``."""
    launcher = Launcher(judge)
    yield launcher
    launcher.dispose()


@pytest.fixture
def shared_server(judge: Judge) -> Callable[..., Server]:
    """Return a server with these flags that tests share: ``shared_server("stage2.server")``.

    Quicker than one for each test. It is started again after a failed test and when it has died;
    with --attach it is the one that already runs, and a test that gives flags is skipped, unless
    ``flags_matter`` is false. ``env`` is what its environment holds besides.
    """

    def serve(
        key: str, *flags: str, flags_matter: bool = True, env: dict[str, str] | None = None
    ) -> Server:
        how = Start(key, (*listening_flags(key, 0), *flags), env or {})
        return judge.keep(how, flags_matter)

    return serve


@pytest.fixture
def dial() -> Iterator[Callable[..., ByteClient]]:
    """Connect a client for bytes: ``dial(server, "Ann")``; closed when the test ends."""
    yield from _clients(ByteClient)


@pytest.fixture
def connect() -> Iterator[Callable[..., WireClient]]:
    """Connect a client for frames: ``connect(server, "Ann")``; closed when the test ends."""
    yield from _clients(WireClient)


def _clients(kind: type[Any]) -> Iterator[Callable[..., Any]]:
    opened: list[ByteClient] = []

    def open_one(server: Server, name: str = "the client") -> Any:
        client = kind(server, name)
        opened.append(client)
        return client

    yield open_one
    for client in opened:
        client.dispose()


@pytest.fixture
def listen() -> Iterator[Callable[..., Listening[Any]]]:
    """Play the server for a client under test: ``listen(WireClient)``, then ``.accept()``."""
    opened: list[Listening[Any]] = []

    def open_one(kind: type[ByteClient] = WireClient, name: str = "the test") -> Listening[Any]:
        opened.append(Listening(kind, name))
        return opened[-1]

    yield open_one
    for listening in opened:
        listening.dispose()


@pytest.fixture(scope="session")
def databases(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Databases]:
    """Make databases: ``databases.new("mariadb")``; ``databases.mariadb()`` can be stopped."""
    made = Databases(tmp_path_factory.mktemp("databases"))
    if "mariadb" not in missing_parts() and any(map(_needs_mariadb, request.session.items)):
        made.prepare()
    yield made
    made.close()


def _needs_mariadb(item: pytest.Item) -> bool:
    return any("mariadb" in mark.args for mark in item.iter_markers("parts"))


@pytest.fixture(params=["sqlite", pytest.param("mariadb", marks=pytest.mark.parts("mariadb"))])
def database(request: pytest.FixtureRequest, databases: Databases) -> Database:
    """Run the test twice, with a new, empty database of each kind."""
    return databases.new(str(request.param))


@pytest.fixture
def slow_url(databases: Databases, proxy: Callable[..., ServerProxy]) -> Callable[[Database], str]:
    """Return the URL of a database at which a MariaDB answers each statement a little late.

    For servers that start at once: what one does then stands between what another does, however
    quick or busy the machine is. SQLite has no network to be slow.
    """

    def url(database: Database) -> str:
        if database.kind == "sqlite":
            return database.url
        port = databases.mariadb().port
        slow = proxy(Attached("MariaDB", "127.0.0.1", port), delay_ms=8, direction="to-client")
        return database.url.replace(f":{port}", f":{slow.port}")

    return url


@pytest.fixture
def probe(judge: Judge) -> Probe:
    """Call functions of the code under test in a child process (probe.py)."""
    return judge.probe


@pytest.fixture
def count(request: pytest.FixtureRequest) -> Callable[[int, int], int]:
    """Return the count of the tier that runs: ``count(50, 5000)``, quick and thorough."""
    thorough = request.config.stash[OPTIONS].thorough
    return lambda quick, large: large if thorough else quick


@pytest.fixture
def dice(request: pytest.FixtureRequest) -> Callable[[object], random.Random]:
    """Return what a test chooses at random with: ``dice("cuts")``, the same in each run.

    The run's seed decides (``--seed``, 0 unless told otherwise), so ``kit.py check --replay`` finds
    the same choices again; a failure tells the seed.
    """
    seed = request.config.stash[OPTIONS].seed
    story.current().seed = seed
    return lambda what: random.Random(f"{seed}/{what}")


@pytest.fixture(scope="session")
def display(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Display]:
    """A private X display; mark the test with ``parts("xvfb")``."""
    opened = Display(tmp_path_factory.mktemp("display"))
    yield opened
    opened.close()


@pytest.fixture
def window(judge: Judge, display: Display, artefacts: Path) -> Iterator[Callable[..., Window]]:
    """Open a window under test: ``window("stage3.login_window", "--port", "8889")``.

    Mark the test with ``parts("tk", "xvfb")``. The window is gone when the test ends.
    """
    opened: list[Window] = []

    def open_one(key: str, *flags: str, env: dict[str, str] | None = None) -> Window:
        opened.append(_open_window(judge, display, artefacts, key, flags, env))
        return opened[-1]

    yield open_one
    for shown in opened:
        shown.dispose()


@pytest.fixture
def shared_window(judge: Judge, display: Display, artefacts: Path) -> Callable[..., Window]:
    """Return a window with these flags that tests share: ``shared_window("stage3.login_window")``.

    Quicker than one for each test, which must cope with what others did in it. It is opened again
    after a failed test and when it has been closed. ``number`` tells two with the same flags apart.
    """

    def open_one(
        key: str, *flags: str, number: int = 1, env: dict[str, str] | None = None
    ) -> Window:
        def open_it() -> Window:
            return _open_window(judge, display, artefacts, key, flags, env)

        return judge.keep_window((key, *flags, str(number)), open_it)

    return open_one


def _open_window(
    judge: Judge,
    display: Display,
    artefacts: Path,
    key: str,
    flags: tuple[str, ...],
    env: dict[str, str] | None,
) -> Window:
    judge.require_code(key)
    return Window(
        key,
        [*module_of(key), *flags],
        root=judge.tree.root,
        env=env or {},
        folder=judge.new_folder(key),
        pictures=artefacts,
        display=display,
    )


@pytest.fixture
def artefacts(request: pytest.FixtureRequest) -> Path:
    """Return the folder in which this test may leave files for people (screenshots)."""
    folder = request.config.stash[OPTIONS].artefacts / (suite_of(request.node) or "other")
    folder.mkdir(parents=True, exist_ok=True)
    return folder
