"""What moves, and what crosses from other threads: small windows made of the stage's own parts."""

import os
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.kit import check
from tests.kit.display import Display
from tests.kit.judge import Judge
from tests.kit.probe import Probe
from tests.kit.window import Window

pytestmark = pytest.mark.parts("tk", "xvfb")

OpenParts = Callable[[str], Window]

MOTION = """
    import tkinter as tk
    from stage3_auth.ui.animation import AnimatedBackground
    from stage3_auth.ui.palette import load_palette
    from stage3_auth.ui.theme import Look

    root = tk.Tk()
    root.geometry("900x700+0+0")
    background = AnimatedBackground(root, Look(root, "light", 1.0), load_palette())
    background.place(relwidth=1, relheight=1)
    animator = background.animator
    said = tk.Label(root, name="said")
    covers = []

    def tell():
        said["text"] = ("runs" if animator.running else "stands") + f" after {animator.frames}"
        root.after(20, tell)

    def reduce():
        animator.reduced = not animator.reduced

    def cover():
        over = tk.Toplevel(root)
        over.overrideredirect(True)
        over.geometry("1000x800+0+0")
        over.lift()
        covers.append(over)

    def uncover():
        covers.pop().destroy()

    commands = {"withdraw": root.withdraw, "deiconify": root.deiconify,
                "reduce": reduce, "cover": cover, "uncover": uncover}
    for name, command in commands.items():
        tk.Button(root, name=name, command=command)
    tell()
    root.mainloop()
"""

DRIFT = """
    import random
    import tkinter as tk
    from stage3_auth.ui.palette import ColourDrift, load_palette

    palette = load_palette()

    def follow(seed):
        drift = ColourDrift(palette, random.Random(seed))
        return [drift.at(frame / 30) for frame in range(600 * 30)]

    ways = [follow(seed) for seed in (1, 2)]
    lowest = [min(c[i] for c in palette) for i in range(3)]
    outside = sum(not all(low <= v <= 255 for low, v in zip(lowest, c)) for c in ways[0])
    steps = [max(abs(x - y) for x, y in zip(a, b)) for a, b in zip(ways[0], ways[0][1:])]
    visited = {c for c in ways[0] if c in set(palette)}
    root = tk.Tk()
    words = f"drifted {outside} {max(steps)} {len(visited)} {ways[0] == ways[1]}"
    tk.Label(root, name="said", text=words).pack()
    root.mainloop()
"""

GARBAGE = """
    import argparse
    import threading
    import tkinter as tk
    from stage3_auth.ui.window import open_window

    root = open_window(argparse.Namespace(lang="en", theme="light", scale=1.0)).root
    root.deiconify()
    said = tk.Label(root, name="said")
    said.pack()
    freed_in = []
    kept = []

    class Cycle:
        def __init__(self):
            self.myself = self

        def __del__(self):
            freed_in.append(threading.current_thread())

    def allocate():
        kept.extend([[]] for _ in range(50_000))

    def litter():
        for _ in range(100):
            Cycle()
        threading.Thread(target=allocate).start()
        tell()

    def tell():
        elsewhere = sum(thread is not threading.main_thread() for thread in freed_in)
        said["text"] = f"{len(freed_in)} freed, {elsewhere} elsewhere"
        root.after(20, tell)

    tk.Button(root, name="litter", command=litter).pack()
    root.mainloop()
"""

