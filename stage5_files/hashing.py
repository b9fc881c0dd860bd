"""The md5 of a file while it grows: computed behind the writer, on a thread of its own.

Receiving and hashing one after the other would take the time of both. The bytes are read back from
the file just written; they are still in memory, so that costs next to nothing, it needs no buffers
handed between threads, and it goes on from any state in which a cut has left the file. hashlib
releases the interpreter's lock, so the hash runs on the second core.
"""

import contextlib
import hashlib
import threading
from pathlib import Path

READ_SIZE = 256 * 1024
# Less than this is not worth a thread; whoever asks for the digest hashes it then.
THREAD_BYTES = 1024 * 1024
# The writer waits when the hash is so far behind: else a whole file could be left to hash at the
# end, by one processor, while the other has nothing to do.
MOST_BEHIND = 32 * THREAD_BYTES
STEP = 4 * THREAD_BYTES  # after each the writer may go on
PAUSE_SECONDS = 0.1  # a thread with nothing to do waits so long for more, and ends


def new_md5(content: bytes = b"") -> "hashlib._Hash":
    """Return a new md5; it guards against accidents, not against attackers, and says so."""
    return hashlib.md5(content, usedforsecurity=False)


EMPTY_MD5 = new_md5().hexdigest()


class FollowingMd5:
    """The md5 of the first bytes of a file; may be used from any thread.

    Between bursts no thread runs and no file is open, so a thousand idle uploads cost nothing.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._md5 = new_md5()
        self._hashed = 0  # guarded by _hashing
        self._hashing = threading.Lock()
        self._known = 0  # guarded by _state
        self._thread: threading.Thread | None = None
        self._state = threading.Condition()

    def feed(self, chunk: memoryview, offset: int) -> None:
        """Hash the bytes that were just written at ``offset``, if the hash has come so far.

        That saves reading them back. Only for the first THREAD_BYTES of a file, and where nobody
        has to wait: all else is left to the thread, which hashes while more bytes come.
        """
        # BEGIN SOLUTION 5.3
        if offset + len(chunk) <= THREAD_BYTES and self._hashing.acquire(blocking=False):
            try:
                if self._hashed == offset:
                    self._md5.update(chunk)
                    self._hashed += len(chunk)
            finally:
                self._hashing.release()
        # END SOLUTION

    def grown_to(self, size: int) -> None:
        """Say that the first ``size`` bytes are in the file and will not change.

        From THREAD_BYTES on a thread hashes them; this waits while it is MOST_BEHIND or more.
        """
        # BEGIN SOLUTION 5.3
        with self._state:
            self._known = max(self._known, size)
            if self._known - self._hashed < THREAD_BYTES:
                return
            if not self._is_followed():
                self._thread = threading.Thread(target=self._follow, name="md5", daemon=True)
                self._thread.start()
            self._state.notify_all()
            while self._is_followed() and self._known - self._hashed > MOST_BEHIND:
                self._state.wait(PAUSE_SECONDS)
        # END SOLUTION

    def hexdigest(self) -> str:
        """Return the md5 of what the file has grown to; raises OSError when it cannot be read."""
        # BEGIN SOLUTION 5.3
        with self._hashing:
            self._hash_to(self._known)
            return self._md5.hexdigest()
        # END SOLUTION

    # BEGIN SOLUTION 5.3
    def _follow(self) -> None:
        # A file that cannot be read is the business of hexdigest, which tries again and says so.
        with contextlib.suppress(OSError):
            while (target := self._next_target()) is not None:
                with self._hashing:
                    self._hash_to(target)

    def _next_target(self) -> int | None:
        """Wait until there is something to hash; return how far to go, or None for the end."""
        with self._state:
            self._state.notify_all()
            if not self._state.wait_for(self._is_worth_it, PAUSE_SECONDS):
                self._thread = None  # said before anybody can rely on this thread again
                return None
            return min(self._known, self._hashed + STEP)

    def _is_followed(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    def _is_worth_it(self) -> bool:
        return self._known - self._hashed >= THREAD_BYTES

    def _hash_to(self, end: int) -> None:
        if self._hashed >= end:
            return
        buffer = memoryview(bytearray(min(READ_SIZE, end - self._hashed)))
        with self._path.open("rb", buffering=0) as file:
            file.seek(self._hashed)
            while self._hashed < end:
                count = file.readinto(buffer[: end - self._hashed])
                if not count:
                    raise OSError(f"{self._path.name} ends after {self._hashed} of {end} bytes")
                self._md5.update(buffer[:count])
                self._hashed += count

    # END SOLUTION
