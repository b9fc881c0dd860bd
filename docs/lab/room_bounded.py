"""A toy room, design 3: a queue for each reader, and whoever lets it fill is dropped.

``python docs/lab/room_bounded.py [PORT]``; each line that one says goes to all who are there.
"""

import queue
import socket
import sys
import threading

Queue = queue.Queue[bytes]

members: dict[socket.socket, Queue] = {}
lock = threading.Lock()
MOST = 8_000


def serve(member: socket.socket) -> None:
    """Pass on what one member says."""
    waiting: Queue = queue.Queue(MOST)
    threading.Thread(target=write, args=[member, waiting], daemon=True).start()
    with lock:
        members[member] = waiting
    with member, member.makefile("rb") as lines:
        for line in lines:
            with lock:
                for reader, each in list(members.items()):
                    pass_on(line, reader, each)
    with lock:
        members.pop(member, None)


def pass_on(line: bytes, reader: socket.socket, waiting: Queue) -> None:
    """Queue a line for a reader, or drop the reader; never waits."""
    try:
        waiting.put_nowait(line)
    except queue.Full:
        print(f"{MOST:,} lines wait for one reader: it is dropped", flush=True)
        del members[reader]
        reader.shutdown(socket.SHUT_RDWR)  # ends its threads, too


def write(member: socket.socket, waiting: Queue) -> None:
    """Send one member what waits for it."""
    try:
        while True:
            member.sendall(waiting.get())
    except OSError:
        pass  # it is gone, or was dropped


def main() -> None:
    """Open the room."""
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 0
    with socket.create_server(("127.0.0.1", port)) as server:
        print(f"bounded: the room is open at port {server.getsockname()[1]}", flush=True)
        while True:
            member, _ = server.accept()
            threading.Thread(target=serve, args=[member], daemon=True).start()


if __name__ == "__main__":
    main()
