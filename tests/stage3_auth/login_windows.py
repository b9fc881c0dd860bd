"""What the tests of the login window share."""

from collections.abc import Callable
from typing import Any

from tests.kit.failure import CheckFailed
from tests.kit.listening import Listening
from tests.kit.window import Window

OpenWindow = Callable[..., Window]
Listen = Callable[..., Listening[Any]]


def says(shown: Window, name: str, words: str) -> None:
    """Wait until the widget ``name`` is there and says ``words`` somewhere in its text."""
    widget = shown.widget(name)
    try:
        shown.wait_until(
            lambda: widget.state()["exists"] and words in widget.text(),
            why=f"{name} says {words!r}",
            seconds=10,
        )
    except CheckFailed as failure:
        if shown.running and widget.state()["exists"]:
            failure.lines.insert(0, f"{name} says {widget.text()!r}")
        raise


def fill_in(shown: Window, **texts: str) -> None:
    """Type each text into the widget of its name."""
    for name, text in texts.items():
        shown.widget(name).type(text)


FIELDS = (
    "user_name", "user_pwd", "reg_name", "reg_pwd", "reg_phone", "reg_code", "reg_email",
    "reset_phone", "reset_code", "reset_pwd",
)  # fmt: skip


def start_over(shown: Window) -> Window:
    """Bring a login window back to its first page, with nothing typed in."""
    if shown.widget("log_out").visible:
        shown.widget("log_out").click()
        shown.wait_until(lambda: shown.widget("user_name").visible, why="the window asks again")
    shown.widget("language").key("Escape")
    for name in FIELDS:
        shown.widget(name).clear()
    shown.wait_until(lambda: shown.widget("user_name").visible, why="the first page")
    return shown
