"""The protocol server as a whole: how it begins, what it answers, how it reads its stream.

The rules: docs/protocol.md, Frames; docs/stage2.md.
"""

import random
import time
from collections.abc import Callable

import pytest

from tests.kit import check
from tests.kit.fixtures import Launcher
from tests.kit.match import ABSENT, OneOf
from tests.kit.programs import Server
from tests.kit.wire import WireClient
from tests.kit.wire_codec import encode

from .conftest import QUIET

Connect = Callable[..., WireClient]
pytestmark = pytest.mark.needs("2.1", "2.2", "2.3")

ECHO, HELLO, PING, BYE = 80, 90, 91, 92
# Python's and JavaScript's clocks on one machine agree much better than this.
CLOCK_SECONDS = 60.0


@pytest.mark.task("2.4", hint="What is read first, what next, and what goes back?")
@pytest.mark.points(2)
def test_a_text_is_echoed_in_a_frame(server: Server, connect: Connect) -> None:
    ann = connect(server, "Ann")
    for text in ("hello", "", "grüße, 你好, مرحبا", "😀" * 100, 'a "quote"\n\t\x00\u2028'):
        ann.request(ECHO, {"text": text}, data={"text": text})


@pytest.mark.task("2.4", hint="Which output do programs read that start this server?")
@pytest.mark.points(1)
def test_the_ready_line_stands_alone_on_standard_output(launch: Launcher, connect: Connect) -> None:
    server = launch("stage2.server")
    connect(server, "Ann").request(ECHO, {"text": "hello"})
    port = server.port
    server.end()
    expected = f"READY protocol 127.0.0.1 {port}\n".encode()
    check.equal(server.stdout.read().replace(b"\r\n", b"\n"), expected, "standard output")


@pytest.mark.task(
    "2.4", hint="Which limits hold on this server, and which things does it not have?"
)
@pytest.mark.points(1)
def test_hello_tells_who_the_server_is_and_what_it_allows(server: Server, connect: Connect) -> None:
    limits: dict[str, object] = {"frame": 16 * 1024, "text": int}
    limits |= dict.fromkeys(("topic", "room", "cid", "history", "list", "file"), 0)
    wanted = {"service": "protocol", "version": str, "limits": limits, "time": float}
    connect(server, "Ann").request(HELLO, data=wanted)


@pytest.mark.task("2.4", hint="In which unit does the server tell the time?")
@pytest.mark.points(1)
def test_ping_tells_the_time_in_seconds(server: Server, connect: Connect) -> None:
    reply = connect(server, "Ann").request(PING, data={"time": float})
    apart = abs(time.time() - reply["data"]["time"])
    check.that(apart < CLOCK_SECONDS, f"the server's time is {apart:,.0f} s away from this one's")


@pytest.mark.task("2.4", hint="Who closes after BYE, and what comes before that?")
@pytest.mark.points(1)
def test_bye_is_answered_and_then_the_server_closes(server: Server, connect: Connect) -> None:
    ann = connect(server, "Ann")
    echoed, pinged, parted = ann.ask(ECHO, {"text": "before"}), ann.ask(PING), ann.ask(BYE)
    ann.expect_reply(echoed, ECHO, data={"text": "before"})
    ann.expect_reply(pinged, PING)
    ann.expect_reply(parted, BYE, data=OneOf(ABSENT, dict))
    ann.expect_closed()


@pytest.mark.task("2.4", hint="One recv may return half a frame. Where does the half wait?")
@pytest.mark.points(2)
def test_a_frame_split_at_every_byte_is_answered_once(server: Server, connect: Connect) -> None:
    ann, ben = connect(server, "Ann"), connect(server, "Ben")
    data = encode({"op": ECHO, "id": 1, "args": {"text": "你好"}})
    for cut in range(1, len(data)):
        ann.send_bytes(data[:cut])
        ben.barrier()  # meanwhile the server has most likely read the first part
        ann.send_bytes(data[cut:])
        ann.expect_reply(1, ECHO, data={"text": "你好"})
    ann.barrier()


