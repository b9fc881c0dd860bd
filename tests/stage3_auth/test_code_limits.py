"""How many codes somebody gets, and what a restart changes: nothing. The rule: docs/stage3.md.

The passing of time is tested on the functions, which are told the time.
"""

import itertools
from collections.abc import Callable
from typing import Any

import pytest

from tests.kit import check
from tests.kit.accounts import SEND_CODE, Accounts, new_phone
from tests.kit.match import OneOf
from tests.kit.probe import Probe
from tests.kit.programs import Program
from tests.kit.wire import WireClient

from .conftest import KEY, Connect, OwnAccounts
from .other_address import OTHERS, connect_from, has_others
from .test_codes import other_than, try_code
from .test_sessions import everything_in

MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0


def ask(client: WireClient, phone: str, **more: Any) -> Any:
    """Ask for a code; return the answer."""
    return client.request(SEND_CODE, {"phone": phone}, **more)


@pytest.mark.task("3.5", hint="Where are tries and counts kept while no server runs?")
@pytest.mark.points(1)
@pytest.mark.needs("3.3", "3.4")
def test_a_restart_of_the_server_gives_no_new_tries(
    limited: Callable[[str], Accounts], kind: str, connect: Connect
) -> None:
    accounts = limited(kind)
    ann = connect(accounts.server, "Ann")
    spent, fresh = new_phone(), new_phone()
    dead, good = accounts.code(ann, spent), accounts.code(ann, fresh)
    for _ in range(4):
        try_code(ann, spent, other_than(dead), test=1)
    assert isinstance(accounts.server, Program)
    accounts.server.kill()
    accounts = limited(kind)  # started again, with the same key
    ann = connect(accounts.server, "Ann again")
    reply = ask(ann, spent, test=105)
    check.matches(reply, {"retry_after": OneOf(int, float)}, "the answer within a minute")
    try_code(ann, spent, other_than(dead), test=1)  # the fifth
    try_code(ann, spent, dead, test=1)
    try_code(ann, fresh, good)  # whose tries are left registers with the code of before


@pytest.mark.task("3.9", hint="What could a thief of the database do with the codes in it?")
@pytest.mark.points(0.5)
@pytest.mark.needs("3.3")
def test_codes_are_not_in_the_database(accounts: Accounts, connect: Connect) -> None:
    codes = [accounts.code(connect(accounts.server, "Ann"), new_phone()) for _ in range(3)]
    held = everything_in(accounts.database)
    told = [code for code in codes if f"'{code}'" in held or f" {code}," in held]
    check.equal(told, [], "the codes in the database")
    check.that(KEY["CHAT_CODE_KEY"] not in held, "the key is in the database, beside the codes")


@pytest.mark.task("3.5", hint="What costs money: a phone, or who asks for it?")
@pytest.mark.points(1)
@pytest.mark.needs("3.3", "3.4")
def test_one_address_gets_no_codes_for_ever_more_phones(
    own_accounts: OwnAccounts, connect: Connect
) -> None:
    accounts = own_accounts(limits="on")
    ann = connect(accounts.server, "Ann")
    sent = 0
    while ask(ann, new_phone(), test=OneOf(0, 105))["test"] == 0:
        sent += 1
        check.that(sent < 300, f"one address got {sent} codes at once")
    check.that(sent >= 40, f"a class behind one address got only {sent} codes")
    check.equal(len(accounts.sms.sent()), sent, "the number of codes that were sent")
    if has_others():
        with connect_from(OTHERS[0], accounts.server, "somebody elsewhere") as other:
            ask(other, new_phone())


@pytest.mark.task("3.5", hint="Two requests for one phone arrive at once. How many codes go out?")
@pytest.mark.points(0.5)
@pytest.mark.needs("3.3", "3.4")
def test_of_many_who_ask_for_one_phone_at_once_one_gets_a_code(
    limited: Callable[[str], Accounts], kind: str, connect: Connect
) -> None:
    accounts, phone = limited(kind), new_phone()
    clients = [connect(accounts.server, f"client {number}") for number in range(10)]
    asked = [(client, client.ask(SEND_CODE, {"phone": phone})) for client in clients]
    answers = [client.expect_reply(number, test=None)["test"] for client, number in asked]
    check.equal(sorted(answers), [0] + [105] * 9, "the answers, sorted")
    check.equal(len(accounts.sms.to(phone)), 1, "the number of codes that were sent")
    # Who asks for phones of their own waits for nobody, and is mixed up with nobody.
    phones = [new_phone() for _ in clients]
    asked = [
        (client, client.ask(SEND_CODE, {"phone": own}))
        for client, own in zip(clients, phones, strict=True)
    ]
    answers = [client.expect_reply(number, test=None)["test"] for client, number in asked]
    check.equal(answers, [0] * len(clients), "the answers for a phone each")
    check.equal([len(accounts.sms.to(own)) for own in phones], [1] * len(clients), "their codes")


@pytest.mark.task("3.5", hint="What is left of the code of before, when the new one was not sent?")
@pytest.mark.points(1)
@pytest.mark.needs("3.3", "3.4")
def test_when_the_provider_fails_the_code_of_before_stays_good(
    own_accounts: OwnAccounts, connect: Connect
) -> None:
    accounts = own_accounts()
    ann, phone = connect(accounts.server, "Ann"), new_phone()
    code = accounts.code(ann, phone)
    away = accounts.sms.path.with_name("moved.jsonl")
    accounts.sms.path.rename(away)
    accounts.sms.path.mkdir()  # a folder: nothing can be appended to it
    reply = ask(ann, phone, test=1)
    check.matches(reply, {"error": str}, "the answer")
    accounts.sms.path.rmdir()
    try_code(ann, phone, code)


@pytest.mark.functions
@pytest.mark.task("3.5", hint="What does the eleventh request of a day find?")
@pytest.mark.points(0.5)
def test_one_code_a_minute_and_ten_a_day_for_a_phone(probe: Probe) -> None:
    sent: list[float] = []
    start = 1_000_000.0
    # Somebody asks every half minute, later every half hour, for nearly a day.
    for now in [start + 30.0 * n for n in range(40)] + [start + HOUR / 2 * n for n in range(1, 48)]:
        if _wait(probe, sent, now) == 0:
            sent.append(now)
    check.equal(len(sent), 10, "the codes of a day")
    gaps = [later - sooner for sooner, later in itertools.pairwise(sent)]
    check.that(min(gaps) >= MINUTE, f"two codes came within {min(gaps)} s")
    wait = _wait(probe, sent, sent[-1] + MINUTE)
    check.that(HOUR < wait <= DAY, f"after ten codes the wait is {wait} s")
    check.equal(_wait(probe, sent, sent[0] + DAY), 0.0, "the wait a day after the first")
    # The clock was set back by a year: nobody waits for a year.
    check.that(_wait(probe, sent, sent[0] - 365 * DAY) <= DAY, "the wait outlives a limit")


def _wait(probe: Probe, sent: list[float], now: float) -> float:
    limits = probe.name("stage3_auth.codes:PHONE_LIMITS")
    return float(probe.call("stage3_auth.codes:wait_before_next", sent, limits, now))
