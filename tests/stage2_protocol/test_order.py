"""Many requests before the first answer. The rule: docs/protocol.md, Requests and replies."""

from collections.abc import Callable

import pytest

from tests.kit import check
from tests.kit.programs import Server
from tests.kit.wire import WireClient
from tests.kit.wire_codec import encode, frame

Connect = Callable[..., WireClient]
pytestmark = pytest.mark.needs("2.4", "2.5")

ECHO, HELLO, PING, BYE = 80, 90, 91, 92


@pytest.mark.task("2.6", hint="What if a client asks a thousand times before it reads?")
@pytest.mark.points(2)
def test_a_thousand_requests_are_answered_in_order(
    server: Server, connect: Connect, count: Callable[[int, int], int]
) -> None:
    ann = connect(server, "Ann")
    for _ in range(count(2, 100)):
        asked = [encode({"op": ECHO, "id": n, "args": {"text": str(n)}}) for n in range(1000)]
        # send_until_blocked never reads: small as they are, a thousand must all be taken.
        stream = b"".join(asked)
        check.equal(ann.send_until_blocked(stream), len(stream), "the bytes the server took")
        for number in range(1000):
            ann.expect_reply(number, ECHO, data={"text": str(number)})
    ann.barrier()


@pytest.mark.task("2.6", hint="Is a refusal quicker than an answer?")
@pytest.mark.points(1)
def test_refusals_stand_in_line_with_answers(server: Server, connect: Connect) -> None:
    ann = connect(server, "Ann")
    one_of_each = [
        encode({"op": ECHO, "id": 1, "args": {"text": "first"}}),
        frame(b"no JSON"),
        encode({"op": 79, "id": 3}),
        encode({"op": PING, "id": 4}),
        encode({"op": ECHO, "id": 5, "args": {"text": 5}}),
        encode({"op": HELLO, "id": 6}),
    ]
    ann.send_bytes(b"".join(one_of_each * 20))
    for _ in range(20):
        received = [ann.recv_message() for _ in one_of_each]
        ids, codes = ([message.get(name) for message in received] for name in ("id", "test"))
        check.equal(ids, [1, None, 3, 4, 5, 6], "the ids of the replies, in order")
        check.equal(codes, [0, 100, 101, 0, 100, 0], "the codes of the replies, in order")


@pytest.mark.task("2.6", hint="May two requests have the same id?")
@pytest.mark.points(1)
def test_each_request_gets_one_answer_whatever_its_id(server: Server, connect: Connect) -> None:
    ann = connect(server, "Ann")
    for text in ("a", "b", "c"):
        ann.ask(ECHO, {"text": text}, id="same")
        ann.ask(ECHO, {"text": text}, id=None)
    for text in ("a", "b", "c"):
        ann.expect_reply("same", ECHO, data={"text": text})
        ann.expect_reply(None, ECHO, data={"text": text})
    ann.nothing_else()


@pytest.mark.task("2.6", hint="What does a client know when its PING is answered?")
@pytest.mark.points(1)
def test_ping_is_answered_after_all_that_was_asked_before(server: Server, connect: Connect) -> None:
    ann = connect(server, "Ann")
    for number in range(50):
        ann.ask(ECHO, {"text": "x" * 5_000}, id=number)
        ann.ask(PING, id=f"ping {number}")
    for number in range(50):
        ann.expect_reply(number, ECHO)
        ann.expect_reply(f"ping {number}", PING)


@pytest.mark.task("2.6", hint="Is anything read behind the last word?")
@pytest.mark.points(1)
@pytest.mark.parametrize("last", ["BYE", "a bad length", "a body"])
def test_nothing_behind_the_last_word_is_answered(
    server: Server, connect: Connect, last: str
) -> None:
    word = {
        "BYE": encode({"op": BYE, "id": 2}),
        "a bad length": b"\x00\x00\x00\x00",
        "a body": encode({"op": PING, "id": 2, "body": 3}) + b"abc",
    }[last]
    ann = connect(server, "Ann")
    before, after = (encode({"op": ECHO, "id": n, "args": {"text": "a"}}) for n in (1, 3))
    ann.send_bytes(before + word + after * 100)
    ann.expect_reply(1, ECHO)
    code = ann.recv_message()["test"]
    check.equal(code, {"BYE": 0, "a bad length": 106, "a body": 100}[last], "the last code")
    ann.expect_closed()
