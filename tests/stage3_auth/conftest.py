"""What the tests of stage 3 share.

Most tests share a server for each kind of database and keep apart by names and phones of their own.
What does not depend on the database is tested on SQLite alone (``sqlite_accounts``).
"""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.kit.accounts import Accounts, KeptDatabases, Sms
from tests.kit.databases import Database, Databases
from tests.kit.fixtures import Launcher
from tests.kit.programs import Server
from tests.kit.wire import WireClient

SUITE = "stage3_auth"
QUIET = ("--log-level", "warning")

OwnAccounts = Callable[..., Accounts]
Connect = Callable[..., WireClient]


@pytest.fixture(scope="session")
def kept_databases(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> KeptDatabases:
    """The databases that tests share."""
    return KeptDatabases(databases, tmp_path_factory.mktemp("codes"))


@pytest.fixture(params=["sqlite", pytest.param("mariadb", marks=pytest.mark.parts("mariadb"))])
def accounts(
    request: pytest.FixtureRequest,
    kept_databases: KeptDatabases,
    shared_server: Callable[..., Server],
) -> Accounts:
    """An account server that tests share, on each database; its cooldowns are off."""
    return _shared(kept_databases, shared_server, str(request.param))


@pytest.fixture
def sqlite_accounts(
    kept_databases: KeptDatabases, shared_server: Callable[..., Server]
) -> Accounts:
    """The account server on SQLite, for what does not depend on the database."""
    return _shared(kept_databases, shared_server, "sqlite")


@pytest.fixture
def own_accounts(launch: Launcher, tmp_path: Path, databases: Databases) -> OwnAccounts:
    """Start an account server for this test alone: ``own_accounts(database, "--code-ttl", "1")``.

    Without a database it gets a new one on SQLite. Cooldowns are off unless ``limits`` is "on".
    """

    def start(
        database: Database | None = None,
        *flags: str,
        limits: str = "off",
        sms: Sms | None = None,
    ) -> Accounts:
        database = database or databases.new("sqlite")
        sms = sms or Sms(tmp_path / "codes.jsonl")
        basic = ("--db", database.url, *sms.flags, "--limits", limits)
        levels = () if "--log-level" in flags else QUIET
        return Accounts(launch("stage3.server", *basic, *levels, *flags), database, sms)

    return start


@pytest.fixture
def launch_together(launch: Launcher, tmp_path: Path) -> Callable[[Database, int], list[Accounts]]:
    """Start several account servers on one database at the same moment."""

    def start(database: Database, count: int) -> list[Accounts]:
        sms = Sms(tmp_path / "codes.jsonl")
        flags = ("--db", database.url, *sms.flags, "--limits", "off", *QUIET)
        servers = [launch("stage3.server", *flags, ready=0) for _ in range(count)]
        for server in servers:
            server.wait_ready(15)
        return [Accounts(server, database, sms) for server in servers]

    return start


def _shared(kept: KeptDatabases, serve: Callable[..., Server], kind: str) -> Accounts:
    database, sms = kept.get(SUITE, kind)
    flags = ("--db", database.url, *sms.flags, "--limits", "off", *QUIET)
    return Accounts(serve("stage3.server", *flags), database, sms)
