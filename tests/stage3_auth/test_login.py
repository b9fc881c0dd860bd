"""Login by name or phone, and what the answer tells. The rules: docs/protocol.md, op 0."""

import hashlib
import unicodedata

import pytest

from tests.kit import check
from tests.kit.accounts import (
    LOGIN,
    PASSWORD,
    REGISTER,
    Accounts,
    User,
    new_name,
    new_phone,
)
from tests.kit.match import ABSENT
from tests.kit.server_clock import time_of
from tests.kit.wire import WireClient

from .conftest import Connect, OwnAccounts

pytestmark = pytest.mark.needs("3.3", "3.4")

HELLO = 90
THIRTY_DAYS = 2592000


def login_args(name: str, password: str = PASSWORD) -> dict[str, str]:
    """Return the fields of a login."""
    return {"user_name": name, "user_pwd": password}


@pytest.mark.task("3.6", hint="What does a program need to know after a login?")
@pytest.mark.points(1.5)
def test_a_login_is_answered_with_a_session(accounts: Accounts, connect: Connect) -> None:
    ann = connect(accounts.server, "Ann")
    user = accounts.register(ann)
    known = {"uid": user.uid, "user_name": user.name, "token": str, "expires_at": float}
    reply = ann.request(LOGIN, login_args(user.name), data=known)
    left = reply["data"]["expires_at"] - time_of(ann)
    check.that(THIRTY_DAYS - 60 < left <= THIRTY_DAYS, f"the session lives for {left} s")


@pytest.mark.task("3.6", hint="What may a user type into the first field?")
@pytest.mark.points(1)
def test_one_may_log_in_by_name_by_a_form_of_it_or_by_phone(
    accounts: Accounts, connect: Connect
) -> None:
    ann = connect(accounts.server, "Ann")
    user = accounts.register(ann, new_name("ab"))
    for typed in (user.name, user.name.upper(), user.name.replace("a", "ａ"), user.phone):
        data = {"uid": user.uid, "user_name": user.name}
        ann.request(LOGIN, login_args(typed), data=data)


@pytest.mark.task("3.6", hint="What would a stranger learn from two different answers?")
@pytest.mark.points(2)
def test_an_unknown_user_and_a_wrong_password_get_the_same_answer(
    accounts: Accounts, connect: Connect
) -> None:
    ann = connect(accounts.server, "Ann")
    user = accounts.register(ann)
    wrong = ann.request(LOGIN, login_args(user.name, "wrong1"), test=1, id=1)
    check.matches(wrong, {"data": ABSENT, "field": ABSENT}, "the answer to a wrong password")
    for name in (new_name(), new_phone(), user.phone):
        reply = ann.request(LOGIN, login_args(name, "wrong1"), test=1, id=1)
        check.equal(reply, wrong, "the answer")


@pytest.mark.task("3.6", hint="Must a name at login obey the rules of registration?")
@pytest.mark.points(1)
def test_any_text_may_be_tried_and_is_only_wrong(accounts: Accounts, connect: Connect) -> None:
    ann = connect(accounts.server, "Ann")
    user = accounts.register(ann)
    for name in ("", " ", "\x00", "x" * 5000, "é" * 2000, "\U0010ffff", "*", "%", "_", "\u202e"):
        ann.request(LOGIN, login_args(name), test=1)
    for password in ("", " ", PASSWORD + "\n", PASSWORD.upper(), "\x00", "x" * 5000):
        ann.request(LOGIN, login_args(user.name, password), test=1)
    accounts.login(ann, user)


@pytest.mark.task("3.6", hint="Does your database take a text with a space behind it for the same?")
@pytest.mark.points(1)
def test_what_a_database_might_take_for_the_name_is_not_it(
    accounts: Accounts, connect: Connect
) -> None:
    ann = connect(accounts.server, "Ann")
    user = accounts.register(ann, new_name("aé"))
    close = [f"{user.name} ", f" {user.name}", f"{user.name}\x00", f"{user.name}\t"]
    close += [user.name.replace("é", "e"), f"{user.phone} ", f"{user.phone}\n", f"0{user.phone}"]
    for typed in close:
        ann.request(LOGIN, login_args(typed), test=1)


@pytest.mark.task("3.6", hint="What is stored is a hash. Is the hash itself a password?")
@pytest.mark.points(1)
def test_the_md5_of_the_password_is_not_the_password(accounts: Accounts, connect: Connect) -> None:
    ann = connect(accounts.server, "Ann")
    user = accounts.register(ann)
    digest = hashlib.md5(PASSWORD.encode(), usedforsecurity=False).hexdigest()
    ann.request(LOGIN, login_args(user.name, digest), test=1)


