"""The login window, driven by the names of its widgets against a real account server."""

import socket
from collections.abc import Callable

import pytest

from tests.kit import check
from tests.kit.accounts import PASSWORD, Accounts, new_name, new_phone
from tests.kit.deadlines import within
from tests.kit.window import Window

from .conftest import Connect
from .test_codes import other_than

pytestmark = pytest.mark.parts("tk", "xvfb")

OpenWindow = Callable[..., Window]


@pytest.fixture
def login(window: OpenWindow, sqlite_accounts: Accounts) -> OpenWindow:
    """Open a login window on the shared account server; more flags may be given."""

    def open_one(*flags: str) -> Window:
        server = sqlite_accounts.server
        where = ("--host", server.host, "--port", str(server.port))
        return window(
            "stage3.login_window", *where, *(flags or ("--lang", "en")), "--reduced-motion"
        )

    return open_one


def says(shown: Window, name: str, words: str) -> None:
    """Wait until the widget ``name`` says ``words`` somewhere in its text."""
    shown.wait_until(
        lambda: words in shown.widget(name).text(), why=f"{name} says {words!r}", seconds=10
    )


def fill_in(shown: Window, **texts: str) -> None:
    """Type each text into the widget of its name."""
    for name, text in texts.items():
        shown.widget(name).type(text)


def test_a_person_registers_with_a_code_and_logs_in(
    login: OpenWindow, sqlite_accounts: Accounts
) -> None:
    shown, name, phone = login(), new_name("小明"), new_phone()
    shown.widget("page_register").click()
    fill_in(shown, reg_name=name, reg_pwd=PASSWORD, reg_phone=phone)
    shown.screenshot("register")
    shown.widget("send_code").click()
    says(shown, "reg_message", phone)
    check.that(not shown.widget("send_code").enabled, "the button waits after a code was sent")
    says(shown, "send_code", " s")
    fill_in(shown, reg_code=sqlite_accounts.sms.to(phone)[-1], reg_email="a@example.org\n")
    says(shown, "message", name)
    # The login page is filled in already, and Return is all it takes.
    shown.widget("log_in").key("Return")
    shown.wait_until(lambda: shown.widget("welcome_title").visible, why="the login succeeded")
    says(shown, "welcome_title", name)
    shown.screenshot("welcome")
    shown.widget("log_out").click()
    shown.wait_until(lambda: shown.widget("user_name").visible, why="the window asks again")
    check.equal(shown.errors(), [], "errors in callbacks")


def test_a_wrong_code_and_a_taken_phone_are_told_beside_their_fields(
    login: OpenWindow, sqlite_accounts: Accounts, connect: Connect
) -> None:
    taken = sqlite_accounts.register(connect(sqlite_accounts.server))
    shown, phone = login(), new_phone()
    shown.widget("page_register").click()
    fill_in(shown, reg_name=new_name(), reg_pwd=PASSWORD, reg_phone=taken.phone)
    shown.widget("send_code").click()
    says(shown, "reg_phone_line", "already registered")
    shown.widget("reg_phone").clear()
    fill_in(shown, reg_phone=phone)
    shown.widget("send_code").click()
    says(shown, "reg_message", phone)
    fill_in(shown, reg_code=other_than(sqlite_accounts.sms.to(phone)[-1]))
    shown.widget("register").click()
    says(shown, "reg_code_line", "wrong")
    check.that(shown.widget("reg_code").state()["focused"], "the wrong code has the focus")


def test_a_wrong_password_is_told_and_can_be_typed_over(
    login: OpenWindow, sqlite_accounts: Accounts, connect: Connect
) -> None:
    user = sqlite_accounts.register(connect(sqlite_accounts.server))
    shown = login()
    fill_in(shown, user_name=user.phone, user_pwd="wrong1\n")
    says(shown, "message", "Wrong name or password")
    shown.screenshot("wrong_password")
    shown.widget("user_pwd").type(user.password + "\n")
    shown.wait_until(lambda: shown.widget("welcome_title").visible, why="the login succeeded")
    says(shown, "welcome_title", user.name)