@pytest.mark.task("2.4", hint="What if a read returns one byte?")
@pytest.mark.points(1)
def test_a_frame_of_single_bytes_is_answered_once(server: Server, connect: Connect) -> None:
    ann = connect(server, "Ann")
    data = encode({"op": ECHO, "id": 1, "args": {"text": "bit by bit"}})
    for _ in range(3):
        for byte in data:
            ann.send_bytes(bytes([byte]))
        ann.expect_reply(1, ECHO, data={"text": "bit by bit"})
    ann.barrier()


@pytest.mark.task("2.4", hint="One recv may return many frames. Are all of them answered?")
@pytest.mark.points(1)
def test_many_frames_in_one_segment_are_all_answered(server: Server, connect: Connect) -> None:
    ann = connect(server, "Ann")
    messages = [{"op": ECHO, "id": n, "args": {"text": f"text {n}"}} for n in range(1, 301)]
    half = encode({"op": PING, "id": "last"})
    ann.send_bytes(b"".join(map(encode, messages)) + half[:7])
    for message in messages:
        ann.expect_reply(message["id"], ECHO, data=message["args"])
    ann.send_bytes(half[7:])
    ann.expect_reply("last", PING)


@pytest.mark.task("2.4", hint="Does it matter to the server where TCP cuts?")
@pytest.mark.points(0.5)
def test_any_cuts_of_the_stream_give_the_same_answers(
    server: Server,
    connect: Connect,
    dice: Callable[[object], random.Random],
    count: Callable[[int, int], int],
) -> None:
    for round in range(count(4, 100)):
        source, ann = dice(round), connect(server, f"Ann in round {round}")
        texts = ["x" * source.choice([0, 1, 10, 3000, 16_000]) for _ in range(30)]
        asked = [{"op": ECHO, "id": n, "args": {"text": text}} for n, text in enumerate(texts, 1)]
        stream = b"".join(map(encode, asked))
        while stream:
            size = source.choice([1, 2, 3, 5, 50, 1000, 20_000])
            ann.send_bytes(stream[:size])
            stream = stream[size:]
        for number, text in enumerate(texts, 1):
            ann.expect_reply(number, ECHO, data={"text": text})


@pytest.mark.task("2.4", hint="Where does the server wait while the first client says nothing?")
@pytest.mark.points(1)
def test_others_are_served_while_one_is_silent_and_one_is_half_done(
    server: Server, connect: Connect
) -> None:
    connect(server, "silent Ann")
    ben = connect(server, "Ben, in the middle of a frame")
    data = encode({"op": ECHO, "id": 1, "args": {"text": "at last"}})
    ben.send_bytes(data[:20])
    connect(server, "Cleo").request(ECHO, {"text": "hello"}, data={"text": "hello"})
    ben.send_bytes(data[20:])
    ben.expect_reply(1, ECHO, data={"text": "at last"})


@pytest.mark.task("2.4", hint="Whose bytes are whose?")
@pytest.mark.points(1)
def test_many_clients_at_once_get_their_own_answers(
    server: Server, connect: Connect, count: Callable[[int, int], int]
) -> None:
    clients = [connect(server, f"client {n}") for n in range(count(20, 200))]
    asked = [encode({"op": ECHO, "id": 1, "args": {"text": f"I am {n}"}}) for n in range(200)]
    # Byte by byte in turn: what belongs to one client must never be joined with another's.
    for at in range(max(map(len, asked))):
        for client, data in zip(clients, asked, strict=False):
            client.send_bytes(data[at : at + 1])
    for number, client in reversed(list(enumerate(clients))):
        client.expect_reply(1, ECHO, data={"text": f"I am {number}"})


@pytest.mark.task("2.4", hint="Which exception does recv raise when the connection is reset?")
@pytest.mark.points(0.5)
def test_a_reset_ends_one_connection_and_not_the_server(launch: Launcher, connect: Connect) -> None:
    server = launch("stage2.server", *QUIET)
    ben = connect(server, "Ben")
    data = encode({"op": ECHO, "id": 1, "args": {"text": "x" * 10_000}})
    for number, sent in enumerate((b"", data[:2], data[:500], data, data * 50)):
        ann = connect(server, f"Ann {number}")
        ann.send_bytes(sent)
        ann.reset()
    ben.request(ECHO, {"text": "still here"}, data={"text": "still here"})
    connect(server, "Cleo").barrier()
    server.assert_alive()
