"""Sending: one's own messages on their way, each sent until it is answered."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial

from stage2_protocol import (
    ConnectionLost,
    Data,
    Link,
    MessageError,
    ProtocolError,
    Refused,
    Status,
)

from .answers import read_sent
from .events import Event, NotSent, Sent, SessionEnded, Where
from .outgoing import Outgoing, Unanswered
from .talk_verbs import SAY, WHISPER

# A server may ask for a pause; one that asks for more is asked again all the same.
LONGEST_PAUSE = 30.0

Task = Callable[[], None]


class Sender:
    """Sends messages over a link, one after the other; what came of each goes to ``on_event``.

    Answers are handled as tasks given to ``post``. ``sent(message, seq, time)`` and
    ``refused(where)`` are called there, after the event.
    """

    def __init__(
        self,
        link: Link,
        post: Callable[[Task], None],
        on_event: Callable[[Event], None],
        sent: Callable[[Unanswered, int, float], None],
        refused: Callable[[Where], None],
    ) -> None:
        self._link = link
        self._post = post
        self._on_event = on_event
        self._sent = sent
        self._refused = refused
        self._outgoing = Outgoing()  # guarded by _answers
        self._answers = threading.Condition()

    def add(self, message: Unanswered) -> None:
        """Send a message once those before it are answered; callable from any thread."""
        with self._answers:
            self._outgoing.add(message)
        self.send_next()

    def is_under_way_to(self, where: Where) -> bool:
        """Tell whether a message to this place is under way: its number may come any moment."""
        with self._answers:
            return self._outgoing.is_under_way_to(where)

    def flush(self, seconds: float) -> bool:
        """Wait until everything is answered; False when no answer has come for ``seconds``."""
        with self._answers:
            while left := len(self._outgoing):
                if not self._answers.wait_for(partial(self._has_fewer_than, left), seconds):
                    return False
            return True

    def send_next(self) -> None:
        """Send the first of the waiting messages, unless it is under way or we are cut off."""
        with self._answers:
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
            self._post(partial(self._refuse, message, str(error)))
        else:
            answer.add_done_callback(lambda done: self._post(partial(self._take, message, done)))

    def _has_fewer_than(self, count: int) -> bool:
        return len(self._outgoing) < count

    def _take(self, message: Unanswered, answer: Future[Data]) -> None:
        error = answer.exception()
        if error is None:
            self._confirm(message, answer.result())
        elif not isinstance(error, Refused):
            self._put_back()  # the connection broke
            if self._link.is_up:
                self.send_next()  # and a new one stands already
        elif error.status == Status.TOO_MANY_REQUESTS:
            self._put_back()
            pause = min(max(error.retry_after or 1.0, 0.0), LONGEST_PAUSE)
            again = threading.Timer(pause, self.send_next)
            again.daemon = True
            again.start()
        else:
            self._refuse(message, str(error))
            if error.status == Status.NOT_LOGGED_IN:
                self._on_event(SessionEnded(str(error)))

    def _confirm(self, message: Unanswered, data: Data) -> None:
        try:
            seq, time = read_sent(data)
        except MessageError as error:
            self._refuse(message, str(error))
            return
        self._done()
        self._on_event(Sent(message.where, message.cid, seq))
        self._sent(message, seq, time)
        self.send_next()

    def _refuse(self, message: Unanswered, reason: str) -> None:
        self._done()
        self._on_event(NotSent(message.where, message.cid, reason))
        self._refused(message.where)
        self.send_next()

    def _put_back(self) -> None:
        with self._answers:
            self._outgoing.put_back()

    def _done(self) -> None:
        with self._answers:
            self._outgoing.done()
            self._answers.notify_all()
