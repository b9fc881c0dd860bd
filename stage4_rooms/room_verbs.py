"""The verbs about rooms: ROOMS, CREATE, JOIN, LEAVE, WHO, TOPIC."""

from collections.abc import Callable
from contextlib import AbstractContextManager

from stage2_protocol import Args, Data, Peer, Refused, Status, Verb, fit_page

from .directory import Directory
from .errors import RoomExists
from .history import HistoryStore
from .hub import Hub
from .places import check_room_name, check_topic, room_place
from .room_store import Room, RoomStore
from .turns import Turns

ROOMS, CREATE, JOIN, LEAVE = 11, 12, 13, 14
WHO, TOPIC = 18, 20

LIST_PAGE = 500
# Each device that enters is put into all of them.
MAX_ROOMS_OF_USER = 2000


class RoomVerbs:
    """What can be asked about rooms."""

    def __init__(
        self,
        hub: Hub,
        rooms: RoomStore,
        directory: Directory,
        history: HistoryStore,
        turns: Turns,
        clock: Callable[[], float],
    ) -> None:
        self._hub = hub
        self._rooms = rooms
        self._directory = directory
        self._history = history
        self._turns = turns
        self._clock = clock

    def verbs(self) -> list[Verb]:
        """Return the rows for the service's table."""
        return [
            Verb(ROOMS, "ROOMS", self._list),
            Verb(CREATE, "CREATE", self._create, turn=self._turn),
            Verb(JOIN, "JOIN", self._join, turn=self._turn),
            Verb(LEAVE, "LEAVE", self._leave, turn=self._turn),
            Verb(WHO, "WHO", self._who),
            Verb(TOPIC, "TOPIC", self._topic),
        ]

    def _turn(self, peer: Peer, _args: Args) -> AbstractContextManager[object]:
        """One after the other for one user, so that all devices and the table agree in the end."""
        return self._turns.of(self._hub.session(peer).uid)

    def _list(self, peer: Peer, args: Args) -> Data:
        limit, uid = args.page_size(LIST_PAGE), self._hub.session(peer).uid
        found = self._rooms.page_of_rooms(args.optional_text("after") or "", limit + 1)
        rows = [
            {"room": name, "topic": topic, "members": members}
            | ({"mine": True} if owner == uid else {})
            for name, topic, owner, members in found[:limit]
        ]
        page = fit_page(rows)
        return {"rooms": page, "more": len(page) < len(found)}

    def _create(self, peer: Peer, args: Args) -> None:
        """Make a room; whoever made it owns it and is in it."""
        # BEGIN SOLUTION 4.2
        session = self._hub.session(peer)
        name, topic = args.text("room"), args.optional_text("topic") or ""
        _require("room", check_room_name(name))
        _require("topic", check_topic(topic))
        self._require_free_place(session.uid)
        try:
            room = self._rooms.create(name, topic, session.uid, self._clock())
        except RoomExists as error:
            raise Refused(3, str(error), field="room") from error
        self._directory.remember_room(room)
        self._hub.join(peer, session, room.rid, room.name)
        # END SOLUTION

    def _join(self, peer: Peer, args: Args) -> Data:
        """Become a member; once more is fine."""
        # BEGIN SOLUTION 4.2
        session = self._hub.session(peer)
        room = self._fresh_room(args)
        if not self._hub.is_in(peer, room.rid):
            self._require_free_place(session.uid)
            # The database may know of it: the answer to an earlier JOIN may have been lost.
            self._rooms.add_member(room.rid, session.uid)
            self._hub.join(peer, session, room.rid, room.name)
        return {
            "room": room.name,  # as it is written: the caller may have typed it in other letters
            "topic": room.topic,
            "members": self._rooms.count_members(room.rid),
            "last_seq": self._history.last_seq(room_place(room.rid)),
        }
        # END SOLUTION

    def _leave(self, peer: Peer, args: Args) -> None:
        """Be a member no longer."""
        # BEGIN SOLUTION 4.2
        session = self._hub.session(peer)
        room = room_entered(self._hub, self._directory, peer, args)
        self._rooms.remove_member(room.rid, session.uid)
        self._hub.part(peer, session, room.rid, room.name)
        # END SOLUTION

    def _who(self, peer: Peer, args: Args) -> Data:
        if args.flag("talks"):
            return self._talks(peer, args)
        viewer = self._hub.session(peer).uid
        limit, after = args.page_size(LIST_PAGE), args.optional_text("after") or ""
        if args.optional_text("room") is None:
            found = [row for row in self._hub.visible() if row[0] > after]
        else:
            room = room_entered(self._hub, self._directory, peer, args)
            members = self._rooms.page_of_members(room.rid, after, limit + 1)
            found = [(name, self._hub.state_seen_by(viewer, uid)) for uid, name in members]
        page = fit_page([{"user_name": n, "state": s} for n, s in found[:limit]])
        return {"users": page, "more": len(page) < len(found)}

    def _talks(self, peer: Peer, args: Args) -> Data:
        """Those whom one has exchanged private messages with, there or not, in a room or not."""
        if args.optional_text("room") is not None:
            raise Refused(Status.BAD_REQUEST, "got room and talks, allowed is one of them")
        uid = self._hub.session(peer).uid
        limit, after = args.page_size(LIST_PAGE), args.optional_text("after") or ""
        found = self._history.page_of_talks(uid, after, limit + 1)
        rows = [
            {
                "user_name": talk.user_name,
                "state": self._hub.state_seen_by(uid, talk.uid),
                "last_seq": talk.last_seq,
                "time": talk.time,
            }
            for talk in found[:limit]
        ]
        page = fit_page(rows)
        return {"users": page, "more": len(page) < len(found)}

    def _topic(self, peer: Peer, args: Args) -> None:
        """Say what a room is about; its owner may."""
        # BEGIN SOLUTION 4.2
        session = self._hub.session(peer)
        room = self._fresh_room(args)
        if room.owner != session.uid:
            raise Refused(Status.FORBIDDEN, f"only its owner sets the topic of {room.name}")
        topic = args.text("topic")
        _require("topic", check_topic(topic))
        self._rooms.set_topic(room.rid, topic)
        # END SOLUTION

    def _fresh_room(self, args: Args) -> Room:
        name = args.text("room")
        return self._rooms.find(name) or _no_room(name)

    def _require_free_place(self, uid: int) -> None:
        if self._rooms.count_rooms_of(uid) >= MAX_ROOMS_OF_USER:
            raise Refused(
                Status.FORBIDDEN, f"a user is in at most {MAX_ROOMS_OF_USER} rooms: leave one first"
            )


def room_entered(hub: Hub, directory: Directory, peer: Peer, args: Args) -> Room:
    """Return the room in ``args``; raises Refused: 104 there is none, 103 not a member."""
    # BEGIN SOLUTION 4.2
    name = args.text("room")
    room = directory.room(name) or _no_room(name)
    if not hub.is_in(peer, room.rid):
        raise Refused(Status.FORBIDDEN, f"you are not in the room {room.name}", field="room")
    return room
    # END SOLUTION


def _no_room(name: str) -> Room:
    raise Refused(Status.NOT_FOUND, f"there is no room {name[:64]}", field="room")


def _require(field: str, reason: str | None) -> None:
    """Raise the refusal (2) of a field that breaks its rule."""
    if reason is not None:
        raise Refused(2, reason, field=field)
