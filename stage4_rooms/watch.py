"""The session watch: takes the connections of ended sessions out of the room within a second.

A connection that only listens sends nothing that could be checked; so the tokens of all connections
are looked up again and again, many in one query.
"""

import threading
from collections.abc import Callable

from stage1_echo import LOG
from stage3_auth import SessionStore, StorageUnavailable

from .hub import Hub

EVERY_SECONDS = 0.4


class SessionWatch:
    """Looks after the sessions of everybody who has entered a hub, on a thread of its own."""

    def __init__(self, hub: Hub, sessions: SessionStore, clock: Callable[[], float]) -> None:
        self._hub = hub
        self._sessions = sessions
        self._clock = clock
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="session watch", daemon=True)

    def start(self) -> None:
        """Begin to watch."""
        self._thread.start()

    def stop(self) -> None:
        """End."""
        self._ended.set()

    def _run(self) -> None:
        while not self._ended.wait(EVERY_SECONDS):
            try:
                self._look()
            except StorageUnavailable:
                pass  # nothing is known, so nobody is thrown out; messages are refused anyway
            except Exception:  # whatever it is, sessions must be watched on
                LOG.exception("the session watch failed")

    def _look(self) -> None:
        """Take everybody out whose session is not live any more."""
        # BEGIN SOLUTION 4.9
        tokens = self._hub.tokens()
        if not tokens:
            return
        live = self._sessions.live_among(set(tokens.values()), self._clock())
        for peer, token in tokens.items():
            if token not in live:
                self._hub.leave(peer, token)
        # END SOLUTION
