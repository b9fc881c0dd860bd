"""The rules of registration, where strangers meet them: on the wire. The rules: docs/stage3.md.

The server's answers here are those of task 3.1's functions; whoever failed there is told there.
"""

from typing import Any

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
    Accounts,
    User,
    new_phone,
)
from tests.kit.match import ABSENT, OneOf
from tests.kit.probe import Probe
from tests.kit.wire import WireClient

from .conftest import Connect
from .test_registration import ticket
from .test_validation import NOT_EMAILS, NOT_NAMES, NOT_PASSWORDS, NOT_PHONES

pytestmark = pytest.mark.needs("3.1", "3.3", "3.4", "3.6", "3.7")


@pytest.mark.task("3.7", hint="What is checked before anything is sent?")
@pytest.mark.points(0.5)
def test_what_is_not_a_phone_gets_2_and_no_code(
    sqlite_accounts: Accounts, connect: Connect
) -> None:
    ann = connect(sqlite_accounts.server, "Ann")
    for purpose in ("register", "reset"):
        for phone in NOT_PHONES.values():
            ann.request(SEND_CODE, {"phone": phone, "purpose": purpose}, test=2)
    sent = {entry["phone"] for entry in sqlite_accounts.sms.sent()}
    check.that(not sent & set(NOT_PHONES.values()), "a code was sent to what is not a phone")


@pytest.mark.task("3.7", hint="Which field is at fault, and does the answer say so?")
@pytest.mark.points(1)
@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("user_name", NOT_NAMES),
        ("user_pwd", NOT_PASSWORDS),
        ("phone", NOT_PHONES),
        ("email", {why: text for why, text in NOT_EMAILS.items() if text}),
    ],
    ids=["user_name", "user_pwd", "phone", "email"],
)
def test_a_field_that_breaks_its_rule_gets_2_and_is_named(
    sqlite_accounts: Accounts, connect: Connect, field: str, wrong: dict[str, str]
) -> None:
    ann = connect(sqlite_accounts.server, "Ann")
    right = ticket(sqlite_accounts, ann)
    for text in wrong.values():
        reply = ann.request(REGISTER, {**right, field: text}, test=2)
        check.matches(reply, {"field": field}, "the answer")
    ann.request(REGISTER, right)


@pytest.mark.task("3.7", hint="Is a new password held to the same rule as the first one?")
@pytest.mark.points(0.5)
def test_a_weak_new_password_gets_2(sqlite_accounts: Accounts, connect: Connect) -> None:
    ann = connect(sqlite_accounts.server, "Ann")
    user = sqlite_accounts.new_user(ann)
    code = sqlite_accounts.code(ann, user.phone, "reset")
    change = {"token": user.token, "user_pwd": PASSWORD}
    for weak in NOT_PASSWORDS.values():
        for op, args in (
            (CHANGE_PASSWORD, change),
            (RESET_PASSWORD, {"phone": user.phone, "code": code}),
        ):
            reply = ann.request(op, {**args, "new_pwd": weak}, test=2)
            check.matches(reply, {"field": "new_pwd"}, "the answer")
    sqlite_accounts.login(ann, user)


def right_requests(
    accounts: Accounts, client: WireClient, user: User
) -> list[tuple[int, dict[str, Any]]]:
    """Return a request for each op that would succeed, all its fields in it."""
    code = accounts.code(client, user.phone, "reset")
    return [
        (LOGIN, {"user_name": user.name, "user_pwd": PASSWORD}),
        (SEND_CODE, {"phone": new_phone(), "purpose": "register"}),
        (REGISTER, ticket(accounts, client, email="ann@example.org")),
        (WHOAMI, {"token": user.token}),
        (CHANGE_PASSWORD, {"token": user.token, "user_pwd": PASSWORD, "new_pwd": PASSWORD}),
        (LOGOUT, {"token": user.token}),
        (RESET_PASSWORD, {"phone": user.phone, "code": code, "new_pwd": PASSWORD}),
    ]


