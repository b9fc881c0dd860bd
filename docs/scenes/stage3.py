"""The scenes of docs/stage3.md: traps, a registration, md5 in the table, the lab, sessions."""

import json
import random
import re
import shutil
import sqlite3
import statistics
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any

from tests.kit.accounts import (
    CHANGE_PASSWORD,
    LOGIN,
    LOGOUT,
    PASSWORD,
    REGISTER,
    SEND_CODE,
    WHOAMI,
    Accounts,
    Sms,
)
from tests.kit.byte_client import ByteClient
from tests.kit.databases import SqliteDatabase
from tests.kit.docs import diagrams
from tests.kit.docs.stage import Stage
from tests.kit.docs.terminal import Terminal
from tests.kit.failure import CheckFailed
from tests.kit.wire import WireClient
from tests.kit.wire_codec import HEADER, encode

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
WORDS = "docs/lab/common-passwords.txt"
LEAKED = ROOT / "tests" / "stage3_auth" / "leaked_passwords.txt"
PHONE = "13800138000"
SECRETS = re.compile(r'"token":"[^"]*"')
MOMENTS = re.compile(r'"expires_at":[\d.]+')
RACERS = 50
TRIES = 400
# What the lab measures differs from machine to machine: the rates of one of them, rounded.
RATES = "8e5, 8e5, 4.0, 2.0"
LAB = f"""
import sys
from stage3_auth import crack
rates = iter([{RATES}])
crack.rate = lambda *_: next(rates)
work = crack.crack_with
crack.crack_with = lambda *asked: (work(*asked)[0], 0.0045)
sys.exit(crack.main(sys.argv[1:]))
"""


def the_patterns_of_the_model(stage: Stage) -> str:
    """What patterns let through that look right."""
    you = stage.python()
    stage.types(
        you,
        r"""
        import re
        bool(re.match(r"1\d{10}$", "13800138000\n"))
        bool(re.fullmatch(r"1\d{10}", "1٣٨٠٠١٣٨٠٠٠"))
        bool(re.fullmatch(r"\S*@\S*\.\S*", "@."))
        "密码密码".isalpha()
        """,
    )
    return stage.show(you)


def names_that_look_alike(stage: Stage) -> str:
    """One name to the eye, several to the computer."""
    you = stage.python()
    stage.types(
        you,
        r"""
        from stage3_auth import name_key
        "Ann" == "Ａnn"
        len("Zoe\u0308"), len("Zo\u00eb")
        "ann" == "ann\u200b"
        name_key("ANN"), name_key("Ａnn"), name_key("Zoe\u0308") == name_key("ZO\u00cb")
        """,
    )
    return stage.show(you)


def register_and_log_in(stage: Stage) -> str:
    """The server with its log, and the terminal client."""
    server = _server(stage)
    server.wait_for("listens on")
    you = stage.client("stage3_auth.client", server, prompt="> ")
    you.type(f"/code {PHONE}")
    server.wait_for(r"your code to register is \d{6}")
    code = re.findall(r"is (\d{6})", server.text)[-1]
    wrong = "000000" if code != "000000" else "000001"
    stage.types(
        you,
        f"""
        /register 小明 {PASSWORD} {PHONE} {wrong}
        /register 小明 {PASSWORD} {PHONE} {code} xm@example.org
        /login {PHONE} {PASSWORD}
        /whoami
        /logout
        /whoami
        """,
    )
    you.end_input()
    you.wait_exit()
    server.wait_for("#1 closed")
    server.interrupt()
    server.wait_exit()
    shown = f"{stage.show(server, caption='Terminal 1:')}\n\n"
    shown += stage.show(you, caption="Terminal 2:")
    return shown.replace(code, "123456").replace(wrong, "000000")


def login_as_bytes(stage: Stage) -> str:
    """A login and its answer, byte by byte."""
    accounts = _accounts(stage)
    _register(accounts, WireClient(accounts.server, "Ann"), "ann", "13900000001")
    ann = ByteClient(accounts.server, "Ann")
    sent = encode({"op": LOGIN, "id": 1, "args": {"user_name": "ann", "user_pwd": PASSWORD}})
    ann.send_bytes(sent)
    received = encode(json.loads(_evened(_next_message(ann))))
    ann.dispose()
    parts = [f"client → server, {len(sent)} bytes", diagrams.frame(sent), ""]
    parts += [f"server → client, {len(received)} bytes", diagrams.frame(received)]
    return stage.block("\n".join(parts))


