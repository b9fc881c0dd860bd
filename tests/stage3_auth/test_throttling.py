"""How often passwords may be guessed, and who is not stopped by it. The rule: docs/protocol.md.

Failures count per account *and* address, so that a stranger cannot lock a user out. The passing of
time is tested on the functions, which are told the time.
"""

import pytest

from tests.kit import check
from tests.kit.accounts import CHANGE_PASSWORD, LOGIN, PASSWORD, RESET_PASSWORD, Accounts, new_name
from tests.kit.match import OneOf
from tests.kit.probe import Probe, ProbeObject
from tests.kit.wire import WireClient

from .conftest import Connect, OwnAccounts
from .other_address import OTHERS, connect_from, has_others

NEW_PASSWORD = "xyz789"
HERE, THERE = "10.0.0.1", "10.0.0.2"
MINUTE, DAY = 60.0, 86400.0
# However strict or generous a throttle is: after so many failures in a row it must have acted.
AT_MOST = 30

on_the_wire = pytest.mark.needs("3.3", "3.4", "3.6")


@pytest.fixture
def throttle(probe: Probe) -> ProbeObject:
    """A LoginThrottle."""
    return probe.new("stage3_auth.throttle:LoginThrottle")


def guess(client: WireClient, name: str) -> float:
    """Guess wrong passwords until the server has enough; return the seconds it asks to wait."""
    for number in range(AT_MOST):
        args = {"user_name": name, "user_pwd": f"wrong{number}"}
        reply = client.request(LOGIN, args, test=OneOf(1, 105))
        if reply["test"] == 105:
            wait = reply.get("retry_after")
            right = isinstance(wait, int | float) and not isinstance(wait, bool) and wait > 0
            check.that(right, f"retry_after is the seconds to wait; got {wait!r}")
            check.that(number > 1, "after one or two wrong passwords a person was stopped")
            return float(wait)
    check.that(False, f"{AT_MOST} wrong passwords in a row and nobody was stopped")
    raise AssertionError


@on_the_wire
@pytest.mark.task("3.8", hint="How many passwords may a program try in a second?")
@pytest.mark.points(1)
def test_who_guesses_gets_105_and_then_the_right_password_does_too(
    strict: Accounts, connect: Connect
) -> None:
    ann = connect(strict.server, "Ann")
    user = strict.register(ann)
    guess(ann, user.name)
    # Otherwise the answer would tell which guess was right.
    right = {"user_name": user.name, "user_pwd": PASSWORD}
    for name in (user.name, user.name.upper()):
        reply = ann.request(LOGIN, {**right, "user_name": name}, test=105)
        check.matches(reply, {"retry_after": OneOf(int, float), "error": str}, "the answer")
    # Another connection is no other address.
    connect(strict.server, "Ann again").request(LOGIN, right, test=105)


@on_the_wire
@pytest.mark.task("3.8", hint="Whose tries has a stranger used up?")
@pytest.mark.points(1.5)
def test_a_stranger_who_guesses_does_not_lock_the_owner_out(
    strict: Accounts, connect: Connect
) -> None:
    if not has_others():
        return  # one loopback address: the functions show it alone
    ann = connect(strict.server, "Ann")
    user = strict.register(ann)
    with connect_from(OTHERS[0], strict.server, "a stranger elsewhere") as stranger:
        guess(stranger, user.name)
        guess(stranger, user.phone)
    strict.login(ann, user)


@on_the_wire
@pytest.mark.task("3.8", hint="Who else is at this address?")
@pytest.mark.points(0.5)
def test_another_user_at_the_same_address_still_logs_in(strict: Accounts, connect: Connect) -> None:
    ann, ben = connect(strict.server, "Ann"), connect(strict.server, "Ben")
    user, other = strict.register(ann), strict.register(ben)
    guess(ann, user.name)
    strict.login(ben, other)


@on_the_wire
@pytest.mark.task("3.8", hint="What would a stranger learn if only real names were slowed down?")
@pytest.mark.points(0.5)
def test_unknown_names_are_stopped_just_as_known_ones(strict: Accounts, connect: Connect) -> None:
    ann = connect(strict.server, "Ann")
    answers = {}
    for name in (strict.register(ann).name, new_name()):
        args = {"user_name": name, "user_pwd": "wrong1"}
        answers[name] = [ann.request(LOGIN, args, test=None)["test"] for _ in range(AT_MOST)]
    known, unknown = answers.values()
    check.equal(unknown, known, "the answers for an unknown name")


@on_the_wire
@pytest.mark.task("3.8", hint="What has somebody lost who mistypes, and then gets it right?")
@pytest.mark.points(0.5)
def test_the_right_password_wipes_the_slate(strict: Accounts, connect: Connect) -> None:
    ann = connect(strict.server, "Ann")
    user = strict.register(ann)
    for _ in range(AT_MOST):
        ann.request(LOGIN, {"user_name": user.name, "user_pwd": "wrong1"}, test=1)
        strict.login(ann, user)


@on_the_wire
@pytest.mark.task("3.8", hint="What can somebody do who has stolen a session, not the password?")
@pytest.mark.points(0.5)
@pytest.mark.needs("3.7")
def test_the_old_password_cannot_be_guessed_with_a_session(
    strict: Accounts, connect: Connect
) -> None:
    ann = connect(strict.server, "Ann")
    user = strict.new_user(ann)
    change = {"token": user.token, "new_pwd": NEW_PASSWORD}
    for number in range(AT_MOST):
        args = {**change, "user_pwd": f"wrong{number}"}
        if ann.request(CHANGE_PASSWORD, args, test=OneOf(1, 105))["test"] == 105:
            break
    ann.request(CHANGE_PASSWORD, {**change, "user_pwd": PASSWORD}, test=105)


