"""Many small files on one connection, without waiting for each answer before the next request.

A small file costs little but its three round trips and its sync. So the offers of a group are
under way together, then its bytes and finishes, and the next group leaves before the answers to
these are here. The server syncs together what finishes together.

Only the smooth way is here. Whatever goes otherwise (a refusal, a file that changed, a cut) is left
to ``Uploading``, which takes one file at a time and knows what to do: the notes tell it what was
begun, so no file is stored twice.
"""

import os
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from contextlib import ExitStack
from dataclasses import dataclass
from io import BytesIO

from stage1_echo import CourseError
from stage2_protocol import ClientConnection, Data

from .hashing import new_md5
from .local_files import LocalFile
from .memory import Notes
from .pool import ConnectionPool
from .service import CANCEL, FINISH, OFFER, SEND
from .uploading import offer_of, state_of
from .watch import Watch

LARGEST_SMALL = 64 * 1024
GROUP = 64
GROUPS_UNDER_WAY = 2  # the server syncs one while the bytes of the next arrive


@dataclass
class _Small:
    """One file on its way; ``content`` is None when it cannot be read as it was listed."""

    file: LocalFile
    content: bytes | None
    state: list[int] | None
    offered: Future[Data]
    upload: str = ""
    finished: Future[Data] | None = None


class SmallFiles:
    """Sends small files of one call; the arguments are those of ``Uploading``."""

    def __init__(
        self, pool: ConnectionPool, token: str, room: str | None, watch: Watch, notes: Notes
    ) -> None:
        self._pool = pool
        self._token = token
        self._room = room
        self._watch = watch
        self._notes = notes
        self._lent = ExitStack()
        self._connection: ClientConnection | None = None

    @staticmethod
    def fits(file: LocalFile) -> bool:
        """Tell whether a file is one for this class."""
        return file.error is None and file.size <= LARGEST_SMALL

    def run(self, files: Sequence[LocalFile]) -> Iterator[tuple[LocalFile, int | None]]:
        """Send files and yield each with its uid, or with None when it is left to ``Uploading``.

        Raises TransferCancelled or TransferPaused between two groups.
        """
        groups = [files[start : start + GROUP] for start in range(0, len(files), GROUP)]
        under_way: deque[list[_Small]] = deque()
        with self._lent:
            for group in (*groups, *[()] * GROUPS_UNDER_WAY):  # the empty ones bring the rest
                stops = self._watch.stops
                offered = [] if stops else [self._offer(file) for file in group]
                while under_way and (stops or len(under_way) >= GROUPS_UNDER_WAY):
                    yield from self._results(under_way.popleft())
                if stops:
                    self._watch.check()
                self._send(offered)
                under_way.append(offered)

    def _offer(self, file: LocalFile) -> _Small:
        content, state = _read(file)
        offer = offer_of(file, self._token, self._room)
        return _Small(file, content, state, self._ask(OFFER, offer))

    def _send(self, group: list[_Small]) -> None:
        """Send the bytes of a group, and ask that they become files."""
        begun = [small for small in group if self._is_open(small)]
        # Noted before anything can become a file: a kill from here on leaves nothing twice.
        self._notes.write_all(
            {s.file.full_name: {"upload": s.upload, "state": s.state} for s in begun}
        )
        for small in begun:
            content = small.content or b""
            if content:
                args = {"token": self._token, "upload": small.upload, "offset": 0}
                self._ask(SEND, args, (BytesIO(content), len(content)))
            md5 = new_md5(content).hexdigest()
            args = {"token": self._token, "upload": small.upload, "md5": md5}
            small.finished = self._ask(FINISH, args)

    def _is_open(self, small: _Small) -> bool:
        answer = _result(small.offered)
        if small.content is None:
            self._drop([small])
        elif "upload" in answer:
            small.upload = str(answer["upload"])
            return True
        return False

    def _results(self, group: list[_Small]) -> Iterator[tuple[LocalFile, int | None]]:
        uids = {small.file.full_name: _result(small.finished).get("uid") for small in group}
        self._notes.write_all({name: {"uid": uid} for name, uid in uids.items() if uid})
        for small in group:
            yield small.file, uids[small.file.full_name]

    def _drop(self, group: list[_Small]) -> None:
        """Cancel what was offered and will not be sent."""
        for small in group:
            if "upload" in (answer := _result(small.offered)):
                self._ask(CANCEL, {"token": self._token, "upload": answer["upload"]})

    def _ask(self, op: int, args: Data, body: tuple[BytesIO, int] | None = None) -> Future[Data]:
        """Send a request; what goes wrong is in the answer."""
        try:
            if self._connection is None or not self._connection.is_open:
                self._lent.close()
                self._connection = self._lent.enter_context(self._pool.connection())
            return self._connection.submit(op, args, body=body)
        except CourseError as error:
            answer: Future[Data] = Future()
            answer.set_exception(error)
            return answer


def _result(answer: Future[Data] | None) -> Data:
    """Return an answer; empty when there is none, or a refusal, or a cut."""
    if answer is None:
        return {}
    try:
        return answer.result()
    except CourseError:
        return {}


def _read(file: LocalFile) -> tuple[bytes | None, list[int] | None]:
    """Return content and state of a file; None when it is not as it was listed."""
    if file.source is None:
        return b"", None
    try:
        with file.source.open("rb", buffering=0) as source:
            state = state_of(os.fstat(source.fileno()))
            content = source.read(LARGEST_SMALL + 1)
    except OSError:
        return None, None
    return (content, state) if content is not None and len(content) == file.size else (None, None)
