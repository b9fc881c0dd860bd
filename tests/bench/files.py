"""``kit.py bench files``: uploads and downloads against their limits and a peer, in one run.

An upload is measured from the first OFFER to the reply of FINISH, so all is verified on both sides
and durable. Its limit is a bare socket into a file with an md5 beside it on both sides, which is
neither named nor durable. A verified download's limit is the md5 of the file on this machine. The
peer is pyftpdlib, followed by the md5 on one side and then on the other, because FTP verifies
nothing; many small files are neither verified nor durable there.

What was downloaded is removed before the next round: a virtual machine gets memory that it has not
used from its host, which can take as long as the transfer, and nobody here could do anything about
it. What the rounds with small files leave is kept until the end: ext4 looks at every file number
that was given back in the last minutes before it gives out a new one, and making a file after ten
thousand were deleted takes it twenty times as long.
"""

import argparse
import hashlib
import importlib.util
import os
import sys
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from .children import Child, Server
from .measure import Measure, measure_in_turn, print_table

PEERS = Path(__file__).resolve().parents[2] / "requirements" / "bench.txt"

BARE, FTP = "tests.bench.inside.bare_copy", "tests.bench.inside.ftp_peer"
USER, SERVER = "tests.bench.inside.file_user", "stage5_files.server"
MEGABYTE = 1 << 20
SMALL = 4096


def told(child: Child, command: str, amount: int, after: str = "") -> Callable[[], int]:
    """Return work: tell a child a command and wait until it is done; ``after`` is not measured."""

    def run() -> int:
        for line in (command, after) if after else (command,):
            child.tell(line)
            if (answer := child.line()) != "DONE":
                raise RuntimeError(f"{command}: {answer}")
        return amount

    return run


class Ground:
    """The folders and the programs of one run."""

    def __init__(self, stack: ExitStack, folder: Path) -> None:
        self._stack = stack
        self._folder = folder

    def make(self, name: str) -> Path:
        """Return a new folder."""
        path = self._folder / name
        path.mkdir()
        return path

    def user(self, name: str) -> Child:
        """Return a user of a file server of its own."""
        url = f"sqlite:///{self._folder / name}.db"
        flags = ("--port", "0", "--db", url, "--store", str(self._folder / name))
        flags += ("--log-level", "warning", "--quota", str(1 << 40), "--max-size", str(1 << 40))
        server = self._stack.enter_context(Server(SERVER, *flags))
        host, port = server.address
        down = self.make(f"{name}-down")
        return self._stack.enter_context(Child(USER, url, host, str(port), str(down)))

    def bare(self, file: Path) -> Child:
        """Return the sender of the bare copy."""
        receiver = self._stack.enter_context(Server(BARE, "receive", str(self.make("bare"))))
        host, port = receiver.address
        return self._stack.enter_context(Child(BARE, "send", host, str(port), str(file)))

    def ftp(self, name: str, connections: int = 1) -> Child:
        """Return a user of an FTP server."""
        folder, down = self.make(name), self.make(f"{name}-down")
        server = self._stack.enter_context(Server(FTP, "serve", str(folder)))
        host, port = server.address
        words = ("use", host, str(port), str(folder), str(down), str(connections))
        return self._stack.enter_context(Child(FTP, *words))


class Once:
    """Work whose traces are cleared away outside the measured time."""

    def __init__(self, child: Child, command: str, amount: int, clear: str) -> None:
        self._child, self._clear = child, clear
        self._work = told(child, command, amount)
        self._is_clear = True

    def prepare(self) -> None:
        """Clear away what the last round left."""
        if self._clear and not self._is_clear:
            told(self._child, self._clear, 0)()
        self._is_clear = True

    def __call__(self) -> int:
        self._is_clear = False
        return self._work()


