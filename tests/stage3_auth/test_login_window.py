"""The login window, driven by the names of its widgets against a real account server."""

import itertools
import re
from pathlib import Path

import pytest
from PIL import Image, ImageChops

from tests.kit import check
from tests.kit.accounts import PASSWORD, Accounts, new_name, new_phone
from tests.kit.deadlines import within
from tests.kit.window import Window
from tests.kit.wire import WireClient

from .conftest import Connect
from .login_windows import Listen, OpenWindow, fill_in, says
from .test_codes import other_than

pytestmark = pytest.mark.parts("tk", "xvfb")


@pytest.mark.task("3.11", hint="Which thread waits for the server, and who tells the window?")
@pytest.mark.points(0.5)
@pytest.mark.needs("3.4", "3.5", "3.6", "3.7", "3.10")
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


@pytest.mark.task("3.11", hint="Which thread waits for the server, and who tells the window?")
@pytest.mark.points(0.5)
@pytest.mark.needs("3.4", "3.5", "3.6", "3.7", "3.10")
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


@pytest.mark.task("3.11", hint="Which thread waits for the server, and who tells the window?")
@pytest.mark.needs("3.4", "3.5", "3.6", "3.7", "3.10")
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


@pytest.mark.task("3.11", hint="Which thread waits for the server, and who tells the window?")
@pytest.mark.points(0.5)
@pytest.mark.needs("3.4", "3.5", "3.6", "3.7", "3.10")
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


@pytest.mark.task("3.11", hint="Which thread waits for the server, and who tells the window?")
@pytest.mark.needs("3.4", "3.5", "3.6", "3.7", "3.10")
def test_every_label_changes_its_language_at_once(login: OpenWindow) -> None:
    shown = login()
    shown.widget("page_register").click()
    shown.widget("language").click()
    says(shown, "register", "创建账号")
    shown.widget("theme").click()
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
    check.equal(shown.errors(), [], "errors in callbacks")


@pytest.mark.task(
    "3.11", hint="Who waits for an answer that does not come: the window, or a thread of its own?"
)
@pytest.mark.points(0.5)
@pytest.mark.needs("3.4", "3.5", "3.6", "3.7", "3.10")
def test_a_server_that_is_not_there_is_told_while_the_window_lives_on(
    lonely: Window,
) -> None:
    says(lonely, "server_line", "No answer from")
    lonely.longest_stall()
    fill_in(lonely, user_name="ann", user_pwd="abc123\n")
    says(lonely, "message", "cannot be reached")
    check.that(lonely.widget("user_pwd").enabled, "the fields can be used again")
    check.that(lonely.longest_stall() < within(0.5), "no call is made in Tk's thread")


@pytest.mark.task("3.11", hint="Which thread waits for the server, and who tells the window?")
@pytest.mark.needs("3.4", "3.5", "3.6", "3.7", "3.10")
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
    shown.widget("user_pwd_show").click()


@pytest.mark.task("3.11", hint="Which thread waits for the server, and who tells the window?")
@pytest.mark.needs("3.4", "3.5", "3.6", "3.7", "3.10")
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


@pytest.mark.task("3.11", hint="Which thread waits for the server, and who tells the window?")
@pytest.mark.needs("3.4", "3.5", "3.6", "3.7", "3.10")
def test_a_code_button_counts_down_for_its_phone_only(
    login: OpenWindow, sqlite_accounts: Accounts
) -> None:
    shown, phone = login(), new_phone()
    shown.widget("page_register").click()
    fill_in(shown, reg_phone=phone)
    shown.widget("send_code").click()
    says(shown, "reg_message", phone)
    check.that(shown.widget("reg_code").state()["focused"], "the code can be typed at once")
    first = seconds_left(shown, "send_code")
    check.that(45 <= first <= 60, f"it counts down from a minute, it shows {first} s")
    shown.widget("reg_phone").key("BackSpace")
    says(shown, "send_code", "Send code")
    check.that(shown.widget("send_code").enabled, "another phone need not wait")
    shown.widget("reg_phone").type(phone[-1])
    says(shown, "send_code", " s")
    check.that(not shown.widget("send_code").enabled, "this phone still waits")


