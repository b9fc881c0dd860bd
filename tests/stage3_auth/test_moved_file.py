"""The file of an embedded database is moved, deleted or replaced under a running server.

The rules: docs/protocol.md (109). A database server keeps its own files; so this is about SQLite
alone. Windows does not let anybody move or delete a file that is open: then there is nothing to
notice, and the tests say so by their first step.
"""

import shutil
from pathlib import Path

import pytest

from tests.kit import check
from tests.kit.accounts import LOGIN, PASSWORD, REGISTER, SEND_CODE, WHOAMI, new_name, new_phone
from tests.kit.databases import Databases, SqliteDatabase, open_sqlite

from .conftest import Connect, OwnAccounts

PING = 91
pytestmark = pytest.mark.needs("3.3", "3.4", "3.6")


@pytest.fixture
def database(databases: Databases) -> SqliteDatabase:
    """An empty database in a file."""
    found = databases.new("sqlite")
    assert isinstance(found, SqliteDatabase)
    return found


def can_rename(path: Path, to: Path) -> bool:
    """Rename a file that a server has open; False where the system does not allow it."""
    try:
        path.rename(to)
    except PermissionError:  # Windows
        return False
    return True


def back_up(database: SqliteDatabase, to: Path) -> None:
    """Make a backup while the server runs, as SQLite's own tool does it."""
    with open_sqlite(database.path) as source, open_sqlite(to) as target:
        source.backup(target)


def users_in(path: Path) -> set[str]:
    """Return the names in the user table of a file that nobody else has open."""
    with open_sqlite(path) as connection:
        return {name for (name,) in connection.execute("SELECT username FROM user")}


@pytest.mark.task("3.9", hint="Where do you write when the file has no name any more?")
@pytest.mark.points(0.5)
def test_while_its_file_is_gone_a_server_answers_109_and_goes_on_when_it_is_back(
    own_accounts: OwnAccounts, connect: Connect, database: SqliteDatabase, tmp_path: Path
) -> None:
    accounts = own_accounts(database)
    ann = connect(accounts.server, "Ann")
    user, phone = accounts.new_user(ann), new_phone()
    ticket = {"user_name": new_name(), "user_pwd": PASSWORD, "phone": phone}
    ticket["code"] = accounts.code(ann, phone)
    away = tmp_path / "moved.db"
    if not can_rename(database.path, away):
        return
    for op, args in (
        (REGISTER, ticket),
        (LOGIN, {"user_name": user.name, "user_pwd": PASSWORD}),
        (WHOAMI, {"token": user.token}),
        (SEND_CODE, {"phone": new_phone()}),
    ):
        ann.request(op, args, test=109)
        connect(accounts.server, "Ben").request(op, args, test=109)
    ann.request(PING)
    check.that(not database.path.exists(), "an empty database was made in the place of the old one")
    away.rename(database.path)
    ann.request(WHOAMI, {"token": user.token}, data={"uid": user.uid})
    ann.request(REGISTER, ticket)
    accounts.server.end()  # type: ignore[attr-defined]
    check.equal(users_in(database.path), {user.name, ticket["user_name"]}, "the users in the file")


@pytest.mark.task("3.9", hint="A backup is put in the place of the file. Who reads which of them?")
@pytest.mark.points(0.5)
def test_a_backup_in_the_place_of_the_file_is_used_and_not_mixed_with_it(
    own_accounts: OwnAccounts, connect: Connect, database: SqliteDatabase, tmp_path: Path
) -> None:
    accounts = own_accounts(database)
    ann = connect(accounts.server, "Ann")
    early = accounts.new_user(ann)
    backup = tmp_path / "backup.db"
    back_up(database, backup)
    late = accounts.new_user(ann)
    old = tmp_path / "old.db"
    if not can_rename(database.path, old):
        return
    ann.request(WHOAMI, {"token": late.token}, test=109)
    shutil.copyfile(backup, database.path)
    # It recovers by itself: the first request finds the new file, and no more than is in it.
    ann.request(WHOAMI, {"token": early.token}, data={"uid": early.uid})
    ann.request(LOGIN, {"user_name": late.name, "user_pwd": PASSWORD}, test=1)
    newest = accounts.new_user(ann)
    for _ in range(20):  # through all of its connections
        connect(accounts.server, "somebody").request(WHOAMI, {"token": newest.token})
    accounts.server.end()  # type: ignore[attr-defined]
    check.equal(users_in(database.path), {early.name, newest.name}, "the users in the backup")
    # And what was committed before is whole in the file that was moved away.
    check.equal(users_in(old), {early.name, late.name}, "the users in the file of before")
    for path in (database.path, old):
        with open_sqlite(path) as connection:
            found = connection.execute("PRAGMA integrity_check").fetchall()
        check.equal(found, [("ok",)], f"SQLite's own check of {path.name}")


@pytest.mark.task("3.9", hint="The new file holds none of your tables. Is that your bug?")
@pytest.mark.points(0.5)
def test_a_file_without_tables_in_its_place_is_109(
    own_accounts: OwnAccounts, connect: Connect, database: SqliteDatabase, tmp_path: Path
) -> None:
    accounts = own_accounts(database)
    ann = connect(accounts.server, "Ann")
    user = accounts.new_user(ann)
    away = tmp_path / "moved.db"
    if not can_rename(database.path, away):
        return
    database.path.touch()
    for _ in range(2):
        ann.request(WHOAMI, {"token": user.token}, test=109)
    away.replace(database.path)
    ann.request(WHOAMI, {"token": user.token}, data={"uid": user.uid})
