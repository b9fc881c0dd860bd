"""The proxy between real sockets: it passes what each side does, and disturbs only what it should.

The test is the client and, as ``Listening``, the server.
"""

import itertools
import random
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from tests.kit.byte_client import ByteClient
from tests.kit.deadlines import Deadline, eventually
from tests.kit.failure import CheckFailed
from tests.kit.listening import Listening
from tests.kit.processes import WINDOWS
from tests.kit.proxy.engine import Proxy
from tests.kit.proxy.events import (
    Closed,
    Direction,
    Event,
    Opened,
    Passed,
    Reset,
    Unreachable,
    WasCut,
    pieces,
)
from tests.kit.proxy.faults import Faults
from tests.kit.proxy.fixture import ServerProxy
from tests.kit.toys import Toy, toy
from tests.kit.wire import WireClient
from tests.kit.wire_codec import LARGEST_FRAME, frame

__all__ = ["toy"]

MakeProxy = Callable[..., ServerProxy]
Dial = Callable[..., ByteClient]
Connect = Callable[..., WireClient]
TO_SERVER, TO_CLIENT = Direction.TO_SERVER, Direction.TO_CLIENT


@pytest.fixture
def server() -> Iterator[Listening[ByteClient]]:
    """The test as the server behind the proxy."""
    listening = Listening(ByteClient)
    yield listening
    listening.dispose()


@dataclass
class Address:
    """Where to connect, of a server that the test does not watch."""

    name: str
    host: str
    port: int

    def assert_alive(self) -> None:
        """Do nothing."""


class Pair:
    """A client and the server's side of its connection, with a proxy between them."""

    def __init__(self, dial: Dial, server: Listening[ByteClient], between: ServerProxy) -> None:
        self.proxy = between
        self.client = dial(between, "the client")
        self.server = server.accept()


@pytest.fixture
def pair(dial: Dial, server: Listening[ByteClient], proxy: MakeProxy) -> Callable[..., Pair]:
    """Connect a client and a server through a proxy with these faults."""
    return lambda **faults: Pair(dial, server, proxy(server, **faults))


def wait_for(between: ServerProxy, kind: type[Event]) -> Event:
    """Wait until the proxy tells of an event of this kind."""

    def look() -> list[Event]:
        return [event for event in between.events if isinstance(event, kind)]

    return eventually(look, why=f"the proxy to tell: {kind.__name__}")[0]


# --- what is passed on, and how it ends ---


@pytest.mark.parametrize(
    "faults",
    [{}, {"split": "random", "seed": 7, "gap_ms": 0}, {"split": 4096, "delay_ms": 5, "join_ms": 2}],
    ids=str,
)
def test_both_streams_arrive_byte_for_byte(
    pair: Callable[..., Pair], faults: dict[str, object]
) -> None:
    there = random.Random(1).randbytes(700_000)
    back = frame(b"x" * LARGEST_FRAME) + random.Random(2).randbytes(300_000)
    both = pair(**faults)
    answering = threading.Thread(target=both.server.send_bytes, args=(back,))
    answering.start()
    both.client.send_bytes(there)
    answering.join()
    both.server.expect_bytes(there)
    both.client.expect_bytes(back)
    assert b"".join(pieces(both.proxy.events, TO_SERVER)) == there
    assert b"".join(pieces(both.proxy.events, TO_CLIENT)) == back


def test_the_same_seed_makes_the_same_cuts_on_the_wire(pair: Callable[..., Pair]) -> None:
    stream = random.Random(3).randbytes(200_000)
    plan = Faults(split="random", seed=11, gap_ms=0).plan(1, TO_SERVER)
    plan.feed(0.0, stream)
    planned, at = set(), 0
    while isinstance(piece := plan.take(0.0), bytes):
        at += len(piece)
        planned.add(at)
    for _ in range(2):
        both = pair(split="random", seed=11, gap_ms=0)
        both.client.send_bytes(stream)
        both.server.expect_bytes(stream)
        sizes = map(len, pieces(both.proxy.events, TO_SERVER))
        assert planned <= set(itertools.accumulate(sizes))


def test_single_bytes_are_read_one_by_one(pair: Callable[..., Pair]) -> None:
    both = pair(split=1, gap_ms=5, direction="to-server")
    both.client.send_bytes(b"one by one")
    assert both.server.recv_exactly(10) == b"one by one"
    assert pieces(both.proxy.events, TO_SERVER) == [bytes([byte]) for byte in b"one by one"]
    both.server.send_bytes(b"at once")
    assert both.client.recv_exactly(7) == b"at once"
    assert len(pieces(both.proxy.events, TO_CLIENT)) == 1


def test_what_is_sent_in_two_pieces_is_joined(pair: Callable[..., Pair]) -> None:
    both = pair(join_ms=60_000)  # or until the stream ends
    both.client.send_bytes(b"sticky ")
    both.client.send_bytes(b"packets")
    both.client.half_close()
    assert both.server.recv_all() == b"sticky packets"
    assert pieces(both.proxy.events, TO_SERVER) == [b"sticky packets"]


