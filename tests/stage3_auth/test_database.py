"""What stands in the database, and which databases open. The rules: docs/stage3.md."""

import hashlib
from collections.abc import Callable
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
    new_name,
    new_phone,
)
from tests.kit.databases import Database, Databases
from tests.kit.match import OneOf
from tests.kit.programs import Program

from .conftest import Connect, OwnAccounts

pytestmark = pytest.mark.needs("3.3", "3.4", "3.6")

USER_ROWS = "SELECT uid1, username, password, phone, email FROM user ORDER BY uid1"

# The model's own DDL, its misspelt column included; SQLite gets it in the nearest words it knows.
MODEL_DDL = {
    "mariadb": """CREATE TABLE user (
        uid1 int unsigned auto_increment primary key,
        username varchar(20) not null unique,
        password char(32) not null,
        phone char(11) not null,
        email char(32)
    ) engine=innodb auto_increment=1001 default charset=utf8;
    CREATE TABLE file (
        uid int unsigned auto_increment primary key,
        fliename varchar(20) not null,
        own char(36) not null,
        data char(50) not null,
        lx char(32)
    ) engine=innodb auto_increment=1 default charset=utf8;""",
    "sqlite": """CREATE TABLE user (
        uid1 integer primary key autoincrement,
        username varchar(20) not null unique,
        password char(32) not null,
        phone char(11) not null,
        email char(32)
    );
    CREATE TABLE file (
        uid integer primary key autoincrement,
        fliename varchar(20) not null,
        own char(36) not null,
        data char(50) not null,
        lx char(32)
    );""",
}
OLD_FILE = (1, "照片.jpg", "小红", "2020-05-17 10:11:12", "jpg")
# Names, passwords and phones that the model let in: too long, of all capitals, with one phone.
OLD_USERS = [
    (1001, "xiaoming", "Secret123456", "13800000001", "xm@example.com"),
    (1002, "小红", "密码abc123456", "13800000002", None),
    (1003, "Bob", "ALLCAPITALSNODIGIT", "13800000003", ""),
    (1004, "a_very_long_user_nam", "x" * 40, "13800000004", "a@b.cn"),
    (1005, "twin one", "abc123456789", "13800000005", None),
    (1006, "twin two", "abc123456789", "13800000005", None),
    (1007, "Ｅve", "wide-letters-1", "13800000007", None),
    (1010, "Eve", "plain-letters-1", "13800000010", None),
]
INJECTIONS = [
    *(
        "' OR '1'='1",
        "' OR 1=1 -- ",
        "admin'--",
        "'; DROP TABLE user; --",
        '" OR ""="',
        "\\' OR 1#",
    ),
    *("%", "_____", "?", "%s", "%(name)s", "{0}", ":name", "\\", "\\\\'", "1; SELECT 1", "NULL"),
    *("') UNION SELECT uid1, 'x', 'x', 'x', 'x' FROM user --", "\x00'--", "\u02bc OR 1=1"),
]


def md5(password: str) -> str:
    """Return what the model stores of a password."""
    return hashlib.md5(password.encode(), usedforsecurity=False).hexdigest()


def login(client: Any, name: str, password: str, **expected: Any) -> Any:
    """Log in and check the answer."""
    return client.request(LOGIN, {"user_name": name, "user_pwd": password}, **expected)


def make_old(database: Database) -> None:
    """Make a database as the model makes it, with users in it."""
    database.script(MODEL_DDL[database.kind])
    sql = "INSERT INTO user (uid1, username, password, phone, email) VALUES (?, ?, ?, ?, ?)"
    for row in old_rows():
        database.rows(sql, row)
    sql = "INSERT INTO file (uid, fliename, own, data, lx) VALUES (?, ?, ?, ?, ?)"
    database.rows(sql, OLD_FILE)


def old_rows() -> list[tuple[Any, ...]]:
    """Return the rows that the model would have stored."""
    return [(uid, name, md5(word), phone, mail) for uid, name, word, phone, mail in OLD_USERS]


@pytest.fixture
def old_accounts(accounts_on: Callable[..., Accounts], kind: str) -> Accounts:
    """A server that tests share, on a database of each kind that the model has made."""
    return accounts_on(kind, "an old database", make_old)


@pytest.mark.task("3.9", hint="What would the model's own program find in its table?")
@pytest.mark.points(1)
@pytest.mark.needs("3.2")
def test_the_user_table_holds_what_the_model_would_store(
    own_accounts: OwnAccounts, connect: Connect, database: Database
) -> None:
    accounts = own_accounts(database)
    ann = connect(accounts.server, "Ann")
    with_email = accounts.register(ann, "安妮", "密码abc1", email="ann@example.org")
    without = accounts.register(ann, "e\u0301", "ABC123")
    longest_email = "a" * 20 + "@example.org"
    longest = accounts.register(ann, "🦊" * 6, "1234567890abcdef", email=longest_email)
    expected = [
        (1001, "安妮", md5("密码abc1"), with_email.phone, "ann@example.org"),
        (1002, "\u00e9", md5("ABC123"), without.phone, None),
        (1003, "🦊" * 6, md5("1234567890abcdef"), longest.phone, longest_email),
    ]
    check.equal(database.rows(USER_ROWS), expected, "the rows of the user table")
    # Logging in and changing the password touches the digest, and nothing else.
    token = accounts.login(ann, longest).token
    change = {"token": token, "user_pwd": longest.password, "new_pwd": "密码abc2"}
    ann.request(CHANGE_PASSWORD, change)
    expected[2] = (*expected[2][:2], md5("密码abc2"), *expected[2][3:])
    check.equal(database.rows(USER_ROWS), expected, "the rows after a change of password")


