"""Registration: what is refused, in which order, who wins. The rules: docs/protocol.md, op 2."""

import pytest

from tests.kit import check
from tests.kit.accounts import (
    PASSWORD,
    REGISTER,
    WHOAMI,
    Accounts,
    new_name,
    new_phone,
)
from tests.kit.match import ABSENT, OneOf
from tests.kit.wire import WireClient

from .conftest import Connect
from .test_codes import other_than

pytestmark = pytest.mark.needs("3.1", "3.3")

RACERS = 50
ROW = "SELECT username, phone FROM user"


def ticket(accounts: Accounts, client: WireClient, **fields: object) -> dict[str, object]:
    """Return the fields of a registration that would succeed, but for what ``fields`` says."""
    phone = new_phone()
    code = accounts.code(client, phone)
    right = {"user_name": new_name(), "user_pwd": PASSWORD, "phone": phone, "code": code}
    return {**right, **fields}


@pytest.mark.task("3.4", hint="What must be in the database before the answer goes out?")
@pytest.mark.points(2)
def test_who_registers_gets_a_uid_and_a_row(accounts: Accounts, connect: Connect) -> None:
    ann = connect(accounts.server, "Ann")
    first, second = accounts.register(ann), accounts.register(ann)
    check.that(1001 <= first.uid < second.uid, f"uids count up from 1001: {first}, {second}")
    for user in (first, second):
        rows = accounts.database.rows(f"{ROW} WHERE uid1 = ?", (user.uid,))
        check.equal(rows, [(user.name, user.phone)], "the row of the user")


@pytest.mark.task("3.4", hint="Is a missing field the same as one that breaks its rule?")
@pytest.mark.points(1)
def test_a_missing_field_or_one_of_another_kind_gets_100(
    sqlite_accounts: Accounts, connect: Connect
) -> None:
    ann = connect(sqlite_accounts.server, "Ann")
    right = ticket(sqlite_accounts, ann)
    for field in ("user_name", "user_pwd", "phone", "code"):
        without = {name: value for name, value in right.items() if name != field}
        ann.request(REGISTER, without, test=100)
        for value in (None, 7, True, ["x"], {"x": 1}):
            reply = ann.request(REGISTER, {**right, field: value}, test=100)
            check.matches(reply, {"field": OneOf(field, ABSENT)}, "the answer")
    ann.request(REGISTER, {**right, "email": 7}, test=100)
    ann.request(REGISTER, right)


@pytest.mark.task("3.7", hint="What does a user without e-mail look like?")
@pytest.mark.points(0.5)
@pytest.mark.needs("3.4", "3.6")
def test_the_email_may_be_left_out(accounts: Accounts, connect: Connect) -> None:
    ann = connect(accounts.server, "Ann")
    for more in ({}, {"email": None}, {"email": ""}):
        user = accounts.login(ann, accounts.register(ann, **more))
        data = {"user_name": user.name, "email": OneOf(None, "", ABSENT)}
        ann.request(WHOAMI, {"token": user.token}, data=data)
    user = accounts.login(ann, accounts.register(ann, email="ann@example.org"))
    ann.request(WHOAMI, {"token": user.token}, data={"email": "ann@example.org"})


@pytest.mark.task("3.4", hint="Fields, then the code, then the name: what does each order tell?")
@pytest.mark.points(2)
def test_the_first_thing_that_is_wrong_decides(accounts: Accounts, connect: Connect) -> None:
    ann = connect(accounts.server, "Ann")
    taken = accounts.register(ann)
    right = ticket(accounts, ann)
    wrong_code = other_than(str(right["code"]))
    everything = {"user_name": taken.name, "phone": taken.phone, "code": wrong_code}
    ann.request(REGISTER, {**right, **everything, "user_pwd": "short"}, test=2)
    ann.request(REGISTER, {**right, **everything}, test=1)
    ann.request(REGISTER, {**right, "user_name": taken.name, "code": wrong_code}, test=1)
    ann.request(REGISTER, {**right, "user_name": taken.name}, test=3)
    # Only success uses the code up: it has done nothing so far.
    ann.request(REGISTER, right)


@pytest.mark.task("3.4", hint="A field, one by one: does the answer say which is at fault?")
@pytest.mark.points(1)
def test_the_field_at_fault_is_named(sqlite_accounts: Accounts, connect: Connect) -> None:
    ann = connect(sqlite_accounts.server, "Ann")
    right = ticket(sqlite_accounts, ann)
    wrong = {"user_name": "toolong", "user_pwd": "short", "phone": "123", "email": "nobody"}
    for field, text in wrong.items():
        reply = ann.request(REGISTER, {**right, field: text}, test=2)
        check.matches(reply, {"field": field}, "the answer")


@pytest.mark.task("3.4", hint="Whose phone is it, when somebody else came first after all?")
@pytest.mark.points(1.5)
def test_a_taken_phone_gets_4_after_the_name(accounts: Accounts, connect: Connect) -> None:
    ann = connect(accounts.server, "Ann")
    right = ticket(accounts, ann)
    taken = accounts.register(ann)
    # The model's own program registers the same phone meanwhile: one row, in its five columns.
    row = (new_name(), "0" * 32, right["phone"])
    accounts.database.rows("INSERT INTO user (username, password, phone) VALUES (?, ?, ?)", row)
    ann.request(REGISTER, {**right, "user_name": taken.name}, test=3)
    reply = ann.request(REGISTER, right, test=4)
    check.matches(reply, {"field": OneOf("phone", ABSENT)}, "the answer")
    rows = accounts.database.rows(f"{ROW} WHERE phone = ?", (right["phone"],))
    check.equal(rows, [(row[0], row[2])], "the rows with this phone")


