"""An audience for benchmarks: readers that look for the last message of a round, and at no other.

``python -m tests.bench.inside.audience HOST PORT READERS``: standard input first has what each
reader says when it connects, a line of hexadecimal digits each. READY is printed once all have
said it and nothing more comes. Then each line of input is a text; when every reader has read it,
``DONE bytes`` is printed. The search is one ``find`` in C over each piece that was read, so that
one process can drain as fast as several can send.
"""

import selectors
import socket
import sys

PIECE = 1 << 18
QUIET_SECONDS = 0.5


class Audience:
    """Readers of one server, drained together."""

    def __init__(self, host: str, port: int, greetings: list[bytes]) -> None:
        self._selector = selectors.DefaultSelector()
        self._buffer = bytearray(PIECE)
        for greeting in greetings:
            sock = socket.create_connection((host, port))
            sock.sendall(greeting)
            sock.setblocking(False)
            self._selector.register(sock, selectors.EVENT_READ, bytearray())
            self._read_some(0)
        while self._read_some(QUIET_SECONDS):
            pass

    def wait_for(self, text: bytes) -> int:
        """Read until everybody has read ``text``; return how many bytes that were."""
        missing = len(self._selector.get_map())
        total = 0
        while missing:
            for key, _ in self._selector.select():
                count = self._receive(key)
                total += count
                tail: bytearray = key.data  # the text may come in two pieces
                piece = memoryview(self._buffer)[:count]
                if self._buffer.find(text, 0, count) >= 0 or text in tail + bytes(
                    piece[: len(text)]
                ):
                    missing -= 1
                tail += piece[-len(text) :]
                del tail[: -len(text)]
        return total

    def _read_some(self, seconds: float) -> int:
        ready = self._selector.select(seconds)
        return sum(self._receive(key) for key, _ in ready)

    def _receive(self, key: selectors.SelectorKey) -> int:
        assert isinstance(key.fileobj, socket.socket)
        count = key.fileobj.recv_into(self._buffer)
        if count == 0:
            raise SystemExit("a reader was dropped")
        return count


def main(host: str, port: int, readers: int) -> None:
    """Connect, then drain as told."""
    greetings = [bytes.fromhex(sys.stdin.readline()) for _ in range(readers)]
    audience = Audience(host, port, greetings)
    print("READY", flush=True)
    for line in sys.stdin:
        print("DONE", audience.wait_for(line.strip().encode()), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
