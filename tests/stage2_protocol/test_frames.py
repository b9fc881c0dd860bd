"""Frames: a 4-byte length in front, however the reads are cut.

The rule: docs/protocol.md, Frames.
"""

import random
from collections.abc import Callable

import pytest

from tests.kit import check
from tests.kit.probe import Probe, ProbeObject
from tests.kit.wire_codec import frame

pytestmark = pytest.mark.functions

LIMIT = 256 * 1024
PAYLOADS = [b'{"op":91}', b"x", "你好".encode() * 3]
STREAM = b"".join(frame(payload) for payload in PAYLOADS)


def decoder(probe: Probe, *args: int) -> ProbeObject:
    """Return a new decoder in the probe's child."""
    return probe.new("stage2_protocol:FrameDecoder", *args)


def whole_frames(decoder: ProbeObject) -> list[bytes]:
    """Return the payloads that the decoder can give out now."""
    found: list[bytes] = []
    while (payload := decoder.call("next_frame")) is not None:
        found.append(payload)
    return found


@pytest.mark.task("2.1", hint="How does a number become 4 bytes, the highest first?")
@pytest.mark.points(2)
@pytest.mark.parametrize("length", [1, 255, 256, 65_536, LIMIT])
def test_a_frame_is_the_length_in_four_bytes_and_then_the_payload(
    probe: Probe, length: int
) -> None:
    payload = b"x" * length
    check.equal(probe.call("stage2_protocol:encode_frame", payload), frame(payload), "the frame")


@pytest.mark.task("2.1", hint="Which lengths may a frame have?")
@pytest.mark.points(1)
@pytest.mark.parametrize("length", [0, LIMIT + 1])
def test_a_payload_that_no_frame_can_hold_is_refused(probe: Probe, length: int) -> None:
    error = probe.raises("stage2_protocol:encode_frame", b"x" * length)
    check.that("FrameLengthError" in error.bases, f"got {error}, wanted a FrameLengthError")


@pytest.mark.task("2.1", hint="One recv may return half a frame. Where does the half wait?")
@pytest.mark.points(2)
def test_a_stream_split_at_every_byte_gives_the_same_frames(probe: Probe) -> None:
    for cut in range(len(STREAM) + 1):
        fed = decoder(probe)
        found = []
        for piece in (STREAM[:cut], STREAM[cut:]):
            fed.call("feed", piece)
            found += whole_frames(fed)
        check.equal(found, PAYLOADS, f"the frames of a stream cut after byte {cut}")


@pytest.mark.task("2.1", hint="When is a frame whole?")
@pytest.mark.points(1)
def test_a_stream_of_single_bytes_gives_each_frame_with_its_last_byte(probe: Probe) -> None:
    fed = decoder(probe)
    ends = [4 + len(PAYLOADS[0]), 9 + len(PAYLOADS[0]), len(STREAM)]
    for number, byte in enumerate(STREAM, 1):
        fed.call("feed", bytes([byte]))
        wanted = PAYLOADS[ends.index(number)] if number in ends else None
        check.equal(fed.call("next_frame"), wanted, f"the next frame after {number} bytes")


@pytest.mark.task("2.1", hint="One recv may return many frames. Who asks for the second one?")
@pytest.mark.points(1)
def test_many_frames_in_one_read_come_out_one_by_one(probe: Probe) -> None:
    payloads = [b"frame %d" % number for number in range(200)]
    fed = decoder(probe)
    fed.call("feed", b"".join(frame(payload) for payload in payloads))
    check.equal(whole_frames(fed), payloads, "the frames")


@pytest.mark.task("2.1", hint="Does it matter where TCP cuts?")
@pytest.mark.points(1)
def test_any_cuts_give_the_same_frames(
    probe: Probe, dice: Callable[[object], random.Random], count: Callable[[int, int], int]
) -> None:
    for number in range(count(4, 200)):
        source = dice(number)
        payloads = [source.randbytes(source.choice([1, 2, 5, 300, 4000])) for _ in range(40)]
        stream, fed, found = b"".join(frame(payload) for payload in payloads), decoder(probe), []
        while stream:
            size = source.choice([1, 2, 3, 4, 5, 100, 5000])
            fed.call("feed", stream[:size])
            stream = stream[size:]
            found += whole_frames(fed)
        check.equal(found, payloads, f"the frames of round {number}")


@pytest.mark.task("2.1", hint="What is known when only the header has arrived?")
@pytest.mark.points(1)
@pytest.mark.parametrize(
    ("length", "payload"),
    [(0, b""), (1001, b""), (1001, b"x" * 1001), (2**31, b""), (2**32 - 1, b"")],
    ids=["0", "1001", "1001-and-all-of-it", "2^31", "2^32-1"],
)
def test_a_length_that_is_not_allowed_is_refused_before_the_payload_comes(
    probe: Probe, length: int, payload: bytes
) -> None:
    fed = decoder(probe, 1000)
    fed.call("feed", length.to_bytes(4, "big") + payload)
    for _ in range(2):  # behind such a header nothing can be trusted: it stays refused
        error = fed.raises("next_frame")
        check.that("FrameLengthError" in error.bases, f"got {error}, wanted a FrameLengthError")
        fed.call("feed", frame(b"a sound frame"))


@pytest.mark.task("2.1", hint="Is the limit itself allowed?")
@pytest.mark.points(0.5)
def test_a_frame_of_exactly_the_limit_is_taken_and_the_limit_can_be_raised(probe: Probe) -> None:
    fed = decoder(probe, 1000)
    fed.call("feed", frame(b"x" * 1000) + frame(b"y" * 1001))
    check.equal(fed.call("next_frame"), b"x" * 1000, "the first frame")
    fed.call("__setattr__", "limit", 1001)
    check.equal(fed.call("next_frame"), b"y" * 1001, "the frame after the limit was raised")


@pytest.mark.task("2.1", hint="Raw bytes may lie behind a frame. Are they a frame too?")
@pytest.mark.points(0.5)
def test_raw_bytes_behind_a_frame_can_be_taken_off(probe: Probe) -> None:
    fed = decoder(probe)
    fed.call("feed", frame(b"first") + b"raw bytes" + frame(b"second"))
    check.equal(fed.call("next_frame"), b"first", "the first frame")
    check.equal(fed.call("take", 4), b"raw ", "the first raw bytes")
    check.equal(fed.call("take", 5), b"bytes", "the other raw bytes")
    check.equal(fed.call("next_frame"), b"second", "the frame behind the raw bytes")
    check.equal(fed.call("take", 10), b"", "what lies behind the last frame")
