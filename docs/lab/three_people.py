"""Three people in a toy room: Ann says 20,000 lines, Ben reads them, Cleo reads nothing.

``python docs/lab/three_people.py PORT [SECONDS]``. When Ben has heard nothing for so many seconds
(2 unless told otherwise), Cleo begins to read.
"""

import contextlib
import socket
import sys
import threading
from collections.abc import Callable

LINE = b"x" * 1999 + b"\n"
LINES = 20_000
CLEOS_BUFFER = 64 * 1024  # what the system takes for her; by itself it would take more and more


def enter(port: int, buffer: int = 0) -> socket.socket:
    """Connect and say a line: whoever has been heard is in the room."""
    person = socket.socket()
    if buffer:
        person.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
    person.connect(("127.0.0.1", port))
    person.sendall(LINE)
    hear(person, 1)
    return person


def hear(person: socket.socket, lines: int, heard: int = 0) -> int:
    """Read until there were so many lines, or no more come; return how many bytes that were.

    ``heard`` bytes were read before.
    """
    with contextlib.suppress(TimeoutError, ConnectionError):
        while heard < lines * len(LINE):
            data = person.recv(min(1 << 20, lines * len(LINE) - heard))
            if not data:
                break
            heard += len(data)
    return heard


def speak(ann: socket.socket) -> None:
    """Say all lines."""
    for _ in range(LINES):
        ann.sendall(LINE)


def meanwhile(work: Callable[..., object], *arguments: object) -> threading.Thread:
    """Do this in a thread of its own."""
    thread = threading.Thread(target=work, args=arguments, daemon=True)
    thread.start()
    return thread


def main() -> None:
    """Enter the room, all three, and tell what Ben hears."""
    port, seconds = int(sys.argv[1]), float(sys.argv[2]) if len(sys.argv) > 2 else 2.0
    cleo = enter(port, CLEOS_BUFFER)
    ben = enter(port)
    ann = enter(port)
    hear(ben, 1)  # Ann's first line
    print(f"Ann says {LINES:,} lines; Cleo does not read", flush=True)
    meanwhile(speak, ann)
    reading = [meanwhile(hear, ann, LINES)]
    ben.settimeout(seconds)
    heard = hear(ben, LINES)
    if heard == LINES * len(LINE):
        print(f"Ben hears {LINES:,} lines", flush=True)
        cleo.settimeout(seconds)  # she may have been dropped
    else:
        part = "a part of them, and then nothing any more" if heard else "nothing"
        print(f"Ben hears {part}", flush=True)
        print("Cleo reads", flush=True)
    # Who leaves with unread lines resets the connection: all read what is left, then leave.
    reading.append(meanwhile(hear, cleo, LINES + 2))  # Ben and Ann came after her
    if heard < LINES * len(LINE):
        ben.settimeout(None)
        heard = hear(ben, LINES, heard)
        print(f"Ben hears the rest, {heard // len(LINE):,} lines in all", flush=True)
    for thread in reading:
        thread.join()


if __name__ == "__main__":
    main()
