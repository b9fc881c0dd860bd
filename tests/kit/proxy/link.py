"""One connection through the proxy: a socket to the client, one to the server, a plan each way.

It passes on what each side does: bytes as bytes, FIN as FIN, RST as RST. Everything here runs in
the thread of the proxy's event loop.
"""

import asyncio
import os
import time
from collections.abc import Container

from .events import (
    Closed,
    Cut,
    Direction,
    Ended,
    Event,
    Observer,
    Opened,
    Passed,
    Reset,
    Unreachable,
    WasCut,
)
from .faults import End, Faults
from .side import Side

# So many bytes may wait in one direction; then its sender is held back, as by any slow receiver.
HIGH_WATER = 1024 * 1024
# After so many pieces in a row the other connections get their turn.
TURN = 64
# After a cut in order: how long the two sides may take to close before they are closed.
CLOSE_SECONDS = 1.0

Address = tuple[str, int]


def at(address: Address) -> str:
    """Return an address as people write it."""
    host, port = address[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


class Link:
    """A client's connection and the one to the server that is made for it.

    ``number`` counts from 1. ``observer`` is told what happens; ``is_over`` when both are closed.
    While a direction is in ``held`` nothing passes that way; ``pump`` it when that has changed.
    """

    def __init__(
        self,
        number: int,
        to: Address,
        faults: Faults,
        observer: Observer,
        held: Container[Direction] = (),
    ) -> None:
        self.number = number
        self.is_over = False
        self._to = to
        self._faults = faults
        self._observe = observer
        self._held = held
        self._plans = {way: faults.plan(number, way) for way in Direction}
        # A side is called by the way that its bytes take: what the client sends goes to the server.
        self.client = Side(self, Direction.TO_SERVER)
        self._server = Side(self, Direction.TO_CLIENT)
        self._ends: dict[Direction, bool] = {}  # ended by its source; True: that is passed on
        self._cut: Cut | None = None
        self._lost = 0
        self._timers: dict[Direction, asyncio.TimerHandle] = {}
        self._connecting: asyncio.Task[None] | None = None

    # --- what the sides tell ---

    def side_opened(self, side: Side) -> None:
        """Connect to the server for an accepted client; when that stands, let bytes pass."""
        if side is self.client:
            side.hold(True)
            self._connecting = asyncio.get_running_loop().create_task(self._connect())
            return
        if not self.client.is_open:  # it went away meanwhile
            side.reset()
            return
        client = self.client.transport.get_extra_info("peername") or ("?", 0)
        self._tell(Opened(time.time(), self.number, at(client), at(self._to)))
        for direction in Direction:
            self.pump(direction)
        if self._cut is None:
            self.client.hold(False)

    async def _connect(self) -> None:
        try:
            await asyncio.get_running_loop().create_connection(lambda: self._server, *self._to)
        except OSError as error:
            # asyncio's own text repeats the address; where several were tried it is all there is.
            reason = os.strerror(error.errno) if error.errno else str(error)
            self._tell(Unreachable(time.time(), self.number, at(self._to), reason))
            self.client.reset()

    def received(self, side: Side, data: bytes) -> None:
        """Take what a side sent."""
        if self._cut:
            self._lost += len(data)
            return
        self._plans[side.direction].feed(_now(), data)
        self.pump(side.direction)

    def ended(self, side: Side, how: End) -> None:
        """Note that a side sends no more."""
        self._ends[side.direction] = False
        if self._cut:
            self._close_if_over()
            return
        self._plans[side.direction].end(_now(), how)
        self.pump(side.direction)

    def lost(self, side: Side, data: bytes) -> None:
        """Pass on that a side has reset its connection, behind what it had sent before."""
        self._drop(side.direction.other)
        if data:
            self.received(side, data)
        self.ended(side, End.RESET)

    def side_closed(self) -> None:
        """Tell that it is over when the second socket is closed."""
        if not self.client.is_open and not self._server.is_open and not self.is_over:
            self.is_over = True
            self._stop_connecting()
            for direction in Direction:
                self._drop(direction)
            self._tell(Closed(time.time(), self.number, self._lost))

    def has_ended(self, direction: Direction) -> bool:
        """Whether the source of this direction sends no more."""
        return direction in self._ends

    # --- passing on ---

    def pump(self, direction: Direction) -> None:
        """Pass on what is due in one direction, and see to it that we come back for the rest."""
        plan, target = self._plans[direction], self._side_to(direction)
        for _ in range(TURN):
            if self._cut or not target.can_write or direction in self._held:
                break
            if plan.must_cut:
                self.cut(Cut(self._faults.cut))
                return
            step = plan.take(_now())
            if step is None:
                break
            if isinstance(step, End):
                self._pass_end(direction, step)
                return
            # Told first, so that who has received something finds it among the events.
            self._tell(Passed(time.time(), self.number, direction, step))
            if self._cut:  # by the observer
                self._lost += len(step)
                return
            target.transport.write(step)
        self._come_back(direction)

    def _come_back(self, direction: Direction) -> None:
        plan, target = self._plans[direction], self._side_to(direction)
        if timer := self._timers.pop(direction, None):
            timer.cancel()
        if self._cut:
            return
        if not target.can_write and target.is_open and plan.is_reset(_now()):
            self._pass_end(direction, End.RESET)  # a reset does not wait for a reader
            return
        self._side_from(direction).hold(plan.held >= HIGH_WATER)
        when = plan.wake_at()
        if when is not None and target.can_write and direction not in self._held:
            loop = asyncio.get_running_loop()
            self._timers[direction] = loop.call_at(when, self.pump, direction)

    def _pass_end(self, direction: Direction, how: End) -> None:
        self._ends[direction] = True
        target = self._side_to(direction)
        if how is End.RESET:
            self._tell(Reset(time.time(), self.number, direction))
            self._side_from(direction).reset()
            target.reset()
            return
        self._tell(Ended(time.time(), self.number, direction))
        target.end()
        self._close_if_over()

    def _close_if_over(self) -> None:
        passed_on = all(self._ends.get(way, False) for way in Direction)
        if passed_on or (self._cut and len(self._ends) == len(Direction)):
            self.close()

    # --- ending it ourselves ---

    def cut(self, how: Cut) -> None:
        """Cut the connection now; what waits is lost."""
        if self.is_over or self._cut:
            return
        self._cut = how
        for direction in Direction:
            self._drop(direction)
        self._tell(WasCut(time.time(), self.number, how))
        self._stop_connecting()
        for side in (self.client, self._server):
            side.hold(False)  # what still comes is thrown away, and the end of it is noticed
            if how is Cut.RESET:
                side.reset()
            elif how is Cut.CLOSE:
                side.end()
        if how is Cut.CLOSE:
            asyncio.get_running_loop().call_later(CLOSE_SECONDS, self.close)

    def close(self) -> None:
        """Close both sockets in order."""
        self._stop_connecting()
        for side in (self.client, self._server):
            if side.is_open:
                side.transport.close()

    def abort(self) -> None:
        """Close both sockets whatever waits to be written."""
        for side in (self.client, self._server):
            if side.is_open:
                side.transport.abort()

    def look(self) -> None:
        """Do what no event tells; called a few times a second.

        That is a reset of a side that is not read, and one that must not wait for a reader longer.
        """
        self.client.look()
        self._server.look()
        for direction in Direction:
            if self._plans[direction].held and not self._cut:
                self.pump(direction)

    # --- the inside ---

    def _stop_connecting(self) -> None:
        if self._connecting is not None and not self._server.is_open:
            self._connecting.cancel()

    def _side_to(self, direction: Direction) -> Side:
        return self._server if direction is Direction.TO_SERVER else self.client

    def _side_from(self, direction: Direction) -> Side:
        return self._side_to(direction.other)

    def _drop(self, direction: Direction) -> None:
        self._lost += self._plans[direction].held
        self._plans[direction].clear()
        if timer := self._timers.pop(direction, None):
            timer.cancel()

    def _tell(self, event: Event) -> None:
        self._observe(event)


def _now() -> float:
    return asyncio.get_running_loop().time()
