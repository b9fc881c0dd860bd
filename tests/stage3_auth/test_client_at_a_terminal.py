"""The terminal client as a person meets it: questions, and what Ctrl-C does at one."""

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.kit.accounts import PASSWORD, Accounts, new_name, new_phone
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
    terminal.wait_asleep()
    terminal.press(f"{user.password}\r")
    terminal.wait_for(f"logged in as {user.name}(?s:.*)> ")
    assert user.password not in terminal.text, "a password is never echoed"
    terminal.wait_asleep()  # a prompt is on the screen a moment before its answer is waited for
    terminal.interrupt()
    assert terminal.wait_exit() == 0


@pytest.mark.task("3.7", hint="When does a person want to hear that an answer breaks its rule?")
@pytest.mark.needs("3.3", "3.4", "3.6")
def test_an_answer_that_breaks_its_rule_is_asked_for_again_at_once(
    at_terminal: Callable[[], "Terminal"], sqlite_accounts: Accounts
) -> None:
    name, phone, terminal = new_name(), new_phone(), at_terminal()
    terminal.press(f"/code {phone}\r")
    terminal.wait_for(f"a code was sent to {phone}(?s:.*)> ")
    code = sqlite_accounts.sms.to(phone)[-1]
    terminal.press(f"/register {name}\r")
    for question, wrong, reason, right in (
        ("password", "secret", "at least one digit", PASSWORD),
        ("phone", "138", "1 and ten more digits; got 3 characters", phone),
        ("code", "12345x", "a code is 6 digits", code),
    ):
        terminal.wait_for(f"{question}: ")
        terminal.wait_asleep()  # a question is on the screen a moment before its answer is read
        terminal.press(f"{wrong}\r")
        terminal.wait_for(f"{reason}(?s:.*){question}: ")
        terminal.wait_asleep()
        terminal.press(f"{right}\r")
    terminal.wait_for(f"registered {name}")
    assert PASSWORD not in terminal.text and "secret" not in terminal.text, "never echoed"
