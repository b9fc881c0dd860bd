"""Where the two databases differ in their words."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Dialect:
    """Where the two differ: the words of column types, and a few of statements.

    ``text(n)`` compares by code point, ``bytes(n)`` byte for byte.
    """

    name: str
    auto_key: str
    text: str
    binary: str
    real: str
    big: str
    ignore: str
    for_update: str
    table_options: str

    def fill(self, ddl: str) -> str:
        """Return ``ddl`` with its {placeholders} filled in this dialect's words."""
        return ddl.format(**vars(self))


SQLITE = Dialect(
    name="sqlite",
    auto_key="INTEGER PRIMARY KEY AUTOINCREMENT",
    text="TEXT",
    binary="BLOB",
    real="REAL",
    big="INTEGER",
    ignore="OR IGNORE",
    for_update="",  # a transaction that writes has locked the file already
    table_options="",
)
MYSQL = Dialect(
    name="mysql",
    auto_key="INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY",
    text="TEXT",
    binary="VARBINARY(512)",
    real="DOUBLE",
    big="BIGINT",
    ignore="IGNORE",
    for_update="FOR UPDATE",
    table_options="ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin",
)
