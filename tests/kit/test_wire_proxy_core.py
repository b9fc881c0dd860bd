"""What the proxy shows and does, without a socket: bytes and times go in, lines and pieces out."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from tests.kit.proxy.events import Closed, Direction, Ended, Event, Opened, Passed, Reset
from tests.kit.proxy.faults import End, Faults, Plan
from tests.kit.proxy.frames import BadHeader, Body, Frame, Item, Loose, StreamReader
from tests.kit.proxy.payload import read_payload
from tests.kit.proxy.recording import Recorder, RecordingError, read_recording
from tests.kit.proxy.watch import Watch
from tests.kit.wire_codec import LARGEST_FRAME, encode, frame

TO_SERVER, TO_CLIENT = Direction.TO_SERVER, Direction.TO_CLIENT


# --- reading a stream that is cut in any way ---


def read(pieces: Iterable[bytes]) -> list[Item]:
    reader = StreamReader()
    return [item for piece in pieces for item in reader.feed(piece)]


def test_frames_and_bodies_are_found_wherever_the_stream_is_cut() -> None:
    upload = encode({"op": 31, "id": 1, "body": 5}) + b"\0\0\0\1{"
    stream = encode({"op": 90}) + upload + encode({"op": 91})
    for at in range(len(stream) + 1):
        items = read([stream[:at], stream[at:]])
        kinds = [type(item) for item in items]
        assert kinds == [Frame, Frame, Body, Frame], at
        ops = [item.content.message for item in items if isinstance(item, Frame)]
        assert [message and message["op"] for message in ops] == [90, 31, 91]
    assert [type(item) for item in read(bytes([byte]) for byte in stream)] == kinds


def test_a_frame_tells_the_pieces_that_it_came_in_and_what_came_with_it() -> None:
    first, second = encode({"op": 90}), encode({"op": 91})
    one, two = read([first[:1], first[1:6], first[6:] + second])
    assert isinstance(one, Frame) and isinstance(two, Frame)
    assert (one.pieces, one.joined) == ((1, 5, len(first) - 6), False)
    assert (two.pieces, two.joined, two.end) == ((len(second),), True, len(first + second))


def test_the_largest_frame_is_a_frame_and_one_byte_more_is_not() -> None:
    (largest,) = read([frame(b"x" * LARGEST_FRAME)])
    assert isinstance(largest, Frame) and len(largest.payload) == LARGEST_FRAME
    bad, loose = read([frame(b"x" * (LARGEST_FRAME + 1))])
    assert bad == BadHeader(b"\0\4\0\1", LARGEST_FRAME + 1)
    assert loose == Loose(b"x" * (LARGEST_FRAME + 1))


def test_behind_a_bad_header_nothing_is_taken_for_a_frame() -> None:
    reader = StreamReader()
    assert [type(item) for item in reader.feed(b"\0\0")] == []
    assert reader.unfinished == "2 of 4 bytes of a header (00 00)"
    assert reader.feed(b"\0\0") == [BadHeader(bytes(4), 0)]
    assert reader.feed(encode({"op": 91})) == [Loose(encode({"op": 91}))]
    assert reader.unfinished == ""


@pytest.mark.parametrize(
    ("payload", "problem"),
    [
        (b"\xff{}", "not UTF-8"),
        (b"\xef\xbb\xbf{}", "byte order mark"),
        (b"{'op': 1}", "not JSON"),
        (b"[1]", "a list, not an object"),
        (b"null", "a constant, not an object"),
        (b'{"op": NaN}', "NaN is no number"),
        (b'{"op": 1e999}', "too large"),
        (b'{"op": ' + b"9" * 5000 + b"}", "not JSON"),
        (b'{"op": "\\ud800"}', "half of a surrogate pair"),
        (b'{"a":' * 32 + b"[]" + b"}" * 32, "deeper than 32"),
        (b'{"a":' * 60_000, "deeper than 32"),
    ],
)
def test_what_breaks_the_rules_is_named(payload: bytes, problem: str) -> None:
    assert problem in read_payload(payload).problem


def test_what_is_just_allowed_has_no_problem() -> None:
    deep = b'{"a":' * 31 + b"{}" + b"}" * 31
    for payload in (deep, b'{"op": 1.5e3, "text": "\\ud83d\\ude00"}', b" {} "):
        assert read_payload(payload).problem == ""


# --- faults ---


def pieces_of(faults: Faults, arrivals: Iterable[bytes], connection: int = 1) -> list[bytes]:
    """Return the pieces that a plan makes when there is time enough."""
    plan, pieces, now = faults.plan(connection, TO_SERVER), [], 0.0
    for data in arrivals:
        plan.feed(now, data)
        while (when := plan.wake_at()) is not None and not plan.must_cut:
            now = max(now, when)
            if (piece := plan.take(now)) is not None:
                assert isinstance(piece, bytes)
                pieces.append(piece)
    return pieces


def cuts_of(pieces: Iterable[bytes]) -> set[int]:
    """Return where the pieces end, counted from the start of the stream."""
    ends, at = set(), 0
    for piece in pieces:
        at += len(piece)
        ends.add(at)
    return ends


STREAM = bytes(range(256)) * 100


def test_the_same_seed_cuts_at_the_same_places_however_the_bytes_arrive() -> None:
    faults = Faults(split="random", seed=7)
    cuts = cuts_of(pieces_of(faults, [STREAM]))
    arrivals = [STREAM[at : at + 777] for at in range(0, len(STREAM), 777)]
    assert pieces_of(faults, [STREAM]) == pieces_of(faults, [STREAM])
    assert cuts_of(pieces_of(faults, arrivals)) == cuts | cuts_of(arrivals)


def test_another_seed_connection_or_direction_cuts_elsewhere() -> None:
    faults = Faults(split="random", seed=7)
    cuts = cuts_of(pieces_of(faults, [STREAM]))
    assert len(cuts) > 10
    assert cuts_of(pieces_of(Faults(split="random", seed=8), [STREAM])) != cuts
    assert cuts_of(pieces_of(faults, [STREAM], connection=2)) != cuts
    back = faults.plan(1, TO_CLIENT)
    back.feed(0.0, STREAM)
    assert isinstance(first := back.take(0.0), bytes) and first != pieces_of(faults, [STREAM])[0]


@pytest.mark.parametrize(
    "faults",
    [
        Faults(),
        Faults(split=1),
        Faults(split="random", seed=3, delay_ms=20, join_ms=5),
        Faults(join_ms=50),
        Faults(delay_ms=5, split=1000),
    ],
    ids=str,
)
def test_whatever_the_faults_every_byte_comes_out_once_and_in_order(faults: Faults) -> None:
    arrivals = [STREAM[:1], STREAM[1:5000], STREAM[5000:]]
    assert b"".join(pieces_of(faults, arrivals)) == STREAM


def test_a_split_limits_pieces_and_pauses_between_them() -> None:
    plan = Faults(split=3, gap_ms=2).plan(1, TO_SERVER)
    plan.feed(0.0, b"abcdefgh")
    assert plan.take(0.0) == b"abc"
    assert plan.take(0.001) is None
    assert plan.wake_at() == pytest.approx(0.002)
    assert plan.take(0.002) == b"def"
    assert plan.take(0.004) == b"gh"
    assert plan.held == 0


def test_a_delay_holds_every_piece_and_the_end_for_its_time() -> None:
    plan = Faults(delay_ms=50).plan(1, TO_SERVER)
    plan.feed(10.0, b"first")
    plan.feed(10.02, b"second")
    plan.end(10.03, End.FIN)
    assert plan.take(10.049) is None
    assert plan.wake_at() == pytest.approx(10.05)
    assert plan.take(10.051) == b"first"
    assert plan.take(10.06) is None
    assert plan.take(10.071) == b"second"
    assert plan.take(10.075) is None
    assert plan.take(10.081) is End.FIN


def test_joined_bytes_leave_as_one_piece_when_their_time_is_over_or_the_stream_ends() -> None:
    plan = Faults(join_ms=50).plan(1, TO_SERVER)
    plan.feed(0.0, b"sticky ")
    plan.feed(0.04, b"packets")
    assert plan.take(0.049) is None
    assert plan.take(0.05) == b"sticky packets"
    plan.feed(1.0, b"the rest")
    plan.end(1.01, End.FIN)
    assert plan.take(1.01) == b"the rest"
    assert plan.take(1.01) is End.FIN


def test_a_cut_after_bytes_lets_pass_exactly_so_many() -> None:
    faults = Faults(cut_after_bytes=10)
    plan = faults.plan(1, TO_SERVER)
    plan.feed(0.0, b"0123456")
    assert plan.take(0.0) == b"0123456" and not plan.must_cut
    plan.feed(0.0, b"789abc")
    assert plan.take(0.0) == b"789" and plan.must_cut
    assert plan.take(0.0) is None and plan.held == 3
    assert Faults(cut_after_bytes=0).plan(1, TO_CLIENT).must_cut


def test_a_cut_after_frames_lets_pass_exactly_so_many_and_no_body_behind_them() -> None:
    one, two = encode({"op": 91}), encode({"op": 31, "body": 3})
    for arrivals in ([one + two + b"abc"], [one[:3], one[3:] + two[:9], two[9:] + b"abc"]):
        passed = b"".join(pieces_of(Faults(cut_after_frames=2), arrivals))
        assert passed == one + two
    assert b"".join(pieces_of(Faults(cut_after_frames=2), [one + b"GET / HTTP"])) == (
        one + b"GET / HTTP"
    )


def test_faults_may_hold_in_one_direction_and_on_the_first_connections_only() -> None:
    faults = Faults(cut_after_bytes=0, direction="to-client", first=2)
    planned = {
        (number, way): faults.plan(number, way).must_cut
        for number in (1, 2, 3)
        for way in Direction
    }
    assert [place for place, is_cut in planned.items() if is_cut] == [
        (1, TO_CLIENT),
        (2, TO_CLIENT),
    ]


@pytest.mark.parametrize(
    "wrong",
    [{"split": 0}, {"delay_ms": -1}, {"cut": "gently"}, {"direction": "up"}, {"first": 0}],
    ids=str,
)
def test_faults_that_make_no_sense_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"must be at least|is not a valid"):
        Faults(**wrong)


def test_a_reset_that_is_due_is_known_whatever_lies_before_it() -> None:
    plan: Plan = Faults(delay_ms=1000).plan(1, TO_SERVER)
    plan.feed(0.0, b"not read")
    plan.end(0.0, End.RESET)
    assert not plan.is_reset(0.9)
    assert plan.is_reset(1.0)


# --- what is shown ---


def shown(*events: Event, raw: bool = False) -> str:
    watch = Watch(raw=raw, clock=lambda seconds: f"{seconds:.0f}s")
    return "\n".join(line.plain for event in events for line in watch.lines(event))


def sent(data: bytes, way: Direction = TO_SERVER) -> str:
    return shown(Passed(1.0, 1, way, data))


def test_requests_replies_and_pushes_are_told_apart_and_named() -> None:
    assert sent(encode({"op": 80, "id": "a", "args": {"text": "你好"}})) == (
        "1s  #1   client → server  00 00 00 2b  43 bytes  request ECHO (80), id 'a'\n"
        '                  {"op": 80, "id": "a", "args": {"text": "你好"}}'
    )
    assert "client ← server" in sent(encode({"op": 80, "test": 0}), TO_CLIENT)
    assert "reply to ECHO (80): ok" in sent(encode({"op": 80, "test": 0}))
    assert "reply to op 55, id 2: 104 not found" in sent(encode({"op": 55, "id": 2, "test": 104}))
    assert "reply to no op: 100 bad request" in sent(encode({"op": None, "test": 100}))
    assert "push MESSAGE (100)" in sent(encode({"op": 100, "data": {}}))


def test_a_body_is_counted_and_not_shown() -> None:
    text = sent(encode({"op": 31, "id": 1, "body": 3000}) + b"secret" * 500)
    assert "3,000 bytes of body follow" in text
    assert "body: all 3,000 bytes have passed" in text
    assert "secret" not in text


def test_bad_frames_are_shown_as_what_they_are() -> None:
    assert "bad: not UTF-8" in (text := sent(frame(b"\xff\x1b[2J")))
    assert "\\xff\\x1b[2J" in text and "\x1b" not in text
    assert "bad: without an op" in sent(frame(b"{}"))
    assert "bad: announces a body" in sent(encode({"op": 80, "body": 0}))
    assert "bad: holds half of a surrogate" in sent(frame(b'{"op": 1, "id": "\\ud800"}'))
    assert "it looks like text, 'GET '" in (text := sent(b"GET / HTTP/1.1\r\n"))
    assert "12 bytes, outside of any frame: / HTTP/1.1\\r\\n" in text
    assert "in the other order it would be 53" in sent((53).to_bytes(4, "little"))
    assert "start of TLS" in sent(b"\x16\x03\x01\x02\x00")
    assert "it looks like text, '已'" in sent("已收到".encode())
    assert "at least 1 byte" in sent(bytes(4))
    assert "at most 262,144 bytes" in sent(b"\xff\xff\xff\xff")


HOSTILE = "\x1b]0;owned\x07\u202e\u2028\x85\x7f[red]"


def test_hostile_text_is_escaped_wherever_it_stands() -> None:
    message = {"op": 80, "id": HOSTILE, "args": {HOSTILE: [HOSTILE]}}
    for data in (
        encode(message),
        frame(json.dumps(message, ensure_ascii=False).encode() + b"}"),
        b"\x1b[2J\xff\x9b" * 100,
    ):
        for text in (sent(data), shown(Passed(0.0, 1, TO_SERVER, data), raw=True)):
            assert all(char.isprintable() or char == "\n" for char in text), text


def test_what_is_long_is_shown_short_and_says_so() -> None:
    wide = {f"key {number}": number for number in range(5000)}
    deep: dict[str, Any] = {}
    for _ in range(25):
        deep = {"deep": deep, "deeper": [deep] if len(str(deep)) < 1000 else []}
    for args in ({"text": "x" * 200_000}, {"list": list(range(9999))}, wide, deep):
        text = sent(encode({"op": 80, "args": args}))
        assert len(text) < 8000 and "…" in text
        assert max(map(len, text.split("\n"))) < 240
    assert "more" in shown(Passed(0.0, 1, TO_SERVER, b"y" * 10_000), raw=True)
    largest = frame(b'{"op": ' + b"1" * (LARGEST_FRAME - 8) + b"}")
    assert len(sent(largest)) < 1000


def test_long_objects_are_laid_out_with_plain_fields_together() -> None:
    limits = dict.fromkeys(("frame", "text", "topic", "room", "cid", "history", "list"), 16384)
    text = sent(encode({"op": 90, "id": 4, "test": 0, "data": {"service": "x", "limits": limits}}))
    assert [line.strip() for line in text.split("\n")[1:6]] == [
        "{",
        '"op": 90, "id": 4, "test": 0,',
        '"data": {',
        '"service": "x",',
        '"limits": {',
    ]


def test_raw_shows_text_and_hex_of_each_piece() -> None:
    text = shown(Passed(0.0, 1, TO_SERVER, "hé\n".encode()[:2]), raw=True)
    assert "client → server  2 bytes: h\\xc3" in text
    assert "00000000  68 c3 " in text and "|h.|" in text


def test_ends_and_totals_are_told_and_what_was_cut_off() -> None:
    data = encode({"op": 91})
    text = shown(
        Opened(0.0, 1, "127.0.0.1:50001", "127.0.0.1:8888"),
        Passed(0.0, 1, TO_SERVER, data[:7]),
        Ended(0.0, 1, TO_SERVER),
        Reset(0.0, 1, TO_CLIENT),
        Closed(0.0, 1, 5),
    )
    assert "open, from 127.0.0.1:50001 to 127.0.0.1:8888" in text
    assert "end (FIN) in the middle: only 3 of 9 bytes of a frame (header 00 00 00 09)" in text
    assert "client ← server  reset (RST)" in text
    assert "closed: 7 bytes to the server, 0 to the client, 5 that came were not passed" in text


def test_a_frame_that_stays_half_is_told_once_after_a_while() -> None:
    watch = Watch()
    watch.lines(Passed(100.0, 1, TO_SERVER, b"\0\0\0\x09{"))
    assert watch.half_frames(100.9) == []
    (line,) = watch.half_frames(101.1)
    assert "waiting: only 1 of 9 bytes of a frame (header 00 00 00 09) so far" in line.plain
    assert watch.half_frames(105.0) == []


# --- recordings ---

EVENTS: list[Event] = [
    Opened(1.5, 1, "127.0.0.1:50001", "127.0.0.1:8888"),
    Passed(1.6, 1, TO_SERVER, bytes(range(256))),
    Ended(1.7, 1, TO_SERVER),
    Closed(1.8, 1, 0),
]


def test_a_recording_gives_back_what_was_recorded(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "talk.jsonl", "nothing")
    for event in EVENTS:
        recorder.note(event)
    recorder.close()
    assert list(read_recording(tmp_path / "talk.jsonl")) == EVENTS


@pytest.mark.parametrize(
    "text", ["", "x", "[]\n", '{"version": 9}\n', '{"version": 1}\n{"event": "passed"}\n', "\0\n"]
)
def test_a_file_that_is_no_recording_is_refused_with_the_line(tmp_path: Path, text: str) -> None:
    (tmp_path / "talk.jsonl").write_text(text, "utf-8")
    with pytest.raises(RecordingError, match=r"is no recording of kit\.py wire"):
        list(read_recording(tmp_path / "talk.jsonl"))
