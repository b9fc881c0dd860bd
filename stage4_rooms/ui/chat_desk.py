"""What stands between the chat client's threads and the widgets: state, and what a person can do.

Everything here runs in the Tk thread; what blocks goes through the bridge.
"""

import time
import uuid
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

from stage2_protocol import Data
from stage3_auth.ui.observers import Observers
from stage3_auth.ui.tk_bridge import TkBridge

from ..events import (
    Connected,
    Event,
    MembersChanged,
    Message,
    PresenceChanged,
    SessionEnded,
    Where,
)
from ..places import LOBBY
from .chat_calls import OpenChat, find_people
from .chat_state import ChatState
from .talk import Pending, Talk

PAGE = 50  # messages fetched when one looks further back
FLUSH_SECONDS = 3.0
TOPIC_SECONDS = 15.0  # a topic may be so old when one turns to a room

T = TypeVar("T")


class ChatDesk:
    """One person's chat: ``state``, the talk chosen, and ``changed`` to follow them.

    ``watched()`` tells whether the newest message of the chosen talk is before somebody's eyes.
    ``on_news(event)`` is told of what is worth a word and stands in no talk.
    """

    def __init__(
        self,
        open_chat: OpenChat,
        bridge: TkBridge,
        user_name: str,
        *,
        watched: Callable[[], bool],
        on_ended: Callable[[str], object],
        on_news: Callable[[PresenceChanged | Exception], object],
    ) -> None:
        self._bridge = bridge
        self._watched, self._on_ended, self._on_news = watched, on_ended, on_news
        self.changed = Observers()
        self.where = Where(LOBBY)
        self.loading = False  # whether a page of the chosen talk is being fetched
        self.state = ChatState(user_name, time.time, self._sees)
        self._closed = self._due = self._searched = False
        self._topics_at = 0.0  # when the topics were asked for last; no push tells of them
        self._asking: set[str] = set()  # rooms whose members are being asked for
        self._outbox: deque[tuple[Where, Pending]] = deque()  # the first one is being said
        self.chat = open_chat(lambda event: bridge.post(self._take, event))

    def start(self) -> None:
        """Begin to connect."""
        self.chat.start()

    def close(self, then: Callable[[], object]) -> None:
        """Leave the server once what was said is on its disk, or after some seconds."""
        self._closed = True

        def closed(_flushed: object) -> None:
            self.chat.close()
            then()

        unsaid = list(self._outbox)[1:]
        self._bridge.run(self._say_all, unsaid, done=closed, failed=closed)

    @property
    def talk(self) -> Talk:
        """The talk chosen."""
        return self.state.talk(self.where)

    # --- what a person does --------------------------------------------------------------------

    def choose(self, where: Where) -> None:
        """Turn to a talk."""
        if where != self.where:
            self.talk.reading_back = False
            self.talk.first_unread = None
            self.loading = False
        self.where = where
        if not self.talk.loaded:
            self._load(partial(self.chat.look, where), self.talk.start_with)
        if where.is_room:
            self._ask_members(where.name)
            if time.monotonic() - self._topics_at > TOPIC_SECONDS:
                self._ask_topics()
        self._touch()

    def send(self, text: str) -> None:
        """Say something in the talk chosen."""
        talk = self.talk
        pending = Pending(uuid.uuid4().hex, text, time.time())
        talk.first_unread = None
        talk.send(pending)
        if not talk.at_newest:
            self.go_to_newest()
        self._say(talk.where, pending)

    def again(self, cid: str) -> None:
        """Say a refused message once more."""
        pending = self.talk.again(cid)
        if pending is not None:
            self._say(self.where, pending)

    def discard(self, cid: str) -> None:
        """Forget a refused message."""
        self.talk.discard(cid)
        self._touch()

    def load_older(self) -> None:
        """Fetch the page before what the talk chosen holds."""
        talk = self.talk
        if talk.has_older:
            self._load(self._page(talk, before=talk.first_seq), talk.put_before)

    def load_newer(self) -> None:
        """Fetch the page behind what the talk chosen holds."""
        talk = self.talk
        if not talk.at_newest:
            self._load(self._page(talk, after=talk.last_seq), talk.put_behind)

    def go_to_newest(self) -> None:
        """Hold the newest page of the talk chosen."""
        if not self.talk.at_newest:
            self._load(partial(self.chat.look, self.where), self.talk.start_with)
        self._touch()

    def note_topic(self, room: str, topic: str) -> None:
        """Take note of a topic that was just set."""
        self.state.topics[room] = topic
        self._touch()

    def leave(self, where: Where) -> None:
        """Leave a room, or put away the talk with a person."""

        def left(_nothing: object) -> None:
            self.state.leave(where)
            self.choose(self.state.home() if where == self.where else self.where)

        if where.is_room:
            self._bridge.run(self.chat.leave, where.name, done=left, failed=self._on_news)
        else:
            left(None)

    def see(self) -> None:
        """Take note that the person sees what is shown."""
        if self._watched() and self.talk.unread:
            self.talk.read()
            self._touch()

    # --- what happens --------------------------------------------------------------------------

    def _take(self, event: Event) -> None:
        if self._closed:
            return
        self.state.apply(event)
        match event:
            case SessionEnded(reason):
                self._on_ended(reason)
            case Connected():
                self._connected()
            case MembersChanged(room, _name, True) if room == self.where.name:
                self._ask_members(room)  # a push says who came, but not how they are
            case PresenceChanged():
                self._on_news(event)
        self._touch()

    def _connected(self) -> None:
        self._ask_topics()
        self.choose(self.where if self.where in self.state.talks else self.state.home())
        if not self._searched:
            self._searched = True
            find = partial(find_people, self.chat, self.state.own_name)
            self._run(find, done=self._take_people)

    def _ask_topics(self) -> None:
        self._topics_at = time.monotonic()
        self._run(self.chat.rooms, done=self._take_topics)

    def _take_topics(self, rooms: list[Data]) -> None:
        self.state.topics = {room["room"]: room["topic"] for room in rooms}
        self.state.owned = {room["room"] for room in rooms if room["mine"]}
        self._touch()

    def _take_people(self, found: dict[Where, float]) -> None:
        for where, at in found.items():
            talk = self.state.talk(where)
            talk.active_at = max(talk.active_at, at)
        self._touch()

    def _ask_members(self, room: str) -> None:
        def take(users: list[Data]) -> None:
            self._asking.discard(room)
            self.state.set_members(room, users)
            self._touch()

        if room not in self._asking:
            self._asking.add(room)
            self._run(
                partial(self.chat.who, room),
                done=take,
                failed=lambda _error: self._asking.discard(room),
            )

    # --- calls ---------------------------------------------------------------------------------

    def _say(self, where: Where, pending: Pending) -> None:
        """Say it after what was said before: the bridge's threads know no order."""
        self._outbox.append((where, pending))
        self._touch()
        if len(self._outbox) == 1:
            self._say_first()

    def _say_first(self) -> None:
        where, pending = self._outbox[0]
        say = partial(self.chat.say, where, pending.text, pending.cid)

        def said(_cid: str) -> None:
            self._outbox.popleft()
            if self._outbox:
                self._say_first()

        def failed(error: Exception) -> None:
            self.state.talk(where).refused(pending.cid, str(error))
            self._touch()
            said(pending.cid)

        self._run(say, done=said, failed=failed)

    def _say_all(self, messages: list[tuple[Where, Pending]]) -> None:
        """Say the rest and wait until all is answered; blocks."""
        for where, pending in messages:
            self.chat.say(where, pending.text, pending.cid)
        self.chat.flush(FLUSH_SECONDS)

    def _page(
        self, talk: Talk, before: int | None = None, after: int | None = None
    ) -> Callable[[], list[Message]]:
        where, history = talk.where, self.chat.history
        return lambda: history(where, before=before, after=after, limit=PAGE)[0]

    def _load(
        self, fetch: Callable[[], list[Message]], put: Callable[[list[Message]], object]
    ) -> None:
        if self.loading:
            return
        self.loading = True
        where = self.where

        def loaded(page: list[Message]) -> None:
            if where == self.where:
                self.loading = False
            put(page)
            self._touch()

        def failed(error: Exception) -> None:
            if where == self.where:
                self.loading = False
                self._on_news(error)
            self._touch()

        self._run(fetch, done=loaded, failed=failed)
        self._touch()

    def _run(
        self,
        function: Callable[[], T],
        *,
        done: Callable[[T], object],
        failed: Callable[[Exception], object] = lambda _error: None,
    ) -> None:
        """Call a function off the Tk thread; results that come after the end are dropped."""

        def unless_closed(callback: Callable[[Any], object], value: Any) -> None:
            if not self._closed:
                callback(value)

        self._bridge.run(
            function, done=partial(unless_closed, done), failed=partial(unless_closed, failed)
        )

    def _sees(self, where: Where) -> bool:
        return where == self.where and self._watched()

    def _touch(self) -> None:
        """Have ``changed`` told once for all that is waiting to be taken in."""
        if not self._due:
            self._due = True
            self._bridge.post(self._tell)

    def _tell(self) -> None:
        self._due = False
        if not self._closed:
            self.changed.notify()