@pytest.mark.task("3.9", hint="Which bytes does md5 get for a password with an umlaut in it?")
@pytest.mark.points(0.5)
@pytest.mark.needs("3.2", "3.6")
@pytest.mark.parametrize("password", ["abcdé1", "密码密码a1", "a1🦊🦊🦊🦊", "a1\\'\"%s"])
def test_a_password_is_taken_as_it_was_typed(
    accounts: Accounts, connect: Connect, password: str
) -> None:
    ann = connect(accounts.server, "Ann")
    user = accounts.register(ann, password=password)
    accounts.login(ann, user)
    ann.request(LOGIN, login_args(user.name, password.swapcase()), test=1)
    # The same letters in another form of Unicode are other bytes.
    if (decomposed := unicodedata.normalize("NFD", password)) != password:
        ann.request(LOGIN, login_args(user.name, decomposed), test=1)


@pytest.mark.task("3.6", hint="Which fields must be there, and of which kind?")
@pytest.mark.points(1)
def test_a_login_without_name_or_password_gets_100(
    sqlite_accounts: Accounts, connect: Connect
) -> None:
    ann = connect(sqlite_accounts.server, "Ann")
    for args in ({}, {"user_name": "ann"}, {"user_pwd": "x"}, {"user_name": 1, "user_pwd": "x"}):
        ann.request(LOGIN, args, test=100)
    ann.request(LOGIN, None, test=100)


@pytest.mark.task("3.6", hint="Could anybody guess the next token?")
@pytest.mark.points(1)
def test_every_login_gets_a_long_token_of_its_own(
    sqlite_accounts: Accounts, connect: Connect
) -> None:
    ann = connect(sqlite_accounts.server, "Ann")
    user = sqlite_accounts.register(ann)
    tokens = [sqlite_accounts.login(ann, user).token for _ in range(8)]
    # 256 random bits are 43 characters of base64; each of them is nearly always at its own place.
    check.that(min(map(len, tokens)) >= 43, f"a token is too short for 256 bits: {tokens[0]}")
    same = max(sum(map(str.__eq__, a, b)) for a in tokens for b in tokens if a is not b)
    check.that(same < 20, f"two tokens are nearly the same: {tokens}")


@pytest.mark.task("3.6", hint="From when on may a client send large frames?")
@pytest.mark.points(1)
def test_larger_frames_are_accepted_after_a_login(
    sqlite_accounts: Accounts, connect: Connect
) -> None:
    ann, ben = (connect(sqlite_accounts.server, name) for name in ("Ann", "Ben"))
    user = sqlite_accounts.register(ann)
    ann.request(HELLO, data={"service": "auth", "limits": {"frame": 16384}})
    ann.request(LOGIN, login_args(user.name, "wrong1"), test=1)
    ann.request(HELLO, data={"limits": {"frame": 16384}})
    sqlite_accounts.login(ann, user)
    ann.request(HELLO, data={"limits": {"frame": 262144}})
    ann.request(LOGIN, login_args("x" * 100_000), test=1)
    # It is this connection that may, not the user.
    ben.ask(LOGIN, login_args("x" * 100_000))
    ben.expect_reply(None, None, test=106)
    ben.expect_closed()


@pytest.mark.task("3.9", hint="Who can read the server's log?")
@pytest.mark.points(0.5)
@pytest.mark.needs("3.2", "3.6")
@pytest.mark.parametrize("kind_of_secret", ["password", "md5", "code", "token"])
def test_the_log_holds_no_password_code_or_token(
    own_accounts: OwnAccounts, connect: Connect, kind_of_secret: str
) -> None:
    accounts = own_accounts(None, "--log-level", "debug")
    ann = connect(accounts.server, "Ann")
    user = _register_and_fail(accounts, ann)
    secrets = {
        "password": [user.password],
        "md5": [hashlib.md5(user.password.encode(), usedforsecurity=False).hexdigest()],
        "code": accounts.sms.to(user.phone),
        "token": [user.token],
    }
    accounts.server.end()  # type: ignore[attr-defined]
    log = accounts.server.stderr.read().decode("utf-8", "replace")  # type: ignore[attr-defined]
    told = [secret for secret in secrets[kind_of_secret] if secret in log]
    check.equal(told, [], f"the secrets in the log ({kind_of_secret})")


def _register_and_fail(accounts: Accounts, client: WireClient) -> User:
    password = "Zq7-secret"
    user = accounts.login(client, accounts.register(client, password=password))
    client.request(LOGIN, login_args(user.name, password + "x"), test=1)
    args = {"user_name": user.name, "user_pwd": password, "phone": user.phone, "code": "000000"}
    client.request(REGISTER, args, test=1)
    return user
