"""What a client remembers of its transfers, so that they go on after it was ended or killed.

A small SQLite file: for each job what was asked for, and for each of its files a note: the upload
it has on the server, or the file in which the bytes so far lie, or what became of it. The bytes
are on the server or on the disk already; without the note nobody would know whose they are.

A kill loses nothing. A power cut may lose the last notes, or all of them: then what was under way
begins again, and the server forgets the rest after a day.
"""

import contextlib
import hashlib
import json
import sqlite3
import threading
from pathlib import Path
from typing import Any

from stage1_echo import LOG
from stage2_protocol import Data

_TABLES = """
CREATE TABLE IF NOT EXISTS job (id INTEGER PRIMARY KEY, data TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS note (
    job INTEGER NOT NULL, name TEXT NOT NULL, data TEXT NOT NULL, PRIMARY KEY (job, name)
) WITHOUT ROWID;
"""


def memory_file(folder: Path, host: str, port: int, user_name: str) -> Path:
    """Return the file in ``folder`` for one user of one server; names of users are no file names.

    Host and port are those of the file server: what it holds, another one does not know.
    """
    key = hashlib.sha256(f"{host}\n{port}\n{user_name}".encode()).hexdigest()[:16]
    return folder / f"transfers-{key}.db"


class TransferMemory:
    """Jobs and notes in a file, or with None only as long as the program runs. Thread-safe.

    One program at a time has the file; a second one, and one whose file is broken, remembers
    nothing beyond its end.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._lock = threading.Lock()
        self._connection = _opened(path)

    def close(self) -> None:
        """Let another program have the file."""
        with self._lock:
            self._connection.close()

    def jobs(self) -> dict[int, Data]:
        """Return all jobs by their numbers, oldest first."""
        rows = self._run("SELECT id, data FROM job ORDER BY id", ())
        return {int(number): json.loads(data) for number, data in rows}

    def begin(self, job: Data) -> int:
        """Remember a job (JSON values); return its number."""
        ((number,),) = self._run(
            "INSERT INTO job (data) VALUES (?) RETURNING id", (json.dumps(job),)
        )
        return int(number)

    def change(self, number: int, job: Data) -> None:
        """Remember something else of a job."""
        self._run("UPDATE job SET data = ? WHERE id = ?", (json.dumps(job), number))

    def forget(self, number: int) -> None:
        """Forget a job and its notes."""
        self._run("DELETE FROM job WHERE id = ?", (number,))
        self._run("DELETE FROM note WHERE job = ?", (number,))

    def notes(self, number: int) -> "Notes":
        """Return the notes of a job."""
        rows = self._run("SELECT name, data FROM note WHERE job = ?", (number,))
        return Notes({str(name): json.loads(data) for name, data in rows}, (self, number))

    def write(self, number: int, notes: dict[str, Data]) -> None:
        """Remember notes of a job, together."""
        # One statement for all of them: a transaction each would take longer than the files.
        marks = ", ".join(["(?, ?, ?)"] * len(notes))
        values: list[object] = []
        for name, note in notes.items():
            values += [number, name, json.dumps(note)]
        if notes:
            sql = f"INSERT OR REPLACE INTO note (job, name, data) VALUES {marks}"
            self._run(sql, tuple(values))

    def _run(self, sql: str, values: tuple[object, ...]) -> list[tuple[Any, ...]]:
        """Carry out one statement; a disk that fails costs the memory, not the transfer."""
        with self._lock:
            try:
                return self._connection.execute(sql, values).fetchall()
            except sqlite3.ProgrammingError:  # closed: what is still under way is not remembered
                return []
            except sqlite3.Error as error:
                LOG.warning("transfers are not remembered any more: %s", error)
                self._connection.close()
                self._connection = _opened(None)
                return self._connection.execute(sql, values).fetchall()


class Notes:
    """The notes of one job by the names of its files; values of JSON. Thread-safe."""

    def __init__(
        self,
        notes: dict[str, Data] | None = None,
        backing: tuple[TransferMemory, int] | None = None,
    ) -> None:
        self._notes = notes or {}
        self._backing = backing

    def read(self, name: str) -> Data:
        """Return the note on a file; empty when there is none."""
        return self._notes.get(name, {})

    def write(self, name: str, note: Data) -> None:
        """Replace the note on a file."""
        self.write_all({name: note})

    def write_all(self, notes: dict[str, Data]) -> None:
        """Replace the notes on several files."""
        self._notes.update(notes)
        if self._backing is not None:
            memory, number = self._backing
            memory.write(number, notes)

    def all(self) -> list[Data]:
        """Return all notes."""
        return list(self._notes.values())


def _opened(path: Path | None) -> sqlite3.Connection:
    if path is not None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            return _connected(str(path))
        except (OSError, sqlite3.Error) as error:
            LOG.info("transfers are remembered only while this runs: %s: %s", path.name, error)
    return _connected(":memory:")


def _connected(name: str) -> sqlite3.Connection:
    connection = sqlite3.connect(name, timeout=0.2, isolation_level=None, check_same_thread=False)
    try:
        # EXCLUSIVE keeps the lock that the first write takes until the program ends, however it
        # does. Syncing each note would cost more than sending a small file.
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = OFF")
        connection.executescript(f"BEGIN IMMEDIATE; {_TABLES} COMMIT;")
    except sqlite3.Error:
        with contextlib.suppress(sqlite3.Error):
            connection.close()
        raise
    return connection
