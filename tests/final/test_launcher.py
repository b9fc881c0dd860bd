"""One command starts the whole, and leaves nothing behind. The test has no display, no terminal."""

import contextlib
import re
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from tests.kit import check
from tests.kit.deadlines import eventually
from tests.kit.failure import HarnessError
from tests.kit.fixtures import Launcher
from tests.kit.programs import Program

from .people import PASSWORD, SERVICES

NO_DISPLAY = {"DISPLAY": "", "WAYLAND_DISPLAY": ""}
Run = Callable[..., Program]


@pytest.fixture
def run(launch: Launcher, tmp_path: Path) -> Iterator[Run]:
    """Start the whole on free ports, with its data in this test's folder."""

    def start(*flags: str, first_port: int = 0) -> Program:
        here = ("--data", str(tmp_path / "data"), "--first-port", str(first_port))
        return launch("final.run", *here, *flags, env=NO_DISPLAY)

    yield start


def addresses(whole: Program) -> dict[str, str]:
    """Read the addresses that the command prints; HOST:PORT by service."""
    found = {}
    for service in SERVICES:
        match = whole.expect_line(rf"{service} +server on (\S+) port (\d+)", seconds=30)
        found[service] = f"{match[1]}:{match[2]}"
    whole.expect_line("the servers stay up", seconds=15)
    return found


def flags(where: dict[str, str]) -> list[str]:
    """Return the flags that tell a client these addresses."""
    return [word for service in SERVICES for word in (f"--{service}", where[service])]


def test_without_window_and_terminal_the_servers_stay_up_until_they_are_ended(run: Run) -> None:
    whole = run()
    where = addresses(whole)
    children = psutil.Process(whole.pid).children(recursive=True)
    check.equal(len(children), len(SERVICES), "the number of servers it started")
    whole.interrupt()
    whole.wait_exit(seconds=15, code=0)
    left = [child for child in children if child.is_running()]
    check.equal(left, [], "the programs that are left")
    for address in where.values():
        host, port = address.split(":")
        with pytest.raises(OSError):
            socket.create_connection((host, int(port)), timeout=1).close()


def test_users_and_messages_are_there_again_at_the_next_start(run: Run, launch: Launcher) -> None:
    phone = "13800000000"
    for visit in ("first", "second"):
        whole = run()
        where = addresses(whole)
        client = launch("final.terminal", *flags(where))
        if visit == "first":
            client.send_line(f"/code {phone}")
            code = code_on_screen(whole, phone)
            client.send_line(f"/register 小明 {PASSWORD} {phone} {code}")
            client.expect_line("registered 小明")
        client.send_line(f"/login 小明 {PASSWORD}")
        client.expect_line("entered as 小明", seconds=15)
        if visit == "second":
            client.expect_line("earlier lobby #1 小明: do not forget me")
        else:
            client.send_line("do not forget me")
            client.expect_line("lobby #1 小明: do not forget me")
        client.close_stdin()
        client.wait_exit(seconds=15, code=0)
        whole.end()


def code_on_screen(whole: Program, phone: str) -> str:
    """Return the code for ``phone`` that is printed where the command was started."""
    line = re.compile(rf"SMS to {phone}\D+(\d{{6}})")
    found = eventually(lambda: line.search(whole.stderr.tail()), why="the code on the screen")
    return found[1]


def test_words_of_a_user_are_not_shown_as_a_code(
    run: Run, launch: Launcher, tmp_path: Path
) -> None:
    whole = run()
    where = addresses(whole)
    client = launch("final.terminal", *flags(where))
    phone, stranger = "13800000000", "13900000000"
    client.send_line(f"/code {phone}")
    client.send_line(f"/register ann {PASSWORD} {phone} {code_on_screen(whole, phone)}")
    client.send_line(f"/login ann {PASSWORD}")
    client.expect_line("entered as ann", seconds=15)
    forged = tmp_path / f"SMS to {stranger} 666666"  # the file server logs the names of files
    forged.write_bytes(b"")
    client.send_line(f'/put "{forged}"')
    client.expect_line("uploaded", seconds=15)
    client.send_line(f"/code {stranger}")
    check.that(code_on_screen(whole, stranger) != "666666", "a file's name was shown as a code")


def _taken_behind_a_free_one() -> socket.socket:
    """Listen on a port whose predecessor is free, below those that systems give to anybody."""
    for port in range(20_001, 32_000, 2):
        with contextlib.suppress(OSError):
            socket.create_server(("127.0.0.1", port - 1)).close()
            return socket.create_server(("127.0.0.1", port))
    raise HarnessError("no two free ports below 32,000")


def test_a_taken_port_is_named_with_its_remedy_and_nothing_is_left(run: Run) -> None:
    with _taken_behind_a_free_one() as taken:
        port = taken.getsockname()[1]
        whole = run(first_port=port - 1)  # the chat server wants the second of three
        whole.wait_exit(seconds=30, code=1)
    said = whole.stderr.tail()
    check.that(f"port {port}" in said, f"the error should name port {port}: {said}")
    check.that("--first-port" in said, f"the error should say what to do: {said}")
    check.that("Traceback" not in said, f"the error should be for people: {said}")


def test_the_demo_has_users_and_a_bot_that_greets_and_answers(run: Run, launch: Launcher) -> None:
    whole = run("--demo")
    guest = whole.expect_line(r"log in as (\S+) with the password (\S+)", seconds=30)
    # The address lines came before: they are in what was passed over.
    where = {
        match[1]: f"{match[2]}:{match[3]}"
        for line in whole.seen
        if (match := re.match(r"(\w+) +server on (\S+) port (\d+)", line))
    }
    client = launch("final.terminal", *flags(where))
    client.send_line(f"/login {guest[1]} {guest[2]}")
    client.expect_line("earlier lobby #1 ", seconds=15)
    client.expect_line(r"lobby #\d+ bot: .*guest", seconds=15)
    client.send_line("echo 你好")
    client.expect_line(r"lobby #\d+ bot: 已收到消息:你好")
    client.close_stdin()
    client.wait_exit(seconds=15, code=0)
    whole.end()


def test_a_server_that_dies_is_named_with_its_log(run: Run, tmp_path: Path) -> None:
    whole = run()
    addresses(whole)
    servers = psutil.Process(whole.pid).children()
    chat = next(s for s in servers if "stage4_rooms.server" in s.cmdline())
    chat.kill()
    said = eventually(lambda: whole.stderr.tail(), why="a line about the chat server")
    check.that("chat server has ended" in said, f"the line should name the server: {said}")
    check.that(str(tmp_path / "data") in said, f"the line should name the log: {said}")
    whole.end()
