"""A thread for each client: nobody waits for anybody, and nobody can end the server."""

import contextlib
from collections.abc import Callable

import pytest

from tests.kit import check
from tests.kit.byte_client import ByteClient
from tests.kit.deadlines import eventually
from tests.kit.failure import ProgramFailed
from tests.kit.fixtures import Launcher
from tests.kit.programs import Server

from .conftest import QUIET
from .echo import expect_echo

Dial = Callable[..., ByteClient]
pytestmark = pytest.mark.needs("1.1")


def expect_service(client: ByteClient, message: bytes = b"are you there?") -> None:
    """Check that this client is answered."""
    client.send_bytes(message)
    expect_echo(client, message)


@pytest.mark.task("1.4", hint="Where does the server wait while the first client says nothing?")
@pytest.mark.points(8)
def test_a_second_client_is_served_while_the_first_is_silent(server: Server, dial: Dial) -> None:
    dial(server, "silent Ann")
    expect_service(dial(server, "Ben"))


@pytest.mark.task("1.4", hint="Whose answer goes to whom?")
@pytest.mark.points(6)
def test_many_clients_get_their_own_answers(
    server: Server, dial: Dial, count: Callable[[int, int], int]
) -> None:
    clients = [dial(server, f"client {number}") for number in range(count(500, 1000))]
    for number, client in enumerate(clients):
        client.send_bytes(b"I am number %d" % number)
    for number, client in reversed(list(enumerate(clients))):
        expect_echo(client, b"I am number %d" % number)


@pytest.mark.task("1.4", hint="sendall waits until the other side reads. Who waits with it?")
@pytest.mark.points(6)
def test_a_client_that_never_reads_stops_nobody_else(server: Server, dial: Dial) -> None:
    stuck = dial(server, "Ann, who never reads")
    stuck.send_until_blocked(b"x" * 64_000_000)
    expect_service(dial(server, "Ben"))


@pytest.mark.task("1.5", hint="Which exception does recv raise when the connection is reset?")
@pytest.mark.points(4)
def test_a_reset_ends_one_connection_and_not_the_server(launch: Launcher, dial: Dial) -> None:
    server = launch("stage1.server")
    for number in range(10):
        ann = dial(server, f"Ann {number}")
        ann.send_bytes(b"x" * 100_000 if number % 2 else b"")
        ann.reset()
    expect_service(dial(server, "Ben"))
    server.assert_alive()


@pytest.mark.task("1.5", hint="What does recv return when a client has gone?")
@pytest.mark.points(2)
def test_clients_that_leave_at_once_do_no_harm(launch: Launcher, dial: Dial) -> None:
    server = launch("stage1.server")
    for number in range(50):
        dial(server, f"Ann {number}").close()
    expect_service(dial(server, "Ben"))
    server.assert_alive()


@pytest.mark.task("1.5", hint="Who catches what recv and sendall raise, and what does the log say?")
@pytest.mark.points(2)
def test_a_reset_is_expected_and_leaves_no_traceback_in_the_log(
    launch: Launcher, dial: Dial
) -> None:
    server = launch("stage1.server")
    for number in range(10):
        ann = dial(server, f"Ann {number}")
        ann.send_bytes(b"x" * 5_000)
        ann.reset()
    expect_service(dial(server, "Ben"))
    with contextlib.suppress(ProgramFailed):  # whether it ends well is the business of 1.7
        server.end(code=None)
    log = server.stderr.read().decode("utf-8", "backslashreplace")
    check.that("Traceback (most recent call last)" not in log, "the log holds a traceback")


@pytest.mark.task("1.5", hint="Who closes the socket of a client that has gone?")
@pytest.mark.points(2)
def test_nothing_is_left_behind_by_clients_that_have_gone(launch: Launcher, dial: Dial) -> None:
    server = launch("stage1.server", *QUIET)
    rounds = 20
    _come_and_go(server, dial)
    # A few more threads or files are a program's own business; one for each client is a leak.
    allowed = server.holdings() + rounds
    for _ in range(rounds):
        _come_and_go(server, dial)
    eventually(
        lambda: server.holdings() < allowed, why=f"less than {allowed} threads and open files"
    )


def _come_and_go(server: Server, dial: Dial) -> None:
    """Connect four clients that leave in four ways."""
    closing, resetting, late, parting = (dial(server, f"client {n}") for n in range(4))
    expect_service(closing)
    closing.close()
    resetting.reset()
    late.send_bytes(b"x" * 100_000)
    late.reset()
    parting.half_close()
    parting.expect_closed()