@pytest.mark.task("3.4", hint="When do two names look the same to a person?")
@pytest.mark.points(1.5)
def test_a_name_that_only_looks_different_is_taken(accounts: Accounts, connect: Connect) -> None:
    ann = connect(accounts.server, "Ann")
    stem = new_name("k")
    for mine, alike in (
        (stem, stem.upper()),
        (stem.replace("k", "w"), stem.replace("k", "ｗ")),  # wide letters
        (stem.replace("k", "q\u00e9"), stem.replace("k", "qe\u0301")),  # NFC and NFD
        (stem.replace("k", "\ufb01"), stem.replace("k", "fi")),  # a ligature
        (stem.replace("k", "ss"), stem.replace("k", "ß")),
        (stem.replace("k", "\u212ax"), stem.replace("k", "kx")),  # the Kelvin sign
        (stem.replace("k", "\u03c3"), stem.replace("k", "\u03c2")),  # two small sigmas
        (stem.replace("k", "\u2167"), stem.replace("k", "viii")),  # a Roman numeral
    ):
        accounts.register(ann, mine)
        reply = ann.request(REGISTER, ticket(accounts, ann, user_name=alike), test=3)
        check.matches(reply, {"field": OneOf("user_name", ABSENT)}, "the answer")


@pytest.mark.task("3.4", hint="Who decides whether two names are the same: you or the database?")
@pytest.mark.points(1)
def test_names_that_a_database_might_confuse_are_different(
    accounts: Accounts, connect: Connect
) -> None:
    ann = connect(accounts.server, "Ann")
    stem = new_name("k")
    for letter in ("a", "á", "å", "s", "ś", "😀", "😁", "и", "й"):
        accounts.register(ann, stem.replace("k", letter))


@pytest.mark.task("3.4", hint="Which of the many forms of a name is stored and shown?")
@pytest.mark.points(1)
def test_a_name_is_shown_in_its_composed_form(accounts: Accounts, connect: Connect) -> None:
    ann = connect(accounts.server, "Ann")
    stem = new_name("q")
    # Twelve code points are six after composition.
    for typed, shown in ((stem + "e\u0301", stem + "\u00e9"), ("o\u0308" * 6, "\u00f6" * 6)):
        user = accounts.register(ann, typed)
        rows = accounts.database.rows(f"{ROW} WHERE uid1 = ?", (user.uid,))
        check.equal(rows, [(shown, user.phone)], "the row of the user")


@pytest.mark.task("3.4", hint="What is between asking whether a name is free and taking it?")
@pytest.mark.points(2.5)
@pytest.mark.parametrize("alike", [False, True], ids=["one-name", "names-alike"])
def test_of_many_who_want_one_name_exactly_one_gets_it(
    accounts: Accounts, connect: Connect, alike: bool
) -> None:
    name = new_name("ab")
    forms = [name, name.upper(), name.title(), name.replace("a", "ａ")] if alike else [name]
    clients = [connect(accounts.server, f"client {number}") for number in range(RACERS)]
    tickets = [
        ticket(accounts, client, user_name=forms[number % len(forms)])
        for number, client in enumerate(clients)
    ]
    answers = race(clients, tickets)
    check.equal(sorted(answers), [0] + [3] * (RACERS - 1), "the answers, sorted")
    winner, loser = tickets[answers.index(0)], answers.index(3)
    rows = [row for row in accounts.database.rows(ROW) if row[0] in forms]
    check.equal(rows, [(winner["user_name"], winner["phone"])], "the rows with this name")
    # Losing the race cost nothing: the same code is good for another name.
    clients[loser].request(REGISTER, {**tickets[loser], "user_name": new_name()})


@pytest.mark.task("3.4", hint="And the phone?")
@pytest.mark.points(1.5)
def test_of_many_who_want_one_phone_exactly_one_gets_it(
    accounts: Accounts, connect: Connect
) -> None:
    clients = [connect(accounts.server, f"client {number}") for number in range(RACERS)]
    right = ticket(accounts, clients[0])
    tickets = [{**right, "user_name": new_name()} for _ in clients]
    answers = race(clients, tickets)
    # Who comes late finds the code used up (1), or the phone taken (4).
    losers = [answer for answer in answers if answer != 0]
    check.that(answers.count(0) == 1 and set(losers) <= {1, 4}, f"the answers were {answers}")
    winner = tickets[answers.index(0)]
    rows = accounts.database.rows(f"{ROW} WHERE phone = ?", (right["phone"],))
    check.equal(rows, [(winner["user_name"], winner["phone"])], "the rows with this phone")


def race(clients: list[WireClient], tickets: list[dict[str, object]]) -> list[int]:
    """Register all at once; return what each was answered."""
    asked = [client.ask(REGISTER, fields) for client, fields in zip(clients, tickets, strict=True)]
    return [
        int(client.expect_reply(number, REGISTER, test=None)["test"])
        for client, number in zip(clients, asked, strict=True)
    ]
