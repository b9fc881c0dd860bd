"""The fixture ``proxy``: a server behind faults, for ``connect`` and for clients under test."""

import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from .. import story
from ..json_types import JsonObject
from ..programs import Server
from .engine import Proxy
from .events import Cut, Direction, Event
from .faults import Faults
from .trap import Trap
from .watch import Watch

LINES_KEPT = 60


class ServerProxy:
    """``server`` as seen through a proxy; has its host, port and name as any server has.

    What passed last stands in the report of a failed test, as the log of a program does.
    """

    def __init__(self, server: Server, faults: Faults) -> None:
        self.name = f"{server.name} behind a proxy"
        self._server = server
        self._watch = Watch()
        self._lines: deque[str] = deque(maxlen=LINES_KEPT)
        self._events: list[Event] = []
        self._traps: list[Trap] = []
        self._lock = threading.Lock()
        self._proxy = Proxy((server.host, server.port), faults, observer=self._note)
        self.host, self.port = self._proxy.host, self._proxy.port
        story.current().involve(self)
        self._tell(f"stands before {server.name} at {self.host}:{self.port}: {faults}")

    @property
    def events(self) -> list[Event]:
        """What has happened so far (events.py)."""
        with self._lock:
            return list(self._events)

    def cut(self, how: Cut | str = Cut.RESET) -> int:
        """Cut all open connections ("reset", "close" or "hang"); return how many there were."""
        self._tell(f"cuts all connections: {how}")
        return self._proxy.cut(how)

    def lose_answer(self, *texts: bytes) -> Trap:
        """Cut one connection, once: on which ``texts`` pass to the server, when it answers.

        What it was asked has happened then, and nobody is told. ``.wait(seconds)`` for it.
        """
        self._tell(f"will lose the answer to {' … '.join(map(repr, texts))}")
        trap = Trap(*texts)
        self._traps.append(trap)
        return trap

    @contextmanager
    def held(self, direction: Direction | str) -> Iterator[None]:
        """Let nothing pass this way ("to-server", "to-client") as long as this holds."""
        self._tell(f"holds everything {direction}")
        self._proxy.hold(direction)
        yield
        self._tell(f"lets everything {direction} pass again")
        self._proxy.hold(direction, False)

    def use(self, **faults: Any) -> None:
        """From now on do this (see Faults) to new connections; without faults nothing."""
        self._proxy.faults = Faults(**faults)
        self._tell(f"from now on: {self._proxy.faults}")

    def assert_alive(self) -> None:
        """Raise ProgramFailed when the server behind it is gone."""
        self._server.assert_alive()

    def testimony(self) -> JsonObject:
        """Return what passed last, as the log of a program."""
        with self._lock:
            lines = "\n".join(self._lines)
        return {"name": self.name, "state": "what passed", "stdout": lines, "stderr": ""}

    def dispose(self) -> None:
        """End all connections and the proxy."""
        self._proxy.close()

    def _note(self, event: Event) -> None:
        with self._lock:
            self._events.append(event)
            self._lines += [line.plain for line in self._watch.lines(event)]
        if any(trap.springs(event) for trap in self._traps):
            self._proxy.cut_one(event.connection)

    def _tell(self, words: str) -> None:
        story.current().tell("the proxy", words)


@pytest.fixture
def proxy(request: pytest.FixtureRequest) -> Iterator[Callable[..., ServerProxy]]:
    """Put a proxy before a server: ``proxy(server, split="random", seed=7)``; faults as in Faults.

    It can stand wherever a server can: ``connect(proxy(server))``, ``launch(key, to=...)``. Without
    ``seed`` it is the run's (``--seed``).
    """
    run_seed = request.config.getoption("--seed")
    opened: list[ServerProxy] = []

    def open_one(server: Server, **faults: Any) -> ServerProxy:
        opened.append(ServerProxy(server, Faults(**{"seed": run_seed, **faults})))
        return opened[-1]

    yield open_one
    for each in opened:
        each.dispose()
