"""The terminal client for accounts, driven through pipes. The rule: docs/stage3.md."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.kit import check
from tests.kit.accounts import PASSWORD, Accounts, new_name, new_phone
from tests.kit.deadlines import eventually
from tests.kit.fixtures import Launcher
from tests.kit.listening import Listening
from tests.kit.programs import Program
from tests.kit.wire import WireClient

from .conftest import Connect, OwnAccounts

Listen = Callable[..., Listening[Any]]

pytestmark = pytest.mark.needs("3.3", "3.4", "3.6")


@pytest.mark.task("3.7", hint="One command a line, one event a line: what happens in between?")
@pytest.mark.points(1)
def test_somebody_registers_and_logs_in_at_a_terminal(
    sqlite_accounts: Accounts, launch: Launcher
) -> None:
    accounts, name, phone = sqlite_accounts, new_name(), new_phone()
    client = launch("stage3.client", to=accounts.server)
    client.send_line(f"/code {phone}")
    codes = eventually(lambda: accounts.sms.to(phone), why="a code in the SMS file")
    client.expect_line(phone)
    client.send_line(f"/register {name} {PASSWORD} {phone} {codes[-1]} ann@example.org")
    client.expect_line(f"registered {name}")
    client.send_line(f"/login {phone} {PASSWORD}")
    client.expect_line(f"logged in as {name}")
    client.send_line("/whoami")
    client.expect_line(f"{name}.*{phone}.*ann@example.org")
    client.send_line("/logout")
    client.expect_line("logged out")
    client.send_line("/whoami")
    client.expect_line("error")
    client.close_stdin()
    client.wait_exit(code=0)


@pytest.mark.task("3.7", hint="What does a person read when something is refused?")
@pytest.mark.points(0.5)
def test_what_is_refused_is_said_in_a_line(
    sqlite_accounts: Accounts, launch: Launcher, connect: Connect
) -> None:
    accounts = sqlite_accounts
    user = accounts.register(connect(accounts.server, "Ann"))
    client = launch("stage3.client", to=accounts.server)
    for line in (
        f"/login {user.name} wrong1",
        "/login",
        f"/login {user.name} a password of words",
        f"/register {new_name()} {PASSWORD} {new_phone()} 123456 ann@example.org more",
        f"/password {PASSWORD} two words",
        f"/reset {user.phone} 123456 two words",
        "/code 123",
        f"/register 1234567 {PASSWORD} {new_phone()} 123456",
        "/nonsense",
        "words without a command",
    ):
        client.send_line(line)
        client.expect_line("^error")
    client.send_line(f"/login {user.name} {user.password}")
    client.expect_line(f"logged in as {user.name}")


@pytest.mark.task("3.7", hint="What happens when the server has been started anew meanwhile?")
@pytest.mark.points(0.5)
def test_a_client_finds_a_restarted_server(
    own_accounts: OwnAccounts, launch: Launcher, connect: Connect
) -> None:
    accounts = own_accounts()
    user = accounts.register(connect(accounts.server, "Ann"))
    client = launch("stage3.client", to=accounts.server)
    client.send_line(f"/login {user.name} {user.password}")
    client.expect_line("logged in")
    assert isinstance(accounts.server, Program)
    accounts.server.kill()
    client.send_line("/whoami")
    client.expect_line("^error")
    launch.again(accounts.server)
    client.send_line("/whoami")
    client.expect_line(f"{user.name}.*{user.phone}")


@pytest.mark.task("3.7", hint="Whose words reach the screen, and what could they do there?")
def test_what_a_server_says_cannot_steer_the_terminal(launch: Launcher, listen: Listen) -> None:
    listening = listen(WireClient)
    client = launch("stage3.client", to=listening)
    client.send_line("/login ann abc123")
    connection = listening.accept(seconds=15)
    request = connection.recv_message()
    text = "\x1b[2J\x1b]0;title\x07\u202e\rno"
    connection.send_frame({"op": 0, "id": request["id"], "test": 1, "error": text})
    client.expect_line("error")
    shown = client.stdout.read().decode("utf-8")
    bad = [c for c in shown if c in "\x1b\x07\r\u202e"]
    check.equal(bad, [], "the control characters that reached the terminal")


@pytest.mark.task("3.7", hint="What does a client do with an answer that makes no sense?")
def test_a_name_that_is_none_is_an_error_and_no_login(launch: Launcher, listen: Listen) -> None:
    listening = listen(WireClient)
    client = launch("stage3.client", to=listening)
    client.send_line("/login ann abc123")
    connection = listening.accept(seconds=15)
    request = connection.recv_message()
    data = {"token": "t", "uid": 1001, "user_name": "\U0001f600" * 3000, "expires_at": 2e9}
    connection.send_frame({"op": 0, "id": request["id"], "test": 0, "data": data})
    client.expect_line("^error.*3000 characters")
    client.send_line("/whoami")
    client.expect_line("^error 102")
