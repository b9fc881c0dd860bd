"""``kit.py bench chat``: deliveries in one room, against a bare sendall loop and other servers.

One member speaks, 64 messages in flight, 200 listen; a round ends when all of them have read its
last message. The chat server writes every message to SQLite before anybody sees it; Redis, NATS and
ngIRCd, run beside it as far as they are installed, write none. The readers are drained by a process
that looks at the bytes in C. The generator's own ceiling, messages that a server which does nothing
has answered, is printed as the deliveries that they would be.
"""

import argparse
import itertools
import socket
import tempfile
from collections.abc import Callable
from contextlib import ExitStack, closing
from pathlib import Path

from .children import Child, Server
from .engine import TEXT, frame
from .measure import Measure, measure_in_turn, print_table
from .peers import PEERS, Peer
from .people import ENTER, join, register
from .speaker import IN_FLIGHT, Speaker, replies

AUDIENCE = "tests.bench.inside.audience"
CANNED = "tests.bench.inside.canned_server"
SAY, MESSAGE = 15, 100
ROOM = "bench"

_cids = itertools.count(10**8)
_rounds = itertools.count(1)


def texts_of_a_round(messages: int) -> tuple[list[str], str]:
    """Return what is said, all of one length, and what stands in the last message only."""
    last = f"end-of-round-{next(_rounds):06}"
    texts = [TEXT] * (messages - 1)
    return [text.replace(" ", "_") for text in (*texts, last.ljust(len(TEXT), "."))], last


def say(text: str) -> bytes:
    """Return SAY as a frame; all are of one size."""
    cid = f"{next(_cids)}"
    return frame({"op": SAY, "id": int(cid), "args": {"room": ROOM, "text": text, "cid": cid}})


def audience(stack: ExitStack, address: tuple[str, int], greetings: list[bytes]) -> Child:
    """Return readers that have connected and greeted."""
    host, port = address
    lines = [greeting.hex() for greeting in greetings]
    return stack.enter_context(Child(AUDIENCE, host, str(port), str(len(lines)), say_first=lines))


def spoken(speaker: Speaker, crowd: Child, readers: int, messages: int) -> Callable[[], int]:
    """Return the work of one round: say it all, wait until everybody has read it."""

    def run() -> int:
        texts, last = texts_of_a_round(messages)
        crowd.tell(last)
        speaker.say(texts)
        crowd.line()
        return messages * readers

    return run


def bare_sendall(stack: ExitStack, readers: int, messages: int) -> Callable[[], int]:
    """Return the work of the bare loop: every message to every socket, one sendall each."""
    listening = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=readers))
    crowd = audience(stack, listening.getsockname()[:2], [b""] * readers)
    sockets = [stack.enter_context(listening.accept()[0]) for _ in range(readers)]

    def run() -> int:
        texts, last = texts_of_a_round(messages)
        crowd.tell(last)
        for text in texts:
            data = {"room": ROOM, "seq": 10000, "from": "u00000", "text": text, "time": 1.7e9 + 0.1}
            payload = frame({"op": MESSAGE, "data": data})
            for sock in sockets:
                sock.sendall(payload)
        crowd.line()
        return messages * readers

    return run


def chat(stack: ExitStack, folder: Path, readers: int, messages: int) -> Callable[[], int]:
    """Return the work of the chat server, its history on SQLite."""
    url = f"sqlite:///{folder / 'chat.db'}"
    tokens = register(folder, url, readers + 1)
    flags = ("--port", "0", "--db", url, "--limits", "off", "--log-level", "warning")
    server = stack.enter_context(Server("stage4_rooms.server", *flags))
    join(server.address, tokens, ROOM)
    enters = [frame({"op": ENTER, "id": 1, "args": {"token": token}}) for token in tokens]
    crowd = audience(stack, server.address, enters[1:])
    speaker = stack.enter_context(closing(Speaker(server.address, say, replies)))
    speaker.greet(enters[0], 1)
    return spoken(speaker, crowd, readers, messages)


def other(
    stack: ExitStack, peer: Peer, folder: Path, readers: int, messages: int
) -> Callable[[], int]:
    """Return the work of another server."""
    address = stack.enter_context(peer.running(folder))
    crowd = audience(stack, address, [peer.greeting(number) for number in range(readers)])
    speaker = stack.enter_context(closing(Speaker(address, peer.encode, peer.count)))
    speaker.greet(peer.speaker.encode(), peer.answers)
    return spoken(speaker, crowd, readers, messages)


def generator_alone(stack: ExitStack, readers: int, messages: int) -> Callable[[], int]:
    """Return the work of the generator where nobody delivers: its ceiling."""
    answer = {"op": SAY, "id": 10**8, "test": 0, "data": {"seq": 10000, "time": 1.7e9 + 0.1}}
    words = (str(len(say(TEXT))), frame(answer).hex())
    server = stack.enter_context(Server(CANNED, *words))
    speaker = stack.enter_context(closing(Speaker(server.address, say, replies)))

    def run() -> int:
        speaker.say(texts_of_a_round(messages)[0])
        return messages * readers

    return run


def main(argv: list[str] | None = None) -> int:
    """Run the benchmark; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="kit.py bench chat", formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )
    parser.add_argument("--readers", type=int, default=200, help="members who listen")
    parser.add_argument("--messages", type=int, default=1000, help="messages in each round")
    parser.add_argument("--rounds", type=int, default=5, help="rounds that are counted")
    options = parser.parse_args(argv)
    size = options.readers, options.messages
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        bare = Measure("bare sendall loop", "/s", bare_sendall(stack, *size))
        measures = [bare, Measure("chat, on SQLite", "/s", chat(stack, folder, *size))]
        for peer in PEERS:
            if peer.path is None:
                print(f"not here, so not measured: {peer.name} ({peer.program})")
            else:
                measures.append(Measure(peer.name, "/s", other(stack, peer, folder, *size)))
        measures.append(Measure("the generator's ceiling", "/s", generator_alone(stack, *size)))
        measure_in_turn(measures, options.rounds)
    title = f"deliveries in a room of {options.readers}, {IN_FLIGHT} messages in flight"
    print_table(title, measures, bare)
    return 0
