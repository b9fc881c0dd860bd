"""Sessions: what a token is good for, and what ends it. The rules: docs/protocol.md, ops 3 to 6."""

import hashlib
from collections.abc import Callable

import pytest

from tests.kit import check
from tests.kit.accounts import (
    CHANGE_PASSWORD,
    LOGIN,
    LOGOUT,
    PASSWORD,
    RESET_PASSWORD,
    WHOAMI,
    Accounts,
    User,
    new_phone,
)
from tests.kit.databases import Database, SqliteDatabase
from tests.kit.match import OneOf
from tests.kit.programs import Program
from tests.kit.server_clock import wait_until
from tests.kit.wire import WireClient

from .conftest import Connect, OwnAccounts

pytestmark = pytest.mark.needs("3.3", "3.4", "3.6")

NEW_PASSWORD = "xyz789"


def is_live(client: WireClient, user: User) -> bool:
    """Tell whether a session is live, by WHOAMI."""
    reply = client.request(WHOAMI, {"token": user.token}, test=None)
    check.matches(reply, {"test": OneOf(0, 102)}, "the answer to WHOAMI")
    return bool(reply["test"] == 0)


def sessions(accounts: Accounts, client: WireClient, count: int) -> list[User]:
    """Register a user and log in ``count`` times."""
    user = accounts.register(client)
    return [accounts.login(client, user) for _ in range(count)]


@pytest.mark.task("3.7", hint="What is left of a session after LOGOUT?")
@pytest.mark.points(1)
def test_logout_ends_this_session_and_no_other(accounts: Accounts, connect: Connect) -> None:
    ann = connect(accounts.server, "Ann")
    here, there = sessions(accounts, ann, 2)
    ann.request(LOGOUT, {"token": here.token})
    check.that(not is_live(ann, here), "the session is still live after LOGOUT")
    check.that(is_live(connect(accounts.server, "Ann there"), there), "another session has ended")
    ann.request(LOGOUT, {"token": here.token}, test=102)


@pytest.mark.task("3.7", hint="What does the server know of whoever shows a token?")
@pytest.mark.points(0.5)
def test_whoami_tells_whose_session_it_is(accounts: Accounts, connect: Connect) -> None:
    ann = connect(accounts.server, "Ann")
    users = [*sessions(accounts, ann, 3), *sessions(accounts, ann, 1)]
    for user in users:
        data = {"uid": user.uid, "user_name": user.name, "phone": user.phone}
        # The token counts, not the connection on which somebody logged in.
        connect(accounts.server, "somebody").request(WHOAMI, {"token": user.token}, data=data)


@pytest.mark.task("3.7", hint="Which texts are a live token?")
@pytest.mark.points(0.5)
def test_what_is_no_live_token_gets_102(accounts: Accounts, connect: Connect) -> None:
    ann = connect(accounts.server, "Ann")
    (user,) = sessions(accounts, ann, 1)
    token = user.token
    hashes = [hashlib.new(name, token.encode()).hexdigest() for name in ("sha256", "md5")]
    other_end = "A" if token[-1] != "A" else "Q"
    wrong = ["", "x", "0", "*", "%", "_" * len(token), token + " ", token + "\x00", token[:-1]]
    wrong += [token.swapcase(), token[:-1] + other_end, " " + token, user.name, *hashes, "é" * 999]
    for text in wrong:
        ann.request(WHOAMI, {"token": text}, test=102)
        ann.request(LOGOUT, {"token": text}, test=102)
        args = {"token": text, "user_pwd": PASSWORD, "new_pwd": NEW_PASSWORD}
        ann.request(CHANGE_PASSWORD, args, test=102)
    for no_text in ({}, {"token": None}, {"token": 7}):
        ann.request(WHOAMI, no_text, test=100)
        ann.request(LOGOUT, no_text, test=100)
    check.that(is_live(ann, user), "the session has ended although nobody ended it")


@pytest.mark.task("3.7", hint="Who may still be logged in with the old password?")
@pytest.mark.points(1)
def test_a_changed_password_ends_the_other_sessions(accounts: Accounts, connect: Connect) -> None:
    ann = connect(accounts.server, "Ann")
    here, there, elsewhere = sessions(accounts, ann, 3)
    (stranger,) = sessions(accounts, ann, 1)
    args = {"token": here.token, "user_pwd": PASSWORD, "new_pwd": NEW_PASSWORD}
    ann.request(CHANGE_PASSWORD, args)
    live = [is_live(ann, user) for user in (here, there, elsewhere, stranger)]
    check.equal(live, [True, False, False, True], "which of the sessions are live")
    ann.request(LOGIN, {"user_name": here.name, "user_pwd": PASSWORD}, test=1)
    ann.request(LOGIN, {"user_name": here.name, "user_pwd": NEW_PASSWORD})


