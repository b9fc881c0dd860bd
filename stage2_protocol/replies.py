"""The replies of one connection, kept in the order of its requests.

Most answers are ready at once. A few come later (a message that is on its way to the disk); those
behind them wait in line, so that the client hears answers in the order it asked.
"""

import threading
from collections import deque
from concurrent.futures import Future

from .calls import Call, Reply
from .outbox import Outbox
from .service import Data

# Answers a connection may have on their way to the disk; then its reader waits.
MAX_PENDING = 1024


class ReplyQueue:
    """Passes replies to an outbox in order; filled by the reader, completed by any thread."""

    def __init__(self, outbox: Outbox) -> None:
        # BEGIN SOLUTION 2.6
        self._outbox = outbox
        self._waiting: deque[tuple[Call, Future[Data] | Reply]] = deque()
        self._lock = threading.Lock()
        self._emptier = threading.Condition(self._lock)
        # END SOLUTION

    def add(self, call: Call, answer: Future[Data] | Reply) -> None:
        """Queue the answer to ``call``: a reply, or a future of the data it will carry."""
        # BEGIN SOLUTION 2.6
        with self._lock:
            self._waiting.append((call, answer))
        if isinstance(answer, Future):
            answer.add_done_callback(lambda _done: self._send_ready())
        else:
            self._send_ready()
        # END SOLUTION

    def wait_for_answers(self) -> None:
        """Wait until every answer so far is ready and handed to the outbox."""
        # BEGIN SOLUTION 2.6
        with self._lock:
            while self._waiting:
                self._emptier.wait()
        # END SOLUTION

    def wait_for_room(self) -> None:
        """Wait while too many answers are under way: the client is held back."""
        # BEGIN SOLUTION 2.6
        with self._lock:
            while len(self._waiting) >= MAX_PENDING:
                self._emptier.wait()
        self._outbox.wait_for_room()
        # END SOLUTION

    # BEGIN SOLUTION 2.6
    def _send_ready(self) -> None:
        with self._lock:
            while self._waiting and _is_ready(self._waiting[0][1]):
                call, answer = self._waiting.popleft()
                reply = answer if isinstance(answer, Reply) else _reply(call, answer)
                self._outbox.reply(reply.frame, reply.body)
            self._emptier.notify_all()

    # END SOLUTION


# BEGIN SOLUTION 2.6
def _is_ready(answer: Future[Data] | Reply) -> bool:
    return isinstance(answer, Reply) or answer.done()


def _reply(call: Call, answer: Future[Data]) -> Reply:
    try:
        return call.reply(answer.result())
    except Exception as error:  # refused, or a bug behind the future: answered like any other
        return call.failure(error)


# END SOLUTION
