"""Who speaks in a benchmark: a connection with messages in flight, which counts the answers."""

import socket
import struct
from collections.abc import Callable

IN_FLIGHT = 64

# Takes whole answers off the buffer and returns how many there were.
Count = Callable[[bytearray], int]


class Speaker:
    """Says messages, IN_FLIGHT at a time; ``encode(text)`` returns what is sent for one."""

    def __init__(
        self, address: tuple[str, int], encode: Callable[[str], bytes], count: Count
    ) -> None:
        self._socket = socket.create_connection(address)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._encode = encode
        self._count = count
        self._buffer = bytearray()

    def greet(self, greeting: bytes, answers: int) -> None:
        """Send what opens the connection and wait for its answers."""
        self._socket.sendall(greeting)
        while answers > 0:
            answers -= self._take()

    def say(self, texts: list[str]) -> None:
        """Say all of this and wait for the last answer."""
        requests = [self._encode(text) for text in texts]
        sent = answered = 0
        while answered < len(requests):
            if (room := IN_FLIGHT - (sent - answered)) and sent < len(requests):
                self._socket.sendall(b"".join(requests[sent : sent + room]))
                sent = min(sent + room, len(requests))
            answered += self._take()

    def close(self) -> None:
        """Close the connection."""
        self._socket.close()

    def _take(self) -> int:
        data = self._socket.recv(1 << 16)
        if not data:
            raise RuntimeError("the server closed the connection")
        self._buffer += data
        return self._count(self._buffer)


def lines(buffer: bytearray) -> int:
    """Count and take off lines."""
    end = buffer.rfind(b"\r\n") + 2
    if end < 2:
        return 0
    count = buffer.count(b"\r\n", 0, end)
    del buffer[:end]
    return count


def replies(buffer: bytearray) -> int:
    """Count and take off frames that answer something; a failure raises RuntimeError."""
    count = position = 0
    while len(buffer) - position >= 4:
        end = position + 4 + struct.unpack_from(">I", buffer, position)[0]
        if len(buffer) < end:
            break
        if buffer.find(b'"id":', position, position + 24) >= 0:  # a push has none
            if buffer.find(b'"test":0', position, end) < 0:
                raise RuntimeError(f"refused: {bytes(buffer[position + 4 : end])!r}")
            count += 1
        position = end
    del buffer[:position]
    return count
