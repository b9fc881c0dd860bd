"""The chat service: enter, rooms, messages, presence (ops 10 to 20, pushes 100 to 102)."""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager

from stage2_protocol import (
    Args,
    BodyVerb,
    Data,
    Peer,
    Refused,
    Service,
    Status,
    Verb,
    fit_page,
)
from stage3_auth import AccountStore, Database, SessionChecker, SessionStore

from .directory import Directory
from .history import HistoryStore
from .hub import Hub
from .places import CID_LENGTH, ROOM_NAME_LENGTH, TEXT_LENGTH, TOPIC_LENGTH
from .rate import RateLimit
from .room_store import RoomStore
from .room_verbs import LIST_PAGE, MAX_ROOMS_OF_USER, RoomVerbs
from .roster import State
from .talk_verbs import HISTORY_PAGE, TalkVerbs
from .turns import Turns
from .watch import SessionWatch
from .writer import HistoryWriter

ENTER, PRESENCE = 10, 19
FIRST_OP_INSIDE, LAST_OP_INSIDE = 11, 20

CHOSEN_STATES = {s.value: s for s in State if s is not State.OFFLINE}


class ChatService(Service):
    """Rooms over the wire; ``limited`` turns rate limits on."""

    name = "chat"

    def __init__(
        self,
        database: Database,
        *,
        limited: bool = True,
        clock: Callable[[], float] = time.time,
    ) -> None:
        super().__init__(clock)
        # BEGIN SOLUTION 4.1
        self.limits |= {
            "text": TEXT_LENGTH,
            "topic": TOPIC_LENGTH,
            "room": ROOM_NAME_LENGTH,
            "cid": CID_LENGTH,
            "history": HISTORY_PAGE,
            "list": LIST_PAGE,
        }
        # END SOLUTION
        sessions = SessionStore(database)
        self._checker = SessionChecker(sessions, clock)
        self._rooms = RoomStore(database)
        directory = Directory(self._rooms, AccountStore(database))
        self._hub = Hub(directory, self._checker)
        history = HistoryStore(database)
        self._writer = HistoryWriter(history, self._hub.publish, clock)
        self._watch = SessionWatch(self._hub, sessions, clock)
        rate = RateLimit() if limited else None
        self._turns = Turns()
        self.add(
            Verb(ENTER, "ENTER", self._enter, turn=self._entering),
            Verb(PRESENCE, "PRESENCE", self._presence),
            *RoomVerbs(self._hub, self._rooms, directory, history, self._turns, clock).verbs(),
            *TalkVerbs(self._hub, directory, history, self._writer, rate).verbs(),
        )

    def started(self) -> None:
        """Start the writer and the session watch."""
        self._writer.start()
        self._watch.start()

    def stopped(self) -> None:
        """Write what is waiting, then end."""
        self._watch.stop()
        self._writer.stop()

    def closed(self, peer: Peer) -> None:
        """Take a lost connection out of the roster; losing a connection is not LEAVE."""
        self._hub.leave(peer)

    def check(self, peer: Peer, verb: Verb | BodyVerb) -> None:
        """Require a live session for everything inside (Refused 102), at every request."""
        # BEGIN SOLUTION 4.1
        if FIRST_OP_INSIDE <= verb.op <= LAST_OP_INSIDE:
            self._hub.session(peer)
        # END SOLUTION

    def _entering(self, _peer: Peer, args: Args) -> AbstractContextManager[object]:
        return self._turns.of(self._checker.check(args.text("token")).uid)

    def _enter(self, peer: Peer, args: Args) -> Data:
        """Let a connection in as the user of its token, into the rooms joined earlier."""
        # BEGIN SOLUTION 4.1
        session = self._checker.check(args.text("token"))
        limit, after = args.page_size(MAX_ROOMS_OF_USER), args.optional_text("after") or ""
        rooms = self._rooms.rooms_of(session.uid)
        self._hub.enter(peer, session, [room.rid for room in rooms])
        peer.trusted = True
        names = [room.name for room in rooms if room.name > after]
        page = fit_page(names[:limit])
        return {
            "uid": session.uid,
            "user_name": session.user_name,
            "rooms": page,
            "more": len(page) < len(names),
        }
        # END SOLUTION

    def _presence(self, peer: Peer, args: Args) -> None:
        """Set how the user looks to others; one of ``CHOSEN_STATES``, else 100."""
        # BEGIN SOLUTION 4.8
        asked = args.text("state")
        state = CHOSEN_STATES.get(asked)
        if state is None:
            allowed = ", ".join(CHOSEN_STATES)
            raise Refused(
                Status.BAD_REQUEST, f"got state {asked[:20]}, allowed are {allowed}", field="state"
            )
        self._hub.set_state(self._hub.session(peer).uid, state)
        # END SOLUTION
