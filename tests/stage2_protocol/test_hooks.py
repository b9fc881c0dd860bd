"""What later stages build on: each hook of the service and the engine, used once by a toy verb.

The rules: docs/protocol.md, Requests and replies, Bodies, Connections. The toy verbs run on the
engine under test (toys/toy_service.py).
"""

import hashlib
from collections.abc import Callable

import psutil
import pytest

from tests.kit import check
from tests.kit.deadlines import eventually
from tests.kit.programs import Program
from tests.kit.wire import WireClient
from tests.kit.wire_codec import encode

from .conftest import QUIET, Toys

Connect = Callable[..., WireClient]
pytestmark = [
    pytest.mark.functions,
    pytest.mark.needs("2.1", "2.2", "2.3", "2.4", "2.5", "2.6", "2.7"),
]

UPPER, LATER, SETTLE, TRUST, SHOUT, DROP, EVENTS = 40, 44, 45, 46, 47, 48, 49
UNCHECKED, STORE, FETCH, GOODBYE, SHUT_THE_DOOR = 51, 52, 53, 54, 55
BUG, HELLO, PING = 43, 90, 91
PUSH = 150
KIB = 1024


def events(client: WireClient) -> list[str]:
    """Return what the toy service's hooks have seen so far."""
    found: list[str] = client.request(EVENTS)["data"]["events"]
    return found


def number_of(client: WireClient) -> int:
    """Return the number that the server gave this client's connection."""
    return int(client.request(EVENTS)["data"]["number"])


def expect_start(client: WireClient, verb: str) -> None:
    """Wait until a verb of another client has begun."""
    eventually(lambda: any(e.startswith(verb) for e in events(client)), why=f"{verb} to begin")


def md5(data: bytes) -> str:
    """Return the digest by which a toy verb tells what it got."""
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


@pytest.mark.task("2.9", hint="Who waits while an answer is on its way to the disk?")
@pytest.mark.points(1)
def test_an_answer_may_come_later_and_the_order_is_kept(
    toy_server: Program, connect: Connect
) -> None:
    ann, ben = connect(toy_server, "Ann"), connect(toy_server, "Ben")
    first, second = ann.ask(LATER, {"key": "a"}), ann.ask(LATER, {"key": "b"})
    ping = ann.ask(PING)
    expect_start(ben, "LATER b")  # although the first is not answered
    ben.request(SETTLE, {"key": "b", "how": "the second"})
    ben.request(SETTLE, {"key": "a", "how": "the first"})
    ann.expect_reply(first, LATER, data={"text": "the first"})
    ann.expect_reply(second, LATER, data={"text": "the second"})
    ann.expect_reply(ping, PING)


@pytest.mark.task("2.9", hint="Which verbs may start before earlier answers are ready?")
@pytest.mark.points(0.5)
def test_a_verb_that_is_not_pipelined_sees_the_effects_of_earlier_ones(
    toy_server: Program, connect: Connect
) -> None:
    ann, ben = connect(toy_server, "Ann"), connect(toy_server, "Ben")
    later, upper = ann.ask(LATER, {"key": "a"}), ann.ask(UPPER, {"text": "a"})
    expect_start(ben, "LATER a")
    check.that("UPPER" not in " ".join(events(ben)), "UPPER ran before LATER was answered")
    ben.request(SETTLE, {"key": "a", "how": "now"})
    ann.expect_reply(later, LATER, data={"text": "now"})
    ann.expect_reply(upper, UPPER, data={"text": "A"})


@pytest.mark.task("2.9", hint="What can a future hold other than a result?")
@pytest.mark.points(0.5)
def test_a_later_answer_may_be_a_refusal_or_a_bug(toy_server: Program, connect: Connect) -> None:
    ann, ben = connect(toy_server, "Ann"), connect(toy_server, "Ben")
    for how, code in (("refuse", 8), ("bug", 108), ("well", 0)):
        asked = ann.ask(LATER, {"key": how})
        expect_start(ben, f"LATER {how}")
        ben.request(SETTLE, {"key": how, "how": how})
        ann.expect_reply(asked, LATER, test=code)


@pytest.mark.task(
    "2.9", hint="An answer is on its way, and the client has ended its side. What now?"
)
@pytest.mark.points(0.5)
def test_a_half_close_waits_for_answers_that_come_later(
    toy_server: Program, connect: Connect
) -> None:
    ann, ben = connect(toy_server, "Ann"), connect(toy_server, "Ben")
    asked = ann.ask(LATER, {"key": "a"})
    ann.half_close()
    expect_start(ben, "LATER a")
    ben.request(SETTLE, {"key": "a", "how": "at last"})
    ann.expect_reply(asked, LATER, data={"text": "at last"})
    ann.expect_closed()


@pytest.mark.task("2.9", hint="When is a push on its way, seen from whoever caused it?")
@pytest.mark.points(1)
def test_a_push_is_queued_before_the_request_that_caused_it_is_answered(
    toy_server: Program, connect: Connect
) -> None:
    ann, ben, cleo = (connect(toy_server, name) for name in ("Ann", "Ben", "Cleo"))
    ben.barrier()
    cleo.barrier()
    for number in range(20):
        ann.request(SHOUT, {"text": f"shout {number}"})
        for client in (ben, cleo):
            client.barrier()
            check.matches(
                client.pushes(), [{"op": PUSH, "data": {"text": f"shout {number}"}}], "the pushes"
            )
    ann.nothing_else()


