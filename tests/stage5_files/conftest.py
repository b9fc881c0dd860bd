"""What the tests of stage 5 share."""

from collections.abc import Callable

import pytest

from tests.kit.databases import Database, Databases
from tests.kit.programs import Server

from .world import Connect, Ground, User, World

SUITE_COMPLETE = True
BOTH = ["sqlite", pytest.param("mariadb", marks=pytest.mark.parts("mariadb"))]


@pytest.fixture(scope="session")
def grounds(
    databases: Databases, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], Ground]:
    """Return the database and the store that all tests on one kind of database share."""
    made: dict[str, Ground] = {}

    def ground(kind: str) -> Ground:
        if kind not in made:
            made[kind] = Ground(databases.new(kind), tmp_path_factory.mktemp(f"files-{kind}"))
        return made[kind]

    return ground


@pytest.fixture(params=BOTH)
def world(
    request: pytest.FixtureRequest,
    grounds: Callable[[str], Ground],
    shared_server: Callable[..., Server],
    connect: Connect,
) -> World:
    """The servers, on SQLite and on MariaDB."""
    return World(grounds(str(request.param)), shared_server, connect)


@pytest.fixture
def one_world(
    grounds: Callable[[str], Ground], shared_server: Callable[..., Server], connect: Connect
) -> World:
    """The servers on SQLite: for what no database has a part in."""
    return World(grounds("sqlite"), shared_server, connect)


@pytest.fixture
def own_world(
    database: Database,
    shared_server: Callable[..., Server],
    connect: Connect,
    tmp_path_factory: pytest.TempPathFactory,
) -> World:
    """The servers on a database of this test's own, of each kind."""
    return World(Ground(database, tmp_path_factory.mktemp("own")), shared_server, connect)


@pytest.fixture
def own_sqlite_world(
    databases: Databases,
    shared_server: Callable[..., Server],
    connect: Connect,
    tmp_path_factory: pytest.TempPathFactory,
) -> World:
    """The servers on an SQLite database of this test's own."""
    ground = Ground(databases.new("sqlite"), tmp_path_factory.mktemp("own"))
    return World(ground, shared_server, connect)


@pytest.fixture
def ann(world: World) -> User:
    """A new user on each kind of database."""
    return world.user()


@pytest.fixture
def ben(world: World) -> User:
    """Another new user."""
    return world.user()