@on_the_wire
@pytest.mark.task("3.8", hint="What can an owner prove who is stopped?")
@pytest.mark.points(0.5)
@pytest.mark.needs("3.7")
def test_a_reset_with_a_code_opens_the_door_again(
    strict: Accounts, own_accounts: OwnAccounts, connect: Connect
) -> None:
    other = own_accounts(strict.database, sms=strict.sms)
    user = strict.register(connect(other.server, "Ann at another server, where she is known"))
    ann = connect(strict.server, "Ann")
    guess(ann, user.name)
    code = strict.code(ann, user.phone, "reset")
    ann.request(RESET_PASSWORD, {"phone": user.phone, "code": code, "new_pwd": NEW_PASSWORD})
    ann.request(LOGIN, {"user_name": user.name, "user_pwd": NEW_PASSWORD})


def tries(throttle: ProbeObject, account: str, address: str, now: float) -> int:
    """Return how many wrong passwords an address may try on an account at once."""
    for number in range(1000):
        if throttle.call("begin", account, address, now) > 0:
            return number
    check.that(False, "1,000 tries at once and nobody was stopped")
    raise AssertionError


@pytest.mark.functions
@pytest.mark.task("3.8", hint="How many passwords a day is that?")
@pytest.mark.points(0.5)
def test_who_waits_as_told_may_try_once_more(throttle: ProbeObject) -> None:
    first = tries(throttle, "ann", HERE, 0.0)
    check.that(3 <= first <= 20, f"a person may mistype a few times, not {first}")
    now = 0.0
    for _ in range(3):
        wait = throttle.call("begin", "ann", HERE, now)
        check.that(wait > 0, "stopped, and a moment later not stopped any more")
        sooner = throttle.call("begin", "ann", HERE, now + wait / 2)
        check.that(0 < sooner <= wait / 2 + 0.001, f"half the wait later {sooner} s were left")
        now += wait
        check.equal(throttle.call("begin", "ann", HERE, now), 0.0, "the wait after the wait")
    in_a_day = sum(
        throttle.call("begin", "ann", HERE, now + at * MINUTE) == 0 for at in range(1440)
    )
    check.that(in_a_day < 500, f"{in_a_day} passwords a day are tried by one address")
    check.equal(tries(throttle, "ann", HERE, now + 3 * DAY), first, "the tries after some days")


@pytest.mark.functions
@pytest.mark.task("3.8", hint="A thousand machines guess. What does the owner notice?")
@pytest.mark.points(0.5)
def test_many_addresses_are_slowed_down_but_the_owner_where_they_are_known(
    throttle: ProbeObject,
) -> None:
    throttle.call("welcome", ["Ann", "13800138000"], HERE, 0.0)
    admitted = sum(
        throttle.call("begin", "ann", f"10.1.{number // 250}.{number % 250}", 1.0) == 0
        for number in range(1000)
    )
    check.that(20 <= admitted <= 300, f"1,000 addresses had {admitted} tries at one account")
    check.that(throttle.call("begin", "ann", THERE, 1.0) > 0, "a new address was not stopped")
    for name in ("ANN", "ann", "13800138000"):
        check.equal(throttle.call("begin", name, HERE, 1.0), 0.0, f"the owner's wait as {name}")
    check.equal(throttle.call("begin", "ben", THERE, 1.0), 0.0, "the wait for another account")


@pytest.mark.functions
@pytest.mark.task("3.8", hint="One password, every name: which count notices that?")
@pytest.mark.points(0.5)
def test_one_address_that_tries_every_name_is_stopped(throttle: ProbeObject) -> None:
    throttle.call("welcome", ["ann"], HERE, 0.0)
    admitted = sum(throttle.call("begin", f"n{number}", HERE, 1.0) == 0 for number in range(500))
    check.that(20 <= admitted <= 200, f"one address had {admitted} tries at 500 names")
    check.equal(throttle.call("begin", "ann", HERE, 1.0), 0.0, "the wait of who is known here")
    check.equal(throttle.call("begin", "n0", THERE, 1.0), 0.0, "the wait at another address")
    # A login of one's own in between gives no new tries at the names of others.
    throttle.call("welcome", ["ann"], HERE, 1.0)
    check.that(throttle.call("begin", "ben", HERE, 1.0) > 0, "one's own login lifted the limit")


@pytest.mark.functions
@pytest.mark.task("3.8", hint="When does a try count: when it begins, or when it has failed?")
@pytest.mark.points(0.5)
def test_tries_at_the_same_time_count_and_right_ones_do_not(throttle: ProbeObject) -> None:
    first = tries(throttle, "ann", HERE, 0.0)  # none of them has ended yet
    for _ in range(first):
        throttle.call("take_back", "ann", HERE, 0.0)
    check.equal(tries(throttle, "ann", HERE, 0.0), first, "the tries after as many right ones")


@pytest.mark.functions
@pytest.mark.task("3.8", hint="How many addresses has somebody with one IPv6 line?")
def test_which_addresses_are_one_client(probe: Probe) -> None:
    for one, other in (
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9"),
        ("::ffff:10.0.0.1", "10.0.0.1"),
        ("fe80::1%eth0", "fe80::2%eth0"),
    ):
        lines = [probe.call("stage3_auth.throttle:line_of", address) for address in (one, other)]
        check.equal(lines[0], lines[1], f"what counts for {one} and {other}")
    for one, other in (("2001:db8:1:2::1", "2001:db8:1:3::1"), (HERE, THERE), ("a", "b")):
        lines = [probe.call("stage3_auth.throttle:line_of", address) for address in (one, other)]
        check.that(lines[0] != lines[1], f"{one} and {other} are two clients")
