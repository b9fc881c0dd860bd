"""Content on disk, under random names: ``content/`` holds whole files, ``incoming/`` uploads.

An upload is ``incoming/ID.part``, and ``offers.log`` tells what was offered. Once whole and
verified it is synced and renamed to ``content/ID``: a file is there as a whole or not at all, and
after a crash these three alone tell how far everything had come. IDs are 128 random bits of ours;
no name of a user ever comes near a path.
"""

import contextlib
import errno
import os
import secrets
import shutil
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from stage1_echo import LOG
from stage2_protocol import Data

from .errors import ContentMissing, StoreInUse, StoreUnavailable
from .hashing import FollowingMd5
from .mime import HEAD_BYTES
from .offer_log import OfferLog

# This share of the disk stays free: a full system disk hurts more than a refused upload.
KEPT_FREE = 0.01
SYNCS_AT_ONCE = 4  # a journalling file system writes such syncs together; more get in the way
LOCK_SECONDS = 1.0  # a server that is just ending gets so long to let go of the store
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


@dataclass(frozen=True)
class SavedUpload:
    """An upload found on disk: what was offered, how many bytes are here, when it last changed."""

    offer: dict[str, Any]
    received: int
    touched_at: float


class Part:
    """The bytes of one upload that have arrived; ``lock`` is held by whoever changes them."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.lock = threading.Lock()
        self.md5 = FollowingMd5(path)
        self.head = b""  # the first bytes, when they came through here
        self.is_synced = False
        self.finishing: Future[Data] | None = None  # set once the bytes do not change any more

    def open_at(self, offset: int) -> BinaryIO:
        """Open the file for writing behind its first ``offset`` bytes."""
        with translated():
            # Not "ab": several systems ignore seek() there, and "r+b" makes no new file.
            flags = os.O_WRONLY | os.O_CREAT | getattr(os, "O_BINARY", 0)
            file = open(os.open(self.path, flags, 0o600), "wb", buffering=0)  # noqa: PTH123, SIM115
            file.seek(offset)
            return file


class FileStore:
    """The folder with all content. One server at a time works in it (StoreInUse)."""

    def __init__(self, folder: Path) -> None:
        self._incoming = folder / "incoming"
        self._content = folder / "content"
        self._to_remove: set[Path] = set()  # guarded by _removing
        self._removing = threading.Lock()
        with translated():
            for part in (self._incoming, self._content):
                part.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._syncs = ThreadPoolExecutor(SYNCS_AT_ONCE, thread_name_prefix="sync")
        self._lock = _locked(folder / "lock")
        with translated():
            self._offers = OfferLog(folder / "offers.log")

    def close(self) -> None:
        """Let another server have the store."""
        self._syncs.shutdown(wait=False)
        self._offers.close()
        self._lock.close()

    # Uploads

    def save_offer(self, upload: str, offer: dict[str, Any]) -> None:
        """Keep an offer, so that its upload can go on after a restart."""
        with translated():
            self._offers.add(upload, offer)

    def open_uploads(self) -> set[str]:
        """Return the uploads that are not over."""
        return set(self._offers.open_offers())

    def part(self, upload: str) -> Part:
        """Return the bytes of an upload: in ``incoming``, or renamed just before a crash."""
        path = self._incoming / f"{upload}.part"
        whole = self._content / upload
        return Part(whole if whole.exists() and not path.exists() else path)

    def new_part(self, upload: str) -> Part:
        """Return where the bytes of a new upload will be; there are none yet."""
        return Part(self._incoming / f"{upload}.part")

    def saved_uploads(self) -> Iterator[SavedUpload]:
        """Yield the uploads that were open when a server last stopped."""
        offers = self._offers.open_offers()
        with translated():
            found = list(self._incoming.iterdir())
        for path in found:
            if path.stem not in offers:
                LOG.warning("store: %s belongs to no upload and is removed", path.name)
                self._unlink(path)
        for upload, offer in offers.items():
            received, touched_at = 0, float(offer.get("offered_at", 0))
            with translated(), contextlib.suppress(FileNotFoundError):
                stat = self.part(upload).path.stat()
                received, touched_at = stat.st_size, max(touched_at, stat.st_mtime)
            yield SavedUpload(offer, received, touched_at)

    def sync(self, parts: Sequence[Part]) -> list[StoreUnavailable | None]:
        """Make the bytes of uploads durable; return what went wrong with each.

        The system is first told of all of them, where it can be told, and then several are synced
        at once: each finds that most of the work was done for all.
        """
        files = [_opened(part) for part in parts]
        try:
            if len(parts) > 1 and hasattr(os, "posix_fadvise"):
                for file in files:
                    if isinstance(file, int):
                        os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)
            # A share for each thread: to hand over every file by itself takes longer than to sync.
            threads = min(SYNCS_AT_ONCE, len(files))
            shares = [files[first::threads] for first in range(threads)]
            errors: list[StoreUnavailable | None] = [None] * len(files)
            for first, found in enumerate(self._syncs.map(_synced, shares)):
                errors[first::threads] = found
            return errors
        finally:
            for file in files:
                if isinstance(file, int):
                    os.close(file)

    def publish(self, part: Part, content: str) -> None:
        """Make an upload's bytes, which are durable, whole content under the name ``content``."""
        target = self._content / content
        if part.path != target:
            with translated():
                os.rename(part.path, target)  # noqa: PTH104 (pathlib parses both anew)
            part.path = target  # when the row cannot be written now, FINISH comes again

    def sync_names(self) -> None:
        """Make the names of content durable."""
        with translated():
            _sync_folder(self._content)

    def forget(self, upload: str) -> None:
        """Forget an offer: its upload is over."""
        try:
            self._offers.end(upload)
        except OSError as error:  # it comes back after a restart, and a day later it is swept
            LOG.warning("store: that %s is over cannot be noted: %s", upload, error)

    def discard(self, upload: str, part: Part) -> None:
        """Remove an upload and its bytes."""
        self._unlink(part.path)
        self.forget(upload)

    # Content

    def open(self, content: str) -> BinaryIO:
        """Open content for reading; raises ContentMissing when there is none."""
        with translated():
            try:
                return (self._content / content).open("rb")
            except FileNotFoundError as error:
                raise ContentMissing from error

    def path(self, content: str) -> Path:
        """Return where content lies; whether it is there is another question."""
        return self._content / content

    def contents(self) -> Iterator[str]:
        """Yield the names of all content."""
        with translated():
            yield from sorted(path.name for path in self._content.iterdir())

    def set_aside(self, content: str) -> None:
        """Move content out of the way, into the folder ``damaged``, if it is there."""
        damaged = self._content.with_name("damaged")
        with translated(), contextlib.suppress(FileNotFoundError):
            damaged.mkdir(mode=0o700, exist_ok=True)
            self.path(content).replace(damaged / content)

    def head(self, content: str) -> bytes:
        """Return the first bytes of content, to tell its type by."""
        with self.open(content) as file, translated():
            return file.read(HEAD_BYTES)

    def head_of(self, part: Part) -> bytes:
        """Return the first bytes of an upload."""
        if not part.head:
            with translated(), contextlib.suppress(FileNotFoundError), part.path.open("rb") as file:
                part.head = file.read(HEAD_BYTES)
        return part.head

    def remove(self, content: str) -> None:
        """Remove content; if somebody is reading it and the system minds, a little later."""
        self._unlink(self._content / content)

    def sweep(self) -> None:
        """Try again to remove what could not be removed before."""
        with self._removing:
            waiting, self._to_remove = self._to_remove, set()
        for path in waiting:
            self._unlink(path)

    def check_space(self, size: int) -> None:
        """Require that ``size`` more bytes fit and leave a little free (StoreUnavailable)."""
        with translated():
            total, _used, free = shutil.disk_usage(self._content)
        if free - size < total * KEPT_FREE:
            LOG.warning("store: %d bytes do not fit, %d are free of %d", size, free, total)
            raise StoreUnavailable("the server's disk is full", f"{size} bytes do not fit")

    def _unlink(self, path: Path) -> None:
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            LOG.info("store: %s is removed later: %s", path.name, error)
            with self._removing:
                self._to_remove.add(path)