@pytest.mark.task("2.9", hint="Who pays for a member that does not read?")
@pytest.mark.points(1)
def test_a_peer_that_does_not_read_its_pushes_is_dropped_and_holds_up_nobody(
    toy_server: Program, connect: Connect
) -> None:
    ann, ben = connect(toy_server, "Ann"), connect(toy_server, "Ben, who never reads")
    number = number_of(ben)
    # 25 MB: more than the buffers of two operating systems and the outbox hold.
    for _ in range(10):
        ann.request(SHOUT, {"text": "x" * 10 * KIB, "count": 250}, seconds=10)
    eventually(lambda: f"closed {number}" in events(ann), why="the end of the slow peer")
    ann.request(UPPER, {"text": "still here"}, data={"text": "STILL HERE"})


@pytest.mark.task("2.9", hint="Can a thread of another connection end this one?")
@pytest.mark.points(0.5)
def test_a_peer_can_be_closed_from_elsewhere(toy_server: Program, connect: Connect) -> None:
    ann, ben = connect(toy_server, "Ann"), connect(toy_server, "Ben")
    number = number_of(ben)
    ann.request(DROP, {"number": number})
    ben.expect_closed()
    eventually(lambda: f"closed {number}" in events(ann), why="the hook closed")


@pytest.mark.task("2.9", hint="What becomes of requests that a dropped peer had sent already?")
def test_nothing_more_is_done_for_a_peer_that_was_dropped(
    toy_server: Program, connect: Connect
) -> None:
    ann, ben = connect(toy_server, "Ann"), connect(toy_server, "Ben")
    number = number_of(ben)
    messages = [{"op": DROP, "args": {"number": number}}, {"op": UPPER, "args": {"text": "a"}}]
    ben.send_bytes(b"".join(map(encode, messages)))
    ben.expect_closed()
    eventually(lambda: f"closed {number}" in events(ann), why="the hook closed")
    check.that(f"UPPER by {number}" not in events(ann), "a verb ran for a peer that was dropped")


@pytest.mark.task("2.9", hint="How often is each peer opened, and how often closed?")
@pytest.mark.points(0.5)
def test_every_peer_is_opened_and_closed_exactly_once(toys: Toys, connect: Connect) -> None:
    server = toys.start("toy_service", "--log-level", "info", ready=True)
    ann = connect(server, "Ann")
    ann.barrier()
    left: list[int] = []
    for how in ("close", "reset", "half a frame", "bad length", "GOODBYE", "half-close"):
        client = connect(server, f"the client that leaves by {how}")
        left.append(number_of(client))
        if how == "reset":
            client.reset()
        elif how == "GOODBYE":
            client.request(GOODBYE, data={"text": "bye"})
            client.expect_closed()
        elif how == "half-close":
            client.half_close()
            client.expect_closed()
        elif how != "close":
            client.send_bytes(b"\x00\x00" if how == "half a frame" else b"\x00\x00\x00\x00")
        client.close()
    eventually(
        lambda: sum(event.startswith("closed") for event in events(ann)) >= len(left),
        why="the end of all who left",
    )
    seen = events(ann)
    check.equal(seen[:2], ["started", f"opened {number_of(ann)}"], "the first events")
    wanted = sorted(f"{what} {number}" for number in left for what in ("opened", "closed"))
    check.equal(sorted(seen[2:]), wanted, "the events of those who left")
    server.end()
    check.that("the toy service has stopped" in server.stderr.tail(100), "the hook stopped")


@pytest.mark.task("2.9", hint="What is left of a connection whose first hook fails?")
def test_a_bug_in_the_hook_opened_leaves_no_thread_behind(toys: Toys, connect: Connect) -> None:
    server = toys.start("toy_service", *QUIET, ready=True)
    ann = connect(server, "Ann")
    ann.barrier()
    before = psutil.Process(server.pid).num_threads()
    ann.request(SHUT_THE_DOOR)
    for number in range(20):
        connect(server, f"client {number}").expect_closed()
    eventually(
        lambda: psutil.Process(server.pid).num_threads() <= before,
        why=f"the {before} threads that were there before",
    )
    ann.barrier()


@pytest.mark.task("2.9", hint="Does the connection live on after somebody else's mistake?")
@pytest.mark.points(0.5)
def test_a_bug_in_a_verb_or_in_check_is_answered_108_and_the_connection_lives(
    toys: Toys, connect: Connect
) -> None:
    server = toys.start("toy_service", *QUIET, ready=True)
    ann = connect(server, "Ann")
    for what in ("an exception", "nan", "too large", "no data"):
        ann.request(BUG, {"what": what}, test=108)
    ann.request(UNCHECKED, test=108)
    ann.request(UPPER, {"text": "a"}, data={"text": "A"})
    # What the server wrote reaches us by a pipe: it may come a moment after the answer.
    eventually(lambda: "ZeroDivisionError" in server.stderr.tail(200), why="the bug in the log")


@pytest.mark.task("2.9", hint="From which moment on may frames be larger?")
def test_a_trusted_peer_may_send_larger_frames_at_once(
    toy_server: Program, connect: Connect
) -> None:
    ann, ben = connect(toy_server, "Ann"), connect(toy_server, "Ben")
    large = "x" * 250 * KIB
    message = encode({"op": UPPER, "id": 2, "args": {"text": large}})
    ann.send_bytes(encode({"op": TRUST, "id": 1}) + message)
    ann.expect_reply(1, TRUST)
    ann.expect_reply(2, UPPER, data={"text": large.upper()})
    ann.request(HELLO, data={"limits": {"frame": 256 * KIB, "text": 77}})
    ann.send_bytes((256 * KIB + 1).to_bytes(4, "big"))
    ann.expect_reply(None, None, test=106)
    ann.expect_closed()
    ben.send_bytes(message[:4])
    ben.expect_reply(None, None, test=106)
    ben.expect_closed()
