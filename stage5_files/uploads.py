"""Uploads, from the offer to the listed file: the bookkeeping, the store and the table together.

Two kinds of locks. ``_lock`` guards the book and is held for moments. Each upload's ``part.lock``
is held while its bytes or its state change: so when a newer connection takes an upload over, the
older one has either written its piece and counted it, or will not write it.
"""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, wait
from dataclasses import dataclass
from datetime import UTC, datetime

from stage1_echo import LOG
from stage2_protocol import BodySink, Data

from .errors import ContentMissing, UnknownUpload, WrongContent
from .file_store import FileStore, SavedUpload
from .file_table import FileRow, FileTable
from .finisher import Finisher, Finishing
from .hashing import EMPTY_MD5
from .mime import FOLDER_TYPE, mime_type
from .part import Part, translated
from .piece import Piece
from .transfers import DAY, Offer, Transfer, TransferBook

# The bytes of larger files are synced on their connection's thread: nobody else waits for them.
GROUPED_BYTES = 1024 * 1024


@dataclass(frozen=True)
class Upload:
    """An upload that was open when it was looked up: its bookkeeping and its bytes."""

    transfer: Transfer
    part: Part


class UploadDesk:
    """Carries uploads out; ``quota`` is what each user may store, in bytes. Thread-safe."""

    def __init__(
        self,
        store: FileStore,
        table: FileTable,
        *,
        quota: int,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._store = store
        self._table = table
        self._quota = quota
        self._clock = clock
        self._lock = threading.Lock()
        self._book = TransferBook()  # guarded by _lock
        self._parts: dict[str, Part] = {}  # guarded by _lock; of the uploads in the book
        self._stored: dict[int, int] = {}  # guarded by _lock: bytes of each user seen so far
        # Held while a file is added as a copy of other content, or removed: otherwise content
        # could be removed just when it is shared.
        self._sharing = threading.Lock()
        self._finisher = Finisher(store, table, self._listed)
        for saved in store.saved_uploads():
            self._restore(saved)
        for content in store.removals():
            self._end_removal(content)

    def start(self) -> None:
        """Begin to list what is finished."""
        self._finisher.start()

    def stop(self) -> None:
        """List what is on its way, then end."""
        self._finisher.stop()

    # What the service calls

    def offer(self, offer: Offer) -> Transfer:
        """Open an upload; raises OverQuota, TooManyUploads, StoreUnavailable."""
        # BEGIN SOLUTION 5.4
        self._store.check_space(offer.size)
        stored = self._stored_by(offer.uid)
        with self._lock:
            room = self._quota - self._stored.get(offer.uid, stored)
            transfer = self._book.add(offer, self._clock(), room)
            self._parts[offer.upload] = self._store.new_part(offer.upload)
        try:
            self._store.save_offer(offer.upload, offer.as_data())
        except BaseException:
            self._close(transfer)
            raise
        return transfer
        # END SOLUTION

    def find(self, upload: str, uid: int) -> Upload:
        """Return a user's open upload; raises UnknownUpload."""
        with self._lock:
            transfer = self._book.find(upload, uid)
            return Upload(transfer, self._parts[upload])

    def find_finished(self, upload: str, uid: int) -> int:
        """Return the file that an upload became in the last day; raises UnknownUpload."""
        found = self._table.find_uploaded(upload, uid, self._clock() - DAY)
        if found is None:
            raise UnknownUpload
        return found

    def send(self, upload: Upload, holder: int, offset: int, length: int) -> BodySink:
        """Begin a piece of ``length`` bytes; raises WrongOffset, TooManyBytes, UnknownUpload.

        The connection ``holder`` has the upload from now on, also when the piece is refused: what
        an older one still sends cannot move the offset any more.
        """
        # BEGIN SOLUTION 5.4
        with _settled(upload):
            upload.transfer.take(holder, self._clock())
            upload.transfer.check_piece(offset, length)
            return Piece(self._store, upload.transfer, upload.part, holder, self._clock)
        # END SOLUTION

    def finish(self, upload: Upload, holder: int, md5: str) -> Future[Data] | Data:
        """List a whole, verified upload; the answer holds its uid. Raises NotWhole, WrongContent.

        When the answer is there, the bytes and the row are synced to the disk.
        """
        # BEGIN SOLUTION 5.4
        transfer, part = upload.transfer, upload.part
        with part.lock:
            if part.finishing is not None:  # another connection was a moment earlier
                return part.finishing
            if (uid := self._listed_before(upload)) is not None:
                return {"uid": uid}
            transfer.take(holder, self._clock())
            transfer.check_whole()
            part.md5.grown_to(transfer.offer.size)
            with translated():
                found = part.md5.hexdigest()
            if found != md5:
                self._discard(upload)
                raise WrongContent(found, md5)
            row = self._row(transfer.offer, md5, self._store.head_of(part))
            if transfer.offer.size > GROUPED_BYTES:
                self._store.sync(part)
            self._stored_by(transfer.offer.uid)  # before the table has it, so that it counts once
            finishing = Finishing(transfer, part, row, self._clock())
            part.finishing = finishing.answer
        return self._finisher.submit(finishing)
        # END SOLUTION

    def cancel(self, upload: Upload) -> None:
        """Forget an upload and remove its bytes; raises UnknownUpload."""
        # BEGIN SOLUTION 5.7
        with _settled(upload):
            if not upload.transfer.is_open or self._listed_before(upload) is not None:
                raise UnknownUpload
            self._discard(upload)
        # END SOLUTION

    def share(self, offer: Offer, md5: str) -> int | None:
        """List a file as a copy of content this user has stored; None when there is no such."""
        # BEGIN SOLUTION 5.7
        if offer.size == 0 and md5 == EMPTY_MD5:
            return None  # nothing to be saved by sharing nothing
        self._finisher.wait_for_those_before()  # what this user has finished just now counts, too
        with self._sharing:
            same = self._table.find_same(offer.uid, md5, offer.size)
            if same is None or same.content is None:
                return None
            try:
                head = self._store.head(same.content)
            except ContentMissing:  # damaged from outside: what is sent now is whole
                return None
            row = self._row(offer, md5, head, same.content)
            return self._table.add_all([(row, self._clock(), offer.upload)])[0]
        # END SOLUTION

    def remove(self, row: FileRow) -> None:
        """Remove a file, and its content unless another file shares it."""
        # BEGIN SOLUTION 5.8
        content = row.content
        with self._sharing:
            begun = content is not None and self._store.begin_removal(content)
            was_last = self._table.remove(row)
            if content is not None and begun and not was_last:
                self._store.forget(content)
        if was_last and row.content is not None:
            with self._lock:
                if row.owner in self._stored:
                    self._stored[row.owner] -= row.size or 0
            self._store.remove(row.content)
        # END SOLUTION

    def sweep(self) -> None:
        """Discard the uploads that were abandoned."""
        # BEGIN SOLUTION 5.10
        with self._lock:
            abandoned = self._book.abandoned(self._clock())
        for transfer in abandoned:
            LOG.info("the upload of %s was abandoned", transfer.offer.filename)
            with contextlib.suppress(UnknownUpload):  # somebody ended it just now
                self.cancel(self.find(transfer.offer.upload, transfer.offer.uid))
        self._store.sweep()
        # END SOLUTION

    # The inside

    def _restore(self, saved: SavedUpload) -> None:
        """Let an upload go on that was open when the server stopped; it may be a file already."""
        # BEGIN SOLUTION 5.10
        try:
            offer = Offer.from_data(saved.offer)
        except TypeError as error:
            LOG.warning("store: an upload of another version is left alone: %s", error)
            return
        if self._table.find_uploaded(offer.upload, offer.uid, 0.0) is not None:
            self._store.forget(offer.upload)  # finished just before the crash
            return
        self._book.restore(offer, saved.received, saved.touched_at)
        self._parts[offer.upload] = self._store.part(offer.upload)
        # END SOLUTION

    def _end_removal(self, content: str) -> None:
        """End what a killed server began: remove content, if its last file is really gone."""
        # BEGIN SOLUTION 5.10
        if self._table.uses(content):
            self._store.forget(content)
        else:
            self._store.remove(content)
        # END SOLUTION

    def _stored_by(self, uid: int) -> int:
        """Return what a user's files take: from the table once, then kept up to date here.

        To be asked before a file of this user comes into the table, or it would count twice.
        """
        with self._lock:
            if uid in self._stored:
                return self._stored[uid]
        stored = self._table.stored_by(uid)
        with self._lock:
            return self._stored.setdefault(uid, stored)

    def _row(self, offer: Offer, md5: str, head: bytes, content: str | None = None) -> FileRow:
        """Return the row of a file; its ``content`` is its own when no other is given."""
        lx = FOLDER_TYPE if offer.lx == FOLDER_TYPE else mime_type(offer.filename, head, offer.lx)
        now = datetime.fromtimestamp(self._clock(), UTC)
        return FileRow(
            uid=0,
            filename=offer.filename,
            own=offer.own,
            data=now.isoformat(sep=" ", timespec="seconds"),
            lx=lx,
            path=offer.path,
            size=offer.size,
            md5=md5,
            owner=offer.uid,
            rid=offer.rid,
            content=content or (offer.upload if offer.size else None),
        )

    def _listed(self, group: Sequence[Finishing]) -> None:
        """Take note that uploads have become files."""
        for each in group:
            offer = each.transfer.offer
            with self._lock:
                self._stored[offer.uid] += offer.size
            self._close(each.transfer)
            if each.row.content is None:  # a SEND of no bytes may have made a file
                self._store.discard(offer.upload, each.part)
        self._store.forget(*(each.transfer.offer.upload for each in group))

    def _listed_before(self, upload: Upload) -> int | None:
        """Return the file that an upload is already, if a commit was made that nobody answered.

        Its ``part.lock`` is held.
        """
        part, transfer = upload.part, upload.transfer
        if not part.may_be_listed:
            return None
        uid = self._table.find_uploaded(transfer.offer.upload, transfer.offer.uid, 0.0)
        part.may_be_listed = False
        if uid is not None:
            row = self._row(transfer.offer, part.md5.hexdigest(), part.head)
            self._listed([Finishing(transfer, part, row, self._clock())])
        return uid

    def _discard(self, upload: Upload) -> None:
        self._close(upload.transfer)
        self._store.discard(upload.transfer.offer.upload, upload.part)

    def _close(self, transfer: Transfer) -> None:
        with self._lock:
            self._book.close(transfer)
            self._parts.pop(transfer.offer.upload, None)


@contextlib.contextmanager
def _settled(upload: Upload) -> Iterator[None]:
    """Hold an upload that is not on its way to the list: what became of it there decides the rest.

    It may set out while one waits for its lock: then there is another wait.
    """
    while True:
        with upload.part.lock:
            answer = upload.part.finishing
            if answer is None or answer.done():
                yield
                return
        wait([answer])