BRIDGE = """
    import threading
    import time
    import tkinter as tk
    from stage3_auth.ui.tk_bridge import TkBridge

    root = tk.Tk()
    bridge = TkBridge(root)
    seen = []
    said = tk.Label(root, name="said")
    said.pack()

    def put(words):
        where = "" if threading.current_thread() is threading.main_thread() else " ELSEWHERE"
        seen.append(f"{words}{where}")
        said["text"] = " | ".join(seen)

    def double(number):
        time.sleep(0.1)
        return number * 2

    def fail():
        raise ValueError("as asked")

    def run():
        bridge.run(double, 21, done=lambda result: put(f"done {result}"))
        bridge.run(fail, done=put, failed=lambda error: put(f"failed {error}"))

    def give_up():
        bridge.run(double, 1, done=lambda result: put("cancelled")).cancel()
        bridge.run(time.sleep, 0.3, done=lambda _none: put("given up"))

    def flood():
        counts = []
        def pour():
            for number in range(5000):
                bridge.post(counts.append, number)
            bridge.post(lambda: put(f"{len(counts)} in order {counts == sorted(counts)}"))
        threading.Thread(target=pour).start()

    def wait():
        bridge.run(time.sleep, 1, done=lambda _none: put("waited"))

    def escape():
        bridge.post(fail)
        bridge.post(put, "still delivering")

    def close():
        # Posts and results that come after the end are dropped, and nobody waits for them.
        bridge.run(double, 5, done=lambda result: put("too late"))
        root.destroy()
        bridge.post(put, "too late")

    commands = {"run": run, "give_up": give_up, "wait": wait, "flood": flood, "escape": escape,
                "end": close}
    for name, command in commands.items():
        tk.Button(root, name=name, command=command).pack()
    root.mainloop()
    time.sleep(0.3)
    raise SystemExit(7 if "too late" not in " ".join(seen) else 8)
"""


# The answers are there before Tk tells of the last key: as when a password manager types.
QUICK = """
    import time
    import tkinter as tk
    from stage2_protocol import Refused
    from stage3_auth.ui.catalog import Catalog
    from stage3_auth.ui.login_frame import LoginFrame
    from stage3_auth.ui.login_texts import LOGIN_TEXTS
    from stage3_auth.ui.theme import Look
    from stage3_auth.ui.tk_bridge import TkBridge

    class Auth:
        address = ("127.0.0.1", 8889)

        def hello(self):
            pass

        def login(self, name, password):
            raise Refused(1, "wrong")

        def register(self, *fields):
            raise Refused(3, "taken", field="user_name")

    root = tk.Tk()
    catalog = Catalog("en")
    catalog.extend(LOGIN_TEXTS)
    LoginFrame(root, auth=Auth(), catalog=catalog, look=Look(root, "light", 1.0, "en"),
               bridge=TkBridge(root), on_login=print, reduced_motion=True).pack()

    def find(widget, name):
        inside = [find(child, name) for child in widget.winfo_children()]
        return next(filter(None, inside), widget if widget.winfo_name() == name else None)

    def fill_in(button, **words):
        for name, text in words.items():
            find(root, name).value = text
        find(root, button).invoke()
        time.sleep(0.2)  # in this time the call is made and refused

    def log_in():
        fill_in("log_in", user_name="ann", user_pwd="wrong1")

    def register():
        fill_in("register", reg_name="ann", reg_pwd="abc123", reg_phone="13800138000",
                reg_code="123456")

    for name, command in {"quick_log_in": log_in, "quick_register": register}.items():
        tk.Button(root, name=name, command=lambda command=command: root.after(1, command)).pack()
    root.mainloop()
"""


@pytest.fixture
def parts(judge: Judge, display: Display, tmp_path: Path) -> OpenParts:
    """Open a window from source that imports the stage under test; tests share it."""

    def open_one(source: str) -> Window:
        return judge.keep_window((source,), lambda: open_new(source))

    def open_new(source: str) -> Window:
        tree = judge.tree.root
        (tmp_path / "parts_window.py").write_text(textwrap.dedent(source), "utf-8")
        folder = tmp_path / "window"
        folder.mkdir()
        return Window(
            "a window of parts",
            ["parts_window"],
            root=tree,
            env={"PYTHONPATH": f"{tmp_path}{os.pathsep}{tree}"},
            folder=folder,
            pictures=tmp_path,
            display=display,
        )

    return open_one


def said(shown: Window, words: str, name: str = "said") -> None:
    """Wait until the label says ``words``."""
    shown.wait_until(lambda: words in shown.widget(name).text(), why=f"{name} says {words!r}")


def frames(shown: Window) -> int:
    """Return how many frames were painted."""
    return int(shown.widget("said").text().split()[-1])


