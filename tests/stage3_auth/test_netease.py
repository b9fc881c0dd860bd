"""Codes by SMS through NetEase Yunxin, against a local fake that checks what the vendor checks.

The rules: docs/stage3.md and the vendor's API (its facts stand in stage3_auth/netease.py).
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.kit import check
from tests.kit.accounts import (
    PASSWORD,
    REGISTER,
    SEND_CODE,
    KeptDatabases,
    new_name,
    new_phone,
)
from tests.kit.fixtures import Launcher
from tests.kit.match import ABSENT
from tests.kit.programs import Program

from .conftest import SUITE, Connect
from .fake_netease import APP_KEY, APP_SECRET, TEMPLATE, FakeNetease, fake_netease

pytestmark = [pytest.mark.needs("3.3"), pytest.mark.functions]

SLOW = 20.0  # a host that hangs is waited for
SILENT = ("hang", "half", "trickle")
Start = Callable[..., Program]


@pytest.fixture(scope="session")
def hosts() -> Iterator[tuple[FakeNetease, FakeNetease]]:
    """The provider's two hosts, which all tests share."""
    with fake_netease() as host, fake_netease() as backup:
        yield host, backup


@pytest.fixture
def host(hosts: tuple[FakeNetease, FakeNetease]) -> FakeNetease:
    """The provider's host."""
    hosts[0].forget()
    return hosts[0]


@pytest.fixture
def backup(hosts: tuple[FakeNetease, FakeNetease]) -> FakeNetease:
    """The provider's backup host."""
    hosts[1].forget()
    return hosts[1]


@pytest.fixture
def start(
    shared_server: Callable[..., Program],
    kept_databases: KeptDatabases,
    host: FakeNetease,
    backup: FakeNetease,
) -> Start:
    """Give an account server that sends through the fake; its limits are on."""

    def start_one(**more: str) -> Program:
        env = {
            "NETEASE_APP_KEY": APP_KEY,
            "NETEASE_APP_SECRET": APP_SECRET,
            "NETEASE_TEMPLATE": TEMPLATE,
            "NETEASE_HOSTS": f"{host.url} {backup.url}",
            "NO_PROXY": "*",
            **more,
        }
        database, _sms = kept_databases.get(f"{SUITE} netease {more}", "sqlite")
        flags = ("--db", database.url, "--sms", "netease", "--log-level", "debug")
        return shared_server("stage3.server", *flags, env=env)

    return start_one


def log_of(server: Program) -> str:
    """End a server and return its log."""
    server.end()
    return server.stderr.read().decode("utf-8", "replace")


@pytest.mark.task("3.5", hint="The first host does not do it. Who else could?")
@pytest.mark.points(0.5)
@pytest.mark.parametrize(
    "trouble", ["cut", "nonsense", "500", 500, "hang", "half", "short", "no zip", "trickle"]
)
def test_the_backup_host_sends_when_the_first_cannot(
    start: Start, connect: Connect, host: FakeNetease, backup: FakeNetease, trouble: object
) -> None:
    server = start(**({"NETEASE_SECONDS": "0.3"} if trouble in SILENT else {}))
    host.next_answers = [trouble]
    phone = new_phone()
    connect(server, "Ann").request(SEND_CODE, {"phone": phone}, seconds=SLOW)
    check.equal([sent.phone for sent in backup.sent], [phone], "what the backup host sent")
    check.equal((host.asked, backup.asked), (1, 1), "the requests to each host")


@pytest.mark.task("3.5", hint="Nobody answers at all. What does the user read, and what pay?")
@pytest.mark.points(0.5)
def test_a_provider_that_is_not_there_is_1_and_costs_nothing(
    start: Start, connect: Connect, host: FakeNetease, backup: FakeNetease
) -> None:
    server = start()
    ann, phone = connect(server, "Ann"), new_phone()
    host.next_answers, backup.next_answers = ["cut", "500"], ["nonsense", "cut"]
    for _ in range(2):
        ann.request(SEND_CODE, {"phone": phone}, test=1)
    ann.request(SEND_CODE, {"phone": phone})


