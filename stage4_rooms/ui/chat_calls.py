"""What a window asks of a chat client, as a type, so that it can stand on another one, too."""

from collections.abc import Callable
from typing import Protocol

from stage2_protocol import Data

from ..events import Event, Message, Where
from .chat_state import OFFLINE

MOST_PEOPLE = 100  # so many are asked for a talk with them when a window opens


class ChatCalls(Protocol):
    """The calls on a chat server; ``ChatClient`` has them. All may block but start and close."""

    def start(self) -> None: ...
    def close(self) -> None: ...
    def flush(self, seconds: float) -> bool: ...
    def say(self, where: Where, text: str, cid: str = "") -> str: ...
    def join(self, room: str) -> Data: ...
    def create(self, room: str, topic: str = "") -> None: ...
    def leave(self, room: str) -> None: ...
    def rooms(self) -> list[Data]: ...
    def who(self, room: str) -> list[Data]: ...
    def look(self, where: Where) -> list[Message]: ...
    def history(
        self, where: Where, *, before: int | None = None, after: int | None = None, limit: int = 50
    ) -> tuple[list[Message], bool]: ...


OpenChat = Callable[[Callable[[Event], None]], ChatCalls]


def find_people(chat: ChatCalls, rooms: list[str], own_name: str) -> dict[Where, float]:
    """Return the people of these rooms one has talked with, and when last (Unix seconds)."""
    states = {user["user_name"]: user["state"] for room in rooms for user in chat.who(room)}
    states.pop(own_name, None)
    # Whoever is there comes first: in a large room not everybody can be asked for.
    names = sorted(states, key=lambda name: (states[name] == OFFLINE, name))
    found = {}
    for name in names[:MOST_PEOPLE]:
        page, _more = chat.history(Where(name, False), limit=1)
        if page:
            found[page[-1].where] = page[-1].time
    return found
