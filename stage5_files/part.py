"""The bytes of an upload on the disk, and how they become durable and get their place."""

import contextlib
import errno
import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import BinaryIO

from stage1_echo import LOG
from stage2_protocol import Data

from .errors import StoreUnavailable
from .hashing import FollowingMd5

# Of a large file the system is told to begin writing so often: then FINISH has little to wait for.
BEGIN_BYTES = 16 * 1024 * 1024

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


@contextlib.contextmanager
def translated() -> Iterator[None]:
    """Turn what the operating system says of a disk into StoreUnavailable, and log it in full."""
    try:
        yield
    except OSError as error:
        LOG.error("store: %s", error)
        if error.errno in _FULL:
            raise StoreUnavailable("the server's disk is full", str(error)) from error
        raise StoreUnavailable("the file store does not work now", str(error)) from error


class Part:
    """The bytes of one upload that have arrived; ``lock`` is held by whoever changes them."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.lock = threading.Lock()
        self.md5 = FollowingMd5(path)
        self.head = b""  # the first bytes, when they came through here
        self.is_synced = False
        self.finishing: Future[Data] | None = None  # set once the bytes do not change any more
        self.may_be_listed = False  # a commit of its row was not answered
        self._begun = 0  # of the first so many bytes the system has been told

    def open_at(self, offset: int) -> BinaryIO:
        """Open the file for writing behind its first ``offset`` bytes."""
        with translated():
            # Not "ab": several systems ignore seek() there, and "r+b" makes no new file.
            flags = os.O_WRONLY | os.O_CREAT | getattr(os, "O_BINARY", 0)
            file = open(os.open(self.path, flags, 0o600), "wb", buffering=0)  # noqa: PTH123, SIM115
            if offset:
                file.seek(offset)
            return file

    def grown_to(self, size: int, file: BinaryIO) -> None:
        """Note that ``size`` bytes are in ``file`` now, and have them hashed and written soon."""
        self.md5.grown_to(size)
        if size - self._begun >= BEGIN_BYTES:
            begin_writing(file.fileno(), self._begun, size - self._begun)
            self._begun = size


def begin_writing(file: int, offset: int, length: int) -> None:
    """Tell the system, where it can be told, to write these bytes now; 0 means to the end.

    The advice not to keep them has that effect on bytes that are not written yet; they are kept.
    """
    if hasattr(os, "posix_fadvise"):
        with contextlib.suppress(OSError):
            os.posix_fadvise(file, offset, length, os.POSIX_FADV_DONTNEED)


class Placing:
    """An upload's bytes on their way to be content ``target``; ``error`` ends the way."""

    def __init__(self, part: Part, target: Path) -> None:
        self._part = part
        self._target = target
        self._file: int | None = None
        self.error: StoreUnavailable | None = None

    def try_to(self, step: Callable[["Placing"], object]) -> None:
        """Take a step, unless an earlier one went wrong."""
        if self.error is not None:
            return
        try:
            with translated():
                step(self)
        except StoreUnavailable as error:
            self.error = error

    def open(self) -> None:
        """Have the bytes written soon, together with those of the others."""
        if self._part.is_synced:
            return
        self._file = os.open(self._part.path, os.O_RDWR)  # Windows syncs only what may be written
        begin_writing(self._file, 0, 0)

    def sync(self) -> None:
        """Wait until the bytes are written."""
        if self._file is not None:
            try:
                os.fsync(self._file)
            finally:
                os.close(self._file)

    def rename(self) -> None:
        """Give the bytes their place."""
        if self._part.path != self._target:
            self._part.path.rename(self._target)
            self._part.path = self._target  # the row may fail: then FINISH comes again
