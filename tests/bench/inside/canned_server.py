"""A server that does nothing: it answers every frame with the same bytes.

``python -m tests.bench.inside.canned_server FRAME_BYTES REPLY_HEX``: counts frames of one known
size. Against it a generator reaches its own ceiling.
"""

import socket
import sys


def main(size: int, reply: bytes) -> None:
    """Serve one connection until it closes."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        print("READY canned", *listening.getsockname(), flush=True)
        connection, _ = listening.accept()
    with connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        left = 0
        while data := connection.recv(1 << 16):
            frames, left = divmod(left + len(data), size)
            connection.sendall(reply * frames)


if __name__ == "__main__":
    main(int(sys.argv[1]), bytes.fromhex(sys.argv[2]))
