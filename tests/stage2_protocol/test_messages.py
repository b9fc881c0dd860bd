"""Messages: strict on what comes in, exact on what goes out.

The rule: docs/protocol.md, Messages.
"""

import json
import random
from collections.abc import Callable
from typing import Any

import pytest

from tests.kit import check
from tests.kit.match import ABSENT
from tests.kit.probe import Outcome, Probe, Record
from tests.kit.wire_codec import HEADER

from . import traps

pytestmark = pytest.mark.functions


def parse_all(probe: Probe, payloads: dict[str, bytes]) -> list[tuple[str, Outcome]]:
    """Return the name of each case and what parse_request did with its payload."""
    outcomes = probe.map("stage2_protocol:parse_request", [[p] for p in payloads.values()])
    return list(zip(payloads, outcomes, strict=True))


def parsed(probe: Probe, payload: bytes) -> Record:
    """Return the request in a sound payload."""
    found: Record = probe.call("stage2_protocol:parse_request", payload)
    return found


def expect_refusals(probe: Probe, payloads: dict[str, bytes]) -> None:
    """Check that none of these payloads passes for a request."""
    for name, outcome in parse_all(probe, payloads):
        error = outcome.error
        check.that(error is not None, f"{name}: read as {outcome.value}, it should be refused")
        if error is not None:
            check.that("MessageError" in error.bases, f"{name}: {error}, wanted a MessageError")


def content_of(frame: bytes) -> Any:
    """Return what a frame holds, read by Python's own json."""
    check.equal(int.from_bytes(frame[:4], "big"), len(frame) - HEADER.size, "the frame's length")
    return json.loads(frame[HEADER.size :].decode("utf-8"))


@pytest.mark.task("2.2", hint="Which fields does a request have, and which may be missing?")
@pytest.mark.points(2)
def test_a_request_is_read_into_op_id_args_and_body(probe: Probe) -> None:
    full = parsed(probe, b'{"op":31,"id":"a","args":{"text":"hi","n":2},"body":5}')
    wanted = {"op": 31, "id": "a", "args": {"text": "hi", "n": 2}, "body": 5}
    check.matches(full.fields, wanted, "the request")
    bare = parsed(probe, b'{"op":91}')
    check.matches(bare.fields, {"op": 91, "id": None, "args": {}, "body": None}, "the bare request")


@pytest.mark.task("2.2", hint="What does Python's json let through that is no JSON?")
@pytest.mark.points(2)
@pytest.mark.parametrize("kind", traps.BAD_KINDS)
def test_what_is_no_sound_message_is_refused(probe: Probe, kind: str) -> None:
    expect_refusals(probe, traps.BAD_KINDS[kind])


@pytest.mark.task("2.2", hint="Is true an integer? Is 91.0?")
@pytest.mark.points(1)
@pytest.mark.parametrize("field", ["op", "id", "args"])
def test_a_field_of_the_wrong_kind_is_refused(probe: Probe, field: str) -> None:
    wrong_ids = {name: traps.ping_with_id(id) for name, id in traps.WRONG_IDS.items()}
    payloads = {"op": traps.NO_OP, "id": wrong_ids, "args": traps.WRONG_KIND}[field]
    expect_refusals(probe, payloads)


@pytest.mark.task("2.2", hint="What may look odd and still be right?")
@pytest.mark.points(1)
@pytest.mark.parametrize("kind", [*traps.SOUND_KINDS, "long integers"])
def test_odd_but_sound_messages_are_read(probe: Probe, kind: str) -> None:
    for name, outcome in parse_all(probe, traps.SOUND_KINDS.get(kind, traps.LONG_INTEGERS)):
        check.that(outcome.error is None, f"{name}: refused with {outcome.error}")
        check.matches(outcome.value.fields, {"op": 91, "id": 7, "args": dict}, f"the PING: {name}")


