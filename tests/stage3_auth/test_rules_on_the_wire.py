"""The rules of registration, where strangers meet them: on the wire. The rules: BRIEF 1, 2.

The server's answers here are those of task 3.1's functions; whoever failed there is told there.
"""

import pytest

from tests.kit import check
from tests.kit.accounts import (
    CHANGE_PASSWORD,
    PASSWORD,
    REGISTER,
    RESET_PASSWORD,
    SEND_CODE,
    Accounts,
)

from .conftest import Connect
from .test_registration import ticket
from .test_validation import NOT_EMAILS, NOT_NAMES, NOT_PASSWORDS, NOT_PHONES

pytestmark = pytest.mark.needs("3.1", "3.3", "3.4", "3.6", "3.7")


@pytest.mark.task("3.14", hint="What is checked before anything is sent?")
@pytest.mark.points(1)
def test_what_is_not_a_phone_gets_2_and_no_code(
    sqlite_accounts: Accounts, connect: Connect
) -> None:
    ann = connect(sqlite_accounts.server, "Ann")
    for purpose in ("register", "reset"):
        for phone in NOT_PHONES.values():
            ann.request(SEND_CODE, {"phone": phone, "purpose": purpose}, test=2)
    sent = {entry["phone"] for entry in sqlite_accounts.sms.sent()}
    check.that(not sent & set(NOT_PHONES.values()), "a code was sent to what is not a phone")


@pytest.mark.task("3.14", hint="Which field is at fault, and does the answer say so?")
@pytest.mark.points(2)
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


@pytest.mark.task("3.14", hint="Is a new password held to the same rule as the first one?")
@pytest.mark.points(1)
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
