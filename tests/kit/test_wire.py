"""The wire client is the judge: it must notice what is wrong and let pass what is only odd."""

import re

import pytest

from tests.kit import byte_client, deadlines, story
from tests.kit.byte_client import ByteClient
from tests.kit.failure import CheckFailed, HarnessError, ProgramFailed
from tests.kit.listening import Listening
from tests.kit.match import ABSENT, ANYTHING, Only
from tests.kit.toys import Toy, toy
from tests.kit.wire import WireClient
from tests.kit.wire_codec import decode, encode, frame

__all__ = ["toy"]


@pytest.mark.parametrize("how", ["right", "odd", "dribbles"])
def test_a_right_server_passes_however_odd_it_is(toy: Toy, how: str) -> None:
    ann = WireClient(toy(how), "Ann")
    assert (
        ann.request(80, {"text": "grüße 你好"}, data={"text": str})["data"]["text"] == "grüße 你好"
    )
    assert ann.request(91, data={"time": float})["id"] == 2
    ann.nothing_else()


def test_a_little_endian_length_is_named(toy: Toy) -> None:
    with pytest.raises(CheckFailed, match=r"announces [\d,]+ bytes.*big-endian"):
        WireClient(toy("little-endian")).request(91)


def test_a_frame_that_is_no_json_is_shown_as_bytes(toy: Toy) -> None:
    with pytest.raises(CheckFailed, match="holds no JSON") as caught:
        WireClient(toy("no-json")).request(91)
    assert caught.value.received == b"\xff\x1b["


def test_a_reply_with_another_id_differs_in_that_field(toy: Toy) -> None:
    with pytest.raises(CheckFailed) as caught:
        WireClient(toy("wrong-id")).request(91)
    assert [(d.path, d.expected, d.received) for d in caught.value.differences] == [
        ("id", "1", "999")
    ]


def test_pushes_that_come_first_are_kept(toy: Toy) -> None:
    ann = WireClient(toy("push-first"))
    ann.request(91)
    assert ann.expect_push(100, room="lobby", text=re.compile("h.*"))["text"] == "hello"
    ann.barrier()
    assert [push["op"] for push in ann.pushes()] == [100]


def test_a_push_that_nobody_expected_is_found_by_the_barrier(toy: Toy) -> None:
    ann = WireClient(toy("push-first"))
    with pytest.raises(CheckFailed, match="nobody expected"):
        ann.nothing_else()


def test_a_push_that_does_not_come_fails_with_those_that_did(toy: Toy) -> None:
    ann = WireClient(toy("push-first"))
    ann.request(91)
    with pytest.raises(CheckFailed, match="no push 100 with") as caught:
        ann.expect_push(100, seconds=0.2, room="attic")
    assert "lobby" in caught.value.lines[0]
    assert len(ann.pushes()) == 1


def test_a_server_that_says_nothing_fails_at_the_deadline(toy: Toy) -> None:
    ann = WireClient(toy("silent"))
    ann.ask(91)
    deadlines.begin()
    with pytest.raises(CheckFailed, match=r"waited .* for a frame"):
        ann.expect_reply(1, seconds=0.2)
    assert deadlines.waited_in_vain()


def test_a_server_that_closes_fails_at_once_and_says_so(toy: Toy) -> None:
    with pytest.raises(CheckFailed, match="the server closed the connection"):
        WireClient(toy("closes")).request(91, seconds=60)


def test_a_server_that_died_is_named_with_its_exit_code(toy: Toy) -> None:
    server = toy("exits")
    ann = WireClient(server)
    ann.ask(91)
    server.wait_exit()
    with pytest.raises(ProgramFailed, match="exit code 7"):
        ann.expect_reply(1)


def test_a_body_is_read_before_the_next_frame(toy: Toy) -> None:
    ann = WireClient(toy("body"))
    assert ann.request(91)["body"] == 5
    with pytest.raises(HarnessError, match="read the body first"):
        ann.request(91)
    assert ann.recv_body(2) + ann.recv_body() == b"12345"


def test_bytes_are_compared_at_the_first_that_is_wrong(toy: Toy) -> None:
    ann = ByteClient(toy(), "Ann")
    ann.send_bytes(encode({"op": 91, "id": 1}))
    with pytest.raises(CheckFailed, match="wrong bytes") as caught:
        ann.expect_bytes(b"\0\0\0\1" + b"x" * 1000, seconds=60)
    assert caught.value.as_data()["bytes"]["first_wrong"] == 3  # type: ignore[index, call-overload]


