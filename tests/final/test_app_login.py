"""The app's login: another server is chosen in the window, and what was chosen is remembered."""

import random
import socket
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.kit import check
from tests.kit.accounts import PASSWORD
from tests.kit.fixtures import Launcher
from tests.kit.window import Window

from .people import SERVICES

pytestmark = [pytest.mark.parts("tk", "xvfb"), pytest.mark.timeout(180)]

OpenWindow = Callable[..., Window]


def three_free_ports() -> int:
    """Return the first of three free ports in a row, where systems give none out by themselves."""
    while True:
        first = random.randrange(20_000, 32_000)
        with ExitStack() as held:
            try:
                for port in range(first, first + 3):
                    held.enter_context(socket.create_server(("127.0.0.1", port)))
            except OSError:
                continue
            return first


def wait_for(shown: Window, name: str, words: str) -> None:
    """Wait until the widget ``name`` is there and says ``words``."""
    widget = shown.widget(name)
    shown.wait_until(
        lambda: widget.state()["exists"] and words in widget.text(),
        why=f"{name} says {words!r}",
        seconds=15,
    )


def test_the_app_turns_to_a_server_that_is_typed_in_and_comes_back_to_it(
    window: OpenWindow, launch: Launcher, tmp_path: Path
) -> None:
    first, sms = three_free_ports(), tmp_path / "sms.jsonl"
    launch(
        "final.servers",
        *("--data", str(tmp_path / "data"), "--first-port", str(first)),
        *("--sms", f"file:{sms}", "--limits", "off"),
        ready=len(SERVICES),
    )
    client = launch("final.terminal", "--auth", f"127.0.0.1:{first}")
    client.send_line("/code 13800000000")
    client.expect_line("sent")
    code = sms.read_text("utf-8").partition('"code": "')[2][:6]
    client.send_line(f"/register 小明 {PASSWORD} 13800000000 {code}")
    client.expect_line("registered")

    remembered = ("--data", str(tmp_path / "app"), "--reduced-motion")
    shown = window("final.app", *remembered, "--auth", "127.0.0.1:1", "--lang", "en")
    wait_for(shown, "server_line", "No answer from 127.0.0.1:1")
    shown.widget("server_line").click()
    shown.widget("server_address").type(f"127.0.0.1:{first}\n")
    wait_for(shown, "message", "You are connected")
    shown.widget("language").click()
    log_in(shown)
    check.equal(shown.errors(), [], "errors in callbacks")
    shown.close()
    shown.wait_exit(code=0)

    again = window("final.app", *remembered)
    wait_for(again, "server_line", f"已连接 127.0.0.1:{first}")
    log_in(again)
    again.close()
    again.wait_exit(code=0)


def log_in(shown: Window) -> None:
    """Log in, and wait until the chat server has taken the session, too."""
    shown.widget("user_name").type("小明")
    shown.widget("user_pwd").type(f"{PASSWORD}\n")
    wait_for(shown, "me", "小明")
    wait_for(shown, "status", "已连接")