@pytest.mark.task("3.11", hint="Which thread waits for the server, and who tells the window?")
@pytest.mark.needs("3.4", "3.5", "3.6", "3.7", "3.10")
def test_how_long_to_wait_for_a_code_is_what_the_server_says(
    login: OpenWindow, strict: Accounts, connect: Connect
) -> None:
    accounts, phone = strict, new_phone()
    accounts.code(connect(accounts.server), phone)  # from elsewhere: the window does not know
    shown = login(server=accounts.server)
    shown.widget("page_register").click()
    fill_in(shown, reg_phone=phone)
    shown.widget("send_code").click()
    says(shown, "reg_message", "Too many tries")
    before = {name: seconds_left(shown, name) for name in ("send_code", "reg_message")}
    check.that(1 <= before["send_code"] <= 60, "the button shows the rest of a minute")
    for name, seconds in before.items():
        shown.wait_until(
            lambda name=name, seconds=seconds: seconds_left(shown, name) < seconds,
            why=f"{name} counts down",
        )
    shown.screenshot("too_many_codes")


def seconds_left(shown: Window, name: str) -> int:
    """Return the seconds that a widget counts down."""
    found = re.search(r"(\d+) s$", shown.widget(name).text())
    check.that(found is not None, f"{name} shows seconds: {shown.widget(name).text()!r}")
    assert found is not None
    return int(found[1])


@pytest.mark.task("3.11", hint="Which thread waits for the server, and who tells the window?")
@pytest.mark.needs("3.4", "3.5", "3.6", "3.7", "3.10")
def test_a_forgotten_password_is_replaced_by_code(
    login: OpenWindow, sqlite_accounts: Accounts, connect: Connect
) -> None:
    user, shown = sqlite_accounts.register(connect(sqlite_accounts.server)), login()
    shown.widget("page_reset").click()
    fill_in(shown, reset_phone=user.phone)
    shown.widget("reset_send_code").click()
    says(shown, "reset_message", user.phone)
    code = sqlite_accounts.sms.to(user.phone, "reset")[-1]
    fill_in(shown, reset_code=code, reset_pwd="short")
    says(shown, "reset_pwd_line", "6 to 16 characters are needed")
    shown.widget("reset_pwd").clear()
    fill_in(shown, reset_pwd="other12\n")
    says(shown, "message", "now log in")
    shown.widget("log_in").key("Return")
    says(shown, "welcome_title", user.name)


@pytest.mark.task("3.11", hint="Which thread waits for the server, and who tells the window?")
@pytest.mark.needs("3.4", "3.5", "3.6", "3.7", "3.10")
def test_a_busy_window_says_so_and_escape_gives_up_waiting(
    window: OpenWindow, listen: Listen, tmp_path: Path
) -> None:
    listening = listen(WireClient)
    where = ("--host", listening.host, "--port", str(listening.port), "--data", str(tmp_path))
    shown = window("stage3.login_window", *where, "--lang", "en", "--reduced-motion")
    server = listening.accept(seconds=15)
    hello = server.recv_message()
    server.send_frame({"op": 90, "id": hello["id"], "test": 0, "data": {"service": "auth"}})
    says(shown, "server_line", "Connected to")
    fill_in(shown, user_name="ann", user_pwd="abc123\n")
    request = server.recv_message()
    check.equal(request["args"], {"user_name": "ann", "user_pwd": "abc123"}, "what is asked")
    says(shown, "log_in", "Logging in")
    check.that(not shown.widget("user_pwd").enabled, "nothing can be typed meanwhile")
    shown.screenshot("busy")
    shown.widget("log_in").click()
    shown.widget("log_in").key("Escape")
    says(shown, "log_in", "Log in")
    check.that(shown.widget("user_pwd").enabled, "the fields can be used again")
    # The late answer belongs to nobody; the next request is the first one since.
    server.send_frame({"op": 0, "id": request["id"], "test": 1, "error": "late"})
    shown.widget("log_in").click()
    again = server.recv_message()
    check.equal(again["op"], 0, "a login was asked once while it was busy, and once after")
    server.send_frame({"op": 0, "id": again["id"], "test": 1, "error": "no"})
    says(shown, "message", "Wrong name or password")
    check.equal(shown.errors(), [], "errors in callbacks")


