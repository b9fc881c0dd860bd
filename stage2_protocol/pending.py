"""The requests of a client that are not answered yet: each is found again by its id."""

import itertools
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass

from .errors import ConnectionLost
from .service import Data

# Takes the data of a reply, returns what takes the raw bytes behind it.
Sink = Callable[[Data], Callable[[memoryview], object]]


@dataclass(frozen=True)
class PendingRequest:
    """One request under way: the future of its answer, and where raw bytes behind it go."""

    answer: Future[Data]
    sink: Sink | None


class PendingRequests:
    """All requests of one connection that are under way; its methods may be called by any thread.

    Whoever gets a future from here may cancel it: the answer is then dropped.
    """

    def __init__(self) -> None:
        self.ended: ConnectionLost | None = None  # the reason, once it is over
        # BEGIN SOLUTION 2.8
        self._ids = itertools.count(1)
        self._requests: dict[int, PendingRequest] = {}  # guarded by _lock
        self._lock = threading.Lock()
        # END SOLUTION

    def new_id(self) -> int:
        """Return an id that was not used before."""
        # BEGIN SOLUTION 2.8
        return next(self._ids)
        # END SOLUTION

    def add(self, id: int, sink: Sink | None) -> Future[Data]:
        """Note a request that is about to be sent; raises ConnectionLost after the end."""
        # BEGIN SOLUTION 2.8
        request = PendingRequest(Future(), sink)
        with self._lock:
            if self.ended is not None:
                raise ConnectionLost(str(self.ended))
            self._requests[id] = request
        return request.answer
        # END SOLUTION

    def take(self, id: object) -> PendingRequest | None:
        """Return the request that a reply with this id answers; None when nobody waits for it."""
        # BEGIN SOLUTION 2.8
        if type(id) is not int:  # true is no id, although Python finds it where 1 stands
            return None
        with self._lock:
            request = self._requests.pop(id, None)
        if request is None or not request.answer.set_running_or_notify_cancel():
            return None
        return request
        # END SOLUTION

    def end(self, reason: ConnectionLost) -> bool:
        """Fail all requests, and those that would be added later; False if that was done before."""
        # BEGIN SOLUTION 2.8
        with self._lock:
            if self.ended is not None:
                return False
            self.ended = reason
            requests = list(self._requests.values())
            self._requests.clear()
        for request in requests:
            if request.answer.set_running_or_notify_cancel():
                request.answer.set_exception(reason)
        return True
        # END SOLUTION