def what_is_refused(stage: Stage) -> str:
    """Fields that break a rule, a wrong code, a wrong password: what each is answered."""
    accounts = _accounts(stage)
    ann = WireClient(accounts.server, "Ann")
    _register(accounts, ann, "ann", "13900000001")
    code = accounts.code(ann, PHONE)
    right = {"user_name": "ben", "user_pwd": PASSWORD, "phone": PHONE, "code": code}
    wrong_code = {**right, "code": "000000" if code != "000000" else "000001"}
    questions: list[tuple[int, dict[str, Any]]] = [
        (SEND_CODE, {"phone": PHONE + "\n"}),
        (SEND_CODE, {"phone": "13900000001"}),
        (REGISTER, {**right, "user_name": "benjamin"}),
        (REGISTER, {**right, "user_pwd": "secret"}),
        (REGISTER, wrong_code),
        (REGISTER, {**right, "user_name": "ＡNN"}),
        (LOGIN, {"user_name": "ann", "user_pwd": "abc124"}),
        (LOGIN, {"user_name": "nobody", "user_pwd": "abc124"}),
        (WHOAMI, {"token": "let me in"}),
    ]
    text = _dialogue(ByteClient(accounts.server, "Ann"), questions)
    return stage.block(text.replace(wrong_code["code"], "000000").replace(code, "123456"))


def what_the_table_holds(stage: Stage) -> str:
    """The user table after two people registered with one password."""
    accounts = _accounts(stage)
    ann = WireClient(accounts.server, "Ann")
    _register(accounts, ann, "ann", "13900000001", email="ann@example.org")
    _register(accounts, ann, "ben", "13900000002")
    _register(accounts, ann, "小红", "13900000003", password="红楼梦hlm1")
    rows = accounts.database.rows("SELECT uid1, username, password, phone, email FROM user")
    lines = ["uid1  username  password                          phone        email"]
    for uid, name, password, phone, email in rows:
        wide = 8 - sum(ord(c) > 0x2E80 for c in name)  # such a character takes two columns
        lines.append(f"{uid}  {name:{wide}}  {password}  {phone}  {email or 'NULL'}")
    return stage.block("\n".join(lines))


def what_md5_is_worth(stage: Stage) -> str:
    """The lab on a table of 1,000 accounts."""
    path = stage.folder / "stolen.db"
    _make_stolen(path)
    flags = ["--db", f"sqlite:///{path}", "--words", WORDS]
    shown = f"python -m stage3_auth.crack --db sqlite:///stolen.db --words {WORDS}"
    you = stage.terminal(shown, [sys.executable, "-c", LAB, *flags])
    you.wait_exit()
    return stage.show(you)


def two_logins_timed(stage: Stage) -> str:
    """Wrong passwords of a user there is, and of one there is not, taken in turns."""
    accounts = _accounts(stage)
    ann = WireClient(accounts.server, "Ann")
    _register(accounts, ann, "ann", "13900000001")
    for _ in range(5):
        known, unknown = [], []
        for _ in range(TRIES):
            known.append(_seconds(ann, "ann"))
            unknown.append(_seconds(ann, "nobody"))
        ratio = statistics.median(unknown) / statistics.median(known)
        if 0.87 < ratio < 1.15:  # which is 1, as well as such a thing can be measured
            return stage.block(
                f"{TRIES} logins as ann with a wrong password   median 1.0\n"
                f"{TRIES} logins as somebody who is not there   median 1.0 (of the one above)"
            )
    raise CheckFailed(f"an unknown name takes {ratio:.2f} times as long as a wrong password")


def a_session_ends(stage: Stage) -> str:
    """Ann is logged in twice, and changes her password in one of the two places."""
    accounts = _accounts(stage)
    _register(accounts, WireClient(accounts.server, "Ann"), "ann", "13900000001")
    laptop, phone = (ByteClient(accounts.server, name) for name in ("laptop", "phone"))
    login = {"user_name": "ann", "user_pwd": PASSWORD}
    tokens, lines = {}, []
    for name, client in (("laptop", laptop), ("phone", phone)):
        client.send_bytes(encode({"op": LOGIN, "args": login}))
        tokens[name] = json.loads(_next_message(client))["data"]["token"]
    change = {"token": tokens["laptop"], "user_pwd": PASSWORD, "new_pwd": "better123"}
    for name, client, question in (
        ("the phone", phone, (WHOAMI, {"token": tokens["phone"]})),
        ("the laptop", laptop, (CHANGE_PASSWORD, change)),
        ("the phone", phone, (WHOAMI, {"token": tokens["phone"]})),
        ("the laptop", laptop, (WHOAMI, {"token": tokens["laptop"]})),
        ("the laptop", laptop, (LOGOUT, {"token": tokens["laptop"]})),
        ("the laptop", laptop, (WHOAMI, {"token": tokens["laptop"]})),
    ):
        lines += [f"{name}:", _dialogue(client, [question])]
    text = "\n".join(lines)
    for name, token in tokens.items():
        text = text.replace(token, f"the {name}'s token")
    return stage.block(text)


