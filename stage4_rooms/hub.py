"""The hub: who has entered, and how pushes find them.

One lock guards the roster. It is never held while the database works; pushes are queued under it
(that never blocks), so that all members see joins, leaves and messages in one order.
"""

import threading
from collections.abc import Callable, Iterable, Sequence
from functools import partial

from stage2_protocol import Data, Peer, Refused, Status, encode_push
from stage3_auth import Session, SessionChecker, not_logged_in

from .delivery import Frames, by_place
from .directory import Directory
from .places import people_of, room_of
from .roster import Person, Roster, State
from .writer import Posted

PRESENCE_PUSH, MEMBERS_PUSH = 101, 102


class Hub:
    """The connections that have entered; all methods may be called from any thread."""

    def __init__(self, directory: Directory, checker: SessionChecker) -> None:
        self._directory = directory
        self._checker = checker
        self._lock = threading.Lock()
        self._roster: Roster[Peer] = Roster()
        self._sessions: dict[Peer, Session] = {}

    # Who speaks

    def session(self, peer: Peer) -> Session:
        """Return the session that ``peer`` entered with, if it is still live (else Refused 102)."""
        # BEGIN SOLUTION 4.1
        session = self._sessions.get(peer)
        if session is None:
            raise not_logged_in()
        try:
            return self._checker.check(session.token)
        except Refused as error:
            if error.status == Status.NOT_LOGGED_IN:
                self.leave(peer, session.token)
            raise
        # END SOLUTION

    def tokens(self) -> dict[Peer, str]:
        """Return the token of every connection that has entered."""
        with self._lock:
            return {peer: session.token for peer, session in self._sessions.items()}

    # Coming and going

    def enter(self, peer: Peer, session: Session, rooms: Iterable[int]) -> None:
        """Let a connection in; raises Refused (103) when it has entered as somebody else.

        ``rooms`` are looked up, and this is called, within one turn of the user (``Turns``).
        """
        # BEGIN SOLUTION 4.1
        with self._lock:
            before = self._sessions.get(peer)
            if before is not None and before.uid != session.uid:
                raise Refused(
                    Status.FORBIDDEN, f"this connection has entered as {before.user_name}"
                )
            self._sessions[peer] = session
            if before is None and self._roster.enter(
                peer, session.uid, session.user_name, set(rooms)
            ):
                self._tell_presence(self._roster.person(peer), State.ONLINE)
        # END SOLUTION

    def leave(self, peer: Peer, token: str | None = None) -> None:
        """Forget a connection: it gets no more pushes. Membership of rooms stays.

        With ``token`` only while that is what it entered with: it may have entered anew meanwhile.
        """
        # BEGIN SOLUTION 4.8
        with self._lock:
            session = self._sessions.get(peer)
            if session is None or token not in (None, session.token):
                return
            del self._sessions[peer]
            person = self._roster.leave(peer)
            if person is not None and person.state.as_seen() is not State.OFFLINE:
                self._tell_presence(person, State.OFFLINE)
        # END SOLUTION

    def set_state(self, uid: int, state: State) -> None:
        """Set a person's state and tell those who share a room, if it looks different to them."""
        # BEGIN SOLUTION 4.8
        with self._lock:
            devices = self._roster.devices_of(uid)
            if devices and self._roster.set_state(uid, state):
                self._tell_presence(self._roster.person(devices[0][0]), state.as_seen())
        # END SOLUTION

    # Rooms

    def is_in(self, peer: Peer, rid: int) -> bool:
        """Tell whether the person at ``peer`` is a member of a room."""
        person = self._roster.person(peer)
        return person is not None and rid in person.rooms

    def join(self, peer: Peer, session: Session, rid: int, room: str) -> None:
        """Put a member's devices into a room and tell the others, once."""
        # BEGIN SOLUTION 4.2
        with self._lock:
            if self._roster.join(session.uid, rid):
                data = {"room": room, "joined": session.user_name}
                self._tell_members(peer, data, self._roster.devices_in(rid))
        # END SOLUTION

    def part(self, peer: Peer, session: Session, rid: int, room: str) -> None:
        """Take a member's devices out of a room and tell the others, once."""
        # BEGIN SOLUTION 4.2
        with self._lock:
            inside = self._roster.devices_in(rid)
            if self._roster.part(session.uid, rid):
                self._tell_members(peer, {"room": room, "left": session.user_name}, inside)
        # END SOLUTION

    # Who is there

    def state_seen_by(self, viewer: int, uid: int) -> str:
        """Return the state of a user as ``viewer`` sees it; one sees oneself as one is."""
        with self._lock:
            return self._roster.state_of(uid, to_self=viewer == uid).value

    def visible(self) -> list[tuple[str, str]]:
        """Return (name, state) of everybody who is not offline to others, by name."""
        with self._lock:
            return sorted((p.name, p.state.value) for p in self._roster.visible())

    # Messages

    def publish(self, posted: Sequence[Posted]) -> None:
        """Push durable messages to everybody who may read them."""
        # BEGIN SOLUTION 4.3
        for place, entries in by_place(posted).items():
            pair = people_of(place)
            if pair is None:
                where = {"room": self._directory.room_name(room_of(place))}
                self._deliver(entries, where, partial(self._roster.devices_in, room_of(place)))
            else:
                self._publish_to_pair(entries, pair)
        # END SOLUTION

    def _publish_to_pair(self, entries: Sequence[Posted], pair: tuple[int, int]) -> None:
        """Push to both people; each push names the other one as ``with``."""
        # BEGIN SOLUTION 4.5
        for reader, other in {pair, pair[::-1]}:
            where = {"with": self._directory.user_name(other)}
            self._deliver(entries, where, partial(self._roster.devices_of, reader))
        # END SOLUTION

    def _deliver(
        self,
        entries: Sequence[Posted],
        where: Data,
        readers: Callable[[], Sequence[tuple[Peer, int]]],
    ) -> None:
        senders = [self._directory.user_name(e.message.sender) for e in entries]
        frames = Frames(entries, where, senders)
        with self._lock:
            frames.deliver(readers())

    def _tell_presence(self, person: Person[Peer] | None, state: State) -> None:
        if person is not None:
            frame = encode_push(PRESENCE_PUSH, {"user_name": person.name, "state": state.value})
            for peer in self._roster.sharing_a_room(person):
                peer.push(frame)

    def _tell_members(self, actor: Peer, data: Data, devices: Iterable[tuple[Peer, int]]) -> None:
        frame = encode_push(MEMBERS_PUSH, data)
        for peer, _uid in devices:
            if peer is not actor:
                peer.push(frame)
