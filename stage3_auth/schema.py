"""The tables, made and mended by numbered steps that may be repeated without harm.

Any of the servers may be the first to open a database, and two may open it at once: the steps run
under a lock, and what was done is written down. A database that the model's own DDL made keeps its
columns and its rows.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from .database import MYSQL, Database, Transaction
from .errors import StorageUnavailable
from .names import name_key

LOCK_SECONDS = 30


@dataclass(frozen=True)
class Step:
    """One numbered change; a stage's steps begin with its own digit (301, 401 …)."""

    number: int
    name: str
    run: Callable[[Transaction], None]


def tables(*ddl: str) -> Callable[[Transaction], None]:
    """Return a step's work that carries out DDL, filled in the database's own words."""

    def run(transaction: Transaction) -> None:
        for statement in ddl:
            transaction.run(transaction.dialect.fill(statement))

    return run


def migrate(database: Database, steps: Sequence[Step]) -> None:
    """Bring the tables up to date: carry out those of ``steps`` that have not been done yet."""
    with database.writing() as transaction, _locked(transaction):
        transaction.run("CREATE TABLE IF NOT EXISTS schema_step (number INTEGER PRIMARY KEY)")
        done = {number for (number,) in transaction.rows("SELECT number FROM schema_step")}
        for step in steps:
            if step.number not in done:
                step.run(transaction)
                transaction.run("INSERT INTO schema_step (number) VALUES (?)", [step.number])


@contextmanager
def _locked(transaction: Transaction) -> Iterator[None]:
    """Keep other servers out. SQLite's write lock does it; in MySQL, DDL ends a transaction."""
    if transaction.dialect is not MYSQL:
        yield
        return
    if transaction.row("SELECT GET_LOCK(CONCAT(DATABASE(), '.schema'), ?)", [LOCK_SECONDS]) != (1,):
        raise StorageUnavailable("another server has been changing the tables for too long")
    try:
        yield
    finally:
        transaction.row("SELECT RELEASE_LOCK(CONCAT(DATABASE(), '.schema'))")


def columns(transaction: Transaction, table: str) -> set[str]:
    """Return the names of the columns of ``table``; none when there is no such table."""
    if transaction.dialect is MYSQL:
        rows = transaction.rows(
            "SELECT column_name FROM information_schema.columns "
            "WHERE table_schema = DATABASE() AND table_name = ?",
            [table],
        )
    else:
        rows = transaction.rows("SELECT name FROM pragma_table_info(?)", [table])
    return {str(name) for (name,) in rows}


# The model's table, with its columns as they are; on SQLite in the nearest words.
_USER_MYSQL = """CREATE TABLE user (
    uid1 INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    username VARCHAR(20) NOT NULL UNIQUE,
    password CHAR(32) NOT NULL,
    phone CHAR(11) NOT NULL,
    email CHAR(32)
) ENGINE=InnoDB AUTO_INCREMENT=1001 DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin"""
_USER_SQLITE = """CREATE TABLE user (
    uid1 INTEGER PRIMARY KEY AUTOINCREMENT,
    username TEXT NOT NULL UNIQUE,
    password TEXT NOT NULL,
    phone TEXT NOT NULL,
    email TEXT
)"""


def _user_table(transaction: Transaction) -> None:
    found = columns(transaction, "user")
    mysql = transaction.dialect is MYSQL
    if not found:
        transaction.run(_USER_MYSQL if mysql else _USER_SQLITE)
        if not mysql:
            transaction.run("INSERT INTO sqlite_sequence (name, seq) VALUES ('user', 1000)")
    elif mysql:
        # The model's utf8 holds no emoji, and its collation takes "a" for "A".
        transaction.run(
            "ALTER TABLE user CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"
        )
    if "name_key" not in found:
        transaction.run(transaction.dialect.fill("ALTER TABLE user ADD COLUMN name_key {binary}"))
        transaction.run("CREATE INDEX user_name_key ON user (name_key)")
        transaction.run("CREATE INDEX user_phone ON user (phone)")


def _fill_claims(transaction: Transaction) -> None:
    """Give every user of an old database a key, and claim names and phones for them."""
    claim = transaction.dialect.fill("INSERT {ignore} INTO claim (claim, uid1) VALUES (?, ?)")
    for uid, name, phone in transaction.rows("SELECT uid1, username, phone FROM user"):
        key = name_key(name)
        transaction.run("UPDATE user SET name_key = ? WHERE uid1 = ?", [key.encode("utf-8"), uid])
        transaction.run(claim, [name_claim(key), uid])
        transaction.run(claim, [phone_claim(phone), uid])


def name_claim(key: str) -> bytes:
    """Return what is unique about a user's name, as stored in ``claim``."""
    return b"name:" + key.encode("utf-8")


def phone_claim(phone: str) -> bytes:
    """Return what is unique about a user's phone, as stored in ``claim``."""
    return b"phone:" + phone.encode("utf-8")


# An old database may hold two users with one phone, or names alike by our key, so uniqueness is
# not an index on user: whoever registers inserts claims, and one of two racing inserts fails.
_CLAIM = """CREATE TABLE IF NOT EXISTS claim (
    claim {binary} NOT NULL PRIMARY KEY,
    uid1 {big} NOT NULL
) {table_options}"""

# Only a hash of the token: whoever reads this table cannot speak as anybody.
_SESSION = """CREATE TABLE IF NOT EXISTS session (
    token_hash {binary} NOT NULL PRIMARY KEY,
    uid1 {big} NOT NULL,
    created_at {real} NOT NULL,
    expires_at {real} NOT NULL
) {table_options}"""

STEPS = (
    Step(301, "the model's user table, and a key to compare names by", _user_table),
    Step(302, "claims on names and phones", tables(_CLAIM)),
    Step(303, "claims of users that were there before", _fill_claims),
    Step(304, "sessions", tables(_SESSION)),
    Step(305, "sessions by user", tables("CREATE INDEX session_user ON session (uid1)")),
)
