"""Content on disk, under random names: ``content/`` holds whole files, ``incoming/`` uploads.

An upload is ``incoming/ID.part``, and ``offers.log`` tells what was offered. Once whole and
verified it is synced and renamed to ``content/ID``: a file is there as a whole or not at all, and
after a crash these three alone tell how far everything had come. IDs are 128 random bits of ours;
no name of a user ever comes near a path.
"""

import contextlib
import os
import secrets
import shutil
import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from stage1_echo import LOG

from .errors import ContentMissing, StoreInUse, StoreUnavailable
from .mime import HEAD_BYTES
from .offer_log import OfferLog
from .part import Part, Placing, translated

# This share of the disk stays free: a full system disk hurts more than a refused upload.
KEPT_FREE = 0.01
# The disk is not asked for each small file: it is looked at so often, and always when less is left.
LOOK_SECONDS, PLENTY = 0.05, 256 * 1024 * 1024
# What the log of offers holds of content that is being removed, where an upload has its offer.
_REMOVAL = {"removal": True}
SYNCS_AT_ONCE = 4  # a journalling file system writes such syncs together; more get in the way
LOCK_SECONDS = 1.0  # a server that is just ending gets so long to let go of the store


@dataclass(frozen=True)
class _Space:
    """What the disk had when it was last looked at."""

    total: int
    free: int
    seen_at: float

    def left_by(self, size: int) -> float:
        """Return what ``size`` more bytes leave of the space that may be used."""
        return self.free - size - self.total * KEPT_FREE


@dataclass(frozen=True)
class SavedUpload:
    """An upload found on disk: what was offered, how many bytes are here, when it last changed."""

    offer: dict[str, Any]
    received: int
    touched_at: float


class FileStore:
    """The folder with all content. One server at a time works in it (StoreInUse)."""

    def __init__(self, folder: Path) -> None:
        self._incoming = folder / "incoming"
        self._content = folder / "content"
        self._space = _Space(0, 0, float("-inf"))
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

    def unfinished(self) -> set[str]:
        """Return the uploads that are not over, and the content whose removal is not."""
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
            if offer == _REMOVAL:
                continue
            received, touched_at = 0, float(offer.get("offered_at", 0))
            with translated(), contextlib.suppress(FileNotFoundError):
                stat = self.part(upload).path.stat()
                received, touched_at = stat.st_size, max(touched_at, stat.st_mtime)
            yield SavedUpload(offer, received, touched_at)

    def publish(self, parts: Sequence[tuple[Part, str]]) -> list[StoreUnavailable | None]:
        """Make uploads' bytes durable and whole content, (part, its name as content) each.

        Return what went wrong with each. Several threads take a share each: what one file's sync
        writes to the journal, the others find done.
        """
        threads = min(SYNCS_AT_ONCE, len(parts))
        shares = [parts[first::threads] for first in range(threads)]
        errors: list[StoreUnavailable | None] = [None] * len(parts)
        for first, found in enumerate(self._syncs.map(self._publish, shares)):
            errors[first::threads] = found
        return errors

    def _publish(self, parts: Sequence[tuple[Part, str]]) -> list[StoreUnavailable | None]:
        files = [Placing(part, self._content / content) for part, content in parts]
        for step in (Placing.open, Placing.sync, Placing.rename):  # each for all, then the next
            for file in files:
                file.try_to(step)
        return [file.error for file in files]

    def sync(self, part: Part) -> None:
        """Make an upload's bytes durable; raises StoreUnavailable."""
        file = Placing(part, part.path)
        for step in (Placing.open, Placing.sync):
            file.try_to(step)
        if file.error is not None:
            raise file.error
        part.is_synced = True

    def sync_names(self) -> None:
        """Make the names of content durable."""
        with translated():
            _sync_folder(self._content)

    def forget(self, *uploads: str) -> None:
        """Forget offers: their uploads are over."""
        try:
            self._offers.end(uploads)
        except OSError as error:  # they come back after a restart, and a day later are swept
            LOG.warning("store: that uploads are over cannot be noted: %s", error)

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

    def begin_removal(self, content: str) -> bool:
        """Note that content is about to lose its last file; False when that is noted already.

        Between the row and the bytes the server may be killed: then the next one removes these.
        """
        if self._offers.find(content) == _REMOVAL:
            return False
        with contextlib.suppress(StoreUnavailable), translated():  # a full disk needs removals
            self._offers.add(content, _REMOVAL)
        return True

    def removals(self) -> set[str]:
        """Return the content whose removal began and is not over."""
        offers = self._offers.open_offers()
        return {content for content, offer in offers.items() if offer == _REMOVAL}

    def remove(self, content: str) -> None:
        """Remove content; if somebody is reading it and the system minds, a little later."""
        if self._unlink(self._content / content):
            self.forget(content)

    def sweep(self) -> None:
        """Try again to remove what could not be removed before."""
        with self._removing:
            waiting, self._to_remove = self._to_remove, set()
        self.forget(*(path.name for path in waiting if self._unlink(path)))

    def check_space(self, size: int) -> None:
        """Require that ``size`` more bytes fit and leave a little free (StoreUnavailable)."""
        space = self._space
        if time.monotonic() > space.seen_at + LOOK_SECONDS or space.left_by(size) < PLENTY:
            with translated():
                total, _used, free = shutil.disk_usage(self._content)
            self._space = space = _Space(total, free, time.monotonic())
        if space.left_by(size) < 0:
            LOG.warning("store: %d bytes do not fit, %d are free", size, space.free)
            raise StoreUnavailable("the server's disk is full", f"{size} bytes do not fit")

    def _unlink(self, path: Path) -> bool:
        try:
            path.unlink(missing_ok=True)
            return True
        except OSError as error:
            LOG.info("store: %s is removed later: %s", path.name, error)
            with self._removing:
                self._to_remove.add(path)
            return False


def new_id() -> str:
    """Return a name for an upload and its content: 128 random bits as 32 hexadecimal digits."""
    return secrets.token_hex(16)


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