@pytest.mark.task("3.9", hint="Which types did the model give its columns?")
@pytest.mark.needs("3.2")
@pytest.mark.parts("mariadb")
def test_the_columns_are_those_of_the_model(accounts_on: Callable[..., Accounts]) -> None:
    database = accounts_on("mariadb").database
    columns = database.rows(
        "SELECT column_name, column_type, is_nullable, extra FROM information_schema.columns"
        " WHERE table_schema = DATABASE() AND table_name = 'user' ORDER BY ordinal_position"
    )
    expected = [
        ("uid1", OneOf("int(10) unsigned", "int unsigned"), "NO", "auto_increment"),
        ("username", "varchar(20)", "NO", ""),
        ("password", "char(32)", "NO", ""),
        ("phone", "char(11)", "NO", ""),
        ("email", "char(32)", "YES", ""),
    ]
    check.matches(columns[:5], expected, "the model's columns")
    added = {name: nullable for name, _, nullable, _ in columns[5:]}
    check.that(set(added.values()) <= {"YES"}, f"columns that we add are nullable: {added}")
    engine = database.rows(
        "SELECT engine FROM information_schema.tables"
        " WHERE table_schema = DATABASE() AND table_name = 'user'"
    )
    check.equal(engine, [("InnoDB",)], "the engine of the user table")


@pytest.mark.task("3.9", hint="What must happen to a table before your program can use it?")
@pytest.mark.points(1.5)
@pytest.mark.needs("3.2", "3.7")
def test_a_database_of_the_model_opens_and_its_users_log_in(
    old_accounts: Accounts, connect: Connect
) -> None:
    ann = connect(old_accounts.server, "Ann")
    for uid, name, password, phone, email in OLD_USERS:
        data = {"uid": uid, "user_name": name}
        token = login(ann, name, password, data=data)["data"]["token"]
        ann.request(WHOAMI, {"token": token}, data={"phone": phone, "email": OneOf(email, None)})
    for uid, name, password, phone, _ in OLD_USERS:
        if not name.startswith("twin"):
            login(ann, phone, password, data={"uid": uid})
    rows = old_accounts.database.rows(USER_ROWS)[: len(OLD_USERS)]
    check.equal(rows, old_rows(), "the rows of the old users")
    # Files are another server's business: whatever happens to their table, no row is lost.
    files = [row[:5] for row in old_accounts.database.rows("SELECT * FROM file")]
    check.equal(files, [OLD_FILE], "the rows of the file table")


@pytest.mark.task("3.9", hint="Whose phone is it, when it stands twice in an old table?")
@pytest.mark.points(0.5)
@pytest.mark.needs("3.2", "3.5")
def test_a_phone_that_stands_twice_logs_nobody_in(old_accounts: Accounts, connect: Connect) -> None:
    ann = connect(old_accounts.server, "Ann")
    login(ann, "13800000005", "abc123456789", test=1)
    ann.request(SEND_CODE, {"phone": "13800000005"}, test=3)


@pytest.mark.task("3.9", hint="Which of two old names is meant, when both look the same?")
@pytest.mark.points(0.5)
@pytest.mark.needs("3.2")
def test_in_an_old_database_an_exact_name_comes_first(
    old_accounts: Accounts, connect: Connect
) -> None:
    ann = connect(old_accounts.server, "Ann")
    login(ann, "BOB", "ALLCAPITALSNODIGIT", data={"uid": 1003})
    login(ann, "Eve", "plain-letters-1", data={"uid": 1010})
    login(ann, "Ｅve", "wide-letters-1", data={"uid": 1007})
    for password in ("plain-letters-1", "wide-letters-1"):
        login(ann, "EVE", password, test=1)


@pytest.mark.task("3.9", hint="May a new user look like an old one?")
@pytest.mark.points(0.5)
@pytest.mark.needs("3.2")
def test_an_old_database_takes_new_users(old_accounts: Accounts, connect: Connect) -> None:
    accounts = old_accounts
    ann = connect(accounts.server, "Ann")
    phone = new_phone()
    args = {"user_pwd": PASSWORD, "phone": phone, "code": accounts.code(ann, phone)}
    for taken in ("bob", "ＢＯＢ", "eve", "小红"):
        ann.request(REGISTER, {**args, "user_name": taken}, test=3)
    # What the model's utf8 cannot hold, and what its collation takes for another name.
    for name in ("😀", "😁", "Böb", "小虹"):
        user = accounts.register(ann, name)
        check.that(user.uid > 1010, f"a new uid is above the old ones, got {user.uid}")
        accounts.login(ann, user)


