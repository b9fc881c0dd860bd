"""A small server of frames (HELLO, PING, ECHO) that can be wrong on purpose, to test the harness.

``python toy_server.py --how HOW --host … --port …``; HOW is "right" or one of the functions' names.
"""

import argparse
import contextlib
import json
import os
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from typing import Any


def answer(request: dict[str, Any]) -> dict[str, Any]:
    """Return the right reply."""
    reply = {"op": request["op"], "id": request["id"], "test": 0}
    args = request.get("args", {})
    data = {90: {"service": "toy"}, 91: {"time": 1.5}, 80: {"text": args.get("text")}}
    return {**reply, "data": data[request["op"]]}


def packed(message: dict[str, Any]) -> bytes:
    """Return a message as a frame."""
    payload = json.dumps(message).encode()
    return struct.pack(">I", len(payload)) + payload


def read_exactly(sock: socket.socket, count: int) -> bytes:
    """Return ``count`` bytes; raises ConnectionError when the connection ends before."""
    data = b""
    while len(data) < count:
        part = sock.recv(count - len(data))
        if not part:
            raise ConnectionError
        data += part
    return data


def send(sock: socket.socket, request: dict[str, Any], how: str) -> None:
    """Answer one request, in the way asked for."""
    reply = answer(request)
    frame = packed(reply)
    if how == "little-endian":
        frame = struct.pack("<I", len(frame) - 4) + frame[4:]
    elif how == "wrong-id":
        frame = packed({**reply, "id": 999})
    elif how == "no-json":
        frame = struct.pack(">I", 3) + b"\xff\x1b["
    elif how == "push-first":
        frame = packed({"op": 100, "data": {"room": "lobby", "text": "hello"}}) + frame
    elif how == "odd":
        keys = sorted(reply)  # another order of fields, and one more
        frame = packed({"extra": [1], **{key: reply[key] for key in keys}})
    elif how == "silent":
        return
    elif how == "closes":
        sock.shutdown(socket.SHUT_RDWR)
        return
    elif how == "exits":
        print("the toy has had enough", file=sys.stderr, flush=True)
        os._exit(7)
    if how == "dribbles":
        for byte in frame:
            sock.sendall(bytes([byte]))
    elif how == "body":
        sock.sendall(packed({**reply, "body": 5}) + b"12345")
    else:
        sock.sendall(frame)


def serve(sock: socket.socket, how: str) -> None:
    """Answer one connection until it ends."""
    with sock, contextlib.suppress(OSError):
        while True:
            (length,) = struct.unpack(">I", read_exactly(sock, 4))
            send(sock, json.loads(read_exactly(sock, length)), how)


def begin(how: str) -> None:
    """Do what is wrong before READY."""
    if how == "dies":
        raise SystemExit("error: no way to start \x1b[31mtoday\x1b[0m")
    if how == "junk":
        print("Welcome!\nREADY to go\nREADY toy 127.0.0.1 99999", flush=True)
    if how == "dies-holding":
        # What it leaves behind holds its standard output open.
        subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
        raise SystemExit(4)
    if how == "never":
        time.sleep(600)
    if how == "closes-stdout":
        os.close(1)
        time.sleep(600)
    if how == "stubborn" and hasattr(signal, "SIGTERM"):
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if how == "leaves-a-child":
        # The one between ends at once: the sleeper is then nobody's child.
        between = (
            "import subprocess, sys;"
            "sleeper = [sys.executable, '-c', 'import time; time.sleep(600)'];"
            "print(subprocess.Popen(sleeper, start_new_session=True).pid, file=sys.stderr)"
        )
        subprocess.run([sys.executable, "-c", between], check=True, stdout=subprocess.DEVNULL)
    if how == "floods":
        threading.Thread(target=flood, daemon=True).start()


def flood() -> None:
    """Write far more than the harness keeps."""
    line = "x" * 1023 + "\n"
    for _ in range(20 * 1024):
        sys.stderr.write(line)
    sys.stderr.write("the end of the flood\n")
    sys.stderr.flush()


def main() -> None:
    """Run the toy."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--how", default="right")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0)
    options, _ = parser.parse_known_args()
    begin(options.how)
    if options.how != "stubborn":
        signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    listener = socket.create_server((options.host, options.port))
    print(f"READY toy {options.host} {listener.getsockname()[1]}", flush=True)
    while True:
        sock, _ = listener.accept()
        threading.Thread(target=serve, args=(sock, options.how), daemon=True).start()


if __name__ == "__main__":
    main()
