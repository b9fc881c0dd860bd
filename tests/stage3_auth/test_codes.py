"""Verification codes: who gets one, what it is good for. The rules: docs/protocol.md, ops 1, 2, 6.

Most of these tests run on SQLite alone; what the database has to do with codes is tested on both in
test_code_limits.py.
"""

import itertools
from pathlib import Path

import pytest

from tests.kit import check
from tests.kit.accounts import (
    PASSWORD,
    REGISTER,
    RESET_PASSWORD,
    SEND_CODE,
    Accounts,
    Sms,
    new_name,
    new_phone,
)
from tests.kit.match import ABSENT
from tests.kit.server_clock import time_of, wait_until
from tests.kit.wire import WireClient

from .conftest import Connect, OwnAccounts

pytestmark = pytest.mark.needs("3.1")

NEW_PASSWORD = "xyz789"


def try_code(client: WireClient, phone: str, code: str, *, test: int = 0, name: str = "") -> None:
    """Register with a code; ``test`` is the answer it must get."""
    args = {"user_name": name or new_name(), "user_pwd": PASSWORD, "phone": phone, "code": code}
    client.request(REGISTER, args, test=test)


def other_than(code: str) -> str:
    """Return a code that is not this one."""
    return f"{(int(code) + 1) % 10**6:06}"


@pytest.mark.task("3.3", hint="Where does the code go, and what does the answer hold?")
@pytest.mark.points(2)
def test_a_code_of_six_digits_goes_to_the_phone(
    sqlite_accounts: Accounts, connect: Connect
) -> None:
    ann, phone = connect(sqlite_accounts.server, "Ann"), new_phone()
    code = sqlite_accounts.code(ann, phone)
    check.that(len(code) == 6 and code.isascii() and code.isdigit(), f"a code is 6 digits: {code}")
    entry = {"phone": phone, "code": code, "purpose": "register"}
    check.matches(sqlite_accounts.sms.sent()[-1], entry, "the line in the file")


@pytest.mark.task("3.3", hint="Can somebody who has seen one code guess the next?")
@pytest.mark.points(2)
def test_codes_differ(sqlite_accounts: Accounts, connect: Connect) -> None:
    ann = connect(sqlite_accounts.server, "Ann")
    codes = [sqlite_accounts.code(ann, new_phone()) for _ in range(20)]
    steps = {int(b) - int(a) for a, b in itertools.pairwise(codes)}
    check.that(len(set(codes)) > 15, f"20 codes are nearly all the same: {codes}")
    check.that(len(steps) > 15, f"20 codes follow each other in a pattern: {codes}")


@pytest.mark.task("3.3", hint="What does a request without a field mean, and one with null in it?")
@pytest.mark.points(2)
def test_the_fields_of_the_request_are_checked(sqlite_accounts: Accounts, connect: Connect) -> None:
    ann, phone = connect(sqlite_accounts.server, "Ann"), new_phone()
    for args in ({}, {"phone": 13800138000}, {"phone": None}, {"phone": [phone]}):
        ann.request(SEND_CODE, args, test=100)
    for purpose in ("login", "", "Register", 1):
        ann.request(SEND_CODE, {"phone": phone, "purpose": purpose}, test=100)
    check.equal(sqlite_accounts.sms.to(phone), [], "the codes sent so far")
    ann.request(SEND_CODE, {"phone": phone})
    ann.request(SEND_CODE, {"phone": phone, "purpose": None})
    check.equal(len(sqlite_accounts.sms.to(phone)), 2, "the number of codes to register")


@pytest.mark.task("3.5", hint="Who may register a phone a second time, and who may reset?")
@pytest.mark.points(0.5)
@pytest.mark.needs("3.3", "3.4")
def test_a_registered_phone_gets_3_but_may_reset(
    sqlite_accounts: Accounts, connect: Connect
) -> None:
    ann = connect(sqlite_accounts.server, "Ann")
    user = sqlite_accounts.register(ann)
    before = len(sqlite_accounts.sms.to(user.phone))
    ann.request(SEND_CODE, {"phone": user.phone}, test=3)
    check.equal(len(sqlite_accounts.sms.to(user.phone)), before, "the number of codes to register")
    sqlite_accounts.code(ann, user.phone, "reset")


