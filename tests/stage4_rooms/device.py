"""One device of a user: a connection to the chat server that has entered, with the ops as calls."""

import itertools
from typing import Any

from tests.kit.accounts import User
from tests.kit.match import ANYTHING
from tests.kit.programs import Server
from tests.kit.wire import WireClient
from tests.kit.wire_codec import Message

ENTER, ROOMS, CREATE, JOIN, LEAVE, SAY, WHISPER, HISTORY, WHO, PRESENCE, TOPIC = range(10, 21)
HELLO, PING, BYE = 90, 91, 92
MESSAGE, PRESENCE_PUSH, MEMBERS = 100, 101, 102

_cids = itertools.count(1)


def new_cid() -> str:
    """Return a cid that no other message has."""
    return f"cid-{next(_cids)}"


class Device(WireClient):
    """A connection to the chat server; ``user`` is whoever entered last."""

    def __init__(self, server: Server, name: str) -> None:
        super().__init__(server, name)
        self.user: User

    def enter(self, user: User, **expected: Any) -> list[str]:
        """Enter; return the rooms that were joined earlier."""
        expected.setdefault("data", {"uid": user.uid, "user_name": user.name, "rooms": list})
        reply = self.request(ENTER, {"token": user.token}, **expected)
        self.user = user
        rooms: list[str] = reply.get("data", {}).get("rooms", [])
        return rooms

    def create(self, room: str, topic: str | None = None, **expected: Any) -> Message:
        """Create a room; return the reply."""
        more = {} if topic is None else {"topic": topic}
        return self.request(CREATE, {"room": room, **more}, **expected)

    def join(self, room: str, **expected: Any) -> Message:
        """Join a room; return the reply's data."""
        reply = self.request(JOIN, {"room": room}, **expected)
        return dict(reply.get("data", {}))

    def leave(self, room: str, **expected: Any) -> Message:
        """Leave a room; return the reply."""
        return self.request(LEAVE, {"room": room}, **expected)

    def say(self, room: str, text: str, cid: str = "", **expected: Any) -> Message:
        """Say something in a room; return the reply's data."""
        args = {"room": room, "text": text, "cid": cid or new_cid()}
        return self._told(self.request(SAY, args, **_told_by_default(expected)))

    def whisper(self, to: str, text: str, cid: str = "", **expected: Any) -> Message:
        """Write to one person; return the reply's data."""
        args = {"to": to, "text": text, "cid": cid or new_cid()}
        return self._told(self.request(WHISPER, args, **_told_by_default(expected)))

    def ask_say(self, room: str, text: str, cid: str) -> Any:
        """Say something without waiting for the answer; return the request's id."""
        return self.ask(SAY, {"room": room, "text": text, "cid": cid})

    def history(self, room: str = "", **args: Any) -> tuple[list[Message], bool]:
        """Return a page of messages, and whether there are more."""
        where = {"room": room} if room else {}
        data = {"messages": list, "more": bool}
        found = self.request(HISTORY, {**where, **args}, data=data)["data"]
        return found["messages"], found["more"]

    def all_history(self, room: str = "", **where: Any) -> list[Message]:
        """Return everything that was said in a place, page by page from the beginning."""
        messages: list[Message] = []
        more = True
        while more:
            after = messages[-1]["seq"] if messages else 0
            page, more = self.history(room, after=after, **where)
            messages += page
            assert page or not more, "an empty page says that there is more"
        return messages

    def who(self, room: str | None = None, **args: Any) -> dict[str, str]:
        """Return the state of each user on one page of WHO."""
        where = {} if room is None else {"room": room}
        data = {"users": list, "more": bool}
        found = self.request(WHO, {**where, **args}, data=data)["data"]["users"]
        return {entry["user_name"]: entry["state"] for entry in found}

    def set_state(self, state: str, **expected: Any) -> Message:
        """Choose a presence; return the reply."""
        return self.request(PRESENCE, {"state": state}, **expected)

    def forget_pushes(self) -> None:
        """Drop the pushes of everything that was answered to anybody so far."""
        self.barrier()
        self.pushes()

    def take_messages(self) -> list[Message]:
        """Return the data of all MESSAGE pushes that have arrived; other pushes are dropped."""
        self.barrier()
        return [push["data"] for push in self.pushes() if push["op"] == MESSAGE]

    @staticmethod
    def _told(reply: Message) -> Message:
        data: Message = reply.get("data", {})
        return data


def _told_by_default(expected: dict[str, Any]) -> dict[str, Any]:
    """An answer to SAY or WHISPER has seq and time, unless it is expected to fail."""
    if expected.get("test", 0) == 0:
        expected.setdefault("data", {"seq": int, "time": float})
    else:
        expected.setdefault("data", ANYTHING)
    return expected
