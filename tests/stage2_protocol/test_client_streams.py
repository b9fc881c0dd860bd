"""The client over time: its heartbeat, and raw bytes to and from a server that the test plays.

The rules: docs/protocol.md, Connections, Bodies.
"""

import hashlib
import time
from collections.abc import Callable

import pytest

from tests.kit import check
from tests.kit.deadlines import within
from tests.kit.listening import Listening
from tests.kit.match import OneOf
from tests.kit.wire import WireClient
from tests.kit.wire_codec import encode

from .driver import NEVER, Driver, answer

Listen = Callable[..., Listening[WireClient]]
Ends = tuple[Driver, WireClient]
pytestmark = [pytest.mark.functions, pytest.mark.needs("2.1", "2.2")]

ECHO, PING, MESSAGE = 80, 91, 100


@pytest.mark.task(
    "2.8", hint="Servers drop the silent. How does a client with nothing to say stay?"
)
@pytest.mark.points(1)
def test_a_silent_client_sends_ping_and_a_speaking_one_does_not(
    driver: Driver, listen: Listen
) -> None:
    heartbeat = within(0.25)
    server = driver.connect(listen(WireClient), heartbeat=heartbeat)
    heard = time.monotonic()
    for _ in range(2):
        ping = server.recv_message()
        check.matches(ping, {"op": PING, "id": OneOf(int, str)}, "what a silent client sends")
        took, heard = time.monotonic() - heard, time.monotonic()
        check.that(took > 0.8 * heartbeat, f"a PING after {took:.2f} s, not {heartbeat:.2f} s")
        answer(server, {"time": 1.5}, op=PING, id=ping["id"])
    # While it speaks for twice as long, there is no reason for a PING.
    end, needless = heard + 2 * heartbeat, 0
    while heard < end:
        driver.ask("a", ECHO)
        request = server.recv_message()
        if request["op"] == PING:
            needless += time.monotonic() - heard < 0.8 * heartbeat
            answer(server, {}, op=PING, id=request["id"])
            request = server.recv_message()
        heard = time.monotonic()
        answer(server, {}, id=request["id"])
        driver.expect("answer")
    # One may have been on its way when the client began to speak.
    check.that(needless <= 1, f"{needless} PINGs from a client that speaks all the time")


@pytest.mark.task("2.8", hint="How does one notice a server whose cable was pulled?")
@pytest.mark.points(1)
def test_a_server_that_shows_no_life_is_given_up(driver: Driver, listen: Listen) -> None:
    heartbeat = within(0.2)
    server = driver.connect(listen(WireClient), heartbeat=heartbeat)
    driver.ask("a", ECHO, timeout=NEVER)
    server.recv_message()  # and never a word to it
    driver.expect("lost", name="a", seconds=5 + 3 * heartbeat)
    driver.expect("on_lost")


@pytest.mark.task("2.8", hint="sendall waits until the other side takes something. For how long?")
def test_a_server_that_takes_nothing_is_given_up(driver: Driver, listen: Listen) -> None:
    heartbeat = within(0.3)
    driver.connect(listen(WireClient), heartbeat=heartbeat)
    driver.do("flood", size=10_000)
    driver.expect("on_lost", seconds=10 + 3 * heartbeat)
    driver.expect("flooded")


@pytest.mark.task("2.8", hint="Raw bytes follow a reply. Who reads them, and where do they end?")
def test_raw_bytes_behind_a_reply_go_to_the_sink(ends: Ends) -> None:
    client, server = ends
    for size in (0, 1, 700_000):
        body = bytes(range(256)) * (size // 256 + 1)
        client.do("download", name="a", op=32)
        id = server.recv_message()["id"]
        head = encode({"op": 32, "id": id, "test": 0, "data": {"size": size}, "body": size})
        push = encode({"op": MESSAGE, "data": {"behind": size}})
        server.send_bytes(head + body[:size] + push)
        md5 = hashlib.md5(body[:size], usedforsecurity=False).hexdigest()
        client.expect("sink", data={"size": size})
        wanted = {"size": size, "received": size, "md5": md5}
        client.expect("answer", name="a", data=wanted)
        client.expect("push", data={"behind": size})


@pytest.mark.task("2.8", hint="What becomes of the rest of a download that nobody takes any more?")
def test_a_download_that_is_cut_or_cannot_be_kept_fails(driver: Driver, listen: Listen) -> None:
    head = {"op": 32, "test": 0, "data": {}, "body": 1000}
    server = driver.connect(listen(WireClient), heartbeat=NEVER)
    driver.do("download", name="cut", op=32)
    server.send_frame({**head, "id": server.recv_message()["id"]})
    server.send_bytes(b"x" * 999)
    server.close()
    driver.expect("lost", name="cut")
    server = driver.connect(listen(WireClient), heartbeat=NEVER)
    driver.do("download", name="full", op=32, sink="raise")
    server.send_frame({**head, "id": server.recv_message()["id"]})
    server.send_bytes(b"x" * 1000)
    driver.expect("failed", name="full", text="OSError: the disk is full")


@pytest.mark.task(
    "2.8", hint="In which order do a frame and its body go out, and what between them?"
)
def test_a_body_follows_its_request_as_raw_bytes(ends: Ends) -> None:
    client, server = ends
    body = bytes(range(256)) * 20
    client.do("submit", name="a", op=31, args={"offset": 0}, body=body.hex())
    client.do("submit", name="b", op=ECHO)
    request = server.recv_message()
    check.matches(request, {"op": 31, "args": {"offset": 0}, "body": len(body)}, "the request")
    check.equal(server.recv_body(), body, "the body")
    check.matches(server.recv_message(), {"op": ECHO}, "the request behind the body")


@pytest.mark.task(
    "2.8", hint="What does the server read when a body is shorter than was announced?"
)
def test_a_body_that_ends_too_early_ends_the_connection(ends: Ends) -> None:
    client, server = ends
    client.do("submit", name="short", op=31, body=b"12345".hex(), length=10)
    client.expect("submitted")
    client.do("wait", name="short")
    client.expect("lost", name="short")
    server.recv_message()
    check.equal(server.recv_all(), b"12345", "what the server got of the body")
