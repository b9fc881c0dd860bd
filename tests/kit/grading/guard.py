"""Watches what the programs of a run take, memory and disk, and kills those that take too much.

Behind bubblewrap the disk is a small one of their own; elsewhere it is everybody's.
"""

import contextlib
import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import psutil

from ..processes import is_running
from .user_ids import OPEN_FOLDERS, processes_of

MEMORY_BYTES = 2 * 1024**3
DISK_BYTES = 1024**3  # or a quarter of what is free at the start, if that is less
FULL_BYTES = 32 * 1024**2  # with less than this nothing can be judged
LOOK_SECONDS = 0.2
BLOCK = 512  # of st_blocks, whatever the disk's own blocks are


class Guard:
    """Watches one run until ``stop``.

    ``child`` is the test process, ``user`` the id of its programs (0: whoever it has started).
    ``folder`` holds the files of the run, None where it has a disk of its own. A limit on each
    process does not do: threads have large stacks that nobody uses.
    """

    def __init__(
        self, child: "subprocess.Popen[bytes]", folder: Path | None, user: int = 0
    ) -> None:
        self.notes: list[str] = []
        self.was_full = False  # the disk, by somebody else's doing
        self._child, self._user, self._folder = child, user, folder
        self._free = _free(folder)
        self._most = min(DISK_BYTES, self._free // 4)
        self._begun_with = self._used() if folder else 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="guard", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Watch no more."""
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(LOOK_SECONDS):
            sizes = dict(self._sizes())
            if sum(sizes.values()) > MEMORY_BYTES:
                _kill([max(sizes, key=lambda process: sizes[process])])
                self.notes.append("a program took more than 2 GB of memory and was killed")
            if self._takes_the_disk():
                _kill(list(sizes))
                note = f"its programs wrote more than {self._most >> 20} MB and were killed"
                self.notes += [note] if note not in self.notes else []

    def _takes_the_disk(self) -> bool:
        free = _free(self._folder)
        if self._folder is None or self._free - free < self._most // 2:
            return False  # nobody has written much: there is no need to look at each file
        takes = self._used() - self._begun_with > self._most
        self.was_full = self.was_full or (free < FULL_BYTES and not takes)
        return takes

    def _used(self) -> int:
        return sum(map(_size, self._folders()))

    def _folders(self) -> Iterator[Path]:
        if self._folder is not None:
            yield self._folder
        if self._user:
            for folder in map(Path, OPEN_FOLDERS):
                with contextlib.suppress(OSError):
                    yield from (p for p in folder.iterdir() if p.lstat().st_uid == self._user)

    def _sizes(self) -> Iterator[tuple[psutil.Process, int]]:
        """Yield what the programs take; the test process itself is not among them."""
        for process in self._programs():
            with contextlib.suppress(psutil.Error):
                if is_running(process):
                    yield process, int(process.memory_info().rss)

    def _programs(self) -> list[psutil.Process]:
        if self._user:
            return processes_of(self._user)
        with contextlib.suppress(psutil.Error):
            top = psutil.Process(self._child.pid)
            family = [top, *top.children(recursive=True)]
            own = next((process for process in family if _is_suite(process)), None)
            return own.children(recursive=True) if own else []
        return []


def _kill(processes: list[psutil.Process]) -> None:
    for process in processes:
        with contextlib.suppress(psutil.Error):
            process.kill()


def _free(folder: Path | None) -> int:
    return shutil.disk_usage(folder).free if folder else 0


def _size(path: Path) -> int:
    """Return the bytes on disk of a file, or of all files in a folder; no link is followed."""
    files = (Path(top, name) for top, _, names in os.walk(path) for name in names)
    total = 0
    for file in files if path.is_dir() and not path.is_symlink() else [path]:
        with contextlib.suppress(OSError):
            total += file.lstat().st_blocks * BLOCK
    return total


def _is_suite(process: psutil.Process) -> bool:
    try:
        words = process.cmdline()
    except psutil.Error:
        return False
    # The walls around it have the same words in their command lines.
    return "tests.kit.grading.sealed" in words and "bwrap" not in words
