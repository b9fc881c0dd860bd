"""The chat client: one session's life with a chat server, through every cut of the network.

It runs on two threads: the link's, which connects and reconnects, and its own, which puts what
arrives in order, fetches what is missing and tells the user interface. Calls may come from any
thread.
"""

import queue
import threading
import uuid
from collections.abc import Callable, Iterator
from functools import partial

from stage1_echo import LOG
from stage2_protocol import (
    ClientConnection,
    ConnectionLost,
    Data,
    Link,
    MessageError,
    Refused,
    RequestTimeout,
    Status,
    back_off,
)
from stage3_auth import shown_name

from .answers import (
    PastTalk,
    read_members,
    read_presence,
    read_pushed_message,
)
from .delivery import MESSAGE
from .events import (
    Arrived,
    Connected,
    Disconnected,
    Event,
    Message,
    SessionEnded,
    Where,
)
from .hub import MEMBERS_PUSH, PRESENCE_PUSH
from .outgoing import Unanswered
from .places import LOBBY
from .requests import ChatRequests
from .sending import Sender
from .timeline import Timeline

# How much of what was said before is shown when a room is first looked into.
EARLIER = 50
# Between attempts to connect. A person waits, so the first pause is short.
PAUSES = partial(back_off, first=0.2)

OnEvent = Callable[[Event], None]


