"""The table of files: the model's columns as they are, and what the model had no room for."""

from stage3_auth import MYSQL, Step, Transaction, columns, index
from stage4_rooms import STEPS as EARLIER_STEPS

# The model's table; on SQLite in the nearest words.
_FILE_MYSQL = """CREATE TABLE file (
    uid INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    filename VARCHAR(20) NOT NULL,
    own CHAR(36) NOT NULL,
    data CHAR(50) NOT NULL,
    lx CHAR(32)
) ENGINE=InnoDB AUTO_INCREMENT=1 DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin"""
_FILE_SQLITE = """CREATE TABLE file (
    uid INTEGER PRIMARY KEY AUTOINCREMENT,
    filename TEXT NOT NULL,
    own TEXT NOT NULL,
    data TEXT NOT NULL,
    lx TEXT
)"""

# All of them nullable: a program that knows only the model's columns can still write a row.
_ADDED = {
    "whole_name": "{text}",
    "whole_lx": "{text}",
    "path": "{text}",
    "size": "{big}",
    "md5": "{binary}",
    "owner": "{big}",  # the uploader's uid1
    "rid": "{big}",  # the room's; NULL: for everyone
    "content": "{binary}",  # its name in the store; NULL for an empty file
    "upload": "{binary}",  # the upload it came from
    "stored_at": "{real}",  # Unix seconds
}
# The uid at the end of each comes for nothing: it is the primary key.
_INDEXES = {
    "file_room": "rid",
    "file_same": "owner, md5",
    "file_content": "content",
    "file_upload": "upload",
}


def _file_table(transaction: Transaction) -> None:
    mysql = transaction.dialect is MYSQL
    if not columns(transaction, "file"):
        transaction.run(_FILE_MYSQL if mysql else _FILE_SQLITE)
    elif mysql:
        # The model's utf8 holds no emoji, and its collation takes "a" for "A".
        transaction.run("ALTER TABLE file CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_bin")
    found = columns(transaction, "file")
    for name, kind in _ADDED.items():
        if name not in found:
            ddl = f"ALTER TABLE file ADD COLUMN {name} {kind}"
            transaction.run(transaction.dialect.fill(ddl))


STEPS = (
    *EARLIER_STEPS,
    Step(501, "the model's file table, and what a whole file needs besides", _file_table),
    *(
        Step(502 + number, f"files by {named}", index(name, "file", named))
        for number, (name, named) in enumerate(_INDEXES.items())
    ),
)