@pytest.mark.task("3.10", hint="What does your animation cost while nobody can see it?")
@pytest.mark.points(1)
def test_the_animation_stops_when_the_window_is_hidden_and_goes_on_after(parts: OpenParts) -> None:
    shown = parts(MOTION)
    said(shown, "runs")
    start = frames(shown)
    shown.wait_until(lambda: frames(shown) > start + 10, why="frames are painted")
    shown.widget("withdraw").invoke()
    said(shown, "stands")
    before = frames(shown)
    shown.widget("deiconify").invoke()
    said(shown, "runs")
    shown.wait_until(lambda: frames(shown) > before, why="frames are painted again")


@pytest.mark.task("3.10", hint="In which thread may an image die?")
def test_garbage_of_windows_is_collected_in_tks_own_thread(parts: OpenParts) -> None:
    shown = parts(GARBAGE)
    shown.widget("litter").invoke()
    said(shown, "100 freed")
    check.equal(shown.widget("said").text(), "100 freed, 0 elsewhere", "where garbage was freed")
    shown.dispose()


@pytest.mark.task("3.10", hint="Who asks Tk for the next frame, and when does nobody ask?")
@pytest.mark.points(1)
def test_reduced_motion_stands_still_until_it_is_switched_off(parts: OpenParts) -> None:
    shown = parts(MOTION)
    said(shown, "runs")
    shown.widget("reduce").invoke()
    said(shown, "stands")
    still = shown.grab()
    shown.widget("withdraw").invoke()
    shown.widget("deiconify").invoke()
    shown.wait_until(lambda: shown.grab() == still, why="the same picture is there again")
    said(shown, "stands")
    shown.widget("reduce").invoke()
    said(shown, "runs")
    shown.wait_until(lambda: shown.grab() != still, why="the picture moves")


@pytest.mark.task("3.10", hint="How does a window learn that another one lies over it?")
@pytest.mark.points(0.5)
@pytest.mark.skipif(sys.platform != "linux", reason="other desktops do not tell what is covered")
def test_a_window_that_is_wholly_covered_stands_still(parts: OpenParts) -> None:
    shown = parts(MOTION)
    said(shown, "runs")
    shown.widget("cover").invoke()
    said(shown, "stands")
    shown.widget("uncover").invoke()
    said(shown, "runs")
    shown.widget("withdraw").invoke()  # the last test of this window leaves it at rest


@pytest.mark.task("3.10", hint="How long is a frame painted, and how long is the pause behind it?")
def test_what_costs_more_is_painted_less_often(probe: Probe) -> None:
    pace = probe.new("stage3_auth.ui.animation:Pace", 30.0, 0.1)
    cheap = [pace.call("interval", 0.002) for _ in range(50)]
    check.equal({round(one, 4) for one in cheap}, {round(1 / 30, 4)}, "the intervals when cheap")
    dear = [pace.call("interval", 0.02) for _ in range(100)]
    check.that(abs(dear[-1] - 0.2) < 0.002, f"20 ms at a tenth is every 200 ms, got {dear[-1]:.4f}")
    check.equal(dear, sorted(dear), "the intervals grow without a jump")
    again = [pace.call("interval", 0.002) for _ in range(100)]
    check.that(abs(again[-1] - 1 / 30) < 0.001, "it recovers when frames are cheap again")


@pytest.mark.task("3.10", hint="Where does the colour begin, when the next crossing begins?")
@pytest.mark.points(1.5)
def test_colours_wander_through_the_palette_at_random_and_never_jump(parts: OpenParts) -> None:
    shown = parts(DRIFT)
    said(shown, "drifted")
    lines = shown.widget("said").text().split()
    check.equal(lines[1], "0", "colours outside of what the palette spans")
    check.that(int(lines[2]) <= 24, f"the largest step in a thirtieth of a second: {lines[2]}")
    check.that(int(lines[3]) > 60, f"entries that were visited in ten minutes: {lines[3]}")
    check.equal(lines[4], "False", "whether two drifts go the same way")


