"""What the server refuses, with which code, and after what the connection goes on.

The rules: docs/protocol.md, Frames, Requests and replies, Codes.
"""

import random
from collections.abc import Callable

import pytest

from tests.kit import check
from tests.kit.match import ABSENT, OneOf
from tests.kit.programs import Server
from tests.kit.wire import WireClient
from tests.kit.wire_codec import encode, frame

from . import traps

Connect = Callable[..., WireClient]
pytestmark = pytest.mark.needs("2.4")

ECHO, HELLO, PING, BYE = 80, 90, 91, 92
LIMIT = 16 * 1024
TOO_LONG = [0, LIMIT + 1, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF]


def expect_refused(client: WireClient, wanted: dict[str, object]) -> None:
    """Read one reply: a failure of these fields, with a text for people."""
    message = client.recv_message()
    check.matches(message, {"error": str, "data": OneOf(ABSENT, {}), **wanted}, "the reply")
    check.that(message["error"], "the error text should say something")


@pytest.mark.task("2.5", hint="The length was sound. Where does the next frame begin?")
@pytest.mark.points(3)
def test_a_bad_message_costs_a_100_and_the_connection_lives(
    server: Server, connect: Connect
) -> None:
    ann = connect(server, "Ann")
    for payload in traps.BAD.values():
        ann.send_raw_payload(payload)
        # Whether op and id of a message that is no sound JSON can be read is up to the server.
        expect_refused(ann, {"op": OneOf(None, PING), "id": OneOf(ABSENT, 7), "test": 100})
        ann.request(PING)


@pytest.mark.task("2.5", hint="What of a bad message can be read, and is repeated in the reply?")
@pytest.mark.points(1)
def test_the_reply_to_a_wrong_field_repeats_op_and_id(server: Server, connect: Connect) -> None:
    ann = connect(server, "Ann")
    for payload in traps.WRONG_KIND.values():
        ann.send_raw_payload(payload)
        expect_refused(ann, {"op": PING, "id": 7, "test": 100})
    ann.barrier()


@pytest.mark.task("2.5", hint="What stands in a reply where the op could not be read?")
@pytest.mark.points(1)
def test_where_the_op_cannot_be_read_the_reply_says_null(server: Server, connect: Connect) -> None:
    ann = connect(server, "Ann")
    for payload in traps.NO_OP.values():
        ann.send_raw_payload(payload)
        expect_refused(ann, {"op": None, "id": 7, "test": 100})
    ann.send_raw_payload(b"{}")
    expect_refused(ann, {"op": None, "id": ABSENT, "test": 100})
    ann.barrier()


@pytest.mark.task("2.5", hint="What may look odd and still be right?")
@pytest.mark.points(1)
def test_odd_but_sound_messages_are_answered(server: Server, connect: Connect) -> None:
    ann = connect(server, "Ann")
    for payload in traps.SOUND.values():
        ann.send_raw_payload(payload)
        ann.expect_reply(7, PING)


@pytest.mark.task("2.5", hint="Is 0 an id? Is an empty text?")
@pytest.mark.points(1)
def test_an_id_of_every_allowed_kind_comes_back(server: Server, connect: Connect) -> None:
    # Each id once on a connection: that it may come again is another task's.
    ann, ben = connect(server, "Ann"), connect(server, "Ben")
    for id in traps.IDS.values():
        ann.request(PING, id=id)
        ben.request(79, id=id, test=101)
    for payload in (b'{"op":91}', b'{"op":91,"id":null}'):
        ann.send_raw_payload(payload)
        ann.expect_reply(None, PING)


@pytest.mark.task("2.5", hint="What can a reply to an id say that must not be repeated?")
@pytest.mark.points(1)
def test_an_id_of_another_kind_is_refused_without_one(server: Server, connect: Connect) -> None:
    ann = connect(server, "Ann")
    for id in traps.WRONG_IDS.values():
        ann.send_raw_payload(traps.ping_with_id(id))
        expect_refused(ann, {"op": PING, "id": ABSENT, "test": 100})
    ann.barrier()


@pytest.mark.task("2.5", hint="Which argument does ECHO need, and of which kind?")
@pytest.mark.points(1)
def test_a_missing_or_wrong_argument_is_refused(server: Server, connect: Connect) -> None:
    ann = connect(server, "Ann")
    ann.request(ECHO, test=100)
    ann.request(ECHO, {}, test=100)
    wrong: list[object] = [None, 5, 1.5, True, ["a"], {}]
    for text in wrong:
        ann.request(ECHO, {"text": text}, test=100)
    ann.send_raw_payload(b'{"op":80,"id":1,"args":null}')
    ann.expect_reply(1, ECHO, test=100)
    ann.request(ECHO, {"text": "a", "colour": "red"}, data={"text": "a"})


