"""What a failed login costs: it must not tell which names there are. The rule: docs/protocol.md.

Time cannot be compared on a busy machine. So the server's work is counted instead: how often it
hashes, compares digests and asks the database, while it answers.
"""

import os
import textwrap
from collections import Counter
from pathlib import Path

import pytest

from tests.kit import check
from tests.kit.accounts import LOGIN, PASSWORD, new_name, new_phone
from tests.kit.judge import Judge
from tests.kit.wire import WireClient

from .conftest import Connect, OwnAccounts

PING = 91
# Python imports a module of this name by itself when it starts.
COUNTER = """
    import os
    import threading

    WORK = {"openssl_md5": "md5", "md5": "md5", "new": "a hash", "execute": "a query",
            "compare_digest": "a comparison", "_compare_digest": "a comparison"}
    out = os.open(os.environ["WORK_FILE"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def look(frame, event, function):
        if event == "c_call" and function.__name__ in WORK:
            os.write(out, f"{WORK[function.__name__]}\\n".encode())

    threading.setprofile(look)
"""


@pytest.mark.functions
@pytest.mark.needs("3.2", "3.3", "3.4")
@pytest.mark.task("3.6", hint="What has the server left out, when nobody has the name?")
@pytest.mark.points(0.5)
def test_an_unknown_name_costs_as_much_work_as_a_wrong_password(
    own_accounts: OwnAccounts, connect: Connect, judge: Judge, tmp_path: Path
) -> None:
    (tmp_path / "sitecustomize.py").write_text(textwrap.dedent(COUNTER), "utf-8")
    path = f"{tmp_path}{os.pathsep}{judge.tree.root}"
    work = tmp_path / "work.txt"
    accounts = own_accounts(env={"PYTHONPATH": path, "WORK_FILE": str(work)})
    ann = connect(accounts.server, "Ann")
    user = accounts.register(ann)
    accounts.login(ann, user)

    def cost(name: str) -> Counter[str]:
        # More than once: whatever is done only now and then (to open a connection) is left out.
        found = [work_of_one(ann, work, name) for _ in range(3)]
        return min(found, key=Counter.total)

    wrong = cost(user.name)
    check.that(wrong["md5"] + wrong["a hash"] >= 1, f"a wrong password is hashed; seen: {wrong}")
    for what, name in {
        "the phone of a user": user.phone,
        "a name that nobody has": new_name(),
        "a phone that nobody has": new_phone(),
        "what cannot be a name": "nobody at all",
    }.items():
        check.equal(cost(name), wrong, f"the work for {what}, as for a user's wrong password")


def work_of_one(client: WireClient, work: Path, name: str) -> Counter[str]:
    """Return what the server does to refuse one login."""
    before = len(work.read_text("utf-8").splitlines())
    client.request(LOGIN, {"user_name": name, "user_pwd": f"{PASSWORD}x"}, test=1)
    client.request(PING)
    return Counter(work.read_text("utf-8").splitlines()[before:])
