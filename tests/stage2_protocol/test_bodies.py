"""Raw bytes behind a message, in both directions, on the engine under test.

The rule: docs/protocol.md, Bodies. The verbs are toys (toys/toy_service.py): stage 2's own server
has none that takes a body or sends one.
"""

import hashlib
from collections.abc import Callable
from typing import Any

import psutil
import pytest

from tests.kit import check
from tests.kit.deadlines import eventually, within
from tests.kit.failure import CheckFailed
from tests.kit.match import ABSENT
from tests.kit.programs import Program
from tests.kit.wire import WireClient
from tests.kit.wire_codec import encode

from .conftest import QUIET, Toys
from .test_hooks import events, number_of

Connect = Callable[..., WireClient]
pytestmark = [
    pytest.mark.functions,
    pytest.mark.needs("2.1", "2.2", "2.3", "2.4", "2.5", "2.6", "2.7"),
]

TRUST, STORE, FETCH, PING = 46, 52, 53, 91
KIB = 1024


def md5(data: bytes) -> str:
    """Return the digest by which a toy verb tells what it got."""
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


def friend(server: Program, connect: Connect, name: str = "Ann") -> WireClient:
    """Return a client that may use STORE."""
    client = connect(server, name)
    client.request(TRUST)
    return client


def store(client: WireClient, body: bytes, how: str = "", **expected: Any) -> None:
    """Send a body and check the reply to it."""
    args = {"how": how} if how else None
    client.request(STORE, args, body=body, **expected)