@pytest.mark.task("3.7", hint="What has changed after a refusal?")
@pytest.mark.points(1)
def test_a_refused_change_of_password_changes_nothing(accounts: Accounts, connect: Connect) -> None:
    ann = connect(accounts.server, "Ann")
    here, there = sessions(accounts, ann, 2)
    args = {"token": here.token, "user_pwd": PASSWORD, "new_pwd": NEW_PASSWORD}
    for wrong in ("wrong1", "", PASSWORD.upper(), PASSWORD + " "):
        ann.request(CHANGE_PASSWORD, {**args, "user_pwd": wrong}, test=1)
    reply = ann.request(CHANGE_PASSWORD, {**args, "new_pwd": "short"}, test=2)
    check.matches(reply, {"field": "new_pwd"}, "the answer")
    check.that(is_live(ann, there), "a refused change has ended a session")
    accounts.login(ann, here)


@pytest.mark.task("3.7", hint="Who knows the old password when somebody resets it?")
@pytest.mark.points(0.5)
@pytest.mark.needs("3.5")
def test_a_reset_password_ends_all_sessions(accounts: Accounts, connect: Connect) -> None:
    ann = connect(accounts.server, "Ann")
    here, there = sessions(accounts, ann, 2)
    code = accounts.code(ann, here.phone, "reset")
    args = {"phone": here.phone, "code": code, "new_pwd": NEW_PASSWORD}
    ann.request(RESET_PASSWORD, args)
    live = [is_live(ann, user) for user in (here, there)]
    check.equal(live, [False, False], "which of the sessions are live")
    ann.request(LOGIN, {"user_name": here.name, "user_pwd": PASSWORD}, test=1)
    ann.request(LOGIN, {"user_name": here.name, "user_pwd": NEW_PASSWORD})


@pytest.mark.task("3.7", hint="In which order are the fields and the code looked at?")
@pytest.mark.points(0.5)
@pytest.mark.needs("3.5")
def test_a_refused_reset_changes_nothing_and_keeps_the_code(
    accounts: Accounts, connect: Connect
) -> None:
    ann = connect(accounts.server, "Ann")
    (user,) = sessions(accounts, ann, 1)
    code = accounts.code(ann, user.phone, "reset")
    args = {"phone": user.phone, "code": code, "new_pwd": NEW_PASSWORD}
    reply = ann.request(RESET_PASSWORD, {**args, "new_pwd": "short", "code": "x"}, test=2)
    check.matches(reply, {"field": "new_pwd"}, "the answer")
    ann.request(RESET_PASSWORD, {**args, "code": "x"}, test=1)
    ann.request(RESET_PASSWORD, {**args, "phone": new_phone()}, test=1)
    check.that(is_live(ann, user), "a refused reset has ended a session")
    accounts.login(ann, user)
    ann.request(RESET_PASSWORD, args)


@pytest.mark.task("3.7", hint="When does a session end by itself?")
@pytest.mark.points(0.5)
def test_a_session_expires(own_accounts: OwnAccounts, connect: Connect) -> None:
    accounts = own_accounts(None, "--session-ttl", "0.3")
    ann = connect(accounts.server, "Ann")
    user = accounts.register(ann)
    data = ann.request(LOGIN, {"user_name": user.name, "user_pwd": PASSWORD})["data"]
    wait_until(ann, data["expires_at"])
    ann.request(WHOAMI, {"token": data["token"]}, test=102)
    args = {"token": data["token"], "user_pwd": PASSWORD, "new_pwd": NEW_PASSWORD}
    ann.request(CHANGE_PASSWORD, args, test=102)
    ann.request(LOGOUT, {"token": data["token"]}, test=102)


@pytest.mark.task("3.7", hint="Where do sessions live while no server runs?")
@pytest.mark.points(0.5)
def test_sessions_outlive_a_server_that_is_killed(
    accounts_on: Callable[..., Accounts], kind: str, connect: Connect
) -> None:
    accounts = accounts_on(kind)
    ann = connect(accounts.server, "Ann")
    user = accounts.new_user(ann)
    assert isinstance(accounts.server, Program)
    accounts.server.kill()
    again = accounts_on(kind)
    ann = connect(again.server, "Ann again")
    check.that(is_live(ann, user), "the session ended with the server")
    again.login(ann, user)


@pytest.mark.task("3.9", hint="What could a thief of the database do with it?")
@pytest.mark.points(0.5)
@pytest.mark.needs("3.2")
def test_tokens_and_passwords_are_not_in_the_database(accounts: Accounts, connect: Connect) -> None:
    ann = connect(accounts.server, "Ann")
    user = accounts.login(ann, accounts.register(ann, password="Zq7-secret"))
    held = everything_in(accounts.database)
    check.that(user.name in held, "the test itself did not find the user's row")
    for secret in (user.token, "Zq7-secret"):
        check.that(secret not in held, f"{secret} is in the database as plain text")


def everything_in(database: Database) -> str:
    """Return all values of all tables as one text, bytes as Python shows them.

    Not SQLite's own dump: in it bytes are hex, and a secret that was stored as bytes is not seen.
    """
    if isinstance(database, SqliteDatabase):
        tables = database.rows("SELECT name FROM sqlite_master WHERE type = 'table'")
    else:
        tables = database.rows(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE()"
        )
    return "\n".join(str(database.rows(f"SELECT * FROM `{name}`")) for (name,) in tables)
