"""One upload, from this side: offer, send, finish; after a cut it goes on where the server is."""

import contextlib
import os
import time
from collections import deque
from concurrent.futures import Future
from typing import BinaryIO

from stage2_protocol import ClientConnection, ConnectionLost, Data, Fields, Refused, Status

from .errors import WRONG_MD5, FileChanged, TransferPaused
from .file_info import number_in
from .hashing import EMPTY_MD5, FollowingMd5
from .local_files import LocalFile
from .memory import Notes
from .mime import FOLDER_TYPE
from .pool import ConnectionPool
from .service import CANCEL, FINISH, OFFER, SEND
from .watch import FileWatch, Patience

# A piece should take about this long: small enough to show progress and to stop soon, large enough
# that the requests between pieces cost nothing.
PIECE_SECONDS = 0.2
SMALLEST_PIECE = 64 * 1024
LARGEST_PIECE = 8 * 1024 * 1024
PIECES_UNDER_WAY = 2


class Uploading:
    """Sends one local file; ``run`` returns its uid on the server.

    ``notes`` tell of an upload that was begun earlier: it goes on from the byte it reached.
    """

    def __init__(
        self,
        pool: ConnectionPool,
        token: str,
        file: LocalFile,
        room: str | None,
        watch: FileWatch,
        patience: float,
        notes: Notes,
    ) -> None:
        self._pool = pool
        self._token = token
        self._file = file
        self._room = room
        self._watch = watch
        self._patience = Patience(patience)
        self._notes = notes
        self._upload: str | None = None
        self._piece = 8 * SMALLEST_PIECE
        self._waiting: deque[Future[Data]] = deque()  # answers to pieces, in order

    def run(self) -> int:
        """Send the file.

        Raises Refused, ConnectionLost, MessageError, FileChanged, TransferCancelled,
        TransferPaused, OSError (it cannot be read).
        """
        source = self._file.source
        try:
            if source is None:
                uid = self._persist(None, None)
            else:
                with source.open("rb", buffering=0) as file:
                    uid = self._persist(file, FollowingMd5(source))
        except (ConnectionLost, TransferPaused):
            raise  # it may go on later
        except Refused as error:
            if error.status != Status.NOT_LOGGED_IN:  # then it may go on after the next login
                self._forget()
            raise
        except BaseException:
            self._forget()
            raise
        self._note({"uid": uid})
        return uid

    def _forget(self) -> None:
        """Cancel the upload: what arrived would only take room on the server."""
        if self._upload is not None:
            with contextlib.suppress(ConnectionLost, Refused):
                self._pool.request(CANCEL, self._args())
            self._note({})

    def _note(self, note: Data) -> None:
        self._notes.write(self._file.full_name, note)

    def _remembered(self, before: object) -> str | None:
        """Return the upload that an earlier run began, if the file is still the same."""
        note = self._notes.read(self._file.full_name)
        upload = note.get("upload")
        if upload is None or note.get("state") == before:
            return upload
        with contextlib.suppress(ConnectionLost, Refused):
            self._pool.request(CANCEL, {"token": self._token, "upload": upload})
        return None

    def _persist(self, file: BinaryIO | None, md5: FollowingMd5 | None) -> int:
        before = _state(file)
        self._upload = self._remembered(before)
        while True:
            self._watch.check()
            try:
                with self._pool.connection() as connection:
                    return self._attempt(connection, file, md5, before)
            except Refused as error:
                self._mend(error)
                self._patience.wait(error, self._watch)
            except ConnectionLost as error:
                if (refusal := self._refusal()) is not None:
                    self._mend(refusal)
                self._patience.wait(error, self._watch)

    def _mend(self, error: Refused) -> None:
        """Prepare for another try where one makes sense, else raise ``error``.

        It does where the server has forgotten the upload (from the beginning, then), and where it
        holds other bytes than we thought. Another md5 means FileChanged.
        """
        # BEGIN SOLUTION 5.11
        if error.status == WRONG_MD5:
            raise self._changed() from error
        if error.field == "upload" and error.status == Status.NOT_FOUND and self._upload:
            self._upload = None  # the server has forgotten it: from the beginning
        elif error.field != "offset":
            raise error
        # END SOLUTION

    def _refusal(self) -> Refused | None:
        """Return what the server said of a piece before it closed the connection, if anything."""
        for answer in self._waiting:
            if answer.done() and isinstance(error := answer.exception(), Refused):
                return error
        return None

    def _attempt(
        self,
        connection: ClientConnection,
        file: BinaryIO | None,
        md5: FollowingMd5 | None,
        before: object,
    ) -> int:
        """Offer, send what is missing, finish; return the uid. Nonsense raises MessageError.

        ``before`` is the state that the local file had at the beginning: it must not change. An
        empty folder is neither ``file`` nor ``md5``.
        """
        # BEGIN SOLUTION 5.11
        self._waiting.clear()
        offered = Fields(connection.request(OFFER, self._offer()), "the answer to OFFER")
        if "uid" in offered:
            return number_in(offered, "uid")
        if self._upload is None:
            self._upload = offered.text("upload")
            self._note({"upload": self._upload, "state": before})
        self._check_unchanged(file, before)
        if file is not None and md5 is not None:
            self._send(connection, file, md5, number_in(offered, "offset", self._file.size))
        self._check_unchanged(file, before)
        digest = EMPTY_MD5 if md5 is None else md5.hexdigest()
        # Not waiting for the answers to the last pieces saves a round trip for each file.
        finish = connection.submit(FINISH, self._args(md5=digest))
        self._take_answers(leave=0)
        return number_in(Fields(finish.result(), "the answer to FINISH"), "uid")
        # END SOLUTION

    def _send(
        self, connection: ClientConnection, file: BinaryIO, md5: FollowingMd5, offset: int
    ) -> None:
        """Send all from ``offset`` on; the answers to the last pieces are still under way then."""
        # BEGIN SOLUTION 5.11
        size = self._file.size
        self._watch.moved_to(offset)
        while offset < size:
            self._watch.check()
            length = min(self._piece, size - offset)
            started = time.monotonic()
            file.seek(offset)
            args = self._args(offset=offset)
            self._waiting.append(connection.submit(SEND, args, body=(file, length)))
            self._take_answers(leave=PIECES_UNDER_WAY)
            self._fit_piece(time.monotonic() - started)
            offset += length
            md5.grown_to(offset)  # the hash follows behind, while the bytes move
        # END SOLUTION

    def _take_answers(self, *, leave: int) -> None:
        """Wait for answers to pieces until only ``leave`` are under way; raises what went wrong."""
        # BEGIN SOLUTION 5.11
        while len(self._waiting) > leave:
            answer = Fields(self._waiting[0].result(), "the answer to SEND")
            received = number_in(answer, "received", self._file.size)
            self._waiting.popleft()
            self._patience.progressed()
            self._watch.moved_to(received)
        # END SOLUTION

    def _fit_piece(self, seconds: float) -> None:
        if seconds < PIECE_SECONDS / 2:
            self._piece = min(self._piece * 2, LARGEST_PIECE)
        elif seconds > PIECE_SECONDS * 2:
            self._piece = max(self._piece // 2, SMALLEST_PIECE)

    def _offer(self) -> Data:
        return {**offer_of(self._file, self._token, self._room), "upload": self._upload}

    def _args(self, **more: object) -> Data:
        return {"token": self._token, "upload": self._upload, **more}

    def _check_unchanged(self, file: BinaryIO | None, before: object) -> None:
        if _state(file) != before or (file and _size(file) != self._file.size):
            raise self._changed()

    def _changed(self) -> FileChanged:
        return FileChanged(
            f"{self._file.full_name}: other bytes arrived than were to be sent; it was changed "
            "meanwhile, or damaged on the way"
        )


def offer_of(file: LocalFile, token: str, room: str | None) -> Data:
    """Return the arguments of the first OFFER of a file."""
    offer = {
        "token": token,
        "filename": file.filename,
        "path": file.path,
        "size": file.size,
        "room": room,
    }
    return offer if file.source is not None else {**offer, "lx": FOLDER_TYPE}


def state_of(found: os.stat_result) -> list[int]:
    """Return what changes when somebody writes to a file, as a value of JSON."""
    return [found.st_size, found.st_mtime_ns]


def _state(file: BinaryIO | None) -> list[int] | None:
    return None if file is None else state_of(os.fstat(file.fileno()))


def _size(file: BinaryIO) -> int:
    return os.fstat(file.fileno()).st_size
