"""The limit for an upload: a bare socket into a file, with an md5 beside it on both sides.

``python -m tests.bench.inside.bare_copy receive FOLDER``: prints READY with its address, then takes
one connection after the other: 8 bytes of length, then that many bytes into a new file, which is
removed before the next. It answers with the md5. ``… send HOST PORT FILE`` prints READY, then for
every line on standard input sends the file, compares the md5s and prints DONE.

No requests, no checks, no names, nothing durable: what any upload has to do, and nothing else.
"""

import hashlib
import socket
import struct
import sys
import threading
from pathlib import Path

PIECE = 1 << 20


class Md5Behind(threading.Thread):
    """The md5 of a file that grows, read back from memory, on a thread of its own."""

    def __init__(self, path: Path, size: int) -> None:
        super().__init__(daemon=True)
        self._path, self._size = path, size
        self._known = 0
        self._grown = threading.Condition()
        self._md5 = hashlib.md5(usedforsecurity=False)
        self.start()

    def grown_to(self, size: int) -> None:
        with self._grown:
            self._known = size
            self._grown.notify()

    def run(self) -> None:
        buffer = memoryview(bytearray(PIECE))
        done = 0
        with self._path.open("rb", buffering=0) as file:
            while done < self._size:
                with self._grown:
                    while self._known <= done:
                        self._grown.wait()
                    end = self._known
                while done < end:
                    count = file.readinto(buffer[: end - done])
                    self._md5.update(buffer[:count])
                    done += count

    def digest(self) -> bytes:
        self.join()
        return self._md5.digest()


def receive(folder: Path) -> None:
    listening = socket.create_server(("127.0.0.1", 0))
    print("READY bare", *listening.getsockname(), flush=True)
    path = folder / "bare.part"
    buffer = memoryview(bytearray(PIECE))
    while True:
        sock, _ = listening.accept()
        with sock:
            (size,) = struct.unpack(">Q", sock.recv(8, socket.MSG_WAITALL))
            with path.open("wb", buffering=0) as file:
                md5, done = Md5Behind(path, size), 0
                while done < size:
                    count = sock.recv_into(buffer)
                    file.write(buffer[:count])
                    done += count
                    md5.grown_to(done)
            sock.sendall(md5.digest())
        path.unlink()


def send(host: str, port: int, path: Path) -> None:
    print("READY", flush=True)
    for _ in sys.stdin:
        size = path.stat().st_size
        md5 = Md5Behind(path, size)
        md5.grown_to(size)
        with socket.create_connection((host, port)) as sock, path.open("rb") as file:
            sock.sendall(struct.pack(">Q", size))
            sock.sendfile(file)
            same = sock.recv(16, socket.MSG_WAITALL) == md5.digest()
        print("DONE" if same else "DIFFERENT", flush=True)


if __name__ == "__main__":
    if sys.argv[1] == "receive":
        receive(Path(sys.argv[2]))
    else:
        send(sys.argv[2], int(sys.argv[3]), Path(sys.argv[4]))
