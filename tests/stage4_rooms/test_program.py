"""Several servers on one database. The rule: docs/stage4.md (starting order does not matter)."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.kit import check
from tests.kit.accounts import Accounts, Sms
from tests.kit.databases import Database
from tests.kit.fixtures import Launcher
from tests.kit.wire import WireClient

from .conftest import QUIET, Chat, Open
from .device import Device

pytestmark = pytest.mark.needs("4.1", "4.2", "4.3", "4.4")


@pytest.mark.task("4.7", hint="Which of the servers makes the tables, when all start at once?")
@pytest.mark.points(0.5)
def test_servers_that_start_together_make_one_database(
    launch: Launcher,
    database: Database,
    slow_url: Callable[[Database], str],
    connect: Callable[..., WireClient],
    open_device: Open,
    tmp_path: Path,
) -> None:
    sms = Sms(tmp_path / "codes.jsonl")
    common = ("--db", slow_url(database), "--limits", "off", *QUIET)
    chats = [launch("stage4.server", *common, ready=0) for _ in range(2)]
    auth = launch("stage3.server", *common, *sms.flags, ready=0)
    for server in (*chats, auth):
        server.wait_ready(15)
    accounts = Accounts(auth, database, sms)
    chat = Chat(accounts, chats[0], open_device, connect(auth, "the registrar"))
    ann, ben = chat.people("ann", "ben")
    room = chat.room(ann, ben)
    ann.say(room, "hello")
    ben.expect_push(100, text="hello")
    elsewhere: Device = open_device(chats[1], "Ann at the other server")
    check.equal(elsewhere.enter(ann.user), [room], "the rooms")
    check.equal([m["text"] for m in elsewhere.all_history(room)], ["hello"], "the history")
