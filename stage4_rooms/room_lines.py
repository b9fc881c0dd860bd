"""How the terminal client writes down what happens: a line for a script, more words for a person.

A script sees the number of a message and finds each message on one line. A person sees the time,
and a message of several lines as lines, set in so that none of them can pass for an event.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime

from stage2_protocol import Data

from .events import Message

_SET_IN = "        "


def message_lines(message: Message, *, person: bool, earlier: bool = False) -> Iterator[str]:
    """Yield the lines of a message; ``earlier`` marks what was said before one looked."""
    if not person:
        mark = "earlier " if earlier else ""
        yield f"{mark}{message.where} #{message.seq} {message.sender}: {message.text}"
        return
    first, *others = message.text.replace("\r\n", "\n").split("\n")
    yield f"[{_said_at(message.time)}] {message.where} {message.sender}: {first}"
    for other in others:
        yield _SET_IN + other


def room_line(row: Data) -> str:
    """Return a room of a list as a line."""
    return f"room {row['room']} ({row['members']} members) {row['topic']}".rstrip()


def member_lines(rows: Iterable[Data], *, person: bool) -> Iterator[str]:
    """Yield the members of a room; for a person those of one state on one line."""
    if not person:
        for row in rows:
            yield f"member {row['user_name']} {row['state']}"
        return
    states: dict[str, list[str]] = {"online": [], "busy": [], "away": [], "offline": []}
    for row in rows:
        states.setdefault(row["state"], []).append(row["user_name"])
    for state, names in states.items():
        if names:
            yield f"{state} ({len(names)}): {', '.join(names)}"


def _said_at(seconds: float) -> str:
    said = datetime.fromtimestamp(seconds)
    today = said.date() == datetime.now().date()
    return said.strftime("%H:%M" if today else "%Y-%m-%d %H:%M")