@pytest.mark.task("3.10", hint="Who calls the drift, and how often?")
@pytest.mark.points(0.5)
def test_title_and_buttons_change_colour_until_motion_is_reduced(lonely: Window) -> None:
    for name in ("title", "log_in"):
        first = inks(lonely, name)
        lonely.wait_until(
            lambda name=name, first=first: inks(lonely, name) != first, why="a colour"
        )
    lonely.widget("motion").click()
    lonely.wait_until(lambda: stands(lonely), why="nothing moves")


def inks(shown: Window, name: str) -> set[tuple[int, int, int]]:
    """Return the colours of a widget that cover much of it."""
    picture = shown.display.grab(shown.widget(name).box).convert("RGB")
    counted = picture.getcolors(picture.width * picture.height) or []
    return {colour for count, colour in sorted(counted)[-2:]}  # type: ignore[misc]


def stands(shown: Window) -> bool:
    """Tell whether title and button are painted alike in ten looks one after the other."""
    looks = [(inks(shown, "title"), inks(shown, "log_in")) for _ in range(10)]
    return looks.count(looks[0]) == 10


@pytest.mark.task("3.10", hint="Which thread runs the callback?")
@pytest.mark.points(2)
@pytest.mark.parametrize("case", ["results", "cancelled", "slow", "flood", "errors"])
def test_results_of_other_threads_arrive_in_tk_s_thread(parts: OpenParts, case: str) -> None:
    shown = parts(BRIDGE)
    CASES[case](shown)
    text = shown.widget("said").text()
    check.that("ELSEWHERE" not in text, f"all callbacks ran in Tk's thread: {text}")


def _results(shown: Window) -> None:
    shown.widget("run").invoke()
    said(shown, "done 42")
    said(shown, "failed as asked")


def _cancelled(shown: Window) -> None:
    shown.widget("give_up").invoke()
    said(shown, "given up")
    text = shown.widget("said").text()
    check.that("cancelled" not in text, f"a cancelled call delivers nothing: {text}")


def _slow(shown: Window) -> None:
    shown.longest_stall()
    shown.widget("wait").invoke()
    said(shown, "waited")
    check.that(shown.longest_stall() < 0.5, "the window stands still while a call is under way")


def _flood(shown: Window) -> None:
    shown.longest_stall()
    shown.widget("flood").invoke()
    said(shown, "5000 in order True")
    check.that(shown.longest_stall() < 0.5, "a flood of posts does not stop the window")


def _errors(shown: Window) -> None:
    shown.widget("escape").invoke()
    said(shown, "still delivering")
    check.equal(shown.errors(), ["ValueError: as asked"], "errors that nobody handled are reported")


CASES: dict[str, Callable[[Window], None]] = {
    "results": _results,
    "cancelled": _cancelled,
    "slow": _slow,
    "flood": _flood,
    "errors": _errors,
}


@pytest.mark.task("3.10", hint="What if the window is closed before the answer comes?")
@pytest.mark.points(1.5)
def test_closing_the_window_drops_what_is_under_way(parts: OpenParts) -> None:
    shown = parts(BRIDGE)
    shown.widget("end").invoke()
    shown.wait_exit(code=7)


@pytest.mark.task("3.11", hint="What if the answer comes before Tk has told of the last key?")
@pytest.mark.needs("3.4", "3.5", "3.6", "3.7", "3.10")
def test_what_a_quick_server_has_against_a_value_stays_until_it_is_changed(
    parts: OpenParts,
) -> None:
    shown = parts(QUICK)
    shown.widget("quick_log_in").invoke()
    said(shown, "Wrong name or password", "message")
    shown.widget("page_register").click()
    shown.widget("quick_register").invoke()
    said(shown, "already has", "reg_name_line")
    shown.widget("reg_name").type("a")
    shown.wait_until(
        lambda: "already" not in shown.widget("reg_name_line").text(), why="a new name"
    )
    shown.widget("page_login").click()
    check.that("Wrong" in shown.widget("message").text(), "what was said has gone by itself")
    shown.widget("user_pwd").type("x")
    shown.wait_until(lambda: not shown.widget("message").text(), why="a new password")
    check.equal(shown.errors(), [], "errors in callbacks")