def a_race_for_a_name(stage: Stage) -> str:
    """Fifty people want one name at one moment."""
    accounts = _accounts(stage)
    clients = [WireClient(accounts.server, f"client {number}") for number in range(RACERS)]
    tickets = []
    for number, client in enumerate(clients):
        phone = f"{13700000000 + number}"
        code = accounts.code(client, phone)
        tickets.append({"user_name": "king", "user_pwd": PASSWORD, "phone": phone, "code": code})
    asked = [c.ask(REGISTER, fields) for c, fields in zip(clients, tickets, strict=True)]
    answers = [
        int(client.expect_reply(id, REGISTER, test=None)["test"])
        for client, id in zip(clients, asked, strict=True)
    ]
    rows = accounts.database.rows("SELECT COUNT(*) FROM user WHERE username = 'king'")
    return stage.block(
        f"{RACERS} clients send REGISTER with the name king\n"
        f"answered 0 (welcome):     {answers.count(0)}\n"
        f"answered 3 (name taken):  {answers.count(3)}\n"
        f"rows with this name:      {rows[0][0]}"
    )


def start(stage: Stage) -> str:
    """A folder of one's own, which stands on the reference's earlier stages."""
    return stage.block(stage.kit("start", "stage3", "--catch-up"))


def first_win(stage: Stage) -> str:
    """Task 3.1 on the first attempt at patterns."""
    stage.kit("start", "stage3")
    first = HERE / "first_win3" / "stage3_auth" / "validation.py"
    shutil.copy(first, stage.folder / "mine" / "stage3_auth")
    return stage.block(stage.kit("check", "stage3", "--task=3.1"))


def part_of_the_suite(stage: Stage) -> str:
    """One task, on the reference."""
    return stage.block(stage.suite("stage3", "--task=3.1"))


def _server(stage: Stage, *flags: str) -> Terminal:
    """Start an account server on a file of its own; documents call that ``chat.db``."""
    url = f"sqlite:///{stage.folder}/chat.db"
    stage.call("sqlite:////chat.db", "sqlite:///chat.db")  # the folder's name is gone by then
    return stage.server("stage3_auth.server", "--db", url, *flags, shown_port=8889)


def _accounts(stage: Stage) -> Accounts:
    """Start an account server without cooldowns, and give what makes users on it."""
    sms = Sms(stage.folder / "codes.jsonl")
    server = _server(stage, *sms.flags, "--limits", "off")
    return Accounts(server, SqliteDatabase(stage.folder / "chat.db"), sms)


def _register(
    accounts: Accounts,
    client: WireClient,
    name: str,
    phone: str,
    *,
    password: str = PASSWORD,
    **more: str,
) -> None:
    fields = {"user_name": name, "user_pwd": password, "phone": phone, **more}
    client.request(REGISTER, {**fields, "code": accounts.code(client, phone)})


def _dialogue(client: ByteClient, questions: list[tuple[int, dict[str, Any]]]) -> str:
    lines = []
    for op, args in questions:
        client.send_bytes(encode({"op": op, "args": args}))
        asked = json.dumps({"op": op, "args": args}, ensure_ascii=False, separators=(",", ":"))
        lines += [f"→ {asked}", f"← {_next_message(client)}", ""]
    return "\n".join(lines)


def _next_message(client: ByteClient) -> str:
    (length,) = HEADER.unpack(client.recv_exactly(HEADER.size))
    return client.recv_exactly(length).decode()


def _evened(message: str) -> str:
    """Return a message in which what differs each time is always the same, and as long."""
    message = SECRETS.sub(f'"token":"{"Tq5xW0" * 7}A"', message)
    return MOMENTS.sub('"expires_at":1702592000.5', message)


def _seconds(client: WireClient, name: str) -> float:
    start = time.perf_counter()
    client.request(LOGIN, {"user_name": name, "user_pwd": "abc124"}, test=1)
    return time.perf_counter() - start


def _make_stolen(path: Path) -> None:
    """Make a database of 1,000 accounts whose passwords real people have used."""
    import hashlib

    leaked = [w for w in LEAKED.read_text("utf-8").splitlines() if w and w[0:2] != "#!"]
    weights = [1 / rank for rank in range(1, len(leaked) + 1)]
    chosen = random.Random(20260101).choices(leaked, weights, k=1000)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(
            "CREATE TABLE user (uid1 INTEGER PRIMARY KEY, username TEXT, password TEXT)"
        )
        for uid, word in enumerate(chosen, 1001):
            digest = hashlib.md5(word.encode(), usedforsecurity=False).hexdigest()
            connection.execute("INSERT INTO user VALUES (?, ?, ?)", [uid, f"user{uid}", digest])