@pytest.mark.task("3.9", hint="What does your program do when it is started a second time?")
@pytest.mark.points(0.5)
@pytest.mark.needs("3.2")
def test_a_server_started_again_finds_everything(
    old_accounts: Accounts, own_accounts: OwnAccounts, connect: Connect
) -> None:
    database, users = old_accounts.database, list[User]()
    for accounts in (old_accounts, own_accounts(old_accounts.database, sms=old_accounts.sms)):
        before = database.rows(USER_ROWS)
        ann = connect(accounts.server, "Ann")
        users.append(accounts.register(ann))
        for user in users:
            accounts.login(ann, user)
        login(ann, "xiaoming", "Secret123456", data={"uid": 1001})
        check.equal(database.rows(USER_ROWS)[:-1], before, "the rows of before")


@pytest.mark.task("3.9", hint="Two servers find no tables at the same moment. Who makes them?")
@pytest.mark.points(0.5)
@pytest.mark.needs("3.2")
def test_servers_that_start_together_share_one_database(
    connect: Connect,
    databases: Databases,
    database: Database,
    launch_together: Callable[[Database, int], list[Accounts]],
    count: Callable[[int, int], int],
) -> None:
    for _ in range(count(1, 30)):
        servers = launch_together(databases.new(database.kind), 3)
        clients = [connect(entry.server, f"client {n}") for n, entry in enumerate(servers)]
        user = servers[0].register(clients[0])
        uids = {servers[0].login(client, user).uid for client in clients}
        check.equal(uids, {1001}, "the uids that the servers give")
        for entry in servers:
            assert isinstance(entry.server, Program)
            entry.server.end()


@pytest.mark.task("3.9", hint="How does a value reach a statement without becoming part of it?")
@pytest.mark.points(1)
@pytest.mark.needs("3.2", "3.7")
def test_injected_sql_is_only_text(accounts: Accounts, connect: Connect) -> None:
    ann = connect(accounts.server, "Ann")
    user = accounts.new_user(ann)
    before = accounts.database.rows("SELECT COUNT(*) FROM user")
    for text in INJECTIONS:
        login(ann, text, text, test=1)
        login(ann, user.name, text, test=1)
        login(ann, user.name + text, PASSWORD, test=1)
        ann.request(SEND_CODE, {"phone": text}, test=2)
        ann.request(SEND_CODE, {"phone": user.phone, "purpose": text}, test=100)
        ann.request(WHOAMI, {"token": text}, test=102)
        ann.request(LOGOUT, {"token": user.token + text}, test=102)
        ann.request(RESET_PASSWORD, {"phone": text, "code": text, "new_pwd": PASSWORD}, test=1)
        args = {"user_name": new_name(), "user_pwd": PASSWORD, "phone": new_phone()}
        ann.request(REGISTER, {**args, "code": text}, test=1)
        ann.request(REGISTER, {**args, "phone": text, "code": "000000"}, test=2)
        ann.request(REGISTER, {**args, "email": text, "code": "000000"}, test=2)
        ann.request(REGISTER, {**args, "user_name": f"{text}' --", "code": text}, test=OneOf(1, 2))
        ann.request(REGISTER, {**args, "user_pwd": text, "code": text}, test=OneOf(1, 2))
        change = {"token": user.token, "user_pwd": text, "new_pwd": PASSWORD}
        ann.request(CHANGE_PASSWORD, change, test=1)
        ann.request(CHANGE_PASSWORD, {**change, "token": text}, test=102)
        reset = {"phone": user.phone, "code": text, "new_pwd": PASSWORD}
        ann.request(RESET_PASSWORD, reset, test=1)
        ann.request(RESET_PASSWORD, {**reset, "new_pwd": text}, test=OneOf(1, 2))
    after = accounts.database.rows("SELECT COUNT(*) FROM user")
    check.equal(after, before, "the number of users")
    ann.request(WHOAMI, {"token": user.token}, data={"uid": user.uid})


@pytest.mark.task("3.9", hint="Which characters may a name have that SQL knows too?")
@pytest.mark.points(0.5)
@pytest.mark.needs("3.2")
def test_names_and_passwords_may_look_like_sql(accounts: Accounts, connect: Connect) -> None:
    ann = connect(accounts.server, "Ann")
    names = ["'", '"', "\\", "%", "_", "?", "--", "';--", "'OR'1", "%s", "{0}", "`x`", "/*", "a%"]
    users = [accounts.register(ann, name, f"a1{name}'or'1"[:16]) for name in names]
    for user in users:
        accounts.login(ann, user)
        login(ann, user.name, PASSWORD, test=1)
    stored: dict[str, str] = dict(accounts.database.rows("SELECT username, password FROM user"))
    for user in users:
        check.equal(stored.get(user.name), md5(user.password), f"the password of {user.name}")