@pytest.mark.task("3.7", hint="Which kinds of JSON value can a stranger put where you expect text?")
@pytest.mark.points(1)
@pytest.mark.needs("3.7")
def test_a_field_of_another_kind_gets_100_in_every_op(
    sqlite_accounts: Accounts, connect: Connect
) -> None:
    ann = connect(sqlite_accounts.server, "Ann")
    requests = right_requests(sqlite_accounts, ann, sqlite_accounts.new_user(ann))
    optional = {(SEND_CODE, "purpose"), (REGISTER, "email")}
    for op, args in requests:
        for field in args:
            wrong: list[Any] = [0, -1, 2**53, 0.5, True, False, [], ["x"], {}, {"x": "y"}]
            for value in wrong if (op, field) in optional else [*wrong, None]:
                reply = ann.request(op, {**args, field: value}, test=100)
                check.matches(reply, {"error": str, "field": OneOf(field, ABSENT)}, "the answer")
            if (op, field) not in optional:
                without = {name: value for name, value in args.items() if name != field}
                ann.request(op, without, test=100)
        for no_args in ([], "x", 7, True):
            ann.request(op, no_args, test=100)
    # After all that, each of them still succeeds; what nobody knows is ignored.
    for op, args in requests:
        ann.request(op, {**args, "unknown": ["field"], "": None, "Token": 7})


@pytest.mark.functions
@pytest.mark.task("3.7", hint="What does a person need to know who cannot see what is wrong?")
def test_a_refusal_says_the_rule_and_what_was_got(probe: Probe) -> None:
    for reason, text, said in (
        ("name.too_long", "abcdefg", ("6", "7")),
        ("name.too_long", "e\u0301" * 7, ("6", "7")),  # as many as a person sees
        ("name.invisible", "ab\u200bc", ("visible", "3", "U+200B")),
        ("name.space", "a\u3000b", ("white space", "2", "U+3000")),
        ("password.length", "abc12", ("6", "16", "5")),
        ("phone.format", "1380013800", ("ten", "10 characters")),
        ("email.too_long", "a" * 33, ("32", "33")),
    ):
        words = probe.call("stage3_auth.explain:explained", reason, text)
        missing = [part for part in said if part not in words]
        check.equal(missing, [], f"what is not said in {words!r}")
    words = probe.call("stage3_auth.explain:explained", "password.invisible", "abc\u200b123")
    check.that("200B" not in words, f"a part of the password is in {words!r}")


@pytest.mark.task("3.7", hint="How long may a text be before your program feels it?")
@pytest.mark.points(0.5)
def test_the_longest_texts_are_answered_like_any_other(
    sqlite_accounts: Accounts, connect: Connect
) -> None:
    ann = connect(sqlite_accounts.server, "Ann")
    user = sqlite_accounts.new_user(ann)  # from now on frames may be large
    # Combining marks in the wrong order: putting them right costs the square of their number.
    marks = "a" + "\u0316\u0301" * 20_000
    right = ticket(sqlite_accounts, ann)
    for text in (marks, "ﷺ" * 40_000, "a" * 200_000, "ß" * 60_000):
        ann.request(LOGIN, {"user_name": text, "user_pwd": PASSWORD}, test=1)
        ann.request(LOGIN, {"user_name": user.name, "user_pwd": text}, test=1)
        ann.request(SEND_CODE, {"phone": text}, test=2)
        ann.request(SEND_CODE, {"phone": user.phone, "purpose": text}, test=100)
        for field in ("user_name", "user_pwd", "phone", "email"):
            ann.request(REGISTER, {**right, field: text}, test=2)
        ann.request(REGISTER, {**right, "code": text}, test=1)
        ann.request(WHOAMI, {"token": text}, test=102)
        change = {"token": user.token, "user_pwd": PASSWORD, "new_pwd": PASSWORD}
        ann.request(CHANGE_PASSWORD, {**change, "user_pwd": text}, test=1)
        ann.request(CHANGE_PASSWORD, {**change, "new_pwd": text}, test=2)
        reset = {"phone": user.phone, "code": "000000", "new_pwd": PASSWORD}
        ann.request(RESET_PASSWORD, {**reset, "phone": text}, test=1)
        ann.request(RESET_PASSWORD, {**reset, "code": text}, test=1)
        ann.request(LOGOUT, {"token": text}, test=102)
    ann.request(WHOAMI, {"token": user.token})
