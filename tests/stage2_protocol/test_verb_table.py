"""A service is a table of verbs: bytes become calls, calls become replies, without a socket.

The rules: docs/protocol.md, Requests and replies. What is fed here goes to the code under test
through a pipe (toys/toy_service.py --pipe), so that no engine is needed yet.
"""

import pytest

from tests.kit import check
from tests.kit.deadlines import eventually
from tests.kit.match import ABSENT, OneOf
from tests.kit.probe import Probe
from tests.kit.wire_codec import encode, frame

from . import traps
from .pipe import Pipe

pytestmark = [pytest.mark.functions, pytest.mark.needs("2.1", "2.2")]

UPPER, NOTHING, REFUSE, BUG, TRUST, SECRET, UNCHECKED, STORE = 40, 41, 42, 43, 46, 50, 51, 52
NO_DATA = OneOf(ABSENT, {})


@pytest.mark.task("2.3", hint="What does a reply repeat, and what does it add?")
@pytest.mark.points(2)
def test_a_verb_is_run_and_its_data_goes_into_the_reply(pipe: Pipe) -> None:
    request = {"op": UPPER, "id": "a", "args": {"text": "hi"}}
    pipe.request(request, {"op": UPPER, "id": "a", "test": 0, "data": {"text": "HI"}})
    del request["id"]
    pipe.request(request, {"op": UPPER, "id": ABSENT, "test": 0, "data": {"text": "HI"}})
    pipe.request({"op": NOTHING, "id": 0}, {"op": NOTHING, "id": 0, "test": 0, "data": NO_DATA})


@pytest.mark.task("2.3", hint="Which replies come when several requests lie in one read?")
@pytest.mark.points(0.5)
def test_requests_are_carried_out_as_they_come_whole(pipe: Pipe) -> None:
    asked = [{"op": UPPER, "id": n, "args": {"text": f"text {n}"}} for n in range(30)]
    stream = b"".join(encode(message) for message in asked)
    replies = [
        reply for at in range(0, len(stream), 77) for reply in pipe.feed(stream[at : at + 77])
    ]
    found = [(reply.message["id"], reply.message["data"]["text"]) for reply in replies]
    check.equal(found, [(n, f"TEXT {n}") for n in range(30)], "ids and texts of the replies")


@pytest.mark.task("2.3", hint="How does a verb say no, and what must the client learn?")
@pytest.mark.points(1)
def test_a_refusal_carries_its_code_text_field_and_retry_after(pipe: Pipe) -> None:
    wanted = {"op": REFUSE, "id": 1, "test": 7, "error": "not this colour", "field": "colour"}
    pipe.request({"op": REFUSE, "id": 1}, {**wanted, "retry_after": 1.5})


@pytest.mark.task("2.3", hint="Whose fault is an exception in a verb, and who must hear of it?")
@pytest.mark.points(1)
@pytest.mark.parametrize("what", ["an exception", "nan", "too large", "no data"])
def test_a_bug_in_a_verb_is_answered_108_and_logged(pipe: Pipe, what: str) -> None:
    written = pipe.program.stderr.total
    wanted = {"op": BUG, "id": 1, "test": 108, "error": str, "data": ABSENT}
    reply = pipe.request({"op": BUG, "id": 1, "args": {"what": what}}, wanted)
    check.that("ZeroDivision" not in reply["error"], "what went wrong inside is not the client's")
    eventually(lambda: pipe.program.stderr.total > written, why="a log entry of the error")
    pipe.request({"op": 91, "id": 2}, {"op": 91, "id": 2, "test": 0})


@pytest.mark.task("2.3", hint="Which argument was it, and what was wrong with it?")
@pytest.mark.points(1)
@pytest.mark.parametrize(
    "args",
    [None, {}, {"text": None}, {"text": 5}, {"text": ["a"]}, {"text": True}],
    ids=["no args", "missing", "null", "a number", "a list", "true"],
)
def test_a_field_that_is_missing_or_of_the_wrong_kind_is_refused_by_name(
    pipe: Pipe, args: dict[str, object] | None
) -> None:
    wanted = {"op": UPPER, "id": 1, "test": 100, "field": "text", "error": str}
    pipe.request({"op": UPPER, "id": 1, "args": args}, wanted)


