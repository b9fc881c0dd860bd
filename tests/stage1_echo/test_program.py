"""How the server begins and ends. The rule: docs/stage1.md."""

from collections.abc import Callable

import pytest

from tests.kit import check
from tests.kit.byte_client import ByteClient
from tests.kit.fixtures import Launcher
from tests.kit.programs import Program

from .echo import expect_echo

Dial = Callable[..., ByteClient]


@pytest.mark.task("1.7", hint="Which output do programs read that start this server?")
@pytest.mark.points(4)
@pytest.mark.needs("1.1")
def test_the_ready_line_stands_alone_on_standard_output(launch: Launcher, dial: Dial) -> None:
    server = launch("stage1.server")
    client = dial(server, "Ann")
    client.send_bytes(b"hello")
    expect_echo(client, b"hello")
    client.close()
    server.end(code=None)  # whether it ends well is the business of another test
    expected = f"READY echo 127.0.0.1 {server.port}\n".encode()
    check.equal(server.stdout.read().replace(b"\r\n", b"\n"), expected, "standard output")


@pytest.mark.task("1.7", hint="What do the host and the port on the command line change?")
@pytest.mark.points(2)
@pytest.mark.needs("1.1")
def test_it_listens_where_the_flags_say(launch: Launcher, dial: Dial) -> None:
    first = launch("stage1.server")
    port = first.port
    first.end(code=None)
    second = launch("stage1.server", port=port)
    check.equal(second.port, port, "the port in the READY line")
    dial(second, "Ann")


@pytest.mark.task("1.7", hint="What does each of its threads wait for when the signal comes?")
@pytest.mark.points(4)
@pytest.mark.needs("1.1")
@pytest.mark.parametrize("how", ["asked-to-end", "interrupted"])
@pytest.mark.parametrize("client", ["not-there-yet", "silent", "never-reading"])
def test_it_ends_cleanly_whatever_its_client_does(
    launch: Launcher, dial: Dial, client: str, how: str
) -> None:
    server = launch("stage1.server", "--log-level", "warning")
    if client != "not-there-yet":  # without her, the end comes right behind READY
        ann = dial(server, f"Ann, {client}")
        ann.send_bytes(b"hello")
        expect_echo(ann, b"hello")  # so the server has her connection
    if client == "never-reading":
        ann.send_until_blocked(b"x" * 64_000_000)
    _stop(server, how)
    server.wait_exit(code=0)


def _stop(server: Program, how: str) -> None:
    if how == "interrupted":
        server.interrupt()
    else:
        server.ask_to_end()


@pytest.mark.task("1.6", hint="Which socket option lets a server have its old port at once?")
@pytest.mark.points(5)
@pytest.mark.needs("1.1")
def test_it_has_its_port_again_at_once(launch: Launcher, dial: Dial) -> None:
    server = launch("stage1.server")
    client = dial(server, "Ann")
    client.send_bytes(b"hello")
    expect_echo(client, b"hello")
    # The server's end comes first: its side of the connection goes on waiting in TIME_WAIT. It is
    # killed, as whether it ends well when it is asked to is another task.
    server.kill()
    again = launch.again(server)
    client = dial(again, "Ann, again")
    client.send_bytes(b"hello again")
    expect_echo(client, b"hello again")
