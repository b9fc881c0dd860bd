"""What the tests of stage 5 share."""

from collections.abc import Callable

import pytest

from tests.kit.databases import Databases
from tests.kit.programs import Server

from .world import MODEL, SPELLING, Connect, Ground, User, World

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


@pytest.fixture(scope="session")
def apart_grounds(
    databases: Databases, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], Ground]:
    """Return a database that the model has made, with a file in it, and a store beside it.

    After a failure they are others: database and store would not agree any more.
    """
    made: dict[str, Ground] = {}

    def ground(kind: str) -> Ground:
        if kind not in made or getattr(made[kind].shared, "exit_code", None) is not None:
            database, name = databases.new(kind), SPELLING[kind]
            database.script(MODEL[kind].format(name=name))
            database.rows(
                f"INSERT INTO file ({name}, own, data, lx) VALUES (?, ?, ?, ?)",
                ["old.txt", "somebody", "2019-05-01 12:00:00", None],
            )
            made[kind] = Ground(database, tmp_path_factory.mktemp(f"apart-{kind}"))
        return made[kind]

    return ground


@pytest.fixture(params=BOTH)
def apart(
    request: pytest.FixtureRequest,
    apart_grounds: Callable[[str], Ground],
    shared_server: Callable[..., Server],
    connect: Connect,
) -> World:
    """Other servers on an old database: for tests that kill them, or look at a whole store."""
    return World(apart_grounds(str(request.param)), shared_server, connect)


@pytest.fixture
def one_apart(
    apart_grounds: Callable[[str], Ground], shared_server: Callable[..., Server], connect: Connect
) -> World:
    """The same on SQLite: for what no database has a part in."""
    return World(apart_grounds("sqlite"), shared_server, connect)


@pytest.fixture
def ann(world: World) -> User:
    """A new user on each kind of database."""
    return world.user()


@pytest.fixture
def ben(world: World) -> User:
    """Another new user."""
    return world.user()
