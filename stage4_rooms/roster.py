"""The roster: who is connected, in which rooms, in which state. A core: values in, values out.

One person may have several devices, each with its connection (a peer); the person is online while
one of them is. Membership of a room outlives connections; the roster holds it for those who are
connected, the room store for everybody. The caller guards it with one lock.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from enum import Enum
from typing import Generic, TypeVar

P = TypeVar("P")


class State(Enum):
    """What others see of a person."""

    ONLINE = "online"
    AWAY = "away"
    BUSY = "busy"
    INVISIBLE = "invisible"  # for the person alone: others see OFFLINE
    OFFLINE = "offline"

    def as_seen(self) -> "State":
        """Return the state that others see."""
        return State.OFFLINE if self is State.INVISIBLE else self


@dataclass
class Person(Generic[P]):
    """Somebody with at least one connected device."""

    uid: int
    name: str
    rooms: set[int]
    peers: list[P] = field(default_factory=list)
    state: State = State.ONLINE


class Roster(Generic[P]):
    """Everybody who is connected; ``P`` is whatever stands for a connection."""

    def __init__(self) -> None:
        self._people: dict[int, Person[P]] = {}
        self._person_of: dict[P, Person[P]] = {}
        self._in_room: dict[int, dict[P, Person[P]]] = defaultdict(dict)

    def enter(self, peer: P, uid: int, name: str, rooms: set[int]) -> bool:
        """Add a device; True when it is the person's first, who thereby comes online."""
        # BEGIN SOLUTION 4.1
        person = self._people.get(uid)
        is_first = person is None
        if person is None:
            person = self._people[uid] = Person(uid, name, set(rooms))
        person.peers.append(peer)
        self._person_of[peer] = person
        for rid in person.rooms:
            self._in_room[rid][peer] = person
        return is_first
        # END SOLUTION

    def leave(self, peer: P) -> Person[P] | None:
        """Remove a device; return the person when it was the last one, who thereby goes offline."""
        # BEGIN SOLUTION 4.8
        person = self._person_of.pop(peer, None)
        if person is None:
            return None
        person.peers.remove(peer)
        for rid in person.rooms:
            self._drop(rid, peer)
        if person.peers:
            return None
        del self._people[person.uid]
        return person
        # END SOLUTION

    def join(self, uid: int, rid: int) -> bool:
        """Put all devices of a person into a room; False when they are there, or nowhere at all."""
        # BEGIN SOLUTION 4.2
        person = self._people.get(uid)
        if person is None or rid in person.rooms:
            return False
        person.rooms.add(rid)
        for peer in person.peers:
            self._in_room[rid][peer] = person
        return True
        # END SOLUTION

    def part(self, uid: int, rid: int) -> bool:
        """Take all devices of a person out of a room; False when they were not in it."""
        # BEGIN SOLUTION 4.2
        person = self._people.get(uid)
        if person is None or rid not in person.rooms:
            return False
        person.rooms.discard(rid)
        for peer in person.peers:
            self._drop(rid, peer)
        return True
        # END SOLUTION

    def person(self, peer: P) -> Person[P] | None:
        """Return who is at a device."""
        return self._person_of.get(peer)

    def devices_in(self, rid: int) -> list[tuple[P, int]]:
        """Return (peer, uid) of all members of a room that are connected."""
        return [(peer, person.uid) for peer, person in self._in_room.get(rid, {}).items()]

    def devices_of(self, uid: int) -> list[tuple[P, int]]:
        """Return (peer, uid) of a person's devices."""
        person = self._people.get(uid)
        return [(peer, uid) for peer in person.peers] if person is not None else []

    def sharing_a_room(self, person: Person[P]) -> list[P]:
        """Return the devices of all others who share a room with ``person``, each once."""
        found: dict[P, None] = {}
        for rid in person.rooms:
            for peer, other in self._in_room.get(rid, {}).items():
                if other is not person:
                    found[peer] = None
        return list(found)

    def set_state(self, uid: int, state: State) -> bool:
        """Set a person's state; True when what others see has changed."""
        # BEGIN SOLUTION 4.8
        person = self._people[uid]
        before, person.state = person.state, state
        return before.as_seen() is not state.as_seen()
        # END SOLUTION

    def state_of(self, uid: int, *, to_self: bool = False) -> State:
        """Return the state of a person as others see it, or as they themselves do."""
        person = self._people.get(uid)
        if person is None:
            return State.OFFLINE
        return person.state if to_self else person.state.as_seen()

    def visible(self) -> list[Person[P]]:
        """Return everybody whom others see as not offline."""
        return [p for p in self._people.values() if p.state.as_seen() is not State.OFFLINE]

    def _drop(self, rid: int, peer: P) -> None:
        members = self._in_room.get(rid)
        if members is not None:
            members.pop(peer, None)
            if not members:
                del self._in_room[rid]
