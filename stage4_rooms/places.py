"""Places: where a message can be said, a room or between two people. Each has its own sequence."""

from unicodedata import category

from stage3_auth import has_invisible, has_space, shown_name

LOBBY = "lobby"
ROOM_NAME_LENGTH = 32
TOPIC_LENGTH = 200
TEXT_LENGTH = 8000
CID_LENGTH = 64

# Nobody takes one topic for another, so what emoji are made of may stand in it, unlike in a name:
# joiners and variation selectors. Controls, formats, unassigned and line ends may not.
_JOINERS = "\u200c\u200d"
_NOT_IN_TOPICS = frozenset({"Cc", "Cf", "Cs", "Cn", "Zl", "Zp"})

Place = bytes


def room_place(rid: int) -> Place:
    """Return the place of a room, as stored beside its messages."""
    return b"r:%d" % rid


def pair_place(uid: int, other: int) -> Place:
    """Return the place of what two people tell each other; the same from both sides."""
    # BEGIN SOLUTION 4.4
    return b"p:%d:%d" % (min(uid, other), max(uid, other))
    # END SOLUTION


def people_of(place: Place) -> tuple[int, int] | None:
    """Return the two uids of a pair's place, None for a room's."""
    kind, *numbers = place.split(b":")
    return (int(numbers[0]), int(numbers[1])) if kind == b"p" else None


def room_of(place: Place) -> int:
    """Return the room number of a room's place."""
    return int(place.removeprefix(b"r:"))


def check_room_name(text: str) -> str | None:
    """Check a room's name: 1 to 32 visible characters, no white space. What is wrong, or None."""
    # BEGIN SOLUTION 4.2
    if not text:
        return "a room's name has at least 1 character"
    if len(text) > 20 * ROOM_NAME_LENGTH or len(shown_name(text)) > ROOM_NAME_LENGTH:
        return f"a room's name has at most {ROOM_NAME_LENGTH} characters"
    if has_space(text) or has_invisible(text):
        return "a room's name has only visible characters and no white space"
    return None
    # END SOLUTION


def check_topic(text: str) -> str | None:
    """Check a topic: at most 200 characters, no controls. What is wrong, in words, or None."""
    # BEGIN SOLUTION 4.2
    if len(text) > TOPIC_LENGTH:
        return f"a topic has at most {TOPIC_LENGTH} characters, got {len(text)}"
    if any(c not in _JOINERS and category(c) in _NOT_IN_TOPICS for c in text):
        return "a topic has only visible characters and spaces, in one line"
    return None
    # END SOLUTION
