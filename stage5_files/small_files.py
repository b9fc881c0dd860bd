"""Many small files on one connection, without waiting for each answer before the next request.

A small file costs little but its three round trips and its sync. So files go in groups, and what
finishes together the server syncs together. Answers come in the order of the requests: an offer
behind a FINISH is answered when that file is durable. So offers run some groups ahead, and the
bytes of a group never wait for the disk that an earlier one is on its way to.

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

from stage1_echo import CourseError
from stage2_protocol import ClientConnection, Data, Fields, MessageError

from .file_info import number_in
from .hashing import new_md5
from .local_files import LocalFile
from .memory import Notes
from .pool import ConnectionPool
from .service import CANCEL, FINISH, OFFER, SEND
from .uploading import offer_of, state_of
from .watch import Watch

LARGEST_SMALL = 64 * 1024
GROUP = 64
LEAD = 4  # groups that are offered before their bytes are sent, and sent before they are durable


@dataclass
class _Small:
    """One file on its way; ``content`` is None before it is sent, and behind it."""

    file: LocalFile
    offered: Future[Data]
    content: bytes | None = None
    state: list[int] | None = None
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
        offered: deque[list[_Small]] = deque()
        sent: deque[list[_Small]] = deque()
        with self._lent:
            for group in (*groups, *[()] * (2 * LEAD)):  # the empty ones bring the rest
                if self._watch.stops:
                    for rest in offered:
                        self._drop(rest)
                    for rest in sent:
                        yield from self._results(rest)
                    self._watch.check()
                offered.append(self._offer(group))
                if len(offered) > LEAD:
                    sent.append(self._send(offered.popleft()))
                if len(sent) > LEAD:
                    yield from self._results(sent.popleft())

    def _offer(self, files: Sequence[LocalFile]) -> list[_Small]:
        offers = [(OFFER, offer_of(file, self._token, self._room), b"") for file in files]
        return [_Small(*pair) for pair in zip(files, self._ask(offers), strict=True)]

    def _send(self, group: list[_Small]) -> list[_Small]:
        """Send the bytes of a group, and ask that they become files; return the group."""
        begun = [small for small in group if self._is_open(small)]
        # Noted before anything can become a file: a kill from here on leaves nothing twice.
        self._notes.write_all(
            {s.file.full_name: {"upload": s.upload, "state": s.state} for s in begun}
        )
        requests: list[tuple[int, Data, bytes]] = []
        for small in begun:
            content, small.content = small.content or b"", None
            args = {"token": self._token, "upload": small.upload}
            if content:
                requests.append((SEND, {**args, "offset": 0}, content))
            requests.append((FINISH, {**args, "md5": new_md5(content).hexdigest()}, b""))
        answers = zip(requests, self._ask(requests), strict=True)
        finished = [answer for (op, _args, _body), answer in answers if op == FINISH]
        for small, answer in zip(begun, finished, strict=True):
            small.finished = answer
        return group

    def _is_open(self, small: _Small) -> bool:
        """Read a file; tell whether it is as it was listed and the server waits for its bytes."""
        small.content, small.state = _read(small.file)
        answer = _result(small.offered)
        if small.content is None:
            self._drop([small])
        elif isinstance(upload := answer.get("upload"), str):
            small.upload = upload
            return True
        return False

    def _results(self, group: list[_Small]) -> Iterator[tuple[LocalFile, int | None]]:
        uids = {small.file.full_name: _uid(_result(small.finished)) for small in group}
        self._notes.write_all({name: {"uid": uid} for name, uid in uids.items() if uid})
        for small in group:
            yield small.file, uids[small.file.full_name]

    def _drop(self, group: list[_Small]) -> None:
        """Cancel what was offered and will not be sent."""
        uploads = [_result(small.offered).get("upload") for small in group]
        self._ask([(CANCEL, {"token": self._token, "upload": u}, b"") for u in uploads if u])

    def _ask(self, requests: Sequence[tuple[int, Data, bytes]]) -> list[Future[Data]]:
        """Send requests, (op, args, body) each; what goes wrong is in the answers."""
        try:
            if self._connection is None or not self._connection.is_open:
                self._lent.close()
                self._connection = self._lent.enter_context(self._pool.connection())
            return self._connection.submit_all(requests)
        except CourseError as error:
            return [_failed(error) for _ in requests]


def _failed(error: CourseError) -> Future[Data]:
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


def _uid(answer: Data) -> int | None:
    """Return the file that an answer tells of, if it does."""
    try:
        return number_in(Fields(answer, "the answer to FINISH"), "uid")
    except MessageError:
        return None


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