def measured(works: dict[str, Once], unit: str, rounds: int) -> list[Measure]:
    """Measure in turn; each clears up behind the last round before its time begins."""
    measures = [Measure(name, unit, work, prepare=work.prepare) for name, work in works.items()]
    measure_in_turn(measures, rounds)
    return measures


def uploads(ground: Ground, file: Path, with_ftp: bool, rounds: int) -> None:
    """Measure the upload of one large file."""
    size = file.stat().st_size // MEGABYTE
    works = {
        "bare socket to file, md5 beside": Once(ground.bare(file), "go", size, ""),
        "upload, OFFER to FINISH": Once(ground.user("up"), f"put {file}", size, "clear"),
    }
    if with_ftp:
        works["pyftpdlib, then md5, md5"] = Once(ground.ftp("ftp-up"), f"put {file}", size, "clear")
    found = measured(works, "MB/s", rounds)
    print_table(f"upload of {size} MiB, verified on both sides", found, found[0])


def downloads(ground: Ground, file: Path, with_ftp: bool, rounds: int) -> None:
    """Measure the verified download of one large file."""
    size = file.stat().st_size // MEGABYTE
    user = ground.user("down")
    told(user, f"put {file}", 0)()

    def md5() -> int:
        with file.open("rb", buffering=0) as source:
            hashlib.file_digest(source, "md5")
        return size

    measures = [Measure("md5 of the file", "MB/s", md5)]
    works = {"download, verified": Once(user, "get", size, "drop")}
    if with_ftp:
        ftp = ground.ftp("ftp-down")
        told(ftp, f"put {file}", 0)()
        works["pyftpdlib, then md5, md5"] = Once(ftp, f"get {file}", size, "drop")
    measures += [Measure(name, "MB/s", work, work.prepare) for name, work in works.items()]
    measure_in_turn(measures, rounds)
    print_table(f"download of {size} MiB, verified", measures, measures[0])


def small_files(ground: Ground, count: int, with_ftp: bool, rounds: int) -> None:
    """Measure a folder of many small files."""
    folder = ground.make("small")
    for number in range(count):
        (folder / f"{number}.bin").write_bytes(os.urandom(SMALL))
    works = {}
    if with_ftp:
        for connections in (1, 4):
            child = ground.ftp(f"ftp-{connections}", connections)
            name = f"pyftpdlib, {connections} connections, not durable"
            works[name] = Once(child, f"put_all {folder}", count, "")
    works["upload of the folder, durable"] = Once(ground.user("many"), f"put {folder}", count, "")
    found = measured(works, "files/s", rounds)
    print_table(f"{count} files of {SMALL} bytes", found, found[0])


def main(argv: list[str] | None = None) -> int:
    """Run the benchmark; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="kit.py bench files", formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )
    parser.add_argument("--megabytes", type=int, default=1024, help="size of the large file, MiB")
    parser.add_argument("--files", type=int, default=10_000, help="number of small files")
    parser.add_argument("--rounds", type=int, default=3, help="rounds that are counted")
    parser.add_argument("--folder", type=Path, help="where to work; by default for temporary files")
    parser.add_argument("--only", choices=("up", "down", "small"), help="one of the three tables")
    options = parser.parse_args(argv)
    with_ftp = importlib.util.find_spec("pyftpdlib") is not None
    if not with_ftp:
        remedy = f"{sys.executable} -m pip install -r {PEERS}"
        print(f"pyftpdlib is not installed: measured without this peer. To get it: {remedy}")
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        file = Path(name) / "large.bin"
        with file.open("wb") as out:
            for _ in range(options.megabytes):
                out.write(os.urandom(MEGABYTE))
        for only, measure, what in (
            ("up", uploads, file),
            ("down", downloads, file),
            ("small", small_files, options.files),
        ):
            if options.only in (None, only):
                with ExitStack() as stack:
                    folder = Path(name) / f"measured-{only}"
                    folder.mkdir()
                    measure(Ground(stack, folder), what, with_ftp, options.rounds)  # type: ignore[operator]
    return 0