def new_id() -> str:
    """Return a name for an upload and its content: 128 random bits as 32 hexadecimal digits."""
    return secrets.token_hex(16)


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


# An upload's bytes, opened to be synced: a descriptor; or why they cannot be; None when they are.
_ToSync = int | StoreUnavailable | None


def _opened(part: Part) -> _ToSync:
    if part.is_synced:
        return None
    try:
        with translated():
            return os.open(part.path, os.O_RDWR)  # Windows syncs only what is open for writing
    except StoreUnavailable as error:
        return error


def _synced(files: Sequence[_ToSync]) -> list[StoreUnavailable | None]:
    """Sync one after the other; return what went wrong with each."""
    found: list[StoreUnavailable | None] = []
    for file in files:
        error = None if isinstance(file, int) else file
        if isinstance(file, int):
            try:
                with translated():
                    os.fsync(file)
            except StoreUnavailable as failure:
                error = failure
        found.append(error)
    return found


def _sync_folder(folder: Path) -> None:
    """Make names in a folder durable; Windows cannot, and does it with the file itself."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _locked(path: Path) -> sqlite3.Connection:
    """Return a held lock: an open transaction of SQLite.

    It is the one lock on a file that the standard library has on every platform and that ends with
    its process, however that ends.
    """
    try:
        lock = sqlite3.connect(
            path, timeout=LOCK_SECONDS, isolation_level=None, check_same_thread=False
        )
        lock.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError as error:
        raise StoreInUse(
            f"cannot lock the store {path.parent}: {error}. Another file server may be working in "
            "it; end it, or choose another folder with --store."
        ) from error
    return lock