class ChatClient:
    """A user's chat; ``on_event`` is called on the client's own thread, one event after the other.

    Every message reaches ``on_event`` once, in order of its place, one's own included. ``waits``
    makes the pauses between attempts to connect, in seconds.
    """

    def __init__(
        self,
        host: str,
        port: int,
        token: str,
        on_event: OnEvent,
        *,
        waits: Callable[[], Iterator[float]] = PAUSES,
    ) -> None:
        self._token = token
        self._on_event = on_event
        self._timelines: dict[Where, Timeline] = {}
        self._begun: set[Where] = set()  # where we have looked what was said before
        self._lock = threading.Lock()  # guards the two above
        self._tasks: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._connected = Connected("", ())
        self._link = Link(
            host,
            port,
            on_up=self._enter,
            on_ready=lambda: self._tasks.put(self._resume),
            on_down=self._down,
            on_push=self._on_push,
            waits=waits,
        )
        self._requests = ChatRequests(self._link.request)
        self._sender = Sender(
            self._link, self._tasks.put, on_event, sent=self._said, refused=self._fill_hole
        )
        self._thread = threading.Thread(target=self._work, name="chat client", daemon=True)
        self._state: str | None = None  # what the user chose to look like
        self.user_name = ""

    def start(self) -> None:
        """Begin to connect; the first event is Connected or Disconnected."""
        self._thread.start()
        self._link.start()

    def close(self, wait: float = 0.0) -> None:
        """Leave the server; no event comes after those that are under way.

        With ``wait`` those are over when this returns, or so many seconds have passed.
        """
        self._link.close()
        self._tasks.put(None)
        if wait:
            self._thread.join(wait)

    def flush(self, seconds: float) -> bool:
        """Wait until every message of one's own is answered.

        False when no answer has come for ``seconds``: while the server takes them, however many
        there are, nothing is given up.
        """
        return self._sender.flush(seconds)

    # What a user does

    def say(self, where: Where, text: str, cid: str = "") -> str:
        """Send a message; return its cid. Sent and Arrived follow, or NotSent.

        Whoever shows the message before it is sent chooses ``cid``; to say it once more with the
        same one is safe, since the server keeps a message of one cid once.
        """
        message = Unanswered(where, text, cid or uuid.uuid4().hex)
        self._sender.add(message)
        return message.cid

    def join(self, room: str) -> Data:
        """Join a room; return room, topic, members, last_seq. Raises Refused, ConnectionLost."""
        data = self._requests.join(room)
        with self._lock:
            where = Where(data["room"])
            self._timelines.setdefault(where, Timeline(data["last_seq"]))
            self._begun.add(where)
        return data

    def create(self, room: str, topic: str = "") -> None:
        """Create a room and join it."""
        self._requests.create(room, topic)
        with self._lock:
            where = Where(shown_name(room))
            self._timelines.setdefault(where, Timeline(0))
            self._begun.add(where)

    def leave(self, room: str) -> None:
        """Leave a room."""
        self._requests.leave(room)
        with self._lock:
            self._timelines.pop(Where(room), None)
            self._begun.discard(Where(room))

    def set_topic(self, room: str, topic: str) -> None:
        """Say what a room of one's own is about."""
        self._requests.set_topic(room, topic)

    def set_state(self, state: str) -> None:
        """Tell others how one is: online, away, busy or invisible; again after every reconnect."""
        self._requests.set_state(state)
        self._state = state

    def rooms(self) -> list[Data]:
        """Return all rooms: room, topic, members, mine (whether one owns it)."""
        return self._requests.rooms()

    def who(self, room: str) -> list[Data]:
        """Return the members of a room: user_name, state."""
        return self._requests.who(room)

    def talks(self) -> list[PastTalk]:
        """Return all private talks one has had, whoever is there now, by name."""
        return self._requests.talks()

    def look(self, where: Where, limit: int = EARLIER) -> list[Message]:
        """Return the newest messages of a place; from here on none after them is missed."""
        page, ready = self._newest(where, limit)
        self._tasks.put(partial(self._tell, ready))
        return page

    def history(
        self, where: Where, *, before: int | None = None, after: int | None = None, limit: int = 50
    ) -> tuple[list[Message], bool]:
        """Return a page of messages and whether there are more in that direction."""
        return self._requests.history(where, before, after, limit)

    # The link's threads: keep them short

    def _enter(self, connection: ClientConnection) -> None:
        requests = ChatRequests(connection.request)
        try:
            self.user_name, rooms = requests.enter(self._token)
            if not rooms:  # new here
                rooms.append(str(requests.join(LOBBY)["room"]))
            if self._state is not None:
                requests.set_state(self._state)
        except (Refused, MessageError) as error:
            if isinstance(error, Refused) and error.status == Status.NOT_LOGGED_IN:
                raise  # nobody can enter with this token any more: the link ends
            raise ConnectionLost(f"cannot enter now: {error}") from error
        self._connected = Connected(self.user_name, tuple(rooms))

    def _down(self, error: Exception) -> None:
        if isinstance(error, Refused):
            self._tasks.put(partial(self._on_event, SessionEnded(str(error))))
        else:
            self._tasks.put(partial(self._on_event, Disconnected(str(error))))

    def _on_push(self, op: int, data: Data) -> None:
        try:
            if op == MESSAGE:
                self._tasks.put(partial(self._take, Arrived(read_pushed_message(data))))
            elif op == PRESENCE_PUSH:
                self._tasks.put(partial(self._on_event, read_presence(data)))
            elif op == MEMBERS_PUSH:
                self._tasks.put(partial(self._on_event, read_members(data)))
        except MessageError as error:
            LOG.warning("the server pushed what makes no sense: %s", error)

    # The client's own thread

    def _work(self) -> None:
        while (task := self._tasks.get()) is not None:
            try:
                task()
            except RequestTimeout:
                self._link.reconnect()
            except ConnectionLost:
                pass  # the link says so itself, and _resume comes after the next connect
            except Refused as error:
                self._shut_out(error)
            except MessageError as error:
                LOG.warning("the server answered what makes no sense: %s", error)
            except Exception:  # a bug, here or in on_event: say it in full, and go on
                LOG.exception("the chat client could not do one step")

    def _shut_out(self, error: Refused) -> None:
        """Something that we asked for ourselves, to miss nothing, was refused."""
        if error.status == Status.NOT_LOGGED_IN:
            self._on_event(SessionEnded(str(error)))
        elif error.status not in (Status.FORBIDDEN, Status.NOT_FOUND):  # not a room we have left
            self._link.reconnect()  # the database may be away: begin again after a pause

    def _resume(self) -> None:
        """After a connect: fetch what was missed, send again what was not answered."""
        # BEGIN SOLUTION 4.11
        connected = self._connected
        self._on_event(connected)
        with self._lock:
            known = {where: t.last for where, t in self._timelines.items()}
        for where in map(Where, connected.rooms):
            if where not in self._begun:
                self._begin(where)
        for where, last in known.items():
            if last is not None:
                self._fetch_after(where, last)
        self._sender.send_next()
        # END SOLUTION

    def _begin(self, where: Where) -> None:
        """Show what was said lately in a room, and then what came in meanwhile."""
        with self._lock:
            pushed = self._timelines.setdefault(where, Timeline()).waiting()
        page, ready = self._newest(where, EARLIER)
        self._tell([Arrived(m, earlier=m.seq not in pushed) for m in page])
        self._tell(ready)

    def _newest(self, where: Where, limit: int) -> tuple[list[Message], list[Arrived]]:
        """Return the newest messages of a place, and those behind them that came in meanwhile."""
        page, _more = self.history(where, limit=limit)
        with self._lock:
            timeline = self._timelines.setdefault(where, Timeline())
            ready = timeline.begin(page[-1].seq if page else 0)
            self._begun.add(where)
        return page, ready

    def _tell(self, ready: list[Arrived]) -> None:
        for each in ready:
            self._on_event(each)

    def _fetch_after(self, where: Where, last: int) -> None:
        for message in self._requests.history_after(where, last):
            self._take(Arrived(message), may_fetch=False)

    def _take(self, arrived: Arrived, *, may_fetch: bool = True) -> None:
        where = arrived.message.where
        waits_for_own = self._sender.is_under_way_to(where)
        with self._lock:
            is_new = where.is_room and where not in self._begun
            timeline = self._timelines.setdefault(where, Timeline())
            ready = timeline.put(arrived, hold=waits_for_own or is_new)
        self._tell(ready)
        if is_new:
            self._begin(where)  # not possible yet while we are connecting; then _resume does it
        elif may_fetch and not waits_for_own:
            self._fill_hole(where)

    def _fill_hole(self, where: Where) -> None:
        """Fetch what is missing in a place; a hole may also be one's own answer on its way."""
        # BEGIN SOLUTION 4.11
        timeline = self._timelines.get(where)
        if timeline is not None and timeline.has_hole and timeline.last is not None:
            self._fetch_after(where, timeline.last)
        # END SOLUTION

    def _said(self, message: Unanswered, seq: int, time: float) -> None:
        said = Message(message.where, seq, self.user_name, message.text, time)
        self._take(Arrived(said))