def test_a_delay_takes_its_time_and_changes_nothing_else(pair: Callable[..., Pair]) -> None:
    both = pair(delay_ms=80, direction="to-server")
    start = time.monotonic()
    both.client.send_bytes(b"late")
    assert both.server.recv_exactly(4) == b"late"
    assert time.monotonic() - start >= 0.08


def test_after_a_half_close_the_answer_still_arrives(pair: Callable[..., Pair]) -> None:
    both = pair(delay_ms=10)
    both.client.send_bytes(b"question")
    both.client.half_close()
    assert both.server.recv_all() == b"question"
    both.server.send_bytes(b"answer")
    both.server.half_close()
    assert both.client.recv_all() == b"answer"
    assert [type(event) for event in both.proxy.events if isinstance(event, Reset)] == []
    wait_for(both.proxy, Closed)


@pytest.mark.parametrize("who", ["client", "server"])
def test_a_reset_arrives_as_a_reset_on_the_other_side(pair: Callable[..., Pair], who: str) -> None:
    both = pair()
    both.client.send_bytes(b"hello")
    both.server.expect_bytes(b"hello")
    breaking, other = (both.client, both.server) if who == "client" else (both.server, both.client)
    breaking.reset()
    with pytest.raises(CheckFailed, match="broke the connection"):
        other.recv_some()
    wait_for(both.proxy, Closed)


@pytest.mark.skipif(WINDOWS, reason="there it is seen only when reading goes on (Side.look)")
def test_a_reset_does_not_wait_for_a_reader(pair: Callable[..., Pair]) -> None:
    both = pair()
    both.client.send_until_blocked(b"x" * 64_000_000, quiet_seconds=0.1)
    both.client.reset()
    wait_for(both.proxy, Reset)
    with pytest.raises(CheckFailed, match="broke the connection"):
        both.server.recv_exactly(64_000_000)


def test_a_reset_after_the_end_of_the_other_direction_is_passed_on(
    pair: Callable[..., Pair],
) -> None:
    both = pair()
    both.server.half_close()
    assert both.client.recv_all() == b""
    both.server.reset()
    with pytest.raises(CheckFailed, match="while the client was sending"):
        while True:
            both.client.send_bytes(b"x" * 1000)


@pytest.mark.skipif(WINDOWS, reason="there a reset throws away what was not read yet")
def test_an_answer_before_a_reset_is_passed_on_even_when_writing_fails_first(
    dial: Dial, server: Listening[ByteClient]
) -> None:
    reached, go_on = threading.Event(), threading.Event()

    def wait_at_the_first_piece(event: Event) -> None:
        if isinstance(event, Passed) and event.direction is TO_SERVER:
            reached.set()
            go_on.wait()

    with Proxy((server.host, server.port), observer=wait_at_the_first_piece) as between:
        client = dial(Address("the server", between.host, between.port))
        accepted = server.accept()
        client.send_bytes(b"a request that is written into a broken connection")
        reached.wait()
        accepted.send_bytes(b"refused")
        accepted.reset()
        go_on.set()
        assert client.recv_exactly(7) == b"refused"
        with pytest.raises(CheckFailed, match="broke the connection"):
            client.recv_some()


def test_a_server_that_does_not_read_holds_the_client_back(pair: Callable[..., Pair]) -> None:
    both = pair()
    sent = both.client.send_until_blocked(b"x" * 64_000_000, quiet_seconds=0.1)
    assert sent < 64_000_000
    both.server.expect_bytes(b"x" * sent)


def test_many_connections_at_once_get_their_own_bytes(
    toy: Toy, proxy: MakeProxy, connect: Connect
) -> None:
    between = proxy(toy(), split="random", seed=5)
    clients = [connect(between, f"client {number}") for number in range(20)]
    for number, client in enumerate(clients):
        client.ask(80, {"text": f"I am {number}"}, id=number)
    for number, client in enumerate(clients):
        client.expect_reply(number, data={"text": f"I am {number}"})
        client.nothing_else()
    assert {event.connection for event in between.events if isinstance(event, Opened)} == set(
        range(1, 21)
    )


def test_a_client_of_a_server_that_is_gone_is_reset(dial: Dial, proxy: MakeProxy) -> None:
    gone = Listening(ByteClient, "nobody")
    gone.dispose()
    between = proxy(gone)
    with pytest.raises(CheckFailed, match=r"broke the connection|cannot connect"):
        dial(between).recv_some()
    event = wait_for(between, Unreachable)
    assert isinstance(event, Unreachable) and "refused" in event.reason.lower()


# --- cuts ---


