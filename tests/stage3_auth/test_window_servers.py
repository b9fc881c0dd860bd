"""Which server the login window talks to, and what it remembers from one start to the next."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.kit import check
from tests.kit.accounts import Accounts
from tests.kit.probe import Probe
from tests.kit.programs import Server
from tests.kit.window import Window

from .conftest import Connect
from .login_windows import OpenWindow, fill_in, says

pytestmark = pytest.mark.parts("tk", "xvfb")

STEADY = ("--scale", "1", "--reduced-motion")


@pytest.fixture
def remembering(window: OpenWindow, tmp_path: Path) -> Callable[..., Window]:
    """Open a login window that remembers what earlier ones of this test did."""

    def open_one(*flags: str) -> Window:
        return window("stage3.login_window", "--data", str(tmp_path / "remembered"), *flags)

    return open_one


def address_of(server: Server) -> str:
    """Return HOST:PORT of a server."""
    return f"{server.host}:{server.port}"


@pytest.mark.task("3.11", hint="What does a person find again at the next start?")
@pytest.mark.needs("3.4", "3.5", "3.6", "3.7", "3.10")
def test_a_server_language_theme_and_motion_are_found_again_as_they_were_left(
    remembering: OpenWindow,
    sqlite_accounts: Accounts,
    shared_server: Callable[..., Server],
    connect: Connect,
    nobody: str,
) -> None:
    user = sqlite_accounts.register(connect(sqlite_accounts.server))
    real, other = sqlite_accounts.server, shared_server("stage2.server")
    flags = ("--lang", "en", "--theme", "light", "--scale", "1")
    shown = remembering(*flags, "--port", nobody.rpartition(":")[2])
    says(shown, "server_line", "No answer from")
    shown.widget("server_line").click()
    shown.wait_until(lambda: shown.widget("server_address").visible, why="one may choose")
    for typed, told in {
        "two words": "An address looks like",
        "host:99999": "from 1 to 65535",
        nobody: "No server answers at",
        address_of(other): "no account server",
    }.items():
        shown.widget("server_address").clear()
        fill_in(shown, server_address=typed)
        shown.widget("connect").click()
        says(shown, "server_address_line", told)
        check.that(shown.widget("server_address").state()["focused"], "it can be typed over")
    shown.screenshot("no_account_server")
    shown.widget("server_address").clear()
    fill_in(shown, server_address=address_of(real) + "\n")
    says(shown, "message", f"connected to {address_of(real)}")
    says(shown, "server_line", f"Connected to {address_of(real)}")
    fill_in(shown, user_name=user.name, user_pwd=f"{user.password}\n")
    says(shown, "welcome_title", user.name)
    shown.widget("log_out").click()
    shown.wait_until(lambda: shown.widget("user_name").visible, why="the window asks again")
    bright = average(shown)
    for name in ("language", "theme", "motion"):
        shown.widget(name).click()
    says(shown, "log_in", "登录")
    check.equal(shown.errors(), [], "errors in callbacks")
    shown.close()
    shown.wait_exit(code=0)
    again = remembering("--scale", "1")
    says(again, "server_line", address_of(real))
    says(again, "log_in", "登录")
    check.that(average(again) < bright / 2, "it is dark")
    still = again.grab()
    again.widget("motion").click()
    again.wait_until(lambda: again.grab() != still, why="the picture moves when it is switched on")


def average(shown: Window) -> float:
    """Return how bright a window is, 0 to 255."""
    picture = shown.grab().convert("L").resize((1, 1))
    return float(picture.getpixel((0, 0)))  # type: ignore[arg-type]


@pytest.mark.task("3.11", hint="What does a person find again at the next start?")
@pytest.mark.needs("3.4", "3.5", "3.6", "3.7", "3.10")
def test_a_server_used_before_is_one_click_away_until_it_is_forgotten(
    remembering: OpenWindow, sqlite_accounts: Accounts, tmp_path: Path, nobody: str
) -> None:
    real = address_of(sqlite_accounts.server)
    folder = tmp_path / "remembered"
    folder.mkdir()
    servers = [nobody, real, 7, "no:port:at all", "chat.example.org"]
    kept = {"lang": "zh", "theme": 1, "servers": servers, "volume": 11}
    (folder / "app.json").write_text(json.dumps(kept), "utf-8")
    shown = remembering("--lang", "en", *STEADY)
    says(shown, "server_line", f"No answer from {nobody}")  # a flag comes before what is kept
    shown.widget("server_line").click()
    says(shown, "server_row_0", nobody)
    says(shown, "server_row_1", real)
    check.that(not shown.widget("server_row_2").visible, "what is no address is left out")
    shown.screenshot("choose_a_server")
    shown.widget("server_forget_0").click()
    says(shown, "server_row_0", real)
    shown.widget("server_row_0").click()
    says(shown, "message", f"connected to {real}")
    says(shown, "server_line", "Connected to")
    now = json.loads((folder / "app.json").read_text("utf-8"))
    check.equal(now["servers"], [real], "the servers that are remembered")
    check.equal(now["volume"], 11, "what another stage keeps there")
    shown.widget("server_line").click()
    shown.widget("server_address").key("Escape")
    shown.wait_until(lambda: shown.widget("user_name").visible, why="Escape leads back")


@pytest.mark.task("3.11", hint="What does a person find again at the next start?")
@pytest.mark.needs("3.4", "3.5", "3.6", "3.7", "3.10")
def test_preferences_that_make_no_sense_are_as_if_never_chosen(
    probe: Probe, tmp_path: Path
) -> None:
    load = "stage3_auth.ui.preferences:load_preferences"
    never = probe.call(load, tmp_path)
    senseless = '{"lang": [], "theme": 1, "reduced_motion": "no", "servers": {"a": 1}}'
    for text in ("", "[]", "7", senseless, "[" * 100_000, "\xff", '{"lang": "en"'):
        (tmp_path / "app.json").write_text(text, "latin-1")
        check.equal(probe.call(load, tmp_path), never, f"what is read from {text[:70]!r}")
    (tmp_path / "app.json").write_text('{"lang": "zh", "theme": "dark"}', "latin-1")
    found = probe.call(load, tmp_path)
    check.equal((found.lang, found.theme), ("zh", "dark"), "what makes sense is read")


@pytest.mark.task("3.11", hint="What does a person find again at the next start?")
@pytest.mark.needs("3.4", "3.5", "3.6", "3.7", "3.10")
@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("localhost", ("localhost", 8889)),
        (" 192.168.1.20:9000 ", ("192.168.1.20", 9000)),
        ("聊天.example.org", ("聊天.example.org", 8889)),
        ("::1", ("::1", 8889)),
        ("[::1]:80", ("::1", 80)),
        ("[::1]", ("::1", 8889)),
        ("", "empty"),
        ("a b", "host"),
        ("http://host", "host"),
        ("host:", "port"),
        ("host:0", "port"),
        ("host:+1", "port"),
        ("host:８０", "port"),
        ("host:1:2", "port"),
        ("a..b", "host"),
        ("-a", "host"),
        ("[host]:80", "host"),
        ("h" * 300, "host"),
    ],
)
def test_an_address_is_read_as_people_write_it(
    probe: Probe, typed: str, read: tuple[str, int] | str
) -> None:
    found = probe.attempt("stage3_auth.ui.addresses:parse_address", typed, 8889)
    if isinstance(read, tuple):
        check.equal(found.value, read, f"what {typed!r} means")
        shown = probe.call("stage3_auth.ui.addresses:show_address", read)
        again = probe.call("stage3_auth.ui.addresses:parse_address", shown, 1)
        check.equal(again, read, f"what is shown for it, {shown!r}, means the same")
    else:
        check.equal(str(found.error.message if found.error else found), read, "the reason")