LOGIN_STOPS = [
    "user_name", "user_pwd", "user_pwd_show", "log_in", "page_reset",
    "server_line", "language", "theme", "motion", "page_login", "page_register",
]  # fmt: skip


@pytest.mark.task("3.11", hint="Which thread waits for the server, and who tells the window?")
@pytest.mark.needs("3.4", "3.5", "3.6", "3.7", "3.10")
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_tab_reaches_everything_and_the_focus_can_be_seen(login: OpenWindow, theme: str) -> None:
    shown = login()
    says(shown, "server_line", "Connected to")
    if theme == "dark":
        shown.widget("theme").click()
    for before, name in itertools.pairwise([*LOGIN_STOPS, LOGIN_STOPS[0]]):
        shown.widget(before).key("Escape")  # puts the focus there, and nothing else on this page
        without = seen_around(shown, name)
        shown.widget(before).key("Tab")
        check.that(shown.widget(name).state()["focused"], f"Tab goes from {before} to {name}")
        shown.wait_until(
            lambda name=name, without=without: differ(seen_around(shown, name), without),
            why=f"the focus on {name} can be seen",
        )
    if theme == "dark":
        shown.widget("theme").click()


def seen_around(shown: Window, name: str) -> Image.Image:
    """Return a picture of a widget and its surroundings; a field without its blinking cursor."""
    left, top, right, bottom = shown.widget(name).box
    picture = shown.display.grab((left - 14, top - 8, right + 14, bottom + 8)).convert("L")
    if name in ("user_name", "user_pwd"):
        picture.paste(0, (14, 8, 14 + right - left, 8 + bottom - top))
    return picture


def differ(one: Image.Image, other: Image.Image) -> bool:
    """Tell whether two pictures differ so much that people see it."""
    changed = ImageChops.difference(one, other).point(lambda value: 255 * (value > 24))
    return changed.getbbox() is not None


@pytest.mark.task("3.11", hint="Which thread waits for the server, and who tells the window?")
@pytest.mark.needs("3.4", "3.5", "3.6", "3.7", "3.10")
def test_caps_lock_is_told_at_a_password(login: OpenWindow) -> None:
    shown, caps_lock = login(), 2
    shown.widget("user_pwd").key("Shift_L")  # which gives it the focus
    shown.widget("user_pwd").event("<KeyPress>", keysym="A", state=caps_lock)
    says(shown, "user_pwd_line", "Caps Lock")
    shown.widget("user_pwd").event("<KeyPress>", keysym="b")
    shown.wait_until(lambda: not shown.widget("user_pwd_line").text(), why="it is said no longer")


@pytest.mark.task("3.11", hint="Which thread waits for the server, and who tells the window?")
@pytest.mark.needs("3.4", "3.5", "3.6", "3.7", "3.10")
def test_a_card_taller_than_its_window_follows_the_keyboard(login: OpenWindow) -> None:
    shown = login()
    shown.widget("page_register").click()
    shown.resize(480, 520)
    for name in ("register", "reg_name", "motion", "reg_pwd"):
        shown.widget(name).key("Shift_L")  # which gives it the focus

        def in_view(name: str = name) -> bool:
            _left, top, _right, bottom = shown.widget(name).box
            return shown.box[1] <= top and bottom <= shown.box[3]

        shown.wait_until(in_view, why=f"{name} is in the window")
    shown.resize(600, 780)


@pytest.mark.task("3.11", hint="Which thread waits for the server, and who tells the window?")
@pytest.mark.needs("3.4", "3.5", "3.6", "3.7", "3.10")
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