@pytest.mark.parametrize("how", ["reset", "close"])
def test_a_cut_lets_pass_exactly_so_many_bytes(pair: Callable[..., Pair], how: str) -> None:
    both = pair(cut_after_bytes=1000, cut=how, direction="to-server")
    both.server.send_bytes(b"before the cut")
    both.client.expect_bytes(b"before the cut")
    both.client.send_bytes(b"x" * 5000)
    both.server.expect_bytes(b"x" * 1000)
    for side in (both.server, both.client):
        if how == "close":
            side.expect_closed()
            side.close()
        else:
            with pytest.raises(CheckFailed, match="broke the connection"):
                side.recv_some()
    wait_for(both.proxy, Closed)


def test_the_reply_is_lost_when_the_cut_comes_behind_the_request(
    toy: Toy, proxy: MakeProxy, connect: Connect
) -> None:
    between = proxy(toy(), cut_after_frames=2, direction="to-server", first=1)
    ann = connect(between, "Ann")
    ann.request(91)
    ann.ask(91)
    with pytest.raises(CheckFailed, match="broke the connection"):
        ann.expect_reply(2)
    again = connect(between, "Ann, again")
    for _ in range(3):
        again.request(91)


def test_a_cut_at_zero_comes_with_the_connection(
    dial: Dial, proxy: MakeProxy, server: Listening[ByteClient]
) -> None:
    with pytest.raises(CheckFailed, match=r"broke the connection|cannot connect"):
        dial(proxy(server, cut_after_bytes=0)).recv_some()


def test_after_a_pulled_cable_nothing_arrives_not_even_the_end(
    pair: Callable[..., Pair], dial: Dial, server: Listening[ByteClient]
) -> None:
    both = pair(cut_after_bytes=5, cut="hang", first=1)
    both.client.send_bytes(b"hello, are you there?")
    both.server.expect_bytes(b"hello")
    both.client.close()
    # A barrier: the proxy does things one after the other, so it has seen that end by now.
    other = dial(both.proxy)
    other_server = server.accept()
    other.send_bytes(b"ping")
    other_server.expect_bytes(b"ping")
    with pytest.raises(CheckFailed, match="waited"):
        both.server.recv_some(seconds=0.05)
    both.server.close()
    closed = wait_for(both.proxy, Closed)
    assert isinstance(closed, Closed) and closed.lost == len(", are you there?")


def test_a_test_can_cut_all_connections_when_it_wants_and_choose_other_faults(
    toy: Toy, proxy: MakeProxy, connect: Connect
) -> None:
    between = proxy(toy())
    clients = [connect(between), connect(between)]
    for client in clients:
        client.request(91)
    assert between.cut("close") == 2
    for client in clients:
        client.expect_closed()
    between.use(cut_after_frames=1, direction="to-client")
    later = connect(between)
    later.request(91)
    with pytest.raises(CheckFailed, match="broke the connection"):
        later.request(91)
    assert [type(event) for event in between.events].count(WasCut) == 3


# --- the harness around it ---


def test_what_is_held_waits_and_then_passes_in_order(pair: Callable[..., Pair]) -> None:
    both = pair()
    with both.proxy.held("to-client"):
        both.server.send_bytes(b"one ")
        both.client.send_bytes(b"asked")
        both.server.expect_bytes(b"asked")
        both.server.send_bytes(b"two")
        with pytest.raises(CheckFailed):
            both.client.recv_some(0.05)
        assert pieces(both.proxy.events, TO_CLIENT) == []
    both.client.expect_bytes(b"one two")


def test_the_answer_to_one_request_is_lost_and_only_once(
    server: Listening[ByteClient], dial: Dial, proxy: MakeProxy
) -> None:
    before = proxy(Address("the test", "127.0.0.1", server.port))
    trap = before.lose_answer(b"INSERT 7", b"COMMIT")
    for number in range(3):
        client = dial(before, f"client {number}")
        other = server.accept()
        asked = (b"insert 7", b"commit") if number else (b"commit", b"insert 7")
        for text in asked:
            client.send_bytes(text)
            other.expect_bytes(text)
            other.send_bytes(b"ok")
            if number == 1 and text == b"commit":
                client.expect_closed()
                assert trap.wait(5)
            else:
                client.expect_bytes(b"ok")


def test_what_passed_stands_in_the_report(toy: Toy, proxy: MakeProxy, connect: Connect) -> None:
    between = proxy(toy(), split=10)
    connect(between).request(80, {"text": "\x1b[31m"})
    said = between.testimony()
    assert said["name"] == "right behind a proxy"
    assert "client → server  00 00 00" in str(said["stdout"])
    assert "reply to ECHO (80), id 1: ok" in str(said["stdout"])
    assert "\x1b" not in str(said["stdout"])


def test_a_proxy_ends_at_once_whatever_its_connections_do(
    toy: Toy, proxy: MakeProxy, dial: Dial
) -> None:
    never_reads, deadline = Listening(ByteClient), Deadline(5)
    between = proxy(never_reads)
    client = dial(between)
    never_reads.accept()
    client.send_until_blocked(b"x" * 64_000_000, quiet_seconds=0.1)
    between.dispose()
    between.dispose()
    assert not deadline.passed
    with pytest.raises(CheckFailed, match="cannot connect"):
        dial(between)
    never_reads.dispose()
