"""What the echo server answers, byte for byte. The rule: docs/stage1.md."""

from collections.abc import Callable

import pytest

from tests.kit.byte_client import ByteClient
from tests.kit.programs import Server

from .echo import PREFIX, expect_echo

Dial = Callable[..., ByteClient]


@pytest.mark.task("1.1", hint="What must stand before the bytes that came in, and as which bytes?")
@pytest.mark.points(8)
def test_a_message_comes_back_behind_the_prefix(server: Server, dial: Dial) -> None:
    client = dial(server, "Ann")
    client.send_bytes(b"hello")
    # One small write on loopback: whatever way it is read, the first answer begins like this.
    client.expect_bytes(PREFIX + b"h")


@pytest.mark.task("1.1", hint="Which part of what recv returned goes back?")
@pytest.mark.points(7)
def test_what_comes_back_is_exactly_what_was_sent(server: Server, dial: Dial) -> None:
    client = dial(server, "Ann")
    message = b"hello, is anybody there?"
    client.send_bytes(message)
    expect_echo(client, message)


@pytest.mark.task("1.3", hint="What happens after the first answer?")
@pytest.mark.points(4)
@pytest.mark.needs("1.1")
def test_one_connection_is_answered_again_and_again(
    server: Server, dial: Dial, count: Callable[[int, int], int]
) -> None:
    client = dial(server, "Ann")
    for number in range(count(30, 3000)):
        message = b"message %d;" % number
        client.send_bytes(message)
        expect_echo(client, message)


@pytest.mark.task("1.2", hint="What becomes of a connection when its bytes are no text?")
@pytest.mark.points(2)
@pytest.mark.needs("1.1")
def test_bytes_that_are_no_text_do_not_end_the_connection(server: Server, dial: Dial) -> None:
    client = dial(server, "Ann")
    client.send_bytes(b"\xff\xfe no text")
    client.recv_some()
    client.send_bytes(b"still here?")
    received = b""
    while b"still here?" not in received:  # what the first bytes became is another test's business
        received += client.recv_some()


@pytest.mark.task("1.2", hint="Does the server need to know what the bytes mean?")
@pytest.mark.points(6)
@pytest.mark.needs("1.1")
@pytest.mark.parametrize(
    "message",
    [
        "日本語 and русский".encode(),
        b"\xff\xfe not text at all \x80\x00",
        b"\x00",
        b"line one\r\nline two\n",
        bytes(byte for byte in range(256) if byte != PREFIX[0]),
    ],
    ids=["scripts", "not-utf8", "zero", "lines", "every-byte"],
)
def test_any_bytes_come_back_unchanged(server: Server, dial: Dial, message: bytes) -> None:
    client = dial(server, "Ann")
    client.send_bytes(message)
    expect_echo(client, message)


@pytest.mark.task("1.2", hint="A read may end in the middle of a character. What then?")
@pytest.mark.points(7)
@pytest.mark.needs("1.1")
def test_a_character_cut_in_two_comes_back_whole(server: Server, dial: Dial) -> None:
    client = dial(server, "Ann")
    text = "a€b".encode()
    client.send_bytes(text[:1])
    expect_echo(client, text[:1])
    client.send_bytes(text[1:3])
    client.send_bytes(text[3:])
    expect_echo(client, text[1:])
    # TCP may have joined the two parts again. Among so many characters of three bytes some read
    # ends inside one, unless all reads are a multiple of three.
    message = ("你" * 200_000).encode()
    client.send_bytes(message)
    expect_echo(client, message)


@pytest.mark.task("1.3", hint="send returns a number. What does it mean when it is small?")
@pytest.mark.points(4)
@pytest.mark.needs("1.1")
def test_a_client_that_reads_late_has_lost_nothing(server: Server, dial: Dial) -> None:
    client = dial(server, "late Ann")
    message = b"0123456789abcde\n" * 4_000_000
    taken = client.send_until_blocked(message)
    client.half_close()
    expect_echo(client, message[:taken])


@pytest.mark.task("1.3", hint="How much may one recv return, and how much was sent?")
@pytest.mark.points(4)
@pytest.mark.needs("1.1")
def test_ten_megabytes_come_back(
    server: Server, dial: Dial, count: Callable[[int, int], int]
) -> None:
    client = dial(server, "Ann")
    message = (b"0123456789abcde\n" * 65536) * count(10, 100)
    client.send_bytes(message)
    expect_echo(client, message)


@pytest.mark.task("1.3", hint="What does recv return when the other side has finished sending?")
@pytest.mark.points(3)
@pytest.mark.needs("1.1")
def test_after_the_last_message_everything_is_answered_and_the_connection_ends(
    server: Server, dial: Dial
) -> None:
    client = dial(server, "Ann")
    message = b"the last words " * 1000
    client.send_bytes(message)
    client.half_close()
    expect_echo(client, message)
    client.expect_closed()
