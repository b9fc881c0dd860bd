"""Raw bytes behind a message, as they come off a socket: counted, never gathered in memory."""

import socket
from collections.abc import Iterator

from .errors import ConnectionLost
from .frames import FrameDecoder

CHUNK = 256 * 1024


class IncomingBody:
    """The ``length`` bytes that follow the frame just read: some are in the decoder already."""

    def __init__(self, sock: socket.socket, decoder: FrameDecoder, length: int) -> None:
        self._socket = sock
        self._decoder = decoder
        self.left = length

    def chunks(self) -> Iterator[memoryview]:
        """Yield the bytes as they arrive; a chunk is valid until the next one is asked for.

        Raises ConnectionLost when the stream ends or breaks before the last byte.
        """
        if early := self._decoder.take(self.left):
            self.left -= len(early)
            yield memoryview(early)
        buffer = memoryview(bytearray(min(self.left, CHUNK)))
        while self.left:
            count = self._read_into(buffer[: self.left])
            self.left -= count
            yield buffer[:count]

    def drop(self) -> None:
        """Read the rest and forget it."""
        for _ in self.chunks():
            pass

    def _read_into(self, buffer: memoryview) -> int:
        try:
            count = self._socket.recv_into(buffer)
        except OSError as error:
            raise ConnectionLost(f"{self.left} bytes before the end of a body: {error}") from error
        if count == 0:
            raise ConnectionLost(f"closed {self.left} bytes before the end of a body")
        return count
