"""The tables, made and mended by numbered steps that may be repeated without harm.

Any of the servers may be the first to open a database, and two may open it at once: the steps run
under a lock, and what was done is written down. A database that the model's own DDL made keeps its
columns and its rows.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from .database import Database, Transaction
from .dialects import MYSQL
from .errors import StorageUnavailable
from .names import name_key

# Each wait is shorter than what the driver allows for an answer.
LOCK_SECONDS = 5
LOCK_TRIES = 12


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


def index(name: str, table: str, columns: str) -> Callable[[Transaction], None]:
    """Return a step's work that makes an index, unless it is there already.

    MySQL knows no CREATE INDEX IF NOT EXISTS, and a step may be repeated: DDL is durable at once
    there, so a server can die between the index and the note that the step was done.
    """

    def run(transaction: Transaction) -> None:
        if name not in _indexes(transaction, table):
            transaction.run(f"CREATE INDEX {name} ON {table} ({columns})")

    return run


def migrate(database: Database, steps: Sequence[Step]) -> None:
    """Bring the tables up to date: carry out those of ``steps`` that have not been done yet."""
    with _locked(database):
        with database.writing() as transaction:
            transaction.run("CREATE TABLE IF NOT EXISTS schema_step (number INTEGER PRIMARY KEY)")
            done = {number for (number,) in transaction.rows("SELECT number FROM schema_step")}
        for step in steps:
            if step.number not in done:
                _carry_out(database, step)


def _carry_out(database: Database, step: Step) -> None:
    with database.writing() as transaction:
        # Asked again: on SQLite this transaction is the lock, and another server may have had it.
        if transaction.row("SELECT 1 FROM schema_step WHERE number = ?", [step.number]) is None:
            step.run(transaction)
            transaction.run("INSERT INTO schema_step (number) VALUES (?)", [step.number])


@contextmanager
def _locked(database: Database) -> Iterator[None]:
    """Keep other servers out. SQLite's write lock does it; in MySQL, DDL ends a transaction."""
    if database.dialect is not MYSQL:
        yield
        return
    with database.reading() as transaction:
        # A hash, because a lock's name may have 64 characters and a database's name as well.
        lock = "CONCAT('schema.', MD5(DATABASE()))"
        ask = f"SELECT GET_LOCK({lock}, ?)"
        if not any(transaction.row(ask, [LOCK_SECONDS]) == (1,) for _ in range(LOCK_TRIES)):
            raise StorageUnavailable("another server has been changing the tables for too long")
        try:
            yield
        finally:
            transaction.row(f"SELECT RELEASE_LOCK({lock})")


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


def _indexes(transaction: Transaction, table: str) -> set[str]:
    if transaction.dialect is MYSQL:
        rows = transaction.rows(
            "SELECT DISTINCT index_name FROM information_schema.statistics "
            "WHERE table_schema = DATABASE() AND table_name = ?",
            [table],
        )
    else:
        rows = transaction.rows("SELECT name FROM pragma_index_list(?)", [table])
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
        transaction.run("ALTER TABLE user CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_bin")
    if "name_key" not in found:
        transaction.run(transaction.dialect.fill("ALTER TABLE user ADD COLUMN name_key {binary}"))
    index("user_name_key", "user", "name_key")(transaction)
    index("user_phone", "user", "phone")(transaction)


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

# An HMAC of the last code for each phone and purpose.
_CODE = """CREATE TABLE IF NOT EXISTS code (
    slot {binary} NOT NULL PRIMARY KEY,
    digest {binary} NOT NULL,
    expires_at {real} NOT NULL,
    tries_left INTEGER NOT NULL
) {table_options}"""

# When each phone and each address had codes: a JSON list of Unix seconds, in one row that can be
# locked; ``newest`` is the last of them.
_CODE_COUNT = """CREATE TABLE IF NOT EXISTS code_count (
    subject {binary} NOT NULL PRIMARY KEY,
    times {text} NOT NULL,
    newest {real} NOT NULL
) {table_options}"""

STEPS = (
    Step(301, "the model's user table, and a key to compare names by", _user_table),
    Step(302, "claims on names and phones", tables(_CLAIM)),
    Step(303, "claims of users that were there before", _fill_claims),
    Step(304, "sessions", tables(_SESSION)),
    Step(305, "sessions by user", index("session_user", "session", "uid1")),
    Step(306, "codes that were sent, and how many", tables(_CODE, _CODE_COUNT)),
)