@pytest.mark.task("3.5", hint="What may a stranger learn from the answer?")
@pytest.mark.points(0.5)
@pytest.mark.needs("3.3", "3.4")
def test_reset_answers_the_same_for_phones_that_nobody_has(
    sqlite_accounts: Accounts, connect: Connect
) -> None:
    ann = connect(sqlite_accounts.server, "Ann")
    user = sqlite_accounts.register(ann)
    for phone in (user.phone, new_phone()):
        reply = ann.request(SEND_CODE, {"phone": phone, "purpose": "reset"})
        check.matches(reply, {"error": ABSENT, "field": ABSENT}, "the answer")


@pytest.mark.task("3.5", hint="What has a user lost when the provider fails?")
@pytest.mark.points(2)
@pytest.mark.needs("3.3")
def test_when_the_provider_fails_the_answer_is_1_and_it_costs_nothing(
    own_accounts: OwnAccounts, connect: Connect, tmp_path: Path
) -> None:
    folder, phone = tmp_path / "not here yet", new_phone()
    accounts = own_accounts(limits="on", sms=Sms(folder / "codes.jsonl"))
    ann = connect(accounts.server, "Ann")
    ann.request(SEND_CODE, {"phone": phone}, test=1)
    folder.mkdir()
    # Had the first request counted, this one would have to wait.
    accounts.code(ann, phone)


@pytest.mark.task("3.5", hint="How soon may one phone get another code, and who is told how long?")
@pytest.mark.points(0.5)
@pytest.mark.needs("3.3", "3.4")
def test_a_second_code_within_a_minute_gets_105_and_the_first_stays_good(
    strict: Accounts, connect: Connect
) -> None:
    accounts = strict
    ann, phone = connect(accounts.server, "Ann"), new_phone()
    code = accounts.code(ann, phone)
    for purpose in ("register", "reset"):
        reply = ann.request(SEND_CODE, {"phone": phone, "purpose": purpose}, test=105)
        wait = reply.get("retry_after")
        right = isinstance(wait, int | float) and 0 < wait <= 60
        check.that(right, f"retry_after is the seconds to wait, a minute at most; got {wait!r}")
    accounts.code(connect(accounts.server, "Ben"), new_phone())
    try_code(ann, phone, code)


@pytest.mark.task("3.5", hint="How often may somebody guess?")
@pytest.mark.points(0.5)
@pytest.mark.needs("3.3", "3.4")
def test_after_five_wrong_tries_the_right_code_is_no_longer_good(
    sqlite_accounts: Accounts, connect: Connect
) -> None:
    ann = connect(sqlite_accounts.server, "Ann")
    for tries, test in ((4, 0), (5, 1)):
        phone = new_phone()
        code = sqlite_accounts.code(ann, phone)
        for _ in range(tries):
            try_code(ann, phone, other_than(code), test=1)
        try_code(ann, phone, code, test=test)


@pytest.mark.task("3.5", hint="Does a new code give new tries, and does the old one still work?")
@pytest.mark.points(0.5)
@pytest.mark.needs("3.3", "3.4")
def test_a_newer_code_replaces_an_older_one(sqlite_accounts: Accounts, connect: Connect) -> None:
    ann, phone = connect(sqlite_accounts.server, "Ann"), new_phone()
    first = sqlite_accounts.code(ann, phone)
    for _ in range(5):
        try_code(ann, phone, other_than(first), test=1)
    second = sqlite_accounts.code(ann, phone)
    while second == first:  # one in a million
        second = sqlite_accounts.code(ann, phone)
    try_code(ann, phone, first, test=1)
    try_code(ann, phone, second)


