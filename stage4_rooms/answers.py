"""What a chat server answers and pushes, read into values. All of it raises MessageError.

Here alone the client trusts the shape of what came in; behind it everything has the right kind.
"""

from dataclasses import dataclass
from itertools import pairwise

from stage2_protocol import Data, Fields, MessageError

from .events import MembersChanged, Message, PresenceChanged, Where


@dataclass(frozen=True)
class PastTalk:
    """A private talk one has had: with whom, how they are, and the newest message."""

    user_name: str
    state: str
    last_seq: int
    time: float


def read_message(where: Where, row: Fields) -> Message:
    """Read an entry of HISTORY, or a push."""
    return Message(
        where, row.integer("seq", 1), row.text("from"), row.text("text"), row.moment("time")
    )


def read_pushed_message(data: Data) -> Message:
    """Read the push MESSAGE."""
    push = Fields(data, "a pushed message")
    where = Where(push.text("room")) if "room" in push else Where(push.text("with"), False)
    return read_message(where, push)


def read_presence(data: Data) -> PresenceChanged:
    """Read the push PRESENCE."""
    push = Fields(data, "a pushed presence")
    return PresenceChanged(push.text("user_name"), push.text("state"))


def read_members(data: Data) -> MembersChanged:
    """Read the push MEMBERS."""
    push = Fields(data, "a pushed move")
    joined = "joined" in push
    return MembersChanged(push.text("room"), push.text("joined" if joined else "left"), joined)


def read_page(where: Where, data: Data) -> tuple[list[Message], bool]:
    """Read the answer to HISTORY: messages, ascending, and whether there are more."""
    answer = Fields(data, "the answer to HISTORY")
    page = [read_message(where, row) for row in answer.rows("messages")]
    if any(late.seq <= early.seq for early, late in pairwise(page)):
        raise MessageError("the answer to HISTORY is not in ascending order")
    return page, answer.flag("more")


def read_joined(data: Data) -> Data:
    """Read the answer to JOIN: room, topic, members, last_seq."""
    answer = Fields(data, "the answer to JOIN")
    texts = {name: answer.text(name) for name in ("room", "topic")}
    return {**texts, **{name: answer.integer(name) for name in ("members", "last_seq")}}


def read_rooms(data: Data) -> tuple[list[Data], bool]:
    """Read a page of ROOMS: room, topic, members, mine each."""
    answer = Fields(data, "the answer to ROOMS")
    rows: list[Data] = [
        {
            "room": row.text("room"),
            "topic": row.text("topic"),
            "members": row.integer("members"),
            "mine": row.flag("mine", default=False),
        }
        for row in answer.rows("rooms")
    ]
    return rows, answer.flag("more")


def read_users(data: Data) -> tuple[list[Data], bool]:
    """Read a page of WHO: user_name, state each."""
    answer = Fields(data, "the answer to WHO")
    rows: list[Data] = [
        {"user_name": row.text("user_name"), "state": row.text("state")}
        for row in answer.rows("users")
    ]
    return rows, answer.flag("more")


def read_talks(data: Data) -> tuple[list[PastTalk], bool]:
    """Read a page of WHO about talks; a server that does not know of them tells none."""
    answer = Fields(data, "the answer to WHO")
    rows = [
        PastTalk(
            row.text("user_name"), row.text("state"), row.integer("last_seq", 1), row.moment("time")
        )
        for row in answer.rows("users")
        if "last_seq" in row
    ]
    return rows, answer.flag("more") and bool(rows)


def read_sent(data: Data) -> tuple[int, float]:
    """Read the answer to SAY or WHISPER: seq, time."""
    answer = Fields(data, "the answer to a message")
    return answer.integer("seq", 1), answer.moment("time")
