"""The outbox: what waits to be sent to one client, bounded: a slow reader costs only itself.

Pushes come from any thread and never wait: when too much of them is queued the client is too slow
and is dropped. Replies come from the client's own thread, which waits for room: a client that asks
faster than it reads is held back by TCP, not dropped. So the two are counted apart.

To wake a thread for each of 200 readers costs more than to send (measured: 4 of 5 parts of a chat
server's time, see docs/architecture.md). So a push is offered to the socket first, and only what
the socket does not take at once is queued for the writer.
"""

import threading
import time
from collections import deque
from collections.abc import Callable

from .service import FileBody

# A member of a busy room may fall this far behind before it is dropped (it catches up by HISTORY).
PUSH_LIMIT = 4 * 1024 * 1024
REPLY_LIMIT = 1024 * 1024
# Each body that waits is an open file: a client that asks for a thousand must not get a thousand.
BODY_LIMIT = 4
# Waiting frames are written together, up to about this many bytes at a time.
BATCH_BYTES = 256 * 1024
# A push goes out at once when it is so large, or the last one was so long ago: many small ones in a
# row are better left to the writer, who joins them.
WORTH_SENDING = 2048  # bytes
PAUSE_SECONDS = 0.05

Item = bytes | FileBody
# Takes what can be sent without waiting, and returns how many bytes that was.
SendNow = Callable[[bytes], int]


class Outbox:
    """A bounded queue of frames between the threads that produce them and one writer thread.

    With ``send_now`` a push that nothing waits before does not trouble the writer.
    """

    def __init__(
        self,
        push_limit: int = PUSH_LIMIT,
        reply_limit: int = REPLY_LIMIT,
        send_now: SendNow | None = None,
    ) -> None:
        # BEGIN SOLUTION 2.7
        self._push_limit = push_limit
        self._reply_limit = reply_limit
        self._items: deque[tuple[Item, bool]] = deque()  # (item, is a push)
        self._push_bytes = 0
        self._reply_bytes = 0
        self._bodies = 0
        self._ended = False
        self._aborted = False
        self._send_now = send_now
        self._sent_at = float("-inf")  # when a push last went out at once
        self._writing = False  # the writer has something in hand that comes before all items
        self._lock = threading.Lock()
        self._filled = threading.Condition(self._lock)
        self._drained = threading.Condition(self._lock)
        # END SOLUTION

    def push(self, frame: bytes) -> bool:
        """Queue ``frame`` at once; False when too many pushes wait.

        Once the outbox has ended the frame is dropped, and that is no failure.
        """
        # BEGIN SOLUTION 2.7
        with self._lock:
            if self._push_bytes > self._push_limit:
                return False
            if not self._ended and (rest := self._send_at_once(frame)):
                self._push_bytes += len(rest)
                self._put(rest, is_push=True)
            return True
        # END SOLUTION

    def reply(self, frame: bytes, body: FileBody | None = None) -> None:
        """Queue a reply at once; dropped quietly when the outbox has ended.

        A body without bytes is not queued (``sendfile`` refuses 0); what is not queued is closed.
        """
        # BEGIN SOLUTION 2.7
        with self._lock:
            if not self._ended:
                self._reply_bytes += len(frame)
                self._put(frame, is_push=False)
                if body is not None and body.length:
                    self._items.append((body, False))
                    self._bodies += 1
                    return
        if body is not None:
            body.file.close()
        # END SOLUTION

    def wait_for_room(self) -> None:
        """Wait until there is room for one more reply, or the outbox has ended."""
        # BEGIN SOLUTION 2.7
        with self._lock:
            while self._is_full() and not self._ended:
                self._drained.wait()
        # END SOLUTION

    def take(self) -> Item | None:
        """Wait, then return what to write next: waiting frames joined, or a body; None: the end."""
        # BEGIN SOLUTION 2.7
        with self._lock:
            self._writing = False
            while not self._items and not self._ended:
                self._filled.wait()
            batch = self._take_batch()
            self._writing = batch is not None
            self._drained.notify_all()
            return batch
        # END SOLUTION

    def finish(self) -> None:
        """Accept nothing more; the writer still gets what is queued, then the end."""
        # BEGIN SOLUTION 2.7
        with self._lock:
            self._ended = True
            self._filled.notify_all()
            self._drained.notify_all()
        # END SOLUTION

    def abort(self) -> bool:
        """Accept nothing more and drop what is queued; False when that was done before."""
        # BEGIN SOLUTION 2.7
        self.finish()
        with self._lock:
            first, self._aborted = not self._aborted, True
            for item, _ in self._items:
                if isinstance(item, FileBody):
                    item.file.close()
            self._items.clear()
            return first
        # END SOLUTION

    # BEGIN SOLUTION 2.7
    def _is_full(self) -> bool:
        return self._reply_bytes > self._reply_limit or self._bodies >= BODY_LIMIT

    def _send_at_once(self, frame: bytes) -> bytes:
        """Send what goes out without waiting, if nothing is before it; return the rest."""
        if self._send_now is None or self._items or self._writing:
            return frame
        now = time.monotonic()
        if len(frame) < WORTH_SENDING and now < self._sent_at + PAUSE_SECONDS:
            return frame
        self._sent_at = now
        return frame[self._send_now(frame) :]

    def _put(self, frame: bytes, *, is_push: bool) -> None:
        self._items.append((frame, is_push))
        if len(self._items) == 1:
            self._filled.notify()

    def _take_batch(self) -> Item | None:
        """Return either the waiting frames joined into one write, or one body."""
        frames: list[bytes] = []
        size = 0
        while self._items and size < BATCH_BYTES:
            item, is_push = self._items[0]
            if isinstance(item, FileBody):
                if frames:
                    break
                self._items.popleft()
                self._bodies -= 1
                return item
            self._items.popleft()
            if is_push:
                self._push_bytes -= len(item)
            else:
                self._reply_bytes -= len(item)
            frames.append(item)
            size += len(item)
        return b"".join(frames) if frames else None

    # END SOLUTION
