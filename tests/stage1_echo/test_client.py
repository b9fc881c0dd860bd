"""The terminal client, driven through pipes by a test that is the server. Rule: docs/stage1.md."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.kit import check
from tests.kit.byte_client import ByteClient
from tests.kit.fixtures import Launcher
from tests.kit.listening import Listening

from .echo import PREFIX

Listen = Callable[..., Listening[Any]]


@pytest.mark.task("1.8", hint="When is a line that was typed really sent?")
@pytest.mark.points(4)
def test_a_line_is_sent_and_its_answer_printed(launch: Launcher, listen: Listen) -> None:
    listening = listen(ByteClient)
    client = launch("stage1.client", to=listening)
    connection = listening.accept(seconds=15)
    for word in ("hello", "grüße, 你好"):
        client.send_line(word)
        received = connection.recv_exactly(len(word.encode()))
        check.equal(received, word.encode(), "what the client sent")
        connection.send_bytes(PREFIX + received)
        client.expect_line(f"已收到消息:{word}")


@pytest.mark.task("1.8", hint="What should happen when the input has no more lines?")
@pytest.mark.points(4)
def test_the_end_of_input_ends_it_after_the_last_answer(launch: Launcher, listen: Listen) -> None:
    listening = listen(ByteClient)
    client = launch("stage1.client", to=listening)
    connection = listening.accept(seconds=15)
    client.send_line("last words")
    client.close_stdin()
    received = connection.recv_all()
    check.equal(received.rstrip(b"\r\n"), b"last words", "what the client sent")
    client.must_stay()
    connection.send_bytes(PREFIX + received)
    connection.close()
    client.expect_line("已收到消息:last words")
    client.wait_exit(code=0)


@pytest.mark.task("1.8", hint="Who hears of it when nobody listens at that port?")
@pytest.mark.points(2)
def test_nobody_listening_is_said_in_one_line(launch: Launcher, listen: Listen) -> None:
    listening = listen(ByteClient)
    listening.dispose()
    client = launch("stage1.client", to=listening)
    code = client.wait_exit(seconds=20)
    check.that(code != 0, "a client that could not connect should not end with exit code 0")
    text = client.stderr.tail()
    check.that("No module named" not in text, "there is no client to be started")
    check.that(text and "Traceback" not in text, "its error should be a sentence for people")
