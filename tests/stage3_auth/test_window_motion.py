"""What moves, and what crosses from other threads: small windows made of the stage's own parts."""

import os
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.kit import check
from tests.kit.display import Display
from tests.kit.judge import Judge
from tests.kit.window import Window

pytestmark = pytest.mark.parts("tk", "xvfb")

OpenParts = Callable[[str], Window]

MOTION = """
    import time
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
    cost = tk.Label(root, name="cost")
    cost.place(x=0, y=0)

    def tell():
        said["text"] = ("runs" if animator.running else "stands") + f" after {animator.frames}"
        root.after(20, tell)

    def reduce():
        animator.reduced = not animator.reduced

    def measure():
        began, used = time.monotonic(), time.process_time()

        def end():
            share = (time.process_time() - used) / (time.monotonic() - began)
            cost["text"] = f"{share:.3f}"

        root.after(800, end)

    commands = {"withdraw": root.withdraw, "deiconify": root.deiconify,
                "reduce": reduce, "measure": measure}
    for name, command in commands.items():
        tk.Button(root, name=name, command=command)
    tell()
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
        bridge.run(double, 1, done=lambda result: put("cancelled")).cancel()

    def flood():
        counts = []
        def pour():
            for number in range(5000):
                bridge.post(counts.append, number)
            bridge.post(lambda: put(f"{len(counts)} in order {counts == sorted(counts)}"))
        threading.Thread(target=pour).start()

    def escape():
        bridge.post(fail)
        bridge.post(put, "still delivering")

    def close():
        # Posts and results that come after the end are dropped, and nobody waits for them.
        bridge.run(double, 5, done=lambda result: put("too late"))
        root.destroy()
        bridge.post(put, "too late")

    for name, command in {"run": run, "flood": flood, "escape": escape, "end": close}.items():
        tk.Button(root, name=name, command=command).pack()
    root.mainloop()
    time.sleep(0.3)
    raise SystemExit(7 if "too late" not in " ".join(seen) else 8)
"""


@pytest.fixture
def parts(judge: Judge, display: Display, tmp_path: Path) -> Iterator[OpenParts]:
    """Open a window from source that imports the stage under test."""
    opened: list[Window] = []

    def open_one(source: str) -> Window:
        tree = judge.tree.root
        (tmp_path / "parts_window.py").write_text(textwrap.dedent(source), "utf-8")
        folder = tmp_path / "window"
        folder.mkdir()
        shown = Window(
            "a window of parts",
            ["parts_window"],
            root=tree,
            env={"PYTHONPATH": f"{tmp_path}{os.pathsep}{tree}"},
            folder=folder,
            pictures=tmp_path,
            display=display,
        )
        opened.append(shown)
        return shown

    yield open_one
    for shown in opened:
        shown.dispose()


def said(shown: Window, words: str, name: str = "said") -> None:
    """Wait until the label says ``words``."""
    shown.wait_until(lambda: words in shown.widget(name).text(), why=f"{name} says {words!r}")


def frames(shown: Window) -> int:
    """Return how many frames were painted."""
    return int(shown.widget("said").text().split()[-1])


def test_the_animation_stops_when_the_window_is_hidden_and_goes_on_after(parts: OpenParts) -> None:
    shown = parts(MOTION)
    said(shown, "runs")
    shown.wait_until(lambda: frames(shown) > 10, why="frames are painted")
    shown.widget("withdraw").invoke()
    said(shown, "stands")
    before = frames(shown)
    shown.widget("deiconify").invoke()
    said(shown, "runs")
    shown.wait_until(lambda: frames(shown) > before, why="frames are painted again")


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


def test_a_large_window_lowers_the_rate_and_not_the_machine(parts: OpenParts) -> None:
    shown = parts(MOTION)
    shown.wait_until(lambda: frames(shown) > 20, why="the pace has settled")
    shown.widget("measure").invoke()
    cost = float(shown.wait_until(lambda: shown.widget("cost").text(), why="it was measured"))
    check.that(cost < 0.2, f"it took {cost:.0%} of a core, allowed is a fifth, aimed at 15 %")


def test_results_of_other_threads_arrive_in_tk_s_thread(parts: OpenParts) -> None:
    shown = parts(BRIDGE)
    shown.widget("run").invoke()
    said(shown, "done 42")
    said(shown, "failed as asked")
    shown.longest_stall()
    shown.widget("flood").invoke()
    said(shown, "5000 in order True")
    check.that(shown.longest_stall() < 0.5, "a flood of posts does not stop the window")
    shown.widget("escape").invoke()
    said(shown, "still delivering")
    check.equal(shown.errors(), ["ValueError: as asked"], "errors that nobody handled are reported")
    text = shown.widget("said").text()
    check.that("cancelled" not in text, f"a cancelled call delivers nothing: {text}")
    check.that("ELSEWHERE" not in text, f"all callbacks ran in Tk's thread: {text}")


def test_closing_the_window_drops_what_is_under_way(parts: OpenParts) -> None:
    shown = parts(BRIDGE)
    shown.widget("end").invoke()
    shown.wait_exit(code=7)
