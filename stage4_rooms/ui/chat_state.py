"""What a chat window knows: talks, who is in them, who is there. A core: events in, values out."""

from collections.abc import Callable, Iterable

from stage2_protocol import Data
from stage3_auth import name_key

from ..events import (
    Arrived,
    Connected,
    Disconnected,
    Event,
    MembersChanged,
    NotSent,
    PresenceChanged,
    Sent,
    SessionEnded,
    Where,
)
from ..places import LOBBY
from .talk import Notice, Talk

OFFLINE = "offline"


class ChatState:
    """The state behind one chat window.

    ``seen(where)`` tells whether the person sees the newest message of a talk right now.
    """

    def __init__(
        self, own_name: str, clock: Callable[[], float], seen: Callable[[Where], bool]
    ) -> None:
        self.own_name = own_name
        self.talks: dict[Where, Talk] = {}
        self.topics: dict[str, str] = {}
        self.owned: set[str] = set()  # the rooms whose topic one may set
        self.members: dict[str, set[str]] = {}
        self.presence: dict[str, str] = {}
        self.connected: bool | None = None  # None until the first attempt is over
        self.trouble = ""  # why the connection is gone
        self._clock = clock
        self._seen = seen

    def apply(self, event: Event) -> None:
        """Take in what the chat client tells."""
        match event:
            case Connected():
                self._enter(event)
            case Disconnected(reason) | SessionEnded(reason):
                self.connected, self.trouble = False, reason
            case Arrived(message, earlier):
                seen = earlier or self._seen(message.where)
                talk = self.talk(message.where)
                talk.loaded = talk.loaded or earlier
                talk.arrive(message, seen=seen)
            case Sent(where, cid, seq) if where in self.talks:
                self.talks[where].sent(cid, seq)
            case NotSent(where, cid, reason) if where in self.talks:
                self.talks[where].refused(cid, reason)
            case PresenceChanged(name, state):
                self.presence[name] = state
            case MembersChanged():
                self._change_members(event)

    def talk(self, where: Where) -> Talk:
        """Return the talk in a place, a new one if need be."""
        return self.talks.setdefault(where, Talk(where, self.own_name))

    def places(self) -> tuple[list[Talk], list[Talk]]:
        """Return the rooms (the lobby first, then by name) and the people (the latest first)."""
        rooms = [talk for where, talk in self.talks.items() if where.is_room]
        people = [talk for where, talk in self.talks.items() if not where.is_room]
        rooms.sort(key=lambda talk: (talk.where.name != LOBBY, name_key(talk.where.name)))
        people.sort(key=lambda talk: (-talk.active_at, name_key(talk.where.name)))
        return rooms, people

    def home(self) -> Where:
        """Return where one goes when there is nowhere else: the lobby, or what there is."""
        rooms, people = self.places()
        return next((talk.where for talk in rooms + people), Where(LOBBY))

    def unread(self) -> int:
        """Return how many messages nobody has looked at, in all talks."""
        return sum(talk.unread for talk in self.talks.values())

    def state_of(self, user_name: str) -> str:
        """Return a person's state as far as it is known: online, away, busy or offline."""
        return self.presence.get(user_name, OFFLINE)

    def present_and_absent(self, room: str) -> tuple[list[str], list[str]]:
        """Return the members of a room who are there, and those who are not, by name."""
        names = sorted(self.members.get(room, ()), key=name_key)
        absent = [name for name in names if self.state_of(name) == OFFLINE]
        return [name for name in names if self.state_of(name) != OFFLINE], absent

    def people(self) -> list[str]:
        """Return everybody known but oneself, by name."""
        known = set(self.presence).union(*self.members.values()) - {self.own_name}
        return sorted(known, key=name_key)

    def known_name(self, typed: str) -> str:
        """Return a name as its owner writes it, if somebody known is meant."""
        key = name_key(typed)
        return next((name for name in self.people() if name_key(name) == key), typed)

    def set_members(self, room: str, users: Iterable[Data]) -> None:
        """Take in the answer to WHO."""
        states = {user["user_name"]: user["state"] for user in users}
        self.members[room] = set(states)
        self.presence.update(states)

    def leave(self, where: Where) -> None:
        """Forget a talk."""
        self.talks.pop(where, None)
        self.members.pop(where.name, None)

    def _enter(self, event: Connected) -> None:
        self.connected, self.trouble = True, ""
        for room in event.rooms:
            self.talk(Where(room))
        for where in [w for w in self.talks if w.is_room and w.name not in event.rooms]:
            self.leave(where)  # left on another device meanwhile

    def _change_members(self, event: MembersChanged) -> None:
        members = self.members.setdefault(event.room, set())
        (members.add if event.joined else members.discard)(event.user_name)
        talk = self.talks.get(Where(event.room))
        if talk is not None and event.user_name != self.own_name:
            talk.note(Notice(self._clock(), event.user_name, event.joined))