def test_the_story_tells_every_step_with_its_bytes(toy: Toy) -> None:
    told = story.begin()
    ann = WireClient(toy(), "Ann")
    ann.request(80, {"text": "\x1b[2J"})
    ann.send_raw_payload(b"\xff{")
    ann.close()
    text = "\n".join(str(step) for step in told.steps)
    assert "Ann connects to right at 127.0.0.1:" in text
    assert 'Ann sends {"op": 80, "id": 1, "args": {"text": "\\u001b[2J"}}' in text
    assert "Ann sends the frame 6 bytes: \\x00\\x00\\x00\\x02\\xff{" in text
    assert told.steps[-1].words == "closes the connection"
    assert [step.number for step in told.steps] == list(range(1, len(told.steps) + 1))


def test_the_end_of_a_connection_is_seen_and_bytes_before_it_are_a_failure() -> None:
    listening = Listening(ByteClient)
    ann = ByteClient(listening, "Ann")
    server = listening.accept()
    server.send_bytes(b"left over")
    server.close()
    with pytest.raises(CheckFailed, match="where the end was expected"):
        ann.expect_closed()
    ann.expect_closed()
    ann.expect_orderly_end()
    listening.dispose()


def test_a_reset_arrives_as_one() -> None:
    listening = Listening(ByteClient)
    ann = ByteClient(listening, "Ann")
    server = listening.accept()
    ann.reset()
    with pytest.raises(CheckFailed, match="broke the connection"):
        server.recv_some()
    server.expect_closed()
    with pytest.raises(CheckFailed, match="broke the connection") as caught:
        server.expect_orderly_end()
    assert caught.value.received == "a reset"
    listening.dispose()


def test_reading_to_a_mark_and_to_the_end() -> None:
    listening = Listening(ByteClient)
    ann = ByteClient(listening, "Ann")
    server = listening.accept()
    ann.send_bytes(b"one\r\ntwo\r\nthree")
    ann.half_close()
    assert server.recv_until(b"\r\n") == b"one\r\n"
    assert server.recv_exactly(3) == b"two"
    assert server.recv_all() == b"\r\nthree"
    listening.dispose()


def test_who_sends_without_end_is_not_read_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(byte_client, "MOST_UNREAD", 1_000_000)
    listening = Listening(ByteClient)
    ann = ByteClient(listening, "Ann")
    server = listening.accept()
    ann.send_until_blocked(b"x" * 2_000_000, quiet_seconds=0.1)
    with pytest.raises(CheckFailed, match="sends without end"):
        server.recv_until(b"\r\n")
    ann.send_until_blocked(b"x" * 2_000_000, quiet_seconds=0.1)
    with pytest.raises(CheckFailed, match="sends without end"):
        server.recv_all()
    listening.dispose()


def test_two_that_both_send_much_do_not_block_each_other() -> None:
    listening = Listening(ByteClient)
    ann = ByteClient(listening, "Ann")
    server = listening.accept()
    assert ann.send_until_blocked(b"x" * 50_000_000, quiet_seconds=0.1) < 50_000_000
    server.recv_exactly(100_000)
    listening.dispose()


def test_nobody_who_connects_is_a_failure() -> None:
    listening = Listening(ByteClient)
    with pytest.raises(CheckFailed, match="nobody connected"):
        listening.accept(seconds=0.1)
    listening.dispose()


def test_the_test_can_play_a_server_of_frames() -> None:
    listening = Listening(WireClient)
    ann = WireClient(listening, "Ann")
    server = listening.accept()
    ann.ask(90, None, None)
    assert server.recv_message() == {"op": 90}
    server.send_frame({"op": 90, "test": 0})
    ann.expect_reply(None, 90, data=ABSENT)
    server.send_frame({"op": 102, "data": {"room": "lobby", "joined": "Ben"}})
    assert ann.recv_message()["op"] == 102
    listening.dispose()


@pytest.mark.parametrize(
    "payload", [b"", b"[1]", b"nonsense", b'{"a": NaN}', b'{"a": 1e999}x', b"\xff", b"[" * 100_000]
)
def test_what_is_no_object_in_json_is_refused(payload: bytes) -> None:
    with pytest.raises(CheckFailed):
        decode(payload)


def test_messages_survive_the_codec() -> None:
    message = {"op": 1, "args": {"text": "é你\U0001f600\ud800", "n": 2**60}}
    assert decode(encode(message)[4:]) == message
    assert frame(b"") == b"\0\0\0\0"
    assert ANYTHING != ABSENT and Only({}).fields == {}