@pytest.mark.task("3.5", hint="Which of the provider's answers can the user do something about?")
@pytest.mark.points(0.5)
def test_a_refusal_of_the_provider_is_1_in_plain_words_and_costs_nothing(
    start: Start, connect: Connect, host: FakeNetease, backup: FakeNetease
) -> None:
    server = start()
    ann, phone = connect(server, "Ann"), new_phone()
    texts = {}
    for code in (301, 315, 403, 404, 413, 414, 416, 999):
        host.next_answers = [code]
        reply = ann.request(SEND_CODE, {"phone": phone}, test=1)
        check.matches(reply, {"error": str, "data": ABSENT}, "the answer")
        texts[code] = reply["error"]
    check.equal(backup.asked, 0, "the requests to the backup host: a refusal is an answer")
    check.that(texts[416] != texts[403], "too many messages is said as a fault of the server")
    told = [text for text in texts.values() if any(sign in text for sign in ("4", "3", "code 9"))]
    check.equal(told, [], "the provider's numbers in what users read")
    # Had one of them counted, this would have to wait for a minute.
    ann.request(SEND_CODE, {"phone": phone})
    log = log_of(server)
    check.that("416" in log and "403" in log, "the log does not say what the provider answered")
    check.that(host.sent[-1].code not in log, "the code is in the log")


@pytest.mark.task("3.5", hint="What is signed, with what, and who checks it?")
@pytest.mark.points(1.5)
@pytest.mark.needs("3.4")
@pytest.mark.parametrize("form", ["authCode", "template", "paramMap"])
def test_a_code_sent_through_the_provider_registers(
    start: Start, connect: Connect, host: FakeNetease, backup: FakeNetease, form: str
) -> None:
    server = start(**({} if form == "paramMap" else {"NETEASE_FORM": form}))
    ann = connect(server, "Ann")
    for _ in range(2):  # each request has a nonce of its own
        phone = new_phone()
        ann.request(SEND_CODE, {"phone": phone})
        check.equal(host.wrong, [], "what the provider found wrong")
        sent = host.sent[-1]
        check.equal((sent.form, sent.phone), (form, phone), "what the provider was asked for")
        args = {"user_name": new_name(), "user_pwd": PASSWORD, "phone": phone}
        ann.request(REGISTER, {**args, "code": sent.code})
    check.equal(backup.asked, 0, "the requests to the backup host")
    log = log_of(server)
    told = [secret for secret in (APP_SECRET, *(s.code for s in host.sent)) if secret in log]
    check.equal(told, [], "the secrets in the log")


@pytest.mark.task("3.5", hint="Where do secrets come from, and when does one hear that they lack?")
def test_without_its_secrets_the_server_does_not_begin(
    launch: Launcher, tmp_path: Path, count: Callable[[int, int], int]
) -> None:
    db = ("--db", f"sqlite:///{(tmp_path / 'chat.db').as_posix()}")
    whole = {"NETEASE_APP_KEY": "k", "NETEASE_APP_SECRET": "s3cret", "NETEASE_TEMPLATE": "1"}
    wrong = (
        ({**whole, "NETEASE_APP_SECRET": ""}, "NETEASE_APP_SECRET"),
        ({**whole, "NETEASE_FORM": "pigeon"}, "pigeon"),
        ({}, "NETEASE_APP_KEY"),
        ({**whole, "NETEASE_SECONDS": "-1"}, "-1"),
        ({**whole, "NETEASE_APP_KEY": "密"}, "NETEASE_APP_KEY"),
        ({**whole, "NETEASE_HOSTS": "sms.example.org"}, "sms.example.org"),
    )
    servers = []
    for env, said in wrong[: count(3, len(wrong))]:
        server = launch("stage3.server", *db, "--sms", "netease", ready=0, env=env)
        servers.append((server, env, said))
    for server, env, said in servers:
        check.that(server.wait_exit(seconds=15) != 0, f"with {env} it ended with exit code 0")
        log = server.stderr.tail()
        check.that(said in log and "Traceback" not in log, f"{said} is not in:\n{log}")
        check.that("s3cret" not in log, "the secret is in the log")
