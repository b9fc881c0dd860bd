"""A private MariaDB server: its own data folder, a free loopback port, gone when the run ends.

The programs under test are its root: through it they read, write and run what it can. So it is shut
in as they are.
"""

import contextlib
import os
import socket
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pymysql
import pymysql.cursors

from . import confine, processes, story
from .deadlines import eventually
from .environment import scrubbed
from .failure import HarnessError
from .system import find_program

# Quick, not safe against a power cut: MariaDB itself is not what is tested. A SIGKILL of the
# server loses nothing all the same, the operating system still writes what it has taken.
FAST = (
    "--innodb-flush-log-at-trx-commit=2",
    "--innodb-flush-method=nosync",  # ten times quicker where tables are made
    "--innodb-log-file-size=8M",
    "--innodb-buffer-pool-size=64M",
    "--skip-log-bin",
    "--skip-name-resolve",
)
# The tables that hold users and rights, as the server's own installer makes them.
BOOTSTRAP = ("mysql_system_tables.sql", "mysql_system_tables_data.sql")
START_SECONDS = 30.0
STOP_SECONDS = 20.0  # not stretched: see stop()


class MariaDB:
    """Made in the empty folder ``folder``; ``start()`` it before use."""

    def __init__(self, folder: Path) -> None:
        program = find_program("mariadbd")
        if program is None:
            raise HarnessError("there is no mariadbd on this machine; mark the test with parts")
        self._program = program
        self._data = folder / "data"
        self._home = folder / "home"
        self._log = folder / "log.txt"
        self._process: subprocess.Popen[bytes] | None = None
        self._connection: pymysql.Connection[pymysql.cursors.Cursor] | None = None
        with confine.kept():
            self._data.mkdir(parents=True)
            self._home.mkdir()
        self.port = _free_port()
        # A path to a Unix socket may have about 100 characters; pytest's folders are longer.
        place = "/tmp" if confine.level() == confine.USER else None  # the usual one is root's
        self._sockets = tempfile.TemporaryDirectory(prefix="db-", dir=place)
        for own in (self._data, self._home, Path(self._sockets.name)):
            confine.give(own)
        self._make_tables()

    @property
    def running(self) -> bool:
        """Whether its process runs."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start it, on the same port as before, and wait until it answers."""
        story.current().tell("MariaDB", f"is started on port {self.port}")
        address = ["--bind-address=127.0.0.1", f"--port={self.port}"]
        with self._log.open("ab") as log:
            self._process = processes.spawn(
                self._shut_in(*FAST, *address, *self._socket()),
                cwd=self._home,
                env=scrubbed(self._home),
                stdin=subprocess.DEVNULL,
                stdout=log.fileno(),
                stderr=log.fileno(),
            )
        eventually(self._answers, why="MariaDB to answer", seconds=START_SECONDS, poll=0.05)

    def stop(self) -> None:
        """End it in its ordinary way: connections are cut, everything is written."""
        if self._process is None:
            return
        story.current().tell("MariaDB", "is stopped")
        with contextlib.suppress(pymysql.err.MySQLError):
            self.run("SHUTDOWN")
        # A client that connects again just then can keep it from ending for minutes: then it is
        # killed. What a test wants is that it is gone, before others give up waiting (--idle).
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(STOP_SECONDS)
        processes.kill_tree(self._process)

    def kill(self) -> None:
        """Kill it (SIGKILL)."""
        if self._process is not None and self.running:
            story.current().tell("MariaDB", "is killed")
            processes.kill_tree(self._process)

    def dispose(self) -> None:
        """Make sure that nothing of it is left."""
        if self._process is not None:
            processes.kill_tree(self._process)
        if self._connection is not None:
            self._connection.close()
        self._sockets.cleanup()

    def open(
        self, database: str | None = None, **more: Any
    ) -> "pymysql.Connection[pymysql.cursors.Cursor]":
        """Return a connection of the test process, which commits at once."""
        return pymysql.connect(
            host="127.0.0.1",
            port=self.port,
            user="root",
            database=database,
            charset="utf8mb4",
            autocommit=True,
            connect_timeout=10,
            **more,
        )

    def connection(self, database: str) -> "pymysql.Connection[pymysql.cursors.Cursor]":
        """Return the connection that is kept for statements of tests: to open one takes longer."""
        if self._connection is not None:
            try:
                self._connection.ping(reconnect=False)
            except pymysql.err.MySQLError:  # the server has been ended since
                self._connection = None
        if self._connection is None:
            self._connection = self.open()
        self._connection.select_db(database)
        return self._connection

    def run(self, sql: str) -> None:
        """Run one statement outside any database."""
        with contextlib.closing(self.open()) as connection, connection.cursor() as cursor:
            cursor.execute(sql)

    def _answers(self) -> bool:
        if not self.running:
            raise HarnessError(f"MariaDB did not start; the end of its log:\n{self._log_tail()}")
        try:
            self.open().close()
        except pymysql.err.MySQLError:
            return False
        return True

    def _make_tables(self) -> None:
        share = self._share()
        statements = ["CREATE DATABASE mysql;", "USE mysql;", "SET @auth_root_socket = NULL;"]
        statements += [(share / name).read_text("utf-8") for name in BOOTSTRAP]
        done = subprocess.run(
            self._shut_in(*FAST, "--bootstrap"),
            input="\n".join(statements).encode(),
            capture_output=True,
            env=scrubbed(self._home),
            timeout=120,
            check=False,
        )
        if done.returncode:
            tail = done.stderr.decode("utf-8", "replace")[-2000:]
            raise HarnessError(f"MariaDB cannot make its tables:\n{tail}")

    def _share(self) -> Path:
        """Return the folder with the server's SQL files; the server itself knows where it is."""
        command = [str(self._program), "--no-defaults", "--verbose", "--help"]
        listing = subprocess.run(command, capture_output=True, timeout=60, check=False).stdout
        for line in listing.decode("utf-8", "replace").splitlines():
            name, _, value = line.partition(" ")
            if name == "character-sets-dir":
                return Path(value.strip()).parent
        raise HarnessError(f"{self._program} does not say where its files are")

    def _shut_in(self, *flags: str) -> list[str]:
        # As root it refuses to run unless it is told that this is meant.
        is_root = sys.platform != "win32" and os.geteuid() == 0 and confine.level() != confine.USER
        user = ["--user=root"] if is_root else []
        words = [str(self._program), "--no-defaults", *user, f"--datadir={self._data}", *flags]
        folder = self._data.parent
        return confine.confined(words, self._home, own=folder, fence=folder.parent)

    def _socket(self) -> list[str]:
        if sys.platform == "win32":
            return []
        folder = Path(self._sockets.name)
        return [f"--socket={folder / 's'}", f"--pid-file={folder / 'pid'}"]

    def _log_tail(self) -> str:
        return self._log.read_text("utf-8", "replace")[-2000:]


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])