@pytest.mark.task("2.3", hint="What does null mean in a field that may be missing?")
@pytest.mark.points(1)
def test_an_optional_field_that_is_null_counts_as_absent(pipe: Pipe) -> None:
    args: dict[str, object]
    for times, text in ((None, "A"), (0, ""), (3, "AAA")):
        args = {"text": "a", "times": times}
        pipe.request({"op": UPPER, "id": 1, "args": args}, {"test": 0, "data": {"text": text}})
    for wrong in (True, 2.0, "2"):
        args = {"text": "a", "times": wrong}
        wanted = {"test": 100, "field": "times"}
        pipe.request({"op": UPPER, "id": 1, "args": args}, wanted)


@pytest.mark.task("2.3", hint="What can still be said about a request that nobody knows?")
@pytest.mark.points(1)
def test_an_unknown_op_is_answered_101(pipe: Pipe) -> None:
    for op in (39, 79, 100, -1, 2**70):
        pipe.request({"op": op, "id": 0}, {"op": op, "id": 0, "test": 101, "error": str})


@pytest.mark.task("2.3", hint="After which mistakes can the stream go on?")
@pytest.mark.points(0.5)
def test_a_bad_message_is_answered_100_and_the_next_one_is_read(pipe: Pipe) -> None:
    for payload in [*traps.BAD.values(), *traps.NO_OP.values()]:
        pipe.only_reply(frame(payload), {"test": 100, "error": str})
    pipe.request({"op": 91, "id": 1}, {"op": 91, "id": 1, "test": 0})


@pytest.mark.task("2.3", hint="What of a bad message can be read, and is repeated in the reply?")
@pytest.mark.points(0.5)
def test_what_could_be_read_of_a_bad_message_is_repeated(pipe: Pipe) -> None:
    for payload in traps.NO_OP.values():
        pipe.only_reply(frame(payload), {"op": None, "id": 7, "test": 100})
    for payload in traps.WRONG_KIND.values():
        pipe.only_reply(frame(payload), {"op": 91, "id": 7, "test": 100})
    for id in traps.WRONG_IDS.values():
        wanted = {"op": 91, "id": ABSENT, "test": 100}
        pipe.only_reply(frame(traps.ping_with_id(id)), wanted)


@pytest.mark.task("2.3", hint="What follows a message with a body, and who knows what it is?")
@pytest.mark.points(0.5)
@pytest.mark.parametrize("n", [0, 5, -1, 2**70])
def test_a_body_on_a_verb_that_takes_none_is_refused_and_is_the_end(pipe: Pipe, n: int) -> None:
    message = {"op": UPPER, "id": 1, "args": {"text": "a"}, "body": n}
    data = encode(message) + b"12345" + encode({"op": 91, "id": 2})
    pipe.only_reply(data, {"op": UPPER, "id": 1, "test": 100}, close=True)


@pytest.mark.task("2.3", hint="Is a body that nobody asked for read as the next frame?")
@pytest.mark.points(0.5)
@pytest.mark.parametrize("op", [39, None, "31"], ids=["unknown", "null", "text"])
def test_a_body_behind_an_op_that_nobody_knows_is_the_end(pipe: Pipe, op: object) -> None:
    shown = op if isinstance(op, int) else None
    data = encode({"op": op, "id": 1, "body": 5}) + b"12345"
    pipe.only_reply(data, {"op": shown, "id": 1, "test": 100}, close=True)


@pytest.mark.task("2.3", hint="Where does a verb that needs a body learn its length?")
@pytest.mark.points(0.5)
def test_a_verb_that_takes_a_body_is_refused_without_one(pipe: Pipe) -> None:
    pipe.request({"op": STORE, "id": 1}, {"op": STORE, "id": 1, "test": 100, "field": "body"})
    wanted = {"op": STORE, "id": 1, "test": 100}
    pipe.request({"op": STORE, "id": 1, "body": -1}, wanted, close=True)


@pytest.mark.task("2.3", hint="Who decides how large a frame may be, and when?")
@pytest.mark.points(0.5)
def test_a_peer_that_is_trusted_may_send_larger_frames_from_then_on(pipe: Pipe) -> None:
    large = encode({"op": UPPER, "id": 2, "args": {"text": "x" * 20_000}})
    replies = pipe.feed(encode({"op": TRUST, "id": 1}) + large)
    check.equal([reply.message["test"] for reply in replies], [0, 0], "the codes of both replies")
    limits = {"limits": {"frame": 256 * 1024}}
    pipe.request({"op": 90, "id": 3}, {"test": 0, "data": limits})


