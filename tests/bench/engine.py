"""``kit.py bench engine``: the threaded engine against a bare sendall loop, in one run.

Three things are measured in turn: a loop that calls ``sendall`` on 200 sockets with ready bytes,
the ceiling of whoever sends frame by frame; deliveries of the engine to 200 connected clients; and
requests that the engine answers. 64 requests are in flight.
"""

import argparse
import json
import socket
import struct
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing

from .children import Child, Server
from .measure import Measure, measure_in_turn, print_table

DRAIN = "tests.bench.inside.drain"
SHOUT_SERVER = "tests.bench.inside.shout_server"
IN_FLIGHT = 64
PING, SHOUT, SHOUTED = 91, 81, 181
TEXT = "a line of chat as people write it, about sixty bytes of it."


def frame(message: dict[str, object]) -> bytes:
    """Return a message as a frame."""
    body = json.dumps(message, separators=(",", ":")).encode()
    return struct.pack(">I", len(body)) + body


class Requester:
    """One connection that keeps requests in flight and counts the replies."""

    def __init__(self, address: tuple[str, int]) -> None:
        self._socket = socket.create_connection(address)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._replies = self._read_replies()

    def ask(self, op: int, args: dict[str, object], count: int) -> int:
        """Have ``count`` requests answered, IN_FLIGHT at a time; return ``count``."""
        sent = answered = 0
        while answered < count:
            batch = min(IN_FLIGHT - (sent - answered), count - sent)
            if batch:
                requests = ({"op": op, "id": sent + i, "args": args} for i in range(batch))
                self._socket.sendall(b"".join(map(frame, requests)))
                sent += batch
            answered += next(self._replies)
        return count

    def close(self) -> None:
        """Close the connection."""
        self._socket.close()

    def _read_replies(self) -> Iterator[int]:
        """Yield how many replies each read brought; only their lengths are looked at."""
        buffer = bytearray()
        while data := self._socket.recv(1 << 16):
            buffer += data
            count = position = 0
            while len(buffer) - position >= 4:
                end = position + 4 + struct.unpack_from(">I", buffer, position)[0]
                if len(buffer) < end:
                    break
                position, count = end, count + 1
            del buffer[:position]
            if count:
                yield count
        raise RuntimeError("the server closed the connection")


def _crowd(stack: ExitStack, host: str, port: int, readers: int) -> Child:
    """Return readers that are connected; the operating system accepts them for the bare loop."""
    return stack.enter_context(Child(DRAIN, host, str(port), str(readers)))


def bare_sendall(stack: ExitStack, readers: int, messages: int) -> Callable[[], int]:
    """Return the work of the bare loop: every message to every socket, one sendall each."""
    listening = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=readers))
    host, port = listening.getsockname()
    crowd = _crowd(stack, host, port, readers)
    sockets = [stack.enter_context(listening.accept()[0]) for _ in range(readers)]
    payload = frame({"op": SHOUTED, "data": {"text": TEXT}})

    def run() -> int:
        crowd.tell(str(len(payload) * messages * readers))
        for _ in range(messages):
            for sock in sockets:
                sock.sendall(payload)
        crowd.line()
        return messages * readers

    return run


def engine_deliveries(stack: ExitStack, readers: int, messages: int) -> Callable[[], int]:
    """Return the work of the engine: one peer shouts, all others get the push."""
    server = stack.enter_context(Server(SHOUT_SERVER, "--log-level", "warning"))
    crowd = _crowd(stack, *server.address, readers)
    requester = stack.enter_context(closing(Requester(server.address)))
    requester.ask(PING, {}, 1)
    size = len(frame({"op": SHOUTED, "data": {"text": TEXT}}))

    def run() -> int:
        crowd.tell(str(size * messages * readers))
        requester.ask(SHOUT, {"text": TEXT}, messages)
        crowd.line()
        return messages * readers

    return run


def engine_requests(stack: ExitStack, requests: int) -> Callable[[], int]:
    """Return the work of answering requests of one connection."""
    server = stack.enter_context(Server(SHOUT_SERVER, "--log-level", "warning"))
    requester = stack.enter_context(closing(Requester(server.address)))
    return lambda: requester.ask(PING, {}, requests)


def main(argv: list[str] | None = None) -> int:
    """Run the benchmark; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="kit.py bench engine", formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )
    parser.add_argument("--readers", type=int, default=200, help="connected clients")
    parser.add_argument("--messages", type=int, default=500, help="messages in each round")
    parser.add_argument("--rounds", type=int, default=5, help="rounds that are counted")
    options = parser.parse_args(argv)
    readers, messages = options.readers, options.messages
    with ExitStack() as stack:
        bare = Measure("bare sendall loop", "/s", bare_sendall(stack, readers, messages))
        measures = [
            bare,
            Measure("engine: deliveries", "/s", engine_deliveries(stack, readers, messages)),
            Measure("engine: requests", "/s", engine_requests(stack, 20 * messages)),
        ]
        measure_in_turn(measures, options.rounds)
    print_table(f"threaded engine, {readers} clients, {IN_FLIGHT} in flight", measures, bare)
    return 0
