"""How the account server begins. The rule: docs/stage3.md."""

from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.kit import check
from tests.kit.accounts import LOGIN
from tests.kit.databases import Databases
from tests.kit.fixtures import Launcher

from .conftest import Connect


@pytest.mark.task("3.9", hint="What does a person need to read when a flag is wrong?")
def test_a_database_that_cannot_be_opened_is_said_in_a_sentence(
    launch: Launcher, tmp_path: Path, count: Callable[[int, int], int]
) -> None:
    not_a_database = tmp_path / "notes.db"
    not_a_database.write_text("these are notes and no database\n" * 100, "utf-8")
    urls = (
        "mysql://root@127.0.0.1:1/chat",
        f"sqlite:///{not_a_database.as_posix()}",
        "mysql://root@127.0.0.1",
        "postgres://localhost/chat",
        "mysql://root@127.0.0.1:no-port/chat",
        "mysql://root@[::1/chat",
        "sqlite:///",
        "sqlite:///:memory:",
    )
    tried = urls[: count(3, len(urls))]
    servers = {url: launch("stage3.server", "--db", url, ready=0) for url in tried}
    for url, server in servers.items():
        code = server.wait_exit(seconds=15)
        check.that(code != 0, f"with --db {url} the server ended with exit code 0")
        said = server.stderr.tail()
        check.that("Traceback" not in said, f"--db {url} ended it with a traceback:\n{said}")
        check.that(said.strip(), f"with --db {url} the server ended without a word")
        check.equal(server.stdout.read(), b"", "standard output")


@pytest.mark.task("3.9", hint="Who reads what a server says when a flag is wrong?")
def test_a_password_in_a_wrong_url_is_not_shown(
    launch: Launcher, count: Callable[[int, int], int]
) -> None:
    urls = (
        "mysql://root:s3#cret@127.0.0.1:3306/chat",
        "mysql://root:s3cret@127.0.0.1:no-port/chat",
        "postgres://root:s3@cret@localhost/chat",
    )
    tried = urls[: count(1, len(urls))]
    servers = {url: launch("stage3.server", "--db", url, ready=0) for url in tried}
    for url, server in servers.items():
        server.wait_exit(seconds=15)
        said = server.stderr.tail()
        check.that("got --db" in said, f"--db {url} is not told as wrong:\n{said}")
        check.that("s3" not in said, f"--db {url} shows the password:\n{said}")


@pytest.mark.task("3.9", hint="Which characters mean something in a URL, and where do they not?")
@pytest.mark.needs("3.6")
@pytest.mark.parts("mariadb")
def test_a_password_may_hold_any_characters(
    databases: Databases, launch: Launcher, connect: Connect
) -> None:
    database, password = databases.new("mariadb"), "密é%40#@:/"
    server = databases.mariadb()
    server.run(f"CREATE OR REPLACE USER 'any' IDENTIFIED BY '{password}'")
    server.run("GRANT ALL ON *.* TO 'any'")
    place = database.url.rpartition("@")[2]
    for url, env in (
        (f"mysql://any@{place}", {"CHAT_DB_PASSWORD": password}),
        (f"mysql://any:{quote(password, safe='')}@{place}", {}),
    ):
        other = launch("stage3.server", "--db", url, env=env)
        connect(other, "Ann").request(LOGIN, {"user_name": "no", "user_pwd": "body"}, test=1)
