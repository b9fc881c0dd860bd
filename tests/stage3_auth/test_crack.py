"""The lab: a list of words against a table of md5 passwords. The rule: docs/stage3.md.

The words are those of John the Ripper's list, the passwords come from another one.
"""

import hashlib
import random
import re
from pathlib import Path

import pytest

from tests.kit import check
from tests.kit.databases import Database, MariadbDatabase, SqliteDatabase
from tests.kit.fixtures import Launcher
from tests.kit.probe import Probe
from tests.kit.tree import CHECKOUT

WORDS = CHECKOUT / "docs" / "lab" / "common-passwords.txt"
LEAKED = Path(__file__).with_name("leaked_passwords.txt")
ACCOUNTS = 1000
SECONDS = 30
TABLE = """
CREATE TABLE user (uid1 INTEGER PRIMARY KEY, username VARCHAR(20) NOT NULL UNIQUE,
    password CHAR(32) NOT NULL, phone CHAR(11) NOT NULL, email CHAR(32));
"""
READER = """
CREATE OR REPLACE USER reader@'127.0.0.1';
GRANT SELECT ON {name}.* TO reader@'127.0.0.1';
"""

pytestmark = [pytest.mark.functions, pytest.mark.needs("3.1")]


def lines_of(path: Path) -> list[str]:
    """Return the entries of a list."""
    lines = path.read_text("utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#!comment")]


def passwords() -> list[str]:
    """Return a password for each account; the common ones are used more often, as by people."""
    leaked = lines_of(LEAKED)
    weights = [1 / rank for rank in range(1, len(leaked) + 1)]
    return random.Random(20260101).choices(leaked, weights, k=ACCOUNTS)


def md5(password: str) -> str:
    """Return what the model stores of a password."""
    return hashlib.md5(password.encode(), usedforsecurity=False).hexdigest()


def fill(database: Database) -> None:
    """Make the table with its accounts."""
    rows = ", ".join(
        f"({uid}, 'user{uid}', '{md5(password)}', '{13900000000 + uid}', NULL)"
        for uid, password in enumerate(passwords(), 1001)
    )
    database.script(f"{TABLE} INSERT INTO user VALUES {rows};")


@pytest.mark.task("3.2", hint="How many words must be hashed to try them on all accounts?")
@pytest.mark.points(3)
def test_a_word_is_tried_on_all_accounts_at_once(probe: Probe) -> None:
    table = [("ann", md5("abc123")), ("ben", md5("abc123").upper()), ("eve", md5("Xy7!long"))]
    haul = probe.new(
        "stage3_auth.cracking:crack", table, ["qwerty", "abc123", "password", "abc123"]
    )
    check.equal(haul.get("fallen"), {"ann": "abc123", "ben": "abc123"}, "what fell")
    check.equal((haul.get("accounts"), haul.get("words")), (3, 4), "accounts and words")


@pytest.mark.task("3.2", hint="What does a table of md5 tell whoever has stolen it?")
@pytest.mark.points(1.5)
def test_the_lab_tells_how_many_of_a_thousand_accounts_fall(
    database: Database, launch: Launcher
) -> None:
    fill(database)
    url, before = database.url, b""
    if isinstance(database, SqliteDatabase):
        before = database.path.read_bytes()
    if isinstance(database, MariadbDatabase):  # as a user who may do nothing but read
        database.script(READER.format(name=database.name))
        url = url.replace("root@", "reader@")
    words = lines_of(WORDS)
    fallen = [password for password in passwords() if password in set(words)]
    assert len(fallen) > ACCOUNTS / 2, "the lists have become strangers"

    asked = isinstance(database, MariadbDatabase)
    flags = ["--show"] if asked else []
    lab = launch("stage3.crack", "--db", url, "--words", str(WORDS), *flags)
    lab.wait_exit(SECONDS, code=0)
    said = lab.stdout.read().decode("utf-8")
    head = f"{len(fallen):,} of {ACCOUNTS:,} accounts fell"
    check.that(head in said, f"it should say {head!r}; it said:\n{said}")
    for cost in (len(words), len(words) * ACCOUNTS):
        check.that(f" {cost:,} " in said, f"it should count {cost:,} hashes; it said:\n{said}")
    for way in ("md5", "salt", "PBKDF2"):
        check.that(way in said, f"it should tell of {way}; it said:\n{said}")
    shown = re.search(r"│ 123456 ", said) is not None
    check.equal(shown, asked, f"whether passwords are shown, in:\n{said}\n")
    if isinstance(database, SqliteDatabase):
        check.that(database.path.read_bytes() == before, "the lab has changed the database")


@pytest.mark.task("3.2", hint="What does a person read when there is no such file?")
def test_a_database_that_is_not_there_is_said_and_not_made(
    launch: Launcher, tmp_path: Path
) -> None:
    database = SqliteDatabase(tmp_path / "accounts.db")
    lab = launch("stage3.crack", "--db", database.url, "--words", str(WORDS))
    code = lab.wait_exit(SECONDS)
    check.that(code != 0, "without a database it ended with exit code 0")
    said = lab.stderr.tail()
    check.that(said.startswith("error: ") and "Traceback" not in said, f"it said: {said}")
    check.that(not database.path.exists(), "it made the database that was missing")
