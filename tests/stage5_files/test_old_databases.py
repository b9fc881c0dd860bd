"""Databases that the model made are opened, and lose nothing. The rule: BRIEF 9, DESIGN §4."""

from collections.abc import Callable

import pytest

from tests.kit import check
from tests.kit.databases import Database
from tests.kit.programs import Server

from .world import FETCH, Connect, Ground, World

MODEL = {
    "mariadb": """CREATE TABLE file (
        uid int unsigned NOT NULL AUTO_INCREMENT,
        {name} varchar(20) NOT NULL,
        own char(36) NOT NULL,
        data char(50) NOT NULL,
        lx char(32) DEFAULT NULL,
        PRIMARY KEY (uid)
    ) ENGINE=InnoDB AUTO_INCREMENT=1 DEFAULT CHARSET=utf8""",
    "sqlite": """CREATE TABLE file (
        uid integer PRIMARY KEY AUTOINCREMENT,
        {name} varchar(20) NOT NULL,
        own char(36) NOT NULL,
        data char(50) NOT NULL,
        lx char(32) DEFAULT NULL
    )""",
}
LONG = "a name of more than twenty characters.docx"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@pytest.fixture
def old_world(
    database: Database,
    shared_server: Callable[..., Server],
    connect: Connect,
    tmp_path_factory: pytest.TempPathFactory,
) -> World:
    """The servers on a database of this test's own."""
    return World(Ground(database, tmp_path_factory.mktemp("old")), shared_server, connect)


@pytest.mark.task("5.5", hint="What did the model call the column, and is it spelt so in each?")
@pytest.mark.points(1)
@pytest.mark.needs("5.2", "5.3", "5.4")
def test_the_models_files_are_listed_and_new_ones_join_them(old_world: World) -> None:
    database = old_world.database
    # Each spelling on one kind of database: both on both would only take longer.
    name = "fliename" if database.kind == "mariadb" else "filename"
    database.script(MODEL[database.kind].format(name=name))
    database.rows(
        f"INSERT INTO file ({name}, own, data, lx) VALUES (?, ?, ?, ?)",
        ["old.txt", "somebody", "2019-05-01 12:00:00", None],
    )
    ann = old_world.user()
    uid = ann.store(LONG, b"x", path="p")
    check.matches(
        ann.listed(),
        [
            {"uid": 1, "filename": "old.txt", "own": "somebody", "data": "2019-05-01 12:00:00"},
            {"uid": uid, "filename": LONG, "own": ann.name, "lx": DOCX},
        ],
        "the list",
    )
    ann.ask(FETCH, test=104, uid=1)
    rows = database.rows(f"SELECT {name}, own, lx FROM file WHERE uid = {uid}")
    check.equal(rows, [(LONG[:20], ann.name, DOCX[:32])], "the new row in the model's columns")


@pytest.mark.task("5.5", hint="Which columns does the model's table have?")
@pytest.mark.needs("5.2", "5.3", "5.4")
def test_a_new_table_has_the_models_columns(world: World) -> None:
    uid = world.user().store("short.txt", b"x")
    sql = f"SELECT uid, filename, own, data, lx FROM file WHERE uid = {uid}"
    (row,) = world.database.rows(sql)
    check.equal((row[1], row[4]), ("short.txt", "text/plain"), "the row")
    check.that(0 < len(row[3]) <= 50, f"data should be a time of at most 50 characters: {row[3]}")
