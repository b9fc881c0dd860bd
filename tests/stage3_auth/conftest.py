"""What the tests of stage 3 share.

Most tests share a server for each kind of database and keep apart by names and phones of their own.
What does not depend on the database is tested on SQLite alone (``sqlite_accounts``).
"""

import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.kit.accounts import Accounts, KeptDatabases, Sms
from tests.kit.databases import Database, Databases
from tests.kit.fixtures import Launcher
from tests.kit.programs import Server
from tests.kit.window import Window
from tests.kit.wire import WireClient

from .login_windows import start_over

SUITE_COMPLETE = True
SUITE = "stage3_auth"
QUIET = ("--log-level", "warning")
# Servers that share a database must share the key of their codes.
KEY = {"CHAT_CODE_KEY": "a key of the tests"}
STEADY = ("--lang", "en", "--theme", "light", "--reduced-motion")

OwnAccounts = Callable[..., Accounts]
Connect = Callable[..., WireClient]


@pytest.fixture(scope="session")
def kept_databases(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> KeptDatabases:
    """The databases that tests share."""
    return KeptDatabases(databases, tmp_path_factory.mktemp("codes"))


@pytest.fixture
def accounts_on(
    kept_databases: KeptDatabases, shared_server: Callable[..., Server]
) -> Callable[..., Accounts]:
    """Give an account server that tests share: ``accounts_on("sqlite")``; its cooldowns are off.

    ``accounts_on(kind, "an old database", make)`` is on another database, which ``make`` has filled
    before any server opened it; so is one whose ``limits`` are "on".
    """

    def serve(
        kind: str,
        what: str = "",
        make: Callable[[Database], None] | None = None,
        limits: str = "off",
    ) -> Accounts:
        database, sms = kept_databases.get(f"{SUITE} {what} {limits}", kind, make)
        flags = ("--db", database.url, *sms.flags, "--limits", limits, *QUIET)
        return Accounts(shared_server("stage3.server", *flags, env=KEY), database, sms)

    return serve


@pytest.fixture(params=["sqlite", pytest.param("mariadb", marks=pytest.mark.parts("mariadb"))])
def kind(request: pytest.FixtureRequest) -> str:
    """Run the test on each kind of database."""
    return str(request.param)


@pytest.fixture
def accounts(accounts_on: Callable[..., Accounts], kind: str) -> Accounts:
    """An account server that tests share, on each kind of database."""
    return accounts_on(kind)


@pytest.fixture
def sqlite_accounts(accounts_on: Callable[..., Accounts]) -> Accounts:
    """The account server on SQLite, for what does not depend on the database."""
    return accounts_on("sqlite")


@pytest.fixture
def limited(accounts_on: Callable[..., Accounts]) -> Callable[[str], Accounts]:
    """Give a server that limits, which tests share: ``limited("sqlite")``.

    All of them are at one address. So each has users of its own, asks for few codes, and guesses at
    no more names than it must.
    """
    return lambda kind: accounts_on(kind, limits="on")


@pytest.fixture
def strict(limited: Callable[[str], Accounts]) -> Accounts:
    """The server on SQLite that limits, for what does not depend on the database."""
    return limited("sqlite")


@pytest.fixture
def own_accounts(launch: Launcher, tmp_path: Path, databases: Databases) -> OwnAccounts:
    """Start an account server for this test alone: ``own_accounts(database, "--code-ttl", "1")``.

    Without a database it gets a new one on SQLite. Cooldowns are off unless ``limits`` is "on".
    ``env`` is what its environment holds besides.
    """

    def start(
        database: Database | None = None,
        *flags: str,
        limits: str = "off",
        sms: Sms | None = None,
        env: dict[str, str] | None = None,
    ) -> Accounts:
        database = database or databases.new("sqlite")
        sms = sms or Sms(tmp_path / "codes.jsonl")
        basic = ("--db", database.url, *sms.flags, "--limits", limits)
        levels = () if "--log-level" in flags else QUIET
        server = launch("stage3.server", *basic, *levels, *flags, env=env)
        return Accounts(server, database, sms)

    return start


@pytest.fixture
def launch_together(
    launch: Launcher, tmp_path: Path, slow_url: Callable[[Database], str]
) -> Callable[[Database, int], list[Accounts]]:
    """Start several account servers on one database at the same moment; a MariaDB is slow."""

    def start(database: Database, count: int) -> list[Accounts]:
        sms = Sms(tmp_path / "codes.jsonl")
        flags = ("--db", slow_url(database), *sms.flags, "--limits", "off", *QUIET)
        servers = [launch("stage3.server", *flags, ready=0) for _ in range(count)]
        for server in servers:
            server.wait_ready(15)
        return [Accounts(server, database, sms) for server in servers]

    return start


@pytest.fixture(scope="session")
def remembered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which the windows that tests share remember things."""
    return tmp_path_factory.mktemp("remembered")


@pytest.fixture
def login(
    shared_window: Callable[..., Window],
    window: Callable[..., Window],
    sqlite_accounts: Accounts,
    remembered: Path,
    tmp_path: Path,
) -> Callable[..., Window]:
    """Give the login window that tests share, on the shared account server: light, in English.

    With flags, or on another server, it is a window for this test alone.
    """

    def open_one(*flags: str, server: Server | None = None) -> Window:
        at = server or sqlite_accounts.server
        where = ("--host", at.host, "--port", str(at.port))
        if server is None and not flags:
            shared = (*where, "--data", str(remembered), *STEADY)
            return start_over(shared_window("stage3.login_window", *shared))
        return window(
            "stage3.login_window", *where, "--data", str(tmp_path / "own"), *STEADY, *flags
        )

    return open_one


@pytest.fixture(scope="session")
def nobody() -> Iterator[str]:
    """An address at which nobody answers."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))  # and nobody listens; nobody else can take it either
        yield f"127.0.0.1:{unused.getsockname()[1]}"


@pytest.fixture
def lonely(shared_window: Callable[..., Window], remembered: Path, nobody: str) -> Window:
    """A login window that tests share, whose server is not there; in it things may move."""
    port, folder = nobody.rpartition(":")[2], str(remembered / "lonely")
    flags = ("--port", port, "--data", folder, *STEADY[:-1])
    return shared_window("stage3.login_window", *flags)
