"""The proxy itself: listens, makes a link for each client, and runs them all in one thread."""

import asyncio
import itertools
import socket
import threading
from collections.abc import Coroutine
from types import TracebackType
from typing import Any, TypeVar

from .events import Closed, Cut, Direction, Event, Observer
from .faults import Faults
from .link import Address, Link
from .side import Side

T = TypeVar("T")

LOOK_SECONDS = 0.25
# What was written shall still arrive when the proxy ends, but a side that does not read cannot
# keep it from ending.
END_SECONDS = 0.5


def ignore(event: Event) -> None:
    """Observe nothing."""


class Proxy:
    """Stands between clients and the server at ``to``; ``host`` and ``port`` are for the clients.

    It runs in a thread of its own from the beginning until close(). ``observer`` is called there
    with every event; while it works nothing passes. ``faults`` may be replaced at any time: they
    hold for connections that come after. Raises OSError when it cannot listen.
    """

    def __init__(
        self,
        to: Address,
        faults: Faults | None = None,
        *,
        listen: Address = ("127.0.0.1", 0),
        observer: Observer = ignore,
    ) -> None:
        self.to = to
        self.faults = faults or Faults()
        self._observer = observer
        self._numbers = itertools.count(1)
        self._links: dict[int, Link] = {}
        self._held: set[Direction] = set()  # ways on which nothing passes now
        family = socket.AF_INET6 if ":" in listen[0] else socket.AF_INET
        self._listener = socket.create_server(listen, family=family, backlog=1024)
        self.host, self.port = self._listener.getsockname()[:2]
        # Windows' other loop ends a connection in order also where we want to reset it.
        self._loop = asyncio.SelectorEventLoop()
        self._thread = threading.Thread(target=self._run, name="proxy", daemon=True)
        self._thread.start()
        self._do(self._open())

    def __enter__(self) -> "Proxy":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def cut(self, how: Cut | str = Cut.RESET) -> int:
        """Cut all open connections ("reset", "close" or "hang"); return how many there were."""
        return self._do(self._cut(Cut(how)))

    def cut_one(self, number: int, how: Cut | str = Cut.RESET) -> None:
        """Cut the connection of this number; for an observer: what it is told of does not pass."""
        if link := self._links.get(number):
            link.cut(Cut(how))

    def hold(self, direction: Direction | str, on: bool = True) -> None:
        """Let nothing pass this way on any connection until ``hold(direction, False)``."""
        self._do(self._hold(Direction(direction), on))

    def close(self) -> None:
        """End every connection in order, and the proxy; may be called again."""
        if self._thread.is_alive():
            self._do(self._end())
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()

    def _do(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    # --- in the thread ---

    def _run(self) -> None:
        self._loop.run_forever()
        self._loop.close()

    async def _open(self) -> None:
        self._server = await self._loop.create_server(self._accept, sock=self._listener)
        self._look()

    def _accept(self) -> Side:
        number = next(self._numbers)
        self._links[number] = Link(number, self.to, self.faults, self._note, self._held)
        return self._links[number].client

    def _note(self, event: Event) -> None:
        if isinstance(event, Closed):
            self._links.pop(event.connection)
        self._observer(event)

    def _look(self) -> None:
        for link in list(self._links.values()):
            link.look()
        self._loop.call_later(LOOK_SECONDS, self._look)

    async def _cut(self, how: Cut) -> int:
        links = list(self._links.values())
        for link in links:
            link.cut(how)
        return len(links)

    async def _hold(self, direction: Direction, on: bool) -> None:
        (self._held.add if on else self._held.discard)(direction)
        for link in list(self._links.values()):
            link.pump(direction)

    async def _end(self) -> None:
        self._server.close()
        self._held.clear()
        for link in list(self._links.values()):
            link.close()
        end = self._loop.time() + END_SECONDS
        while self._links and self._loop.time() < end:
            await asyncio.sleep(0.005)
        for link in list(self._links.values()):
            link.abort()
        while self._links:
            await asyncio.sleep(0)