@pytest.mark.task("2.2", hint="How long may an id be, and in which unit is that counted?")
@pytest.mark.points(1)
def test_ids_of_every_allowed_kind_are_kept_as_they_are(probe: Probe) -> None:
    for name, id in traps.IDS.items():
        request = parsed(probe, traps.ping_with_id(json.dumps(id)))
        check.matches(request.fields, {"id": id}, f"the request with the id {name}")


@pytest.mark.task("2.2", hint="Which bytes does UTF-8 make of a text, and which does JSON need?")
@pytest.mark.points(1)
@pytest.mark.needs("2.1")
@pytest.mark.parametrize("id", [7, "a", 0, "", None])
def test_a_reply_is_one_frame_with_op_and_id(probe: Probe, id: int | str | None) -> None:
    fields: dict[str, object] = {"test": 0, "data": {"text": '你好 "😀"\n\x00'}}
    frame = probe.call("stage2_protocol:encode_reply", 80, id, fields)
    wanted = {"op": 80, "id": ABSENT if id is None else id, **fields}
    check.matches(content_of(frame), wanted, "the reply")
    fields = {"test": 100, "error": "no"}
    frame = probe.call("stage2_protocol:encode_reply", None, id, fields)
    check.matches(content_of(frame), {**wanted, "op": None, "data": ABSENT, **fields}, "the reply")


@pytest.mark.task("2.2", hint="How does a client tell a push from a reply?")
@pytest.mark.points(1)
@pytest.mark.needs("2.1")
def test_a_push_has_op_and_data_and_no_id(probe: Probe) -> None:
    frame = probe.call("stage2_protocol:encode_push", 100, {"text": "hi"})
    wanted = {"op": 100, "data": {"text": "hi"}, "id": ABSENT, "test": ABSENT}
    check.matches(content_of(frame), wanted, "the push")


@pytest.mark.task("2.2", hint="What must never be sent, even by mistake?")
@pytest.mark.points(0.5)
@pytest.mark.needs("2.1")
def test_what_the_other_side_must_refuse_is_not_encoded(probe: Probe) -> None:
    too_large = {"text": "x" * 256 * 1024}
    error = probe.raises("stage2_protocol:encode_push", 100, too_large)
    check.that("FrameLengthError" in error.bases, f"too large: got {error}")
    for name, value in (("NaN", float("nan")), ("a lone surrogate", "\ud800")):
        outcome = probe.attempt("stage2_protocol:encode_push", 100, {"value": value})
        check.that(outcome.error is not None, f"{name} was encoded as {outcome.value!r}")


@pytest.mark.task("2.2", hint="Does what goes out come in again?")
@pytest.mark.points(0.5)
@pytest.mark.needs("2.1")
def test_any_message_that_is_encoded_is_read_again(
    probe: Probe, dice: Callable[[object], random.Random], count: Callable[[int, int], int]
) -> None:
    source = dice("messages")
    for number in range(count(40, 4000)):
        message = {"op": source.randrange(100), "id": number, "args": _random_object(source, 5)}
        frame = probe.call("stage2_protocol:encode_message", message)
        request = parsed(probe, frame[HEADER.size :])
        check.equal(
            {**request.fields, "body": None}, {**message, "body": None}, f"message {number}"
        )


def _random_object(source: random.Random, depth: int) -> dict[str, Any]:
    return {_random_text(source): _random_value(source, depth) for _ in range(source.randrange(4))}


def _random_value(source: random.Random, depth: int) -> Any:
    plain = [None, True, False, 0, -1, 2**53, 1.5, -2e-30, _random_text(source)]
    if depth == 0 or source.random() < 0.5:
        return source.choice(plain)
    if source.random() < 0.5:
        return [_random_value(source, depth - 1) for _ in range(source.randrange(4))]
    return _random_object(source, depth - 1)


def _random_text(source: random.Random) -> str:
    scripts = 'aZ0 "\\/\n\t\x00\x7f\x85äß你好привет\u202e\u200d\ufeff\uffff😀\U0010ffff'
    return "".join(source.choices(scripts, k=source.randrange(8)))
