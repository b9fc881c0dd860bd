"""A toy room, design 2: a queue for each reader, and a thread that empties it.

``python docs/lab/room_queues.py [PORT]``; each line that one says goes to all who are there.
"""

import queue
import socket
import sys
import threading

Queue = queue.SimpleQueue[bytes]

members: dict[socket.socket, Queue] = {}
lock = threading.Lock()
REPORT_EVERY = 10_000


def serve(member: socket.socket) -> None:
    """Pass on what one member says."""
    waiting: Queue = queue.SimpleQueue()
    threading.Thread(target=write, args=[member, waiting], daemon=True).start()
    with lock:
        members[member] = waiting
    with member, member.makefile("rb") as lines:
        for number, line in enumerate(lines, 1):
            with lock:
                for each in members.values():
                    each.put(line)  # never waits
            if number % REPORT_EVERY == 0:
                longest = max(each.qsize() for each in members.values())
                print(f"{number:,} lines were said; the longest queue has {longest:,}", flush=True)
    with lock:
        del members[member]


def write(member: socket.socket, waiting: Queue) -> None:
    """Send one member what waits for it."""
    while True:
        member.sendall(waiting.get())  # waits for this reader, and nobody else does


def main() -> None:
    """Open the room."""
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 0
    with socket.create_server(("127.0.0.1", port)) as server:
        print(f"queues: the room is open at port {server.getsockname()[1]}", flush=True)
        while True:
            member, _ = server.accept()
            threading.Thread(target=serve, args=[member], daemon=True).start()


if __name__ == "__main__":
    main()