@pytest.mark.task("2.9", hint="Where does a body end, and what comes behind it?")
def test_a_body_goes_to_its_sink_and_what_follows_is_a_frame_again(
    toy_server: Program, connect: Connect
) -> None:
    ann = friend(toy_server, connect)
    for size in (0, 1, 70 * KIB, 3_000_000):
        body = (b"\x00\x00\x00\x05hello" * (size // 9 + 1))[:size]
        data = encode({"op": STORE, "id": 1, "body": size}) + body
        ann.send_bytes(data + encode({"op": PING, "id": 2}))
        wanted = {"received": size, "length": size, "md5": md5(body)}
        ann.expect_reply(1, STORE, data=wanted)
        ann.expect_reply(2, PING)
    store(ann, b"12345", "later", data={"received": 5})
    ann.request(STORE, test=100)


@pytest.mark.task("2.9", hint="A body is refused, but its bytes are on the way. Who reads them?")
@pytest.mark.parametrize(
    ("how", "code"),
    [("refuse", 9), ("bug", 108), ("refuse while it comes", 9), ("bug while it comes", 108)],
)
def test_a_refused_body_is_dropped_up_to_64_kib_and_else_the_connection_ends(
    toy_server: Program, connect: Connect, how: str, code: int
) -> None:
    ann = friend(toy_server, connect)
    store(ann, b"x" * 64 * KIB, how, test=code)
    store(ann, b"", test=0)
    ann.ask(STORE, {"how": how}, id=7, body=3_000_000)
    ann.send_body(b"x" * 1_000_000)  # the rest never comes, and nobody waits for it
    ann.expect_reply(7, STORE, test=code)
    ann.expect_closed()


@pytest.mark.task("2.9", hint="Who may send a body at all?")
def test_a_body_is_checked_before_it_is_taken(toy_server: Program, connect: Connect) -> None:
    stranger = connect(toy_server, "a stranger")
    store(stranger, b"x" * 1000, test=102)
    stranger.request(STORE, {"how": 5}, body=b"abc", test=102)
    stranger.request(TRUST)
    stranger.request(STORE, {"how": 5}, body=b"abc", test=100)
    stranger.send_frame({"op": STORE, "id": [1], "body": 3})
    stranger.send_bytes(b"abc")
    stranger.expect_reply(None, STORE, test=100)
    stranger.barrier()


@pytest.mark.task("2.9", hint="What does a sink learn of a connection that was cut?")
@pytest.mark.parametrize("how", ["closes", "resets"])
def test_a_cut_body_is_told_to_its_sink(toy_server: Program, connect: Connect, how: str) -> None:
    ann, ben = friend(toy_server, connect), connect(toy_server, "Ben")
    number = number_of(ann)
    ann.ask(STORE, body=100_000)
    ann.send_body(b"x" * 60_000)
    if how == "closes":
        ann.close()
    else:
        ann.reset()
    eventually(lambda: f"closed {number}" in events(ben), why="the end of the cut connection")
    found = [event for event in events(ben) if event.startswith("aborted")]
    check.equal(len(found), 1, "how often the sink was told")
    if how == "closes":
        check.equal(found, ["aborted after 60000 of 100000"], "what the sink was told")


@pytest.mark.task("2.9", hint="How does the client know where the raw bytes end?")
def test_raw_bytes_follow_a_reply_and_then_frames_go_on(
    toy_server: Program, connect: Connect
) -> None:
    ann = connect(toy_server, "Ann")
    size = 1_000_000
    whole = b"".join(number.to_bytes(4, "big") for number in range(size // 4))
    for offset in (0, 5, size - 1, size):
        ann.ask(FETCH, {"size": size, "offset": offset}, id=1)
        ann.ask(PING, id=2)
        reply = ann.expect_reply(1, FETCH, data={"size": size})
        check.equal(reply.get("body"), size - offset, "the length of the body")
        check.equal(md5(ann.recv_body()), md5(whole[offset:]), "the body")
        ann.expect_reply(2, PING)
    check.matches(ann.request(PING), {"body": ABSENT}, "the reply without a body")


@pytest.mark.task("2.9", hint="What if the file is shorter than was promised?")
def test_a_body_that_cannot_be_sent_whole_ends_the_connection(
    toy_server: Program, connect: Connect
) -> None:
    ann = connect(toy_server, "Ann")
    ann.ask(FETCH, {"size": 1000, "offset": 0, "length": 2000}, id=1)
    check.equal(ann.expect_reply(1, FETCH)["body"], 2000, "the length that was promised")
    check.equal(len(ann.recv_body(1000)), 1000, "the bytes there are")
    ann.expect_closed()
    connect(toy_server, "Ben").barrier()


@pytest.mark.task("2.9", hint="How many files are open for a client that asks for a thousand?")
def test_a_client_that_asks_for_many_bodies_and_does_not_read_is_held_back(
    toy_server: Program, connect: Connect
) -> None:
    ann, ben = connect(toy_server, "Ann, who reads late"), connect(toy_server, "Ben")
    size, number = 8_000_000, 300
    for _ in range(number):
        ann.ask(FETCH, {"size": size, "offset": 0}, id=1)
    ben.barrier()
    if not psutil.WINDOWS:  # there, open files of a kind cannot be counted cheaply
        files = psutil.Process(toy_server.pid).num_fds()
        check.that(files < 100, f"{files} files are open for one client that does not read")
    ann.expect_reply(1, FETCH)
    check.equal(len(ann.recv_body()), size, "the bytes of the first body")
    ann.expect_reply(1, FETCH)
    ann.reset()
    ben.barrier()


@pytest.mark.task("2.9", hint="Is a client silent that is busy with a long download?")
def test_a_long_download_is_not_silence(toys: Toys, connect: Connect) -> None:
    idle = within(0.6)
    server = toys.start("toy_service", *QUIET, "--idle", f"{idle:.2f}", ready=True)
    ann, left = connect(server, "Ann, who reads slowly"), 60_000_000
    ann.ask(FETCH, {"size": left, "offset": 0}, id=1)
    ann.expect_reply(1, FETCH)
    ben = connect(server, "silent Ben")  # when he is dropped, she has said nothing for longer
    while not is_closed(ben):
        ann.recv_body(500_000)
        left -= 500_000
    while left > 0:
        left -= len(ann.recv_body(min(left, 10_000_000)))
    ann.barrier()


def is_closed(client: WireClient) -> bool:
    """Wait a moment for the end of a connection; return whether it came."""
    try:
        client.expect_closed(seconds=0.02)
    except CheckFailed:
        return False
    return True
