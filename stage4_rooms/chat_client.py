"""The chat client: one session's life with a chat server, through every cut of the network.

It runs on two threads: the link's, which connects and reconnects, and its own, which puts what
arrives in order, fetches what is missing and tells the user interface. Calls may come from any
thread.
"""

import queue
import threading
import uuid
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial

from stage1_echo import LOG
from stage2_protocol import (
    ClientConnection,
    ConnectionLost,
    Data,
    Link,
    ProtocolError,
    Refused,
    RequestTimeout,
    Status,
)
from stage3_auth import shown_name

from .delivery import MESSAGE
from .events import (
    Arrived,
    Connected,
    Disconnected,
    Event,
    MembersChanged,
    Message,
    NotSent,
    PresenceChanged,
    Sent,
    SessionEnded,
    Where,
)
from .hub import MEMBERS_PUSH, PRESENCE_PUSH
from .outgoing import Outgoing, Unanswered
from .places import LOBBY
from .room_verbs import CREATE, JOIN, LEAVE, ROOMS, WHO
from .service import ENTER
from .talk_verbs import HISTORY, SAY, WHISPER
from .timeline import Timeline

# How much of what was said before is shown when a room is first looked into.
EARLIER = 50

OnEvent = Callable[[Event], None]


class ChatClient:
    """A user's chat; ``on_event`` is called on the client's own thread, one event after the other.

    Every message reaches ``on_event`` once, in order of its place, one's own included.
    """

    def __init__(self, host: str, port: int, token: str, on_event: OnEvent) -> None:
        self._token = token
        self._on_event = on_event
        self._timelines: dict[Where, Timeline] = {}
        self._begun: set[Where] = set()  # where we have looked what was said before
        self._outgoing = Outgoing()
        self._lock = threading.Lock()  # guards the three above
        self._answers = threading.Condition(self._lock)
        self._tasks: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._connected = Connected("", ())
        self._link = Link(
            host,
            port,
            on_up=self._enter,
            on_ready=lambda: self._tasks.put(self._resume),
            on_down=self._down,
            on_push=self._on_push,
        )
        self._thread = threading.Thread(target=self._work, name="chat client", daemon=True)
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
        with self._lock:
            while left := len(self._outgoing):
                if not self._answers.wait_for(partial(self._has_fewer_than, left), seconds):
                    return False
            return True

    def _has_fewer_than(self, count: int) -> bool:
        return len(self._outgoing) < count

    # What a user does

    def say(self, where: Where, text: str, cid: str = "") -> str:
        """Send a message; return its cid. Sent and Arrived follow, or NotSent.

        Whoever shows the message before it is sent chooses ``cid``; to say it once more with the
        same one is safe, since the server keeps a message of one cid once.
        """
        message = Unanswered(where, text, cid or uuid.uuid4().hex)
        with self._lock:
            self._outgoing.add(message)
        self._send_next()
        return message.cid

    def join(self, room: str) -> Data:
        """Join a room; return room, topic, members, last_seq. Raises Refused, ConnectionLost."""
        data = self._link.request(JOIN, {"room": room})
        with self._lock:
            where = Where(data["room"])
            self._timelines.setdefault(where, Timeline(data["last_seq"]))
            self._begun.add(where)
        return data

    def create(self, room: str, topic: str = "") -> None:
        """Create a room and join it."""
        self._link.request(CREATE, {"room": room, "topic": topic})
        with self._lock:
            where = Where(shown_name(room))
            self._timelines.setdefault(where, Timeline(0))
            self._begun.add(where)

    def leave(self, room: str) -> None:
        """Leave a room."""
        self._link.request(LEAVE, {"room": room})
        with self._lock:
            self._timelines.pop(Where(room), None)
            self._begun.discard(Where(room))

    def rooms(self) -> list[Data]:
        """Return all rooms: room, topic, members."""
        return self._all_pages(ROOMS, {}, "rooms", "room")

    def who(self, room: str) -> list[Data]:
        """Return the members of a room: user_name, state."""
        return self._all_pages(WHO, {"room": room}, "users", "user_name")

    def look(self, where: Where, limit: int = EARLIER) -> list[Message]:
        """Return the newest messages of a place; from here on none after them is missed."""
        page, ready = self._newest(where, limit)
        self._tasks.put(partial(self._tell, ready))
        return page

    def history(
        self, where: Where, *, before: int | None = None, after: int | None = None, limit: int = 50
    ) -> tuple[list[Message], bool]:
        """Return a page of messages and whether there are more in that direction."""
        args: Data = {**where.args(), "limit": limit}
        args |= {k: v for k, v in (("before", before), ("after", after)) if v is not None}
        data = self._link.request(HISTORY, args)
        return [_message(where, row) for row in data["messages"]], bool(data["more"])

    def _all_pages(self, op: int, args: Data, field: str, key: str) -> list[Data]:
        rows: list[Data] = []
        while True:
            after = {"after": rows[-1][key]} if rows else {}
            data = self._link.request(op, {**args, **after})
            rows += data[field]
            if not data["more"] or not data[field]:
                return rows

    # The link's threads: keep them short

    def _enter(self, connection: ClientConnection) -> None:
        try:
            data = connection.request(ENTER, {"token": self._token})
            rooms = list(data["rooms"])
            if not rooms:  # new here
                connection.request(JOIN, {"room": LOBBY})
                rooms.append(LOBBY)
        except Refused as error:
            if error.status == Status.NOT_LOGGED_IN:
                raise  # nobody can enter with this token any more: the link ends
            raise ConnectionLost(f"cannot enter now: {error}") from error
        self.user_name = str(data["user_name"])
        self._connected = Connected(self.user_name, tuple(rooms))

    def _down(self, error: Exception) -> None:
        if isinstance(error, Refused):
            self._tasks.put(partial(self._on_event, SessionEnded(str(error))))
        else:
            self._tasks.put(partial(self._on_event, Disconnected(str(error))))

    def _on_push(self, op: int, data: Data) -> None:
        if op == MESSAGE:
            where = Where(data["room"]) if "room" in data else Where(data["with"], False)
            arrived = Arrived(_message(where, data))
            self._tasks.put(partial(self._take, arrived))
        elif op == PRESENCE_PUSH:
            event = PresenceChanged(data["user_name"], data["state"])
            self._tasks.put(partial(self._on_event, event))
        elif op == MEMBERS_PUSH:
            joined = "joined" in data
            name = data["joined"] if joined else data["left"]
            self._tasks.put(partial(self._on_event, MembersChanged(data["room"], name, joined)))

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
            except Exception:  # an answer that makes no sense, or a bug: say it in full, and go on
                LOG.exception("the chat client could not do one step")

    def _shut_out(self, error: Refused) -> None:
        """Something that we asked for ourselves, to miss nothing, was refused."""
        if error.status == Status.NOT_LOGGED_IN:
            self._on_event(SessionEnded(str(error)))
        elif error.status not in (Status.FORBIDDEN, Status.NOT_FOUND):  # not a room we have left
            self._link.reconnect()  # the database may be away: begin again after a pause

    def _resume(self) -> None:
        """After a connect: fetch what was missed, send again what was not answered."""
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
        self._send_next()

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
        more = True
        while more:
            page, more = self.history(where, after=last, limit=200)
            for message in page:
                self._take(Arrived(message), may_fetch=False)
            if not page:
                return
            last = page[-1].seq

    def _take(self, arrived: Arrived, *, may_fetch: bool = True) -> None:
        where = arrived.message.where
        with self._lock:
            waits_for_own = self._outgoing.is_under_way_to(where)
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
        timeline = self._timelines.get(where)
        if timeline is not None and timeline.has_hole and timeline.last is not None:
            self._fetch_after(where, timeline.last)

    def _send_next(self) -> None:
        """Send the first of the outgoing messages, unless it is under way or we are cut off."""
        with self._lock:
            message = self._outgoing.take()
        if message is None:
            return
        op, to = (SAY, "room") if message.where.is_room else (WHISPER, "to")
        args = {to: message.where.name, "text": message.text, "cid": message.cid}
        try:
            answer = self._link.connection().submit(op, args)
        except ConnectionLost:
            self._put_back()  # sent again after the next connect
        except ProtocolError as error:  # too large for a frame, say
            self._tasks.put(partial(self._refuse, message, str(error)))
        else:
            answer.add_done_callback(
                lambda done: self._tasks.put(partial(self._answered, message, done))
            )

    def _answered(self, message: Unanswered, answer: Future[Data]) -> None:
        error = answer.exception()
        if error is None:
            data = answer.result()
            self._done()
            self._on_event(Sent(message.where, message.cid, data["seq"]))
            said = Message(message.where, data["seq"], self.user_name, message.text, data["time"])
            self._take(Arrived(said))
            self._send_next()
        elif not isinstance(error, Refused):
            self._put_back()  # the connection broke
            if self._link.is_up:
                self._send_next()  # and a new one stands already
        elif error.status == Status.TOO_MANY_REQUESTS:
            self._put_back()
            again = threading.Timer(error.retry_after or 1.0, self._send_next)
            again.daemon = True
            again.start()
        else:
            self._refuse(message, str(error))
            if error.status == Status.NOT_LOGGED_IN:
                self._on_event(SessionEnded(str(error)))

    def _refuse(self, message: Unanswered, reason: str) -> None:
        self._done()
        self._on_event(NotSent(message.where, message.cid, reason))
        self._fill_hole(message.where)
        self._send_next()

    def _put_back(self) -> None:
        with self._lock:
            self._outgoing.put_back()

    def _done(self) -> None:
        with self._lock:
            self._outgoing.done()
            self._answers.notify_all()


def _message(where: Where, row: Data) -> Message:
    return Message(where, row["seq"], row["from"], row["text"], row["time"])
