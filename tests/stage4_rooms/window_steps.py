"""What the tests of the chat window do again and again: open it, log in, wait, say something."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from tests.kit.accounts import User
from tests.kit.window import Window

from .device import SAY, Device, new_cid

if TYPE_CHECKING:
    from .conftest import Chat

OpenWindow = Callable[..., Window]
OpenChat = Callable[..., Window]
LOOKS = ("--lang", "en", "--theme", "light", "--reduced-motion")
SIZE = (1040, 720)


def wait_for(shown: Window, name: str, words: str, seconds: float = 10) -> None:
    """Wait until the widget ``name`` says ``words`` somewhere in its text."""
    shown.wait_until(
        lambda: words in shown.widget(name).text(), why=f"{name} says {words!r}", seconds=seconds
    )


def wait_until_gone(shown: Window, name: str, words: str) -> None:
    """Wait until the widget ``name`` says ``words`` no more."""
    shown.wait_until(
        lambda: words not in shown.widget(name).text(), why=f"{name} drops {words!r}", seconds=10
    )


def flags_for(chat: "Chat") -> tuple[str, ...]:
    """Return the flags of a window for these servers."""
    where = {"--auth": chat.accounts.server, "--chat": chat.server}
    addresses = [word for flag, s in where.items() for word in (flag, f"{s.host}:{s.port}")]
    return (*addresses, *LOOKS)


def log_in(shown: Window, user: User) -> None:
    """Fill in the login and wait until the chat is connected."""
    shown.widget("user_name").type(user.name)
    shown.widget("user_pwd").type(user.password + "\n")
    shown.wait_until(lambda: shown.widget("status").visible, why="the chat is shown")
    wait_for(shown, "status", "Connected")


def log_out(shown: Window) -> None:
    """Go back to the login."""
    shown.widget("log_out").click()
    shown.wait_until(lambda: shown.widget("user_name").visible, why="the login is shown again")


def say(shown: Window, text: str) -> None:
    """Type a message, and send it with Return."""
    shown.widget("composer").type(text)
    shown.widget("composer").key("Return")


def say_all(speaker: Device, room: str, texts: list[str]) -> None:
    """Say many things, each before the one before it is answered."""
    for first in range(0, len(texts), 50):
        asked = [speaker.ask_say(room, text, new_cid()) for text in texts[first : first + 50]]
        for id in asked:
            speaker.expect_reply(id, SAY)
