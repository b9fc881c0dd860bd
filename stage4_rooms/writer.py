"""The history writer: one thread that commits many messages at once, then tells the world.

A disk can promise durability a few thousand times a second; a commit of a hundred messages costs
little more than a commit of one. So whoever speaks hands a draft to the writer and gets a Future,
the writer commits whatever has gathered, publishes it in order, and only then fulfils the Futures.
Nobody ever sees a message that is not on the disk.
"""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field

from stage1_echo import LOG
from stage2_protocol import Data, Peer
from stage3_auth import Duplicate, StorageUnavailable

from .history import HistoryStore, Stored
from .places import Place

MAX_BATCH = 500
# A server that is asked to end has 5 seconds for everything; what is not written is not answered.
STOP_SECONDS = 1.5
# So often we look what became of a commit whose answer was lost, while nobody says anything.
DOUBT_SECONDS = 0.2


@dataclass
class Draft:
    """A message that somebody has said and that has no number yet."""

    place: Place
    sender: int
    cid: str
    text: str
    peer: Peer | None  # the connection that said it: it gets the answer, not the push
    answer: Future[Data] = field(default_factory=Future)


@dataclass(frozen=True)
class Posted:
    """A message that is durable now, on its way to its readers."""

    message: Stored
    peer: Peer | None


Publish = Callable[[Sequence[Posted]], None]


class HistoryWriter:
    """Gives each place its sequence numbers; the only writer of the message table.

    ``publish`` is called on the writer's thread with what a commit made durable, in order.
    """

    def __init__(self, store: HistoryStore, publish: Publish, clock: Callable[[], float]) -> None:
        self._store = store
        self._publish = publish
        self._clock = clock
        self._last: dict[Place, int] = {}  # the last seq of a place, as published
        self._doubtful: set[Place] = set()  # a commit failed: it may have happened or not
        self._drafts: list[Draft] = []  # guarded by _filled
        self._ended = False
        self._filled = threading.Condition()
        self._thread = threading.Thread(target=self._run, name="history writer", daemon=True)

    def start(self) -> None:
        """Begin to write."""
        self._thread.start()

    def stop(self) -> None:
        """Write what is waiting, then end; a database that hangs is not waited for."""
        with self._filled:
            self._ended = True
            self._filled.notify()
        if self._thread.is_alive():
            self._thread.join(STOP_SECONDS)

    def submit(self, draft: Draft) -> Future[Data]:
        """Hand over a draft; the Future holds its seq and time once it is durable."""
        with self._filled:
            self._drafts.append(draft)
            if len(self._drafts) == 1:
                self._filled.notify()
        return draft.answer

    def _run(self) -> None:
        while (batch := self._next_batch()) is not None:
            try:
                if batch:
                    self._write(batch)
                else:
                    self._settle_doubts()
            except Exception as error:  # every Future must be fulfilled, or its client waits
                if not isinstance(error, StorageUnavailable):
                    LOG.exception("the history writer failed")
                self._doubtful.update(draft.place for draft in batch)
                for draft in batch:
                    if not draft.answer.done():
                        draft.answer.set_exception(error)

    def _next_batch(self) -> list[Draft] | None:
        """Return the drafts that wait; none when it is time to look at doubts, None at the end."""
        with self._filled:
            while not self._drafts and not self._ended:
                if not self._filled.wait(DOUBT_SECONDS if self._doubtful else None):
                    return []
            batch, self._drafts = self._drafts[:MAX_BATCH], self._drafts[MAX_BATCH:]
            return batch or None

    def _write(self, batch: list[Draft]) -> None:
        """Make these drafts messages: durable first, then published, then answered, in order.

        A draft whose (sender, cid) is stored already, or stands twice in ``batch``, makes no second
        message; its answer is that of the first. Raises what the store raises; then nothing was
        published and no answer given.
        """
        # BEGIN SOLUTION 4.3
        if self._doubtful:
            self._settle_doubts()
        first = {(d.sender, d.cid): d for d in reversed(batch)}  # of two copies the earlier one
        known: dict[tuple[int, str], Stored] = {}
        drafts = [d for d in batch if first[d.sender, d.cid] is d]
        posted = self._number(drafts, known)
        try:
            self._store.append([p.message for p in posted])
        except Duplicate:
            # Something here was said before, which is rare: only now it is worth a look.
            known = self._store.by_cid(first)
            posted = self._number(drafts, known)
            self._commit([p.message for p in posted])
        self._publish(posted)
        for entry in posted:
            self._last[entry.message.place] = entry.message.seq
            known[entry.message.sender, entry.message.cid] = entry.message
        for draft in batch:
            message = known[draft.sender, draft.cid]
            draft.answer.set_result({"seq": message.seq, "time": message.time})
        # END SOLUTION

    def _number(self, drafts: list[Draft], known: dict[tuple[int, str], Stored]) -> list[Posted]:
        """Give each draft the next number of its place; those in ``known`` are left out."""
        # BEGIN SOLUTION 4.3
        now = self._clock()
        next_seq: dict[Place, int] = {}
        posted: list[Posted] = []
        for draft in drafts:
            if (draft.sender, draft.cid) in known:
                continue  # said before: the first answer counts
            seq = next_seq.get(draft.place) or self._last_of(draft.place) + 1
            next_seq[draft.place] = seq + 1
            message = Stored(draft.place, seq, draft.sender, draft.cid, draft.text, now)
            posted.append(Posted(message, draft.peer))
        return posted
        # END SOLUTION

    def _commit(self, messages: list[Stored]) -> None:
        if not messages:
            return
        try:
            self._store.append(messages)
        except Duplicate as error:
            # Another writer has been at this table: ours is not the only server on it.
            raise StorageUnavailable(f"a number was taken: {error}") from error

    def _last_of(self, place: Place) -> int:
        if place not in self._last:
            self._last[place] = self._store.last_seq(place)
        return self._last[place]

    def _settle_doubts(self) -> None:
        """Find out what became of commits whose answer was lost, and publish what did happen."""
        # BEGIN SOLUTION 4.7
        for place in sorted(self._doubtful):
            if place in self._last:
                found = self._store.stored_after(place, self._last[place])
                self._publish([Posted(message, None) for message in found])
                if found:
                    self._last[place] = found[-1].seq
            self._doubtful.discard(place)
        # END SOLUTION
