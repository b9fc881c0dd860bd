"""The verbs of talking: SAY, WHISPER, HISTORY."""

import time
from concurrent.futures import Future

from stage2_protocol import Args, Data, Peer, Refused, Status, Verb, fit_page

from .directory import Directory
from .history import HistoryStore, Line
from .hub import Hub
from .places import CID_LENGTH, TEXT_LENGTH, Place, pair_place, room_place
from .rate import RateLimit
from .room_verbs import room_entered
from .writer import Draft, HistoryWriter

SAY, WHISPER, HISTORY = 15, 16, 17
HISTORY_PAGE = 200
LARGEST_SEQ = 2**63 - 1


class TalkVerbs:
    """What can be said, and read again; ``rate`` is None where limits are lifted."""

    def __init__(
        self,
        hub: Hub,
        directory: Directory,
        history: HistoryStore,
        writer: HistoryWriter,
        rate: RateLimit | None,
    ) -> None:
        self._hub = hub
        self._directory = directory
        self._history = history
        self._writer = writer
        self._rate = rate

    def verbs(self) -> list[Verb]:
        """Return the rows for the service's table."""
        return [
            Verb(SAY, "SAY", self._say, pipelined=True),
            Verb(WHISPER, "WHISPER", self._whisper, pipelined=True),
            Verb(HISTORY, "HISTORY", self._read),
        ]

    def _say(self, peer: Peer, args: Args) -> Future[Data]:
        """Say something in a room that one is in."""
        # BEGIN SOLUTION 4.3
        text, cid = _text(args), _cid(args)
        room = room_entered(self._hub, self._directory, peer, args)
        return self._submit(peer, room_place(room.rid), text, cid)
        # END SOLUTION

    def _whisper(self, peer: Peer, args: Args) -> Future[Data]:
        """Write to one person, there or not."""
        # BEGIN SOLUTION 4.5
        text, cid = _text(args), _cid(args)
        other = self._user(args, "to")
        return self._submit(peer, pair_place(self._hub.session(peer).uid, other), text, cid)
        # END SOLUTION

    def _submit(self, peer: Peer, place: Place, text: str, cid: str) -> Future[Data]:
        session = self._hub.session(peer)
        if self._rate is not None:
            wait = self._rate.wait(session.uid, time.monotonic())
            if wait > 0:
                raise Refused(
                    Status.TOO_MANY_REQUESTS, "too many messages at once", retry_after=wait
                )
        self._directory.remember_user(session.uid, session.user_name)
        return self._writer.submit(Draft(place, session.uid, cid, text, peer))

    def _read(self, peer: Peer, args: Args) -> Data:
        """Return a page of what was said in a place, ascending, and whether there is more."""
        # BEGIN SOLUTION 4.4
        place = self._place(peer, args)
        limit = args.page_size(HISTORY_PAGE)
        after, before = _seq(args, "after"), _seq(args, "before")
        if after is not None and before is not None:
            raise Refused(Status.BAD_REQUEST, "got before and after, allowed is one of them")
        if after is not None:
            lines = self._history.lines_after(place, after, limit + 1)
            page = fit_page([_row(line) for line in lines[:limit]])
        else:
            lines = self._history.lines_before(place, before, limit + 1)
            page = fit_page([_row(line) for line in lines[-limit:]], keep_last=True)
        return {"messages": page, "more": len(page) < len(lines)}
        # END SOLUTION

    def _place(self, peer: Peer, args: Args) -> Place:
        with_whom = args.optional_text("with")
        if (with_whom is None) == (args.optional_text("room") is None):
            raise Refused(Status.BAD_REQUEST, "history needs either room or with")
        if with_whom is None:
            return room_place(room_entered(self._hub, self._directory, peer, args).rid)
        return pair_place(self._hub.session(peer).uid, self._user(args, "with"))

    def _user(self, args: Args, field: str) -> int:
        found = self._directory.user(args.text(field))
        if found is None:
            raise Refused(1, "there is no such user", field=field)
        return found[0]


def _seq(args: Args, field: str) -> int | None:
    """Return a seq that databases can compare with; those outside mean the same as the ends."""
    asked = args.optional_integer(field)
    return None if asked is None else max(0, min(asked, LARGEST_SEQ))


def _text(args: Args) -> str:
    return _bounded(args, "text", TEXT_LENGTH)


def _cid(args: Args) -> str:
    return _bounded(args, "cid", CID_LENGTH)


def _bounded(args: Args, field: str, largest: int) -> str:
    text = args.text(field)
    if not text:
        raise Refused(Status.BAD_REQUEST, f"{field} must not be empty", field=field)
    if len(text) > largest:
        raise Refused(
            Status.TOO_LARGE,
            f"{field} has {len(text)} characters, allowed are {largest}",
            field=field,
        )
    return text


def _row(line: Line) -> Data:
    return {"seq": line.seq, "from": line.sender_name, "text": line.text, "time": line.time}
