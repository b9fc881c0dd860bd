"""The terminal client, driven through pipes by a test that is the server. Rule: docs/stage2.md."""

from collections.abc import Callable

import pytest

from tests.kit import check
from tests.kit.fixtures import Launcher
from tests.kit.listening import Listening
from tests.kit.programs import Program
from tests.kit.wire import WireClient

from .driver import answer

Listen = Callable[..., Listening[WireClient]]
Ends = tuple[Program, WireClient]
pytestmark = pytest.mark.needs("2.1", "2.2")

ECHO, HELLO, PING, BYE = 80, 90, 91, 92


@pytest.fixture
def ends(launch: Launcher, listen: Listen) -> Ends:
    """The client under test, and the server's end of its connection."""
    listening = listen(WireClient)
    client = launch("stage2.client", to=listening)
    return client, listening.accept(seconds=15)


@pytest.mark.task("2.8", hint="What does the client send for a line that was typed?")
@pytest.mark.points(0.5)
def test_a_typed_line_is_asked_as_echo_and_its_answer_printed(ends: Ends) -> None:
    client, server = ends
    for text in ("hello", "grüße, 你好 😀"):
        client.send_line(text)
        request = server.recv_message()
        check.matches(request, {"op": ECHO, "args": {"text": text}}, "the request")
        answer(server, {"text": f"{text} indeed"}, id=request["id"])
        client.expect_line(f"{text} indeed")


@pytest.mark.task("2.8", hint="How are commands told from text?")
def test_commands_ask_for_the_other_verbs(ends: Ends) -> None:
    client, server = ends
    for command, op, data in (
        ("/ping", PING, {"time": 1234.5}),
        ("/hello", HELLO, {"service": "toy", "limits": {"frame": 1234}}),
    ):
        client.send_line(command)
        request = server.recv_message()
        check.matches(request, {"op": op}, "the request")
        answer(server, data, op=op, id=request["id"])
        client.expect_line("1234")
    client.send_line("/unknown")
    client.expect_line("(?i)error.*unknown")
    client.send_line("/bye")
    check.matches(server.recv_message(), {"op": BYE}, "the request")


@pytest.mark.task("2.8", hint="What does a person read when the server says no, or goes away?")
@pytest.mark.points(0.5)
def test_a_refusal_and_a_lost_server_are_each_said_in_a_line(ends: Ends) -> None:
    client, server = ends
    client.send_line("hello")
    id = server.recv_message()["id"]
    server.send_frame({"op": ECHO, "id": id, "test": 105, "error": "slower\x1b[2J, please"})
    line = client.expect_line("105.*slower").string
    check.that("\x1b" not in line, "an escape sequence of a stranger reached the terminal")
    server.close()
    client.expect_line("(?i)clos|lost|broke|gone")
    client.close_stdin()
    client.wait_exit(code=0)
    check.that("Traceback" not in client.stderr.tail(), "its errors should be for people")


@pytest.mark.task("2.8", hint="What should happen when the input has no more lines?")
def test_the_end_of_input_ends_it(ends: Ends) -> None:
    client, server = ends
    client.close_stdin()
    client.wait_exit(code=0)
    server.recv_all()


@pytest.mark.task("2.8", hint="What does Ctrl-C mean to a person who waits for an answer?")
def test_ctrl_c_ends_it_while_it_waits(ends: Ends) -> None:
    client, server = ends
    client.send_line("hello")
    server.recv_message()
    client.interrupt()
    client.wait_exit()
    check.that("Traceback" not in client.stderr.tail(), "Ctrl-C is no error")


@pytest.mark.task("2.8", hint="Who hears of it when nobody listens at that port?")
def test_nobody_listening_is_said_in_one_line(launch: Launcher, listen: Listen) -> None:
    listening = listen(WireClient)
    listening.dispose()
    client = launch("stage2.client", to=listening)
    code = client.wait_exit(seconds=20)
    check.that(code != 0, "a client that could not connect should not end with exit code 0")
    text = client.stderr.tail()
    check.that(text and "Traceback" not in text, "its error should be a sentence for people")
