"""The databases that suites get are real, empty, apart, and the MariaDB can fail on demand."""

import os
import sqlite3
import sys
import tempfile
from pathlib import Path

import pymysql
import pytest

from tests.kit import confine
from tests.kit.databases import Database, Databases, SqliteDatabase
from tests.kit.grading import sandbox


def test_a_database_holds_what_was_written(database: Database) -> None:
    database.script("CREATE TABLE word (text VARCHAR(20)); INSERT INTO word VALUES ('one')")
    database.rows("INSERT INTO word VALUES (?)", ["100 % 'two'"])
    assert database.rows("SELECT text FROM word ORDER BY text") == [("100 % 'two'",), ("one",)]


def test_each_database_is_empty_and_its_own(database: Database, databases: Databases) -> None:
    other = databases.new(database.kind)
    database.script("CREATE TABLE word (text VARCHAR(20))")
    with pytest.raises((sqlite3.Error, pymysql.err.MySQLError)):
        other.rows("SELECT text FROM word")


def test_a_url_says_which_kind_it_is(database: Database) -> None:
    scheme = {"sqlite": "sqlite:///", "mariadb": "mysql://root@127.0.0.1:"}
    assert database.url.startswith(scheme[database.kind])


@pytest.mark.parts("mariadb")
def test_a_killed_mariadb_comes_back_on_its_port_with_its_data(tmp_path: Path) -> None:
    databases = Databases(tmp_path)
    try:
        database = databases.new("mariadb")
        database.script("CREATE TABLE word (text VARCHAR(20)); INSERT INTO word VALUES ('one')")
        url = database.url
        databases.mariadb().kill()
        with pytest.raises(pymysql.err.OperationalError):
            database.rows("SELECT text FROM word")
        databases.mariadb()
        assert database.rows("SELECT text FROM word") == [("one",)]
        assert database.url == url
        databases.mariadb().stop()
        databases.mariadb()
        assert database.rows("SELECT text FROM word") == [("one",)]
    finally:
        databases.close()


@pytest.mark.skipif(
    sys.platform != "linux" or os.geteuid() != 0, reason="only root starts programs as other users"
)
def test_a_link_in_the_place_of_a_database_is_followed_with_the_rights_of_the_programs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(confine.VARIABLE, confine.USER)
    monkeypatch.setenv(confine.USER_VARIABLE, "61299")
    (tmp_path / "test.db").symlink_to(tmp_path / "new")
    with pytest.raises(sqlite3.OperationalError):
        SqliteDatabase(tmp_path / "test.db").script("CREATE TABLE word (text VARCHAR(20))")
    assert not (tmp_path / "new").exists()
    (tmp_path / "new").touch()  # this thread has its own rights again


@pytest.mark.parts("mariadb")
def test_a_mariadb_sees_no_more_than_the_programs_whose_server_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if reason := sandbox.unavailable():
        pytest.skip(reason)
    monkeypatch.setenv(confine.VARIABLE, confine.BUBBLEWRAP)
    databases = Databases(tmp_path)
    try:
        database, read = databases.new("mariadb"), "SELECT LOAD_FILE(?) IS NULL"
        assert database.rows(read, ["/etc/passwd"]) == [(0,)]
        # Of the disk they see the system and /tmp; a checkout may lie there.
        with tempfile.NamedTemporaryFile(dir="/var/tmp") as hidden:
            hidden.write(b"x")
            hidden.flush()
            Path(hidden.name).chmod(0o644)
            assert database.rows(read, [hidden.name]) == [(1,)]
    finally:
        databases.close()
