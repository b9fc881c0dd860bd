"""A crowd of readers for benchmarks: connects, then counts bytes and looks at none of them.

``python -m tests.bench.inside.drain HOST PORT READERS``: prints READY when all are connected. Then
each line on standard input is a number of bytes to read from all of them together; when they have
come it prints DONE. The bytes are counted in big pieces, so that one process can drain as fast as
several can send; its own ceiling is what a bare sendall loop to it reaches.
"""

import selectors
import socket
import sys

PIECE = 1 << 18


def main(host: str, port: int, readers: int) -> None:
    """Connect, then drain as told."""
    selector = selectors.DefaultSelector()
    for _ in range(readers):
        sock = socket.create_connection((host, port))
        sock.setblocking(False)
        selector.register(sock, selectors.EVENT_READ)
    print("READY", flush=True)
    buffer = bytearray(PIECE)
    for line in sys.stdin:
        left = int(line)
        while left > 0:
            for key, _ in selector.select():
                assert isinstance(key.fileobj, socket.socket)
                count = key.fileobj.recv_into(buffer)
                if count == 0:
                    raise SystemExit("a reader was dropped")
                left -= count
        print("DONE", flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
