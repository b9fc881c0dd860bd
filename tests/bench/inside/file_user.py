"""A user of the file server, told in lines what to do.

``python -m tests.bench.inside.file_user DATABASE HOST PORT DOWN``: makes a user in the database,
logs it in and prints READY. Then each line on standard input is a command, answered with DONE:
``put PATH`` (a file or a folder), ``get`` (the newest file, into DOWN), ``drop`` (deletes what lies
in DOWN), ``clear`` (deletes all that lies on the server).
"""

import shutil
import sys
import time
from pathlib import Path

from stage3_auth import SessionStore, migrate, open_database
from stage5_files import STEPS, FileClient

NAME, DIGEST = "bench", "0" * 32


def token(url: str) -> str:
    """Return the token of a new user's session."""
    database = open_database(url)
    migrate(database, STEPS)
    with database.writing() as transaction:
        sql = "INSERT INTO user (username, password, phone, email) VALUES (?, ?, ?, ?)"
        uid = transaction.insert(sql, [NAME, DIGEST, "13900000000", None])
    session = SessionStore(database).create(uid, NAME, DIGEST, time.time(), 86400.0)
    database.close()
    if session is None:
        raise RuntimeError("the user could not be logged in")
    return session.token


def main(url: str, host: str, port: int, down: Path) -> None:
    """Carry out commands until standard input ends."""
    client = FileClient(host, port, token(url))
    print("READY", flush=True)
    for line in sys.stdin:
        command, _, argument = line.strip().partition(" ")
        if command == "put":
            errors = [sent.error for sent in client.upload(Path(argument)) if sent.error]
            if errors:
                raise errors[0]
        elif command == "get":
            client.download(client.list()[-1].uid, down)
        elif command == "drop":
            shutil.rmtree(down)
            down.mkdir()
        else:
            for info in client.list():
                client.delete(info.uid)
        print("DONE", flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), Path(sys.argv[4]))
