"""The terminal client as a person meets it: questions, and what Ctrl-C does at one."""

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.kit.accounts import Accounts
from tests.kit.environment import scrubbed
from tests.kit.judge import Judge

from .conftest import Connect

pytestmark = [
    pytest.mark.needs("3.3", "3.4", "3.6"),
    pytest.mark.skipif(os.name == "nt", reason="Windows has no pseudo-terminals for this"),
]

if os.name != "nt":
    from tests.kit.docs.terminal import Terminal


@pytest.fixture
def at_terminal(
    judge: Judge, sqlite_accounts: Accounts, tmp_path: Path
) -> Iterator[Callable[[], "Terminal"]]:
    """Start the client on a terminal of its own, on the shared account server."""
    opened: list[Terminal] = []

    def start() -> Terminal:
        server, root = sqlite_accounts.server, judge.tree.root
        where = ("--host", server.host, "--port", str(server.port))
        argv = [sys.executable, "-m", "stage3_auth.client", *where]
        env = scrubbed(tmp_path, PYTHONPATH=str(root), TERM="dumb")
        opened.append(Terminal("the client", argv, cwd=tmp_path, env=env, prompt="> "))
        opened[-1].wait_for("> ")
        return opened[-1]

    yield start
    for terminal in opened:
        terminal.dispose()


@pytest.mark.task("3.7", hint="What does Ctrl-C mean while a question is open?")
@pytest.mark.needs("3.3", "3.4", "3.6")
@pytest.mark.task("3.7", hint="Who asked for the word that is missing, and who gives up asking?")
def test_ctrl_c_at_a_question_leads_back_to_the_prompt_and_once_more_leaves(
    at_terminal: Callable[[], "Terminal"], sqlite_accounts: Accounts, connect: Connect
) -> None:
    user = sqlite_accounts.register(connect(sqlite_accounts.server))
    terminal = at_terminal()
    terminal.press(f"/login {user.name}\r")
    terminal.wait_for("password: ")
    terminal.wait_asleep()  # a prompt is on the screen a moment before its answer is waited for
    terminal.interrupt()
    terminal.wait_for("nothing was done(?s:.*)> ")
    terminal.press(f"/login {user.name}\r")
    terminal.wait_for("password: ")
    terminal.press(f"{user.password}\r")
    terminal.wait_for(f"logged in as {user.name}(?s:.*)> ")
    assert user.password not in terminal.text, "a password is never echoed"
    terminal.wait_asleep()  # a prompt is on the screen a moment before its answer is waited for
    terminal.interrupt()
    assert terminal.wait_exit() == 0