@pytest.mark.task("2.5", hint="Is a request that nobody knows a broken one?")
@pytest.mark.points(1)
def test_an_unknown_op_is_answered_101_and_the_connection_lives(
    server: Server, connect: Connect
) -> None:
    ann = connect(server, "Ann")
    for op in (1, 31, 79, 81, 93, 100, 101, -1, 2**31, 2**53, -(2**53)):
        ann.request(op, {"text": "a"}, test=101)
        ann.request(PING)


@pytest.mark.task("2.5", hint="What is known when only the header has arrived?")
@pytest.mark.points(2)
@pytest.mark.parametrize("length", TOO_LONG)
def test_a_length_that_is_not_allowed_is_answered_106_at_once_and_the_stream_ends(
    server: Server, connect: Connect, length: int
) -> None:
    ann = connect(server, "Ann")
    asked = ann.ask(ECHO, {"text": "before"})
    ann.send_bytes(length.to_bytes(4, "big"))  # and nothing of the payload, ever
    ann.expect_reply(asked, ECHO, data={"text": "before"})
    expect_refused(ann, {"op": None, "id": ABSENT, "test": 106})
    ann.expect_closed()


@pytest.mark.task("2.5", hint="Closing with unread bytes resets the connection. Who loses what?")
@pytest.mark.points(1)
def test_a_106_reaches_a_client_that_is_still_sending(server: Server, connect: Connect) -> None:
    ann = connect(server, "Ann")
    ann.send_bytes((1_000_000).to_bytes(4, "big") + b"x" * 300_000)
    expect_refused(ann, {"op": None, "test": 106})
    ann.expect_orderly_end()  # a reset could overtake the reply
    connect(server, "Ben").barrier()


@pytest.mark.task("2.5", hint="Is the limit itself allowed?")
@pytest.mark.points(0.5)
def test_a_frame_of_exactly_the_limit_is_answered(server: Server, connect: Connect) -> None:
    ann = connect(server, "Ann")
    around = len(encode({"op": ECHO, "id": 1, "args": {"text": ""}})) - 4
    for text in ("x" * (LIMIT - around), "x" * (LIMIT - around - 4) + "😀"):
        data = encode({"op": ECHO, "id": 1, "args": {"text": text}})
        check.equal(len(data) - 4, LIMIT, "the test's own payload")
        ann.send_bytes(data)
        ann.expect_reply(1, ECHO, data={"text": text})
    ann.send_raw_payload(b"7")  # the smallest one there can be: sound in length only
    expect_refused(ann, {"op": None, "test": 100})


@pytest.mark.task("2.5", hint="What follows a message with a body, and who knows what it is?")
@pytest.mark.points(1)
@pytest.mark.parametrize(
    "message",
    [
        {"op": ECHO, "id": 1, "args": {"text": "a"}, "body": 5},
        {"op": ECHO, "id": 1, "args": {"text": "a"}, "body": 0},
        {"op": PING, "id": 1, "body": 5},
        {"op": BYE, "id": 1, "body": 0},
        {"op": 31, "id": 1, "body": 5},
        {"op": None, "id": 1, "body": 5},
        {"id": 1, "body": 0},
        {"op": ECHO, "id": 1, "args": [], "body": 5},
    ],
    ids=["ECHO", "of 0 bytes", "PING", "BYE", "unknown op", "op null", "no op", "wrong args"],
)
def test_a_body_where_none_is_taken_is_refused_and_the_connection_ends(
    server: Server, connect: Connect, message: dict[str, object]
) -> None:
    ann = connect(server, "Ann")
    ann.send_frame(message)
    expect_refused(ann, {"op": message.get("op"), "id": 1, "test": 100})
    ann.expect_closed()


@pytest.mark.task("2.5", hint="Does any payload make the server stop answering?")
@pytest.mark.points(0.5)
def test_no_payload_of_any_bytes_ends_the_connection(
    server: Server,
    connect: Connect,
    dice: Callable[[object], random.Random],
    count: Callable[[int, int], int],
) -> None:
    payloads = traps.random_garbage(dice("garbage"), number=count(300, 30_000))
    ann = connect(server, "Ann")
    for start in range(0, len(payloads), 100):
        part = payloads[start : start + 100]
        ann.send_bytes(b"".join(map(frame, part)))
        for _ in part:
            expect_refused(ann, {"op": None, "id": ABSENT, "test": 100})
    ann.barrier()
