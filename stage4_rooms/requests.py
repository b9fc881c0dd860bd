"""The requests of a chat client as plain calls that block; lists come whole, page by page."""

from collections.abc import Callable, Iterator
from functools import partial

from stage2_protocol import Data, Fields, all_rows

from .answers import PastTalk, read_joined, read_page, read_rooms, read_talks, read_users
from .events import Message, Where
from .room_verbs import CREATE, JOIN, LEAVE, ROOMS, TOPIC, WHO
from .service import ENTER, PRESENCE
from .talk_verbs import HISTORY, HISTORY_PAGE

Ask = Callable[[int, Data], Data]


class ChatRequests:
    """Asks a chat server through ``ask(op, args)``.

    All raise what ``ask`` raises, and MessageError when the answer is not what the protocol says.
    """

    def __init__(self, ask: Ask) -> None:
        self._ask = ask

    def enter(self, token: str) -> tuple[str, list[str]]:
        """Enter; return one's name and the rooms joined earlier."""
        names: list[str] = []

        def page(after: str | None) -> tuple[list[str], bool]:
            answer = Fields(self._ask(ENTER, _from(after, token=token)), "the answer to ENTER")
            names.append(answer.text("user_name"))
            return answer.texts("rooms"), answer.flag("more", default=False)

        rooms = list(all_rows(page, str))
        return names[-1], rooms

    def join(self, room: str) -> Data:
        """Join a room; return room, topic, members, last_seq."""
        return read_joined(self._ask(JOIN, {"room": room}))

    def create(self, room: str, topic: str) -> None:
        """Create a room and join it."""
        self._ask(CREATE, {"room": room, "topic": topic})

    def leave(self, room: str) -> None:
        """Leave a room."""
        self._ask(LEAVE, {"room": room})

    def set_topic(self, room: str, topic: str) -> None:
        """Say what a room of one's own is about."""
        self._ask(TOPIC, {"room": room, "topic": topic})

    def set_state(self, state: str) -> None:
        """Tell others how one is: online, away, busy or invisible."""
        self._ask(PRESENCE, {"state": state})

    def rooms(self) -> list[Data]:
        """Return all rooms: room, topic, members, mine."""

        def page(after: str | None) -> tuple[list[Data], bool]:
            return read_rooms(self._ask(ROOMS, _from(after)))

        return list(all_rows(page, lambda row: str(row["room"])))

    def who(self, room: str) -> list[Data]:
        """Return the members of a room: user_name, state."""

        def page(after: str | None) -> tuple[list[Data], bool]:
            return read_users(self._ask(WHO, _from(after, room=room)))

        return list(all_rows(page, lambda row: str(row["user_name"])))

    def talks(self) -> list[PastTalk]:
        """Return all private talks one has had, by name."""

        def page(after: str | None) -> tuple[list[PastTalk], bool]:
            return read_talks(self._ask(WHO, _from(after, talks=True)))

        return list(all_rows(page, lambda talk: talk.user_name))

    def history(
        self, where: Where, before: int | None, after: int | None, limit: int
    ) -> tuple[list[Message], bool]:
        """Return a page of messages and whether there are more in that direction."""
        args: Data = {**where.args(), "limit": limit}
        args |= {k: v for k, v in (("before", before), ("after", after)) if v is not None}
        return read_page(where, self._ask(HISTORY, args))

    def history_after(self, where: Where, seq: int) -> Iterator[Message]:
        """Yield everything behind ``seq``, ascending."""
        fetch = partial(self.history, where, None, limit=HISTORY_PAGE)
        return all_rows(lambda after: fetch(after), lambda message: message.seq, seq)


def _from(after: str | None, **args: object) -> Data:
    return args if after is None else {**args, "after": after}
