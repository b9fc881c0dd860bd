"""A toy room, design 1: one lock, and every reader is written to while it is held.

``python docs/lab/room_one_lock.py [PORT]``; each line that one says goes to all who are there.
"""

import socket
import sys
import threading

members: set[socket.socket] = set()
lock = threading.Lock()


def serve(member: socket.socket) -> None:
    """Pass on what one member says."""
    with lock:
        members.add(member)
    with member, member.makefile("rb") as lines:
        for line in lines:
            with lock:
                for reader in members:
                    reader.sendall(line)  # returns when the line is on its way, not earlier
    with lock:
        members.discard(member)


def main() -> None:
    """Open the room."""
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 0
    with socket.create_server(("127.0.0.1", port)) as server:
        print(f"one lock: the room is open at port {server.getsockname()[1]}", flush=True)
        while True:
            member, _ = server.accept()
            threading.Thread(target=serve, args=[member], daemon=True).start()


if __name__ == "__main__":
    main()