def test_a_reason_appears_while_typing_and_goes_when_it_is_mended(login: OpenWindow) -> None:
    shown = login()
    shown.widget("page_register").click()
    fill_in(shown, reg_pwd="abcdef")
    says(shown, "reg_pwd_line", "digit is needed")
    fill_in(shown, reg_pwd="1")
    says(shown, "reg_pwd_line", "6 to 16 characters, with")
    fill_in(shown, reg_name="a b")
    says(shown, "reg_name_line", "No spaces")
    shown.widget("register").click()
    says(shown, "reg_phone_line", "ten more digits")
    check.that(shown.widget("reg_name").state()["focused"], "the first wrong field has the focus")


def test_every_label_changes_its_language_at_once(login: OpenWindow) -> None:
    shown = login("--lang", "zh", "--theme", "dark")
    shown.widget("page_register").click()
    fill_in(shown, reg_name="a b")
    says(shown, "reg_name_line", "空格")
    shown.screenshot("register_chinese_dark")
    shown.widget("language").click()
    for name, words in {
        "page_login": "Log in",
        "reg_name_line": "No spaces",
        "send_code": "Send code",
        "register": "Create account",
        "title": "From Echo to Chat",
        ".": "From Echo to Chat",
    }.items():
        says(shown, name, words)
    shown.widget("theme").click()
    shown.widget("language").click()
    says(shown, "register", "创建账号")
    check.equal(shown.errors(), [], "errors in callbacks")


def test_a_server_that_is_not_there_is_told_while_the_window_lives_on(window: OpenWindow) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))  # and nobody listens
        port = str(unused.getsockname()[1])
        shown = window("stage3.login_window", "--port", port, "--lang", "en")
        says(shown, "server_line", "No answer from")
        shown.longest_stall()
        fill_in(shown, user_name="ann", user_pwd="abc123\n")
        says(shown, "message", "cannot be reached")
        check.that(shown.widget("user_pwd").enabled, "the fields can be used again")
        check.that(shown.longest_stall() < within(0.5), "no call is made in Tk's thread")


def test_a_password_is_shown_only_on_request(login: OpenWindow) -> None:
    shown = login()
    fill_in(shown, user_pwd="geheim1")
    check.equal(shown.widget("user_pwd").text(), "●" * 7, "what is shown of a password")
    shown.widget("user_pwd_show").click()
    check.equal(shown.widget("user_pwd").text(), "geheim1", "what is shown on request")
    shown.widget("user_pwd_show").click()
    shown.widget("user_pwd").key("BackSpace")
    shown.widget("user_pwd_show").click()
    check.equal(shown.widget("user_pwd").text(), "geheim", "a bullet stands for its character")


def test_emoji_and_editing_keys_leave_one_sound_line(login: OpenWindow) -> None:
    shown = login()
    name = shown.widget("user_name")
    for keys in (("Left", "BackSpace"), ("Home", "Delete"), ("Right", "Control-t"), ("Control-h",)):
        name.type("😀a👩‍👧")
        for key in keys:
            name.key(key)
        name.text().encode("utf-8")  # a lone surrogate could not be encoded
        check.that("\n" not in name.text(), "one line")
    check.equal(shown.errors(), [], "errors in callbacks")


def test_tab_and_escape_move_as_everywhere(login: OpenWindow) -> None:
    shown = login()
    shown.widget("user_name").key("Tab")
    check.that(shown.widget("user_pwd").state()["focused"], "Tab goes from name to password")
    shown.widget("user_pwd").key("Shift-Tab")
    check.that(shown.widget("user_name").state()["focused"], "Shift-Tab goes back")
    shown.widget("page_reset").click()
    shown.wait_until(lambda: shown.widget("reset_phone").visible, why="the page is shown")
    shown.widget("reset_phone").key("Escape")
    shown.wait_until(lambda: shown.widget("user_name").visible, why="Escape goes back to log in")