@pytest.mark.task("3.5", hint="When does a code end by itself?")
@pytest.mark.points(0.5)
@pytest.mark.needs("3.3", "3.4")
def test_a_code_expires(own_accounts: OwnAccounts, connect: Connect) -> None:
    accounts = own_accounts(None, "--code-ttl", "0.3")
    ann, phone = connect(accounts.server, "Ann"), new_phone()
    code = accounts.code(ann, phone)
    wait_until(ann, time_of(ann) + 0.3)
    try_code(ann, phone, code, test=1)


@pytest.mark.task("3.5", hint="What is a code good for after it has done its work?")
@pytest.mark.points(0.5)
@pytest.mark.needs("3.3", "3.4")
def test_a_code_works_once(sqlite_accounts: Accounts, connect: Connect) -> None:
    ann = connect(sqlite_accounts.server, "Ann")
    user = sqlite_accounts.register(ann)
    code = sqlite_accounts.code(ann, user.phone, "reset")
    args = {"phone": user.phone, "code": code, "new_pwd": NEW_PASSWORD}
    ann.request(RESET_PASSWORD, args)
    ann.request(RESET_PASSWORD, args, test=1)
    # The code to register was used up too: 1 (the code), not 4 (the phone).
    try_code(ann, user.phone, sqlite_accounts.sms.to(user.phone)[-1], test=1)


@pytest.mark.task("3.5", hint="Two requests with one code arrive at once. What do both see?")
@pytest.mark.points(0.5)
@pytest.mark.needs("3.3", "3.4")
def test_of_many_who_use_one_code_at_once_one_succeeds(
    accounts: Accounts, connect: Connect
) -> None:
    ann = connect(accounts.server, "Ann")
    user = accounts.register(ann)
    code = accounts.code(ann, user.phone, "reset")
    clients = [connect(accounts.server, f"client {number}") for number in range(10)]
    args = {"phone": user.phone, "code": code, "new_pwd": NEW_PASSWORD}
    asked = [(client, client.ask(RESET_PASSWORD, args)) for client in clients]
    answers = [client.expect_reply(number, test=None)["test"] for client, number in asked]
    check.equal(sorted(answers), [0] + [1] * 9, "the answers, sorted")


@pytest.mark.task("3.5", hint="What does a code belong to, besides its digits?")
@pytest.mark.points(0.5)
@pytest.mark.needs("3.3", "3.4")
def test_a_code_is_good_for_its_phone_and_purpose_alone(
    sqlite_accounts: Accounts, connect: Connect
) -> None:
    ann, phone, other = connect(sqlite_accounts.server, "Ann"), new_phone(), new_phone()
    code = sqlite_accounts.code(ann, phone)
    try_code(ann, other, code, test=1)
    user = sqlite_accounts.register(ann)
    reset = sqlite_accounts.code(ann, user.phone, "reset")
    args = {"phone": user.phone, "new_pwd": NEW_PASSWORD}
    ann.request(RESET_PASSWORD, {**args, "code": code}, test=1)
    try_code(ann, user.phone, reset, test=1)
    ann.request(RESET_PASSWORD, {**args, "code": reset})
    try_code(ann, phone, code)


@pytest.mark.task("3.5", hint="Which texts are a code at all?")
@pytest.mark.points(0.5)
@pytest.mark.needs("3.3", "3.4")
def test_what_only_looks_like_the_code_is_wrong(
    sqlite_accounts: Accounts, connect: Connect
) -> None:
    ann = connect(sqlite_accounts.server, "Ann")
    for change in ("{}\n", " {}", "{}0", "", "%", "______"):
        phone = new_phone()
        code = sqlite_accounts.code(ann, phone)
        try_code(ann, phone, change.format(code), test=1)
        try_code(ann, phone, code)
    phone = new_phone()
    code = sqlite_accounts.code(ann, phone)
    args = {"user_name": new_name(), "user_pwd": PASSWORD, "phone": phone, "code": int(code)}
    ann.request(REGISTER, args, test=100)
