"""Clients that do not read, do not speak, or stop half-way; and how the server ends under them.

The rules: docs/protocol.md, Connections; docs/stage2.md.
"""

import functools
import time
from collections.abc import Callable

import pytest

from tests.kit import check
from tests.kit.byte_client import ByteClient
from tests.kit.deadlines import eventually, within
from tests.kit.failure import CheckFailed
from tests.kit.fixtures import Launcher
from tests.kit.programs import Program, Server
from tests.kit.wire import WireClient
from tests.kit.wire_codec import encode

from .conftest import QUIET

Connect = Callable[..., WireClient]
Count = Callable[[int, int], int]
pytestmark = pytest.mark.needs("2.4", "2.6")

ECHO, PING, BYE = 80, 91, 92


def echoes(number: int, size: int) -> list[bytes]:
    """Return requests to echo ``size`` characters, with the ids 0, 1, 2 …"""
    text = "x" * size
    return [encode({"op": ECHO, "id": n, "args": {"text": text}}) for n in range(number)]


# More than the buffers of two operating systems hold, there and back.
MANY = 4_000


@functools.cache
def too_much() -> bytes:
    """Return 32 MB of requests: who never reads cannot have all of them taken."""
    return b"".join(echoes(MANY, 8_000))


@pytest.mark.task("2.7", hint="sendall waits until the other side reads. Who waits with it?")
@pytest.mark.points(2)
def test_a_client_that_never_reads_stops_nobody_else(launch: Launcher, connect: Connect) -> None:
    server = launch("stage2.server", *QUIET)
    ben = connect(server, "Ben")
    stuck = connect(server, "Ann, who never reads")
    stuck.send_until_blocked(too_much(), quiet_seconds=0.2)
    ben.request(ECHO, {"text": "hello"}, data={"text": "hello"})
    connect(server, "Cleo").request(PING)


