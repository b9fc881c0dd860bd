"""One talk as a window holds it: a stretch of messages without gaps, and what is on its way.

A talk may be years long. The window holds a stretch of it that slides: older pages are put before
it, newer ones behind, and the far end is let go when the stretch has become too long to draw.
A core: no I/O.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ..events import Message, Where

WINDOW = 300  # entries kept when a stretch is cut; to draw so many takes some 20 ms
SLACK = 100  # so many more may gather before it is cut


@dataclass(frozen=True)
class Notice:
    """Somebody joined or left the room, at a time in Unix seconds."""

    time: float
    user_name: str
    joined: bool


@dataclass(frozen=True)
class Pending:
    """A message of one's own that is not confirmed; ``reason`` is set when it was refused.

    ``seq`` is known between the answer of the server and its turn in the talk.
    """

    cid: str
    text: str
    time: float
    reason: str | None = None
    seq: int | None = None


Entry = Message | Notice


class Talk:
    """The talk in a room or with a person, seen by ``own_name``.

    Invariant: the messages among ``entries`` have consecutive seqs.
    """

    def __init__(self, where: Where, own_name: str) -> None:
        self.where = where
        self.entries: list[Entry] = []
        self.pending: dict[str, Pending] = {}
        self.unread = 0
        self.loaded = False  # whether its newest page was asked for
        self.reading_back = False  # whether the person looks at something further up
        self.first_unread: int | None = None  # where the line "new" stands
        self.active_at = 0.0  # time of the newest message
        self.own_name = own_name
        self._newest = 0  # the highest seq known of
        self._complete = False  # whether the server has nothing older
        self._guessed: dict[str, Pending] = {}

    # --- the stretch ---------------------------------------------------------------------------

    @property
    def first_seq(self) -> int:
        """The lowest seq held, 0 without messages."""
        return next((e.seq for e in self.entries if isinstance(e, Message)), 0)

    @property
    def last_seq(self) -> int:
        """The highest seq held, 0 without messages."""
        return next((e.seq for e in reversed(self.entries) if isinstance(e, Message)), 0)

    @property
    def at_newest(self) -> bool:
        """Whether the stretch reaches to the newest message."""
        return self.last_seq >= self._newest

    @property
    def has_older(self) -> bool:
        """Whether there are messages before the stretch: they are numbered from 1."""
        return self.first_seq > 1 and not self._complete

    def arrive(self, message: Message, *, seen: bool) -> None:
        """Take a message that came; ``seen`` tells whether the person sees it at once."""
        # BEGIN SOLUTION 4.12
        self.active_at = max(self.active_at, message.time)
        self._settle(message)
        if message.seq <= self._newest:
            return
        follows = self.at_newest
        self._newest = message.seq
        if message.sender == self.own_name:
            self.read()  # whoever answers, on another device perhaps, has seen what was there
        elif not seen:
            if not self.unread:
                self.first_unread = message.seq
            self.unread += 1
        if follows:
            self._append(message)
        # END SOLUTION

    def note(self, notice: Notice) -> None:
        """Put a notice behind what was said so far."""
        if self.at_newest:
            self._append(notice)

    def start_with(self, page: Sequence[Message]) -> None:
        """Hold the newest page, and what came while it was fetched."""
        self.loaded = True
        if page:
            self._newest = max(self._newest, page[-1].seq)
            self.active_at = max(self.active_at, page[-1].time)
        last = page[-1].seq if page else 0
        later = [e for e in self.entries if isinstance(e, Message) and e.seq > last]
        if later and page and later[0].seq != last + 1:
            later = []
        self.entries = [*page, *later]

    def put_before(self, page: Sequence[Message]) -> None:
        """Put an older page before the stretch, and let its far end go if it is too long."""
        if not page:
            self._complete = True
        elif page[-1].seq == self.first_seq - 1:
            self.entries[:0] = page
            del self.entries[WINDOW + SLACK :]

    def put_behind(self, page: Sequence[Message]) -> None:
        """Put a newer page behind the stretch, and let its far end go if it is too long."""
        if page and page[0].seq == self.last_seq + 1:
            self._newest = max(self._newest, page[-1].seq)
            self.entries += page
            del self.entries[: -(WINDOW + SLACK)]

    def read(self) -> None:
        """Everything that came has been seen."""
        self.unread = 0

    def _append(self, entry: Entry) -> None:
        if isinstance(entry, Message) and self.last_seq not in (0, entry.seq - 1):
            self.entries = []  # a gap: what is before it can be had by looking back
        if len(self.entries) >= WINDOW + SLACK:
            if self.reading_back:
                return  # the stretch ends here for now: what is looked at must not be cut away
            del self.entries[:-WINDOW]
        self.entries.append(entry)

    # --- one's own messages --------------------------------------------------------------------

    def send(self, pending: Pending) -> None:
        """Show a message of one's own that is on its way."""
        # BEGIN SOLUTION 4.12
        self.pending[pending.cid] = pending
        # END SOLUTION

    def sent(self, cid: str, seq: int) -> None:
        """The server has it, as number ``seq``."""
        # BEGIN SOLUTION 4.12
        self._guessed.pop(cid, None)
        pending = self.pending.get(cid)
        if pending is None:
            return
        if seq <= self._newest:
            del self.pending[cid]
        else:
            self.pending[cid] = replace(pending, seq=seq)
        # END SOLUTION

    def refused(self, cid: str, reason: str) -> None:
        """The server does not take it."""
        # BEGIN SOLUTION 4.12
        pending = self._guessed.pop(cid, None) or self.pending.get(cid)
        if pending is not None:
            self.pending[cid] = replace(pending, reason=reason)
        # END SOLUTION

    def again(self, cid: str) -> Pending | None:
        """Put a refused message on its way once more; return it."""
        # BEGIN SOLUTION 4.12
        pending = self.pending.pop(cid, None)
        if pending is None or pending.reason is None:
            return None
        self.pending[cid] = replace(pending, reason=None)
        return pending
        # END SOLUTION

    def discard(self, cid: str) -> None:
        """Forget a refused message."""
        # BEGIN SOLUTION 4.12
        self.pending.pop(cid, None)
        # END SOLUTION

    def _settle(self, message: Message) -> None:
        """Take away the pending message that has now arrived.

        After a cut it may arrive as history before its answer tells the number: then the oldest of
        the same text is meant. Should that guess be wrong, ``refused`` brings it back.
        """
        # BEGIN SOLUTION 4.12
        if message.sender != self.own_name:
            return
        for cid, pending in self.pending.items():
            if pending.seq == message.seq:
                del self.pending[cid]
                return
        for cid, pending in self.pending.items():
            if pending.text == message.text and pending.seq is None and pending.reason is None:
                self._guessed[cid] = self.pending.pop(cid)
                return
        # END SOLUTION
