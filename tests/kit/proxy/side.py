"""One of a connection's two sockets, as asyncio's protocol: what it tells, how it is ended."""

import asyncio
import contextlib
import socket
import struct
import sys
from typing import Protocol

from .events import Direction
from .faults import End

CHUNK = 1024 * 1024


class Owner(Protocol):
    """Who is told what a side does: the link (link.py)."""

    def side_opened(self, side: "Side") -> None:
        """The side is connected."""

    def received(self, side: "Side", data: bytes) -> None:
        """It sent bytes."""

    def ended(self, side: "Side", how: End) -> None:
        """It sends no more."""

    def lost(self, side: "Side", data: bytes) -> None:
        """It was reset; ``data`` had arrived before."""

    def side_closed(self) -> None:
        """Its socket is closed."""

    def has_ended(self, direction: Direction) -> bool:
        """Whether the source of this direction sends no more."""

    def pump(self, direction: Direction) -> None:
        """Go on passing in this direction."""


def reset_when_closed(sock: socket.socket) -> None:
    """Make closing this socket a reset (RST)."""
    # struct linger: on, 0 seconds; its fields are shorts on Windows.
    linger = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)


class Side(asyncio.Protocol):
    """One of the two sockets; what is read from it goes in ``direction``."""

    transport: asyncio.Transport

    def __init__(self, link: Owner, direction: Direction) -> None:
        self.direction = direction
        self.is_open = False
        self.is_reading = True
        self._is_full = False
        self._link = link

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        # Any byte that the system does not take at once means: wait, or pieces would be joined.
        transport.set_write_buffer_limits(0)
        self.is_open = True
        self._link.side_opened(self)

    def data_received(self, data: bytes) -> None:
        self._link.received(self, data)

    def eof_received(self) -> bool:
        self.is_reading = False
        self._link.ended(self, End.FIN)
        return True  # keep it open: answers may still go the other way

    def connection_lost(self, error: Exception | None) -> None:
        self.is_open = False
        if error is not None:
            self._link.lost(self, self._last_bytes())
        self._link.side_closed()

    def pause_writing(self) -> None:
        self._is_full = True

    def resume_writing(self) -> None:
        self._is_full = False
        self._link.pump(self.direction.other)

    @property
    def can_write(self) -> bool:
        """Whether the next piece may be written: the last one was taken, and nothing is broken."""
        return self.is_open and not self._is_full and not self.transport.is_closing()

    def hold(self, hold: bool) -> None:
        """Stop reading, or go on."""
        if self.is_open and self.is_reading == hold and not self._link.has_ended(self.direction):
            self.is_reading = not hold
            (self.transport.pause_reading if hold else self.transport.resume_reading)()

    def look(self) -> None:
        """Notice a reset also while nothing is read or written, when no event would tell.

        Windows does not tell even then: there the reset is noticed when reading goes on.
        """
        if not self.is_open or self.is_reading or self.transport.is_closing():
            return
        sock = self.transport.get_extra_info("socket")
        if sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
            self._link.lost(self, self._last_bytes())
            self.transport.abort()

    def end(self) -> None:
        """Say that nothing more comes (FIN); what is written before goes first."""
        if self.is_open:
            with contextlib.suppress(OSError):  # the peer may be gone already
                self.transport.write_eof()

    def reset(self) -> None:
        """Break the connection with a reset (RST)."""
        if self.is_open:
            with contextlib.suppress(OSError):
                reset_when_closed(self.transport.get_extra_info("socket"))
            self.transport.abort()

    def _last_bytes(self) -> bytes:
        """Return what had arrived before the connection broke: a peer would still read that."""
        data = bytearray()
        with (
            contextlib.suppress(OSError),
            self.transport.get_extra_info("socket").dup() as twin,
        ):
            twin.setblocking(False)
            while part := twin.recv(CHUNK):
                data += part
        return bytes(data)