@pytest.mark.task("2.7", hint="Where do answers pile up that nobody reads, and how many may?")
@pytest.mark.points(2)
def test_a_client_that_never_reads_is_held_back_or_dropped(
    launch: Launcher, connect: Connect
) -> None:
    server = launch("stage2.server", *QUIET)
    stuck = connect(server, "Ann, who reads late")
    taken = stuck.send_until_blocked(too_much(), quiet_seconds=0.4)
    check.that(
        taken < len(too_much()), f"the server took {taken:,} bytes and keeps the answers to all"
    )
    # Then she reads: what arrives must be the answers, in order, until the end if she was dropped.
    for number in range(taken // (len(too_much()) // MANY)):
        try:
            reply = stuck.recv_message()
        except CheckFailed as failure:
            if "the connection" not in failure.message:  # it has not ended: what came was no frame
                raise
            break
        check.matches(reply, {"id": number, "test": 0}, "the reply")
    connect(server, "Ben").barrier()


@pytest.mark.task("2.7", hint="Is a client still there that says nothing for so long?")
@pytest.mark.points(2)
def test_a_silent_connection_is_dropped_after_idle_seconds_and_a_speaking_one_is_not(
    launch: Launcher, connect: Connect
) -> None:
    idle = within(0.8)
    server = launch("stage2.server", *QUIET, "--idle", f"{idle:.2f}")
    ann = connect(server, "Ann, who speaks")
    start = time.monotonic()
    ben, cleo = connect(server, "silent Ben"), connect(server, "Cleo, in the middle of a frame")
    cleo.send_bytes(encode({"op": PING})[:9])

    def is_dropped(client: ByteClient) -> bool:
        ann.barrier()
        try:
            client.expect_closed(seconds=0.02)
        except CheckFailed:
            return False
        return True

    limit = 1.0 + 5.0
    eventually(lambda: is_dropped(ben), why="the end of the silent connection", seconds=limit)
    took = time.monotonic() - start
    check.that(took > 0.9 * idle, f"dropped after {took:.2f} s, --idle says {idle:.2f}")
    eventually(lambda: is_dropped(cleo), why="the end of the half frame", seconds=limit)
    ann.barrier()


@pytest.mark.task("2.7", hint="A client says that it sends no more. Does it still want answers?")
@pytest.mark.points(2)
@pytest.mark.parametrize("cut", [0, 2, 30], ids=["whole frames", "half a header", "half a frame"])
def test_after_a_half_close_everything_is_answered_and_the_server_closes(
    server: Server, connect: Connect, cut: int
) -> None:
    ann = connect(server, "Ann")
    ann.send_bytes(b"".join(echoes(200, 50)) + echoes(1, 50)[0][:cut])
    ann.half_close()
    for number in range(200):
        ann.expect_reply(number, ECHO)
    ann.expect_closed()


@pytest.mark.task(
    "2.7", hint="Are answers lost that still wait when the client says its last word?"
)
@pytest.mark.points(1)
def test_a_half_close_loses_no_answer_that_still_waits_to_be_sent(
    server: Server, connect: Connect
) -> None:
    ann = connect(server, "Ann")
    asked = b"".join(echoes(1_000, 200))
    check.equal(ann.send_until_blocked(asked), len(asked), "the bytes the server took")
    ann.half_close()
    for number in range(1_000):
        ann.expect_reply(number, ECHO)
    ann.expect_closed()


@pytest.mark.task("2.7", hint="What does the server do for a client that never says a word?")
@pytest.mark.points(0.5)
def test_a_client_that_says_nothing_and_ends_is_let_go(server: Server, connect: Connect) -> None:
    ann = connect(server, "Ann")
    ann.half_close()
    ann.expect_closed()


@pytest.mark.task("2.7", hint="How much does a client cost that only listens?")
@pytest.mark.points(1)
def test_many_idle_clients_do_no_harm(launch: Launcher, connect: Connect, count: Count) -> None:
    server = launch("stage2.server", *QUIET)
    idle = [connect(server, f"idle client {n}") for n in range(count(500, 1000))]
    ann = connect(server, "Ann")
    for _ in range(100):
        ann.request(ECHO, {"text": "hello"}, data={"text": "hello"})
    for client in idle:
        client.barrier()


@pytest.mark.task("2.7", hint="What is left behind when a client has gone?")
@pytest.mark.points(1)
def test_nothing_is_left_behind_by_clients_that_have_gone(
    launch: Launcher, connect: Connect, count: Count
) -> None:
    server = launch("stage2.server", *QUIET)
    rounds = count(15, 300)
    _come_and_go(server, connect)
    connect(server, "Ben").barrier()
    # A few more threads or files are a program's own business; one for each client is a leak.
    allowed = server.holdings() + rounds
    for _ in range(rounds):
        _come_and_go(server, connect)
    eventually(
        lambda: server.holdings() < allowed, why=f"less than {allowed} threads and open files"
    )


def _come_and_go(server: Program, connect: Connect) -> None:
    """Connect five clients that leave in five ways."""
    closing, resetting, cut, parting, wrong = (connect(server, f"client {n}") for n in range(5))
    closing.barrier()
    resetting.send_bytes(echoes(1, 1000)[0])
    resetting.reset()
    cut.send_bytes(echoes(1, 1000)[0][:500])
    cut.close()
    parting.request(BYE)
    parting.close()
    wrong.send_bytes(b"\xff" * 50)
    wrong.close()
    closing.close()


@pytest.mark.task("2.7", hint="What keeps the server from ending while clients are connected?")
@pytest.mark.points(1.5)
@pytest.mark.parametrize("how", ["asked-to-end", "interrupted"])
def test_it_ends_cleanly_whatever_its_clients_do(
    launch: Launcher, connect: Connect, how: str
) -> None:
    server = launch("stage2.server", *QUIET)
    silent = connect(server, "silent Ann")
    connect(server, "Ben, in the middle of a frame").send_bytes(echoes(1, 50)[0][:20])
    stuck = connect(server, "Cleo, who never reads")
    stuck.send_until_blocked(too_much(), quiet_seconds=0.2)
    connect(server, "Dora").barrier()
    if how == "interrupted":
        server.interrupt()
    else:
        server.ask_to_end()
    server.wait_exit(code=0)
    silent.expect_closed()


@pytest.mark.task("2.7", hint="Which socket option lets a server have its old port at once?")
@pytest.mark.points(1)
def test_it_has_its_port_again_at_once(launch: Launcher, connect: Connect) -> None:
    server = launch("stage2.server", *QUIET)
    connect(server, "Ann").barrier()
    server.end()  # the server closes first: its side of the connection waits in TIME_WAIT
    again = launch.again(server)
    check.equal(again.port, server.port, "the port")
    connect(again, "Ann, again").request(ECHO, {"text": "a"}, data={"text": "a"})
