"""The database goes away and comes back. The rules: docs/protocol.md (109), docs/stage3.md.

Only MariaDB goes away in these tests. SQLite is a file in the same machine: it is away when its
disk is, or when another program has locked the file for longer than the server waits (10 seconds in
the reference), which is too long for a suite.
"""

from collections.abc import Iterator

import pytest

from tests.kit import check
from tests.kit.accounts import (
    CHANGE_PASSWORD,
    LOGIN,
    LOGOUT,
    PASSWORD,
    REGISTER,
    RESET_PASSWORD,
    SEND_CODE,
    WHOAMI,
    new_name,
    new_phone,
)
from tests.kit.databases import Databases
from tests.kit.mariadb import MariaDB
from tests.kit.match import OneOf

from .conftest import Connect, OwnAccounts

HELLO, PING = 90, 91
# A server may first find out that its connections are dead.
SLOW = 15.0
pytestmark = [pytest.mark.parts("mariadb"), pytest.mark.needs("3.3", "3.4", "3.6")]


@pytest.fixture
def mariadb(databases: Databases) -> Iterator[MariaDB]:
    """The private MariaDB; it runs again when the test is over."""
    yield databases.mariadb()
    databases.mariadb()


@pytest.mark.task("3.9", hint="Which of the driver's errors say that the database is away?")
@pytest.mark.points(0.5)
@pytest.mark.parametrize("how", ["stopped", "killed"])
def test_without_its_database_a_server_answers_109_and_recovers(
    own_accounts: OwnAccounts, connect: Connect, databases: Databases, mariadb: MariaDB, how: str
) -> None:
    accounts = own_accounts(databases.new("mariadb"))
    ann, ben = connect(accounts.server, "Ann"), connect(accounts.server, "Ben")
    user = accounts.new_user(ann)
    phone = new_phone()
    ticket = {"user_name": new_name(), "user_pwd": PASSWORD, "phone": phone}
    ticket["code"] = accounts.code(ann, phone)
    if how == "stopped":
        mariadb.stop()
    else:
        mariadb.kill()
    name = {"user_name": user.name, "user_pwd": PASSWORD}
    change = {"token": user.token, "user_pwd": PASSWORD, "new_pwd": "xyz789"}
    for op, args in (
        (LOGIN, name),
        (REGISTER, ticket),
        (WHOAMI, {"token": user.token}),
        (LOGOUT, {"token": user.token}),
        (CHANGE_PASSWORD, change),
        (SEND_CODE, {"phone": new_phone()}),
    ):
        for client in (ann, ben):
            client.request(op, args, test=109, seconds=SLOW)
    # What needs no database works on; what is wrong by itself is said all the same.
    ann.request(PING)
    ann.request(HELLO, data={"service": "auth"})
    ann.request(SEND_CODE, {"phone": "x"}, test=2)
    ann.request(REGISTER, {**ticket, "user_pwd": "short"}, test=2)
    mariadb.start()
    # The first request after its return works: nobody restarts the server, nobody asks twice.
    for client in (ann, ben, connect(accounts.server, "Cleo")):
        accounts.login(client, user)
    ann.request(WHOAMI, {"token": user.token}, data={"uid": user.uid})
    # 109 cost nothing: the code that was shown meanwhile is still good.
    ann.request(REGISTER, ticket)


@pytest.mark.task("3.9", hint="What happens to a request in whose middle the database dies?")
@pytest.mark.points(0.5)
def test_requests_in_whose_middle_it_dies_are_answered_too(
    own_accounts: OwnAccounts, connect: Connect, databases: Databases, mariadb: MariaDB
) -> None:
    accounts = own_accounts(databases.new("mariadb"))
    clients = [connect(accounts.server, f"client {number}") for number in range(12)]
    user = accounts.register(clients[0])
    reset = {"phone": user.phone, "new_pwd": PASSWORD}
    reset["code"] = accounts.code(clients[0], user.phone, "reset")
    args = {"user_name": user.name, "user_pwd": PASSWORD}
    asked = [(client, [client.ask(LOGIN, args) for _ in range(20)]) for client in clients]
    mariadb.kill()
    for client, numbers in asked:
        for number in numbers:
            reply = client.expect_reply(number, LOGIN, test=None, seconds=SLOW)
            check.matches(reply, {"test": OneOf(0, 109)}, "the answer")
    clients[0].request(RESET_PASSWORD, reset, test=109, seconds=SLOW)
    mariadb.start()
    for client in clients:
        accounts.login(client, user)
    clients[0].request(RESET_PASSWORD, reset)
