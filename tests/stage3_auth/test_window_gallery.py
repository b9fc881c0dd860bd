"""Every page of the login window as people see it: languages, themes, scales; nothing is cut off.

The pictures are kept among the artefacts, for people to look at.
"""

from collections.abc import Callable

import pytest

from tests.kit import check
from tests.kit.window import Window

from .login_windows import OpenWindow, fill_in, says

pytestmark = [pytest.mark.parts("tk", "xvfb", "fonts"), pytest.mark.timeout(120)]

Turn = Callable[[Window], None]
# The quick tier looks at every second one: each language and each theme.
LOOKS = (("en", "light"), ("en", "dark"), ("zh", "dark"), ("zh", "light"))
WIDTH = 400  # pixels at 100 %, of what stands on the card


def log_in(shown: Window) -> None:
    """Stay on the page to log in."""


def register(shown: Window) -> None:
    """Turn to the page to register, with reasons at its fields."""
    shown.widget("page_register").click()
    shown.widget("reg_name").clear()
    shown.widget("reg_pwd").clear()
    fill_in(shown, reg_name="a b", reg_pwd="abcdef\n")


def reset(shown: Window) -> None:
    """Turn to the page for a new password."""
    shown.widget("page_reset").click()


def server(shown: Window) -> None:
    """Turn to the choice of a server."""
    shown.widget("server_line").click()


TURNS: dict[str, Turn] = {
    "login_page": log_in,
    "register_page": register,
    "reset_page": reset,
    "server_page": server,
}


@pytest.mark.task("3.11", hint="What becomes of a text when the scale or the language changes?")
@pytest.mark.needs("3.4", "3.5", "3.6", "3.7", "3.10")
@pytest.mark.parametrize("scale", [1.5, 2.0, 1.0])
def test_every_page_fits_its_card_in_each_language_theme_and_scale(
    login: OpenWindow, count: Callable[[int, int], int], scale: float
) -> None:
    if scale != 1.5 and not count(0, 1):
        return  # the quick tier looks at one scale
    shown = login("--scale", str(scale))
    shown.resize(round(600 * scale), min(1000, round(780 * scale)))
    says(shown, "server_line", "Connected to")
    now = ("en", "light")
    for look in LOOKS[:: count(2, 1)]:
        for word, before, button in zip(look, now, ("language", "theme"), strict=True):
            if word != before:
                shown.widget(button).click()
        now, (language, theme) = look, look
        says(shown, "page_register", "Register" if language == "en" else "注册")
        for page, turn in TURNS.items():
            turn(shown)
            shown.wait_until(lambda page=page: shown.widget(page).visible, why=f"the {page}")
            left, _top, right, _bottom = shown.widget(page).box
            # A text that is too long for the card would make it wider.
            check.equal(right - left, round(WIDTH * scale), f"width of {page} in {language}")
            shown.screenshot(f"{page}_{language}_{theme}_{scale:.0%}".replace("%", ""))
            shown.widget("language").key("Escape")  # back to log in
            shown.wait_until(lambda: shown.widget("user_pwd").visible, why="log in")
    check.equal(shown.errors(), [], "errors in callbacks")