@pytest.mark.task("2.3", hint="What is the last thing that is said behind a bad length?")
@pytest.mark.points(0.5)
def test_a_length_over_the_limit_is_answered_106_and_is_the_end(pipe: Pipe) -> None:
    wanted = {"op": None, "id": ABSENT, "test": 106, "error": str}
    pipe.only_reply((16 * 1024 + 1).to_bytes(4, "big"), wanted, close=True)


@pytest.mark.task("2.3", hint="Where is it asked whether this peer may do this?")
@pytest.mark.points(0.5)
def test_a_service_can_check_every_call_before_its_verb_runs(pipe: Pipe) -> None:
    pipe.request({"op": SECRET, "id": 1}, {"op": SECRET, "id": 1, "test": 102, "data": ABSENT})
    pipe.request({"op": UNCHECKED, "id": 2}, {"op": UNCHECKED, "id": 2, "test": 108})
    pipe.request({"op": TRUST, "id": 3}, {"test": 0})
    pipe.request({"op": SECRET, "id": 4}, {"test": 0, "data": {"secret": "honey"}})


@pytest.mark.task("2.3", hint="Which verbs has every service?")
@pytest.mark.points(0.5)
def test_hello_ping_and_bye_are_in_every_table(pipe: Pipe) -> None:
    data = {"service": "toy", "limits": {"frame": 16 * 1024, "text": 77, "topic": 0}, "time": float}
    pipe.request({"op": 90, "id": 1}, {"op": 90, "id": 1, "test": 0, "data": data})
    pipe.request({"op": 91, "id": 2}, {"op": 91, "id": 2, "test": 0, "data": {"time": float}})
    pipe.request({"op": 92, "id": 3}, {"op": 92, "id": 3, "test": 0}, close=True)


@pytest.mark.task("2.3", hint="What if two verbs want the same op?")
def test_an_op_that_is_taken_cannot_be_taken_again(probe: Probe) -> None:
    service = probe.new("stage2_protocol:Service")
    verb = probe.new("stage2_protocol:Verb", 91, "PANG", probe.name("builtins:print"))
    error = service.raises("add", verb)
    check.that("ValueError" in error.bases, f"got {error}, wanted a ValueError")


@pytest.mark.task("2.3", hint="May an error text be longer than a frame?")
def test_a_refusal_fits_its_frame_whatever_its_text_quotes(pipe: Pipe) -> None:
    pipe.request({"op": TRUST}, {"test": 0})
    wanted = {"op": REFUSE, "id": 1, "test": 7, "error": str}
    pipe.request({"op": REFUSE, "id": 1, "args": {"text": "\x01" * 40_000}}, wanted)


@pytest.mark.task("2.3", hint="How many rows may a page have, and what if fewer are asked for?")
def test_a_page_has_what_was_asked_for_and_never_more_than_its_limit(probe: Probe) -> None:
    for asked, size in ((None, 200), (1, 1), (200, 200), (201, 200), (2**70, 200)):
        args = probe.new("stage2_protocol:Args", {"limit": asked})
        check.equal(args.call("page_size", 200), size, f"the page for limit {asked}")
    for wrong in (0, -1, True, "5", 1.0):
        error = probe.new("stage2_protocol:Args", {"limit": wrong}).raises("page_size", 200)
        check.that("Refused" in error.bases, f"limit {wrong!r}: got {error}, wanted Refused")


@pytest.mark.task("2.3", hint="How many rows fit into one frame?")
def test_a_page_is_cut_where_its_frame_would_be_too_large(probe: Probe) -> None:
    rows = [{"n": number, "text": '"€\n' * 5_000} for number in range(40)]
    first = probe.call("stage2_protocol:fit_page", rows)
    check.that(
        0 < len(first) < 40 and first == rows[: len(first)], "the first rows, as many as fit"
    )
    last = probe.call("stage2_protocol:fit_page", rows, keep_last=True)
    check.that(0 < len(last) < 40 and last == rows[-len(last) :], "the last rows, as many as fit")
    data = {"rows": first, "more": True}
    probe.call("stage2_protocol:encode_reply", 33, "x" * 64, {"test": 0, "data": data})
    check.equal(probe.call("stage2_protocol:fit_page", []), [], "the page of no rows")
