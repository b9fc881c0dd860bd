"""The file service: offer, send, finish, fetch, list, delete, cancel (ops 30 to 36)."""

import re
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from io import BytesIO

from stage1_echo import LOG
from stage2_protocol import (
    Answer,
    Args,
    BodySink,
    BodyVerb,
    Data,
    FileBody,
    Peer,
    Refused,
    Service,
    Status,
    Verb,
    fit_page,
)
from stage3_auth import Database, Session, SessionChecker, SessionStore, StorageUnavailable
from stage4_rooms import RoomStore

from .errors import NAME_OR_SIZE_REFUSED, ContentMissing, UnknownUpload
from .file_store import FileStore, new_id
from .file_table import FileRow, FileTable
from .mime import FOLDER_TYPE, is_type
from .names import REASONS, check_filename, check_path
from .transfers import Offer
from .uploads import Upload, UploadDesk

OFFER, SEND, FETCH, LIST, DELETE, CANCEL, FINISH = 30, 31, 32, 33, 34, 35, 36

LIST_PAGE = 500
SWEEP_SECONDS = 30.0
_MD5 = re.compile(r"[0-9A-Fa-f]{32}")


class FileService(Service):
    """Files over the wire; ``max_size`` of one file and ``quota`` of one user are in bytes."""

    name = "files"

    def __init__(
        self,
        database: Database,
        store: FileStore,
        *,
        max_size: int,
        quota: int,
        clock: Callable[[], float] = time.time,
    ) -> None:
        super().__init__(clock)
        self.limits |= {"list": LIST_PAGE, "file": max_size}
        self._max_size = max_size
        self._store = store
        self._checker = SessionChecker(SessionStore(database), clock)
        self._rooms = RoomStore(database)
        self._table = FileTable(database)
        self._desk = UploadDesk(store, self._table, quota=quota, clock=clock)
        self._ended = threading.Event()
        self.add(
            # Pipelined: the offers and bytes of other files need not wait until one is durable.
            Verb(OFFER, "OFFER", self._offer, pipelined=True),
            BodyVerb(SEND, "SEND", self._send, pipelined=True),
            Verb(FETCH, "FETCH", self._fetch),
            Verb(LIST, "LIST", self._list),
            Verb(DELETE, "DELETE", self._delete),
            Verb(CANCEL, "CANCEL", self._cancel),
            Verb(FINISH, "FINISH", self._finish, pipelined=True),
        )

    def started(self) -> None:
        """Start the threads that list what is finished and discard what was abandoned."""
        self._desk.start()
        threading.Thread(target=self._sweep, name="sweeper", daemon=True).start()

    def stopped(self) -> None:
        """End those threads and let another server have the store."""
        self._ended.set()
        self._desk.stop()
        self._store.close()

    # Uploads

    def _offer(self, peer: Peer, args: Args) -> Data:
        """Open an upload, resume one, or share content; an empty ``lx`` tells no type."""
        # BEGIN SOLUTION 5.4
        session = self._session(peer, args)
        filename, path = args.text("filename"), args.optional_text("path") or ""
        size, lx = args.integer("size"), args.optional_text("lx") or ""
        room, upload = args.optional_text("room"), args.optional_text("upload")
        md5 = _md5(args) if args.optional_text("md5") is not None else None
        _require("filename", check_filename(filename))
        _require("path", check_path(path))
        self._check_size(size, lx)
        rid = self._room(room, session)
        if upload is not None:
            return self._offer_again(session, upload, filename, size)
        offer = Offer(
            upload=new_id(),
            uid=session.uid,
            own=session.user_name,
            filename=filename,
            path=path,
            size=size,
            rid=rid,
            lx=lx,
            offered_at=self.clock(),
        )
        if md5 is not None and (uid := self._desk.share(offer, md5)) is not None:
            return {"uid": uid}
        return {"upload": self._desk.offer(offer).offer.upload, "offset": 0}
        # END SOLUTION

    def _offer_again(self, session: Session, upload: str, filename: str, size: int) -> Data:
        """Resume an upload, by the name and size that it began with (else 2).

        What was offered first stays as it is. If it is a file by now (the answer to FINISH was
        lost), the answer holds its ``uid`` as well, and all bytes are here.
        """
        # BEGIN SOLUTION 5.6
        try:
            transfer = self._desk.find(upload, session.uid).transfer
        except UnknownUpload:
            # Perhaps its last answer was lost on the way: then it is a file already.
            uid = self._desk.find_finished(upload, session.uid)
            return {"upload": upload, "offset": size, "uid": uid}
        self._check_member(transfer.offer.rid, session)
        if (transfer.offer.filename, transfer.offer.size) != (filename, size):
            raise Refused(
                NAME_OR_SIZE_REFUSED, "an upload is resumed with the name and size it began with"
            )
        return {"upload": upload, "offset": transfer.received}
        # END SOLUTION

    def _send(self, peer: Peer, args: Args, length: int) -> BodySink:
        """Return the sink for a piece of ``length`` bytes."""
        # BEGIN SOLUTION 5.4
        session = self._session(peer, args)
        offset = args.integer("offset")
        return self._desk.send(self._upload(session, args), peer.number, offset, length)
        # END SOLUTION

    def _finish(self, peer: Peer, args: Args) -> Data | Future[Data]:
        """List a whole upload; of one that is listed already, return the file's uid again."""
        # BEGIN SOLUTION 5.4
        session = self._session(peer, args)
        md5 = _md5(args)
        try:
            upload = self._upload(session, args)
        except UnknownUpload:
            return {"uid": self._desk.find_finished(args.text("upload"), session.uid)}
        return self._desk.finish(upload, peer.number, md5)
        # END SOLUTION

    def _cancel(self, peer: Peer, args: Args) -> None:
        # BEGIN SOLUTION 5.7
        session = self._session(peer, args)
        self._desk.cancel(self._desk.find(args.text("upload"), session.uid))
        # END SOLUTION

    # Files

    def _fetch(self, peer: Peer, args: Args) -> Answer:
        """Answer with a file as LIST shows it, but its uid, and its bytes from ``offset`` on."""
        # BEGIN SOLUTION 5.4
        session = self._session(peer, args)
        offset = args.optional_integer("offset") or 0
        row = self._file(args)
        self._check_member(row.rid, session)
        if row.size is None:
            raise ContentMissing
        if not 0 <= offset <= row.size:
            raise Refused(
                Status.BAD_REQUEST,
                f"got offset {_shown(offset)}, the file has {row.size} bytes",
                field="offset",
            )
        data = _entry(row)
        del data["uid"]
        file = BytesIO() if row.content is None else self._store.open(row.content)
        LOG.debug("#%d fetches %s from byte %d", peer.number, row.filename, offset)
        return Answer(data, FileBody(file, offset, row.size - offset))
        # END SOLUTION

    def _list(self, peer: Peer, args: Args) -> Data:
        # BEGIN SOLUTION 5.5
        session = self._session(peer, args)
        after, limit = args.optional_integer("after") or 0, args.page_size(LIST_PAGE)
        rid = self._room(args.optional_text("room"), session)
        # One more than asked for: it tells whether there are more.
        rows = [_entry(row) for row in self._table.page(rid, after, limit + 1)]
        page = fit_page(rows[:limit])
        return {"files": page, "more": len(page) < len(rows)}
        # END SOLUTION

    def _delete(self, peer: Peer, args: Args) -> None:
        """Remove a file; its owner may, in its room or not any more."""
        # BEGIN SOLUTION 5.8
        session = self._session(peer, args)
        row = self._file(args)
        if not row.is_owned_by(session.uid, session.user_name):
            raise Refused(Status.FORBIDDEN, "only its owner may delete a file")
        self._desk.remove(row)
        LOG.info("#%d %s deleted %s", peer.number, session.user_name, row.filename)
        # END SOLUTION

    # Checks

    def _session(self, peer: Peer, args: Args) -> Session:
        session = self._checker.check(args.text("token"))
        peer.trusted = True
        return session

    def _room(self, name: str | None, session: Session) -> int | None:
        """Return the number of a room that the user is in; None, for everyone, without a name."""
        if name is None:
            return None
        room = self._rooms.find(name)
        if room is None:
            raise Refused(Status.NOT_FOUND, "there is no such room", field="room")
        self._check_member(room.rid, session)
        return room.rid

    def _check_member(self, rid: int | None, session: Session) -> None:
        if rid is not None and not self._rooms.is_member(rid, session.uid):
            raise Refused(Status.FORBIDDEN, "you are not in this room", field="room")

    def _check_size(self, size: int, lx: str) -> None:
        """Require a size that is allowed (2), a type or none (100), an empty folder (2)."""
        # BEGIN SOLUTION 5.4
        if not 0 <= size <= self._max_size:
            text = f"got a size of {_shown(size)}, allowed are 0 to {self._max_size} bytes"
            raise Refused(NAME_OR_SIZE_REFUSED, text, field="size")
        if lx and not is_type(lx):
            raise Refused(Status.BAD_REQUEST, "lx is a MIME type, like image/png", field="lx")
        if lx == FOLDER_TYPE and size:
            raise Refused(NAME_OR_SIZE_REFUSED, "a folder has size 0", field="size")
        # END SOLUTION

    def _upload(self, session: Session, args: Args) -> Upload:
        upload = self._desk.find(args.text("upload"), session.uid)
        self._check_member(upload.transfer.offer.rid, session)
        return upload

    def _file(self, args: Args) -> FileRow:
        row = self._table.find(args.integer("uid"))
        if row is None:
            raise Refused(Status.NOT_FOUND, "there is no such file", field="uid")
        return row

    def _sweep(self) -> None:
        while True:
            try:
                self._desk.sweep()
            except StorageUnavailable as error:
                LOG.warning("cannot clean up now: %s", error.reason)
            if self._ended.wait(SWEEP_SECONDS):
                return


def _entry(row: FileRow) -> Data:
    """Return a file as LIST shows it."""
    return {
        "uid": row.uid,
        "filename": row.filename,
        "path": row.path,
        "size": row.size,
        "md5": row.md5,
        "lx": row.lx,
        "own": row.own,
        "data": row.data,
    }


def _md5(args: Args) -> str:
    text = args.text("md5")
    if _MD5.fullmatch(text) is None:
        raise Refused(Status.BAD_REQUEST, "md5 must be 32 hexadecimal digits", field="md5")
    return text.lower()


def _require(field: str, reason: str | None) -> None:
    """Raise the refusal (2) of a name that breaks its rule."""
    if reason is not None:
        raise Refused(NAME_OR_SIZE_REFUSED, REASONS[reason], field=field)


def _shown(number: int) -> str:
    """Return a number for a message; it may have thousands of digits."""
    return str(number) if abs(number) < 2**64 else "a number of that size"
