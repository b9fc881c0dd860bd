"""Windows are driven by the names of their widgets, from inside their own event loop."""

import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kit.display import Display
from tests.kit.failure import CheckFailed, ProgramFailed
from tests.kit.judge import Judge
from tests.kit.options import Options
from tests.kit.window import Window

pytestmark = pytest.mark.parts("tk", "xvfb")

TOY = """
import sys, time, tkinter as tk
from tkinter import ttk

def main(argv):
    print("prints do not break the pipe")
    root = tk.Tk()
    root.title("Toy " + " ".join(argv))
    root.geometry("400x500+10+20")
    form = ttk.Frame(root, name="form"); form.pack(fill="both", expand=True)
    said = tk.Label(form, name="said", text="nothing yet"); said.pack()
    name = tk.Entry(form, name="user_name"); name.pack()
    note = tk.Text(form, name="note", height=3, width=20); note.pack()
    other = ttk.Entry(form, name="other"); other.pack()
    keys = []
    name.bind("<KeyRelease>", lambda event: keys.append(event.keysym))
    def greet(event=None):
        said.config(text=f"hello {name.get()} ({len(keys)} keys)")
    button = tk.Button(form, name="greet", text="Greet", command=greet); button.pack()
    name.bind("<Return>", greet)
    def dialog():
        top = tk.Toplevel(root, name="dialog")
        ttk.Button(top, name="yes", text="Yes", command=top.destroy).pack()
        top.wait_window()
        said.config(text="the dialog was answered")
    ttk.Button(form, name="ask", text="Ask", command=dialog).pack()
    ttk.Button(form, name="off", text="Off", state="disabled").pack()
    ttk.Button(form, name="sleep", text="Sleep", command=lambda: time.sleep(0.4)).pack()
    ttk.Button(form, name="crash", text="Crash", command=lambda: 1 / 0).pack()
    colours = ttk.Combobox(form, name="colours", values=["red", "green"]); colours.pack()
    colours.bind("<<ComboboxSelected>>", lambda event: said.config(text=colours.get()))
    canvas = tk.Canvas(form, name="canvas", width=160, height=80); canvas.pack()
    spot = canvas.create_rectangle(0, 0, 160, 80, fill="blue")
    canvas.create_text(80, 55, text="on canvas")
    canvas.tag_bind(spot, "<Button-1>", lambda event: said.config(text=f"spot {event.x}"))
    root.mainloop()
    return 3

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
"""


@pytest.fixture(scope="module")
def toy_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("toys")
    (root / "toy_window.py").write_text(TOY, "utf-8")
    for name, body in {
        "broken": "raise SystemExit('no window today')",
        "stuck": "import tkinter, time; tkinter.Tk(); time.sleep(60)",
    }.items():
        (root / f"{name}_window.py").write_text(textwrap.dedent(body), "utf-8")
    return root


@pytest.fixture
def toy(toy_root: Path, tmp_path: Path, display: Display) -> Iterator[Window]:
    window = open_toy(toy_root, tmp_path, display, "toy_window", "of", "mine")
    yield window
    window.dispose()


def open_toy(root: Path, tmp_path: Path, display: Display, *module: str) -> Window:
    folder = tmp_path / "window"
    folder.mkdir()
    return Window(
        "toy", module, root=root, env={}, folder=folder, pictures=tmp_path, display=display
    )


def test_text_typed_into_an_entry_is_there_and_its_keys_were_seen(toy: Window) -> None:
    toy.widget("user_name").type("Ann 7é你")
    assert toy.widget("user_name").text() == "Ann 7é你"
    toy.widget("greet").click()
    assert toy.widget("said").text() == "hello Ann 7é你 (7 keys)"


def test_text_can_be_typed_into_every_kind_of_field(toy: Window) -> None:
    for name in ("note", "other"):
        toy.widget(name).type("a-b 你!")
        assert toy.widget(name).text() == "a-b 你!"
        toy.widget(name).clear()
        assert toy.widget(name).text() == ""


def test_a_key_can_be_pressed(toy: Window) -> None:
    toy.widget("user_name").type("Ben")
    toy.widget("user_name").key("Return")
    assert toy.widget("said").text().startswith("hello Ben")


def test_a_dialog_that_waits_does_not_block_the_harness(toy: Window) -> None:
    toy.widget("ask").click()
    toy.wait_until(lambda: toy.widget("yes").visible, why="the dialog is open")
    toy.widget("yes").click()
    toy.wait_until(lambda: "answered" in toy.widget("said").text(), why="it was answered")


def test_canvas_items_lists_and_titles_can_be_read_and_used(toy: Window) -> None:
    assert toy.widget("canvas").text() == "on canvas"
    toy.widget("canvas").click(5, 5)
    assert toy.widget("said").text() == "spot 5"
    toy.widget("colours").choose("gree")
    assert toy.widget("said").text() == "green"
    assert toy.widget(".").text() == "Toy of mine"


def test_states_tell_what_is_shown_and_enabled(toy: Window) -> None:
    assert toy.widget("greet").enabled and toy.widget("greet").visible
    assert toy.widget("off").visible and not toy.widget("off").enabled
    assert toy.widget("nowhere").state()["exists"] is False
    assert toy.widget(".form.greet").state()["path"] == ".form.greet"


def test_a_widget_that_is_not_there_is_said_with_those_that_are(toy: Window) -> None:
    with pytest.raises(CheckFailed, match=r"no widget named 'pasword'; the named ones.*user_name"):
        toy.widget("pasword").click()


def test_errors_in_callbacks_are_kept(toy: Window) -> None:
    toy.widget("crash").invoke()
    toy.wait_until(toy.errors, why="an error")
    assert toy.errors() == ["ZeroDivisionError: division by zero"]


def test_a_blocked_event_loop_is_measured(toy: Window) -> None:
    toy.widget("said").text()
    toy.longest_stall()
    toy.widget("sleep").invoke()
    assert toy.longest_stall() >= 0.3
    assert toy.longest_stall() < 0.3


def test_the_real_keyboard_and_mouse_reach_the_window(toy: Window) -> None:
    left, top, _, _ = toy.box
    entry_left, entry_top, entry_right, entry_bottom = toy.widget("user_name").box
    across, down = (entry_left + entry_right) // 2 - left, (entry_top + entry_bottom) // 2 - top
    toy.display.click(toy.id, across, down)
    toy.wait_until(lambda: toy.widget("user_name").state()["focused"], why="the entry has focus")
    toy.display.type(toy.id, "Real")
    toy.wait_until(lambda: toy.widget("user_name").text() == "Real", why="the text is there")
    toy.display.press(toy.id, "Return")
    toy.wait_until(lambda: "hello Real" in toy.widget("said").text(), why="the greeting")


def test_a_screenshot_shows_the_window_alone(toy: Window) -> None:
    from PIL import Image

    left, top, right, bottom = toy.widget("canvas").box
    with Image.open(toy.screenshot("toy")) as picture:
        assert picture.size == (400, 500)
        inside = left - toy.box[0] + 8, top - toy.box[1] + 8
        pixel = picture.convert("RGB").getpixel(inside)
    assert pixel == (0, 0, 255)
    assert right > left and bottom > top


def test_closing_ends_the_program_with_its_exit_code(toy: Window) -> None:
    toy.close()
    assert toy.wait_exit(code=3) == 3


def test_a_window_that_does_not_open_fails_with_its_log(
    toy_root: Path, tmp_path: Path, display: Display
) -> None:
    with pytest.raises(ProgramFailed, match="ended with exit code 1"):
        open_toy(toy_root, tmp_path, display, "broken_window")


def test_a_window_without_an_event_loop_is_not_waited_for_for_ever(
    toy_root: Path, tmp_path: Path, display: Display, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.kit.window.START_SECONDS", 1.0)
    with pytest.raises(ProgramFailed, match="gave no answer within"):
        open_toy(toy_root, tmp_path, display, "stuck_window")


def test_a_shared_window_is_kept_until_it_is_closed_or_a_test_fails(
    toy_root: Path, tmp_path: Path, display: Display
) -> None:
    (tmp_path / "judge").mkdir()
    judge = Judge(
        Options(None, False, None, {}, False, tmp_path), "stage3_auth", tmp_path / "judge"
    )

    def open_one() -> Window:
        folder = judge.new_folder("toy")
        return Window(
            "toy",
            ["toy_window"],
            root=toy_root,
            env={},
            folder=folder,
            pictures=tmp_path,
            display=display,
        )

    first = judge.keep_window(("toy",), open_one)
    assert judge.keep_window(("toy",), open_one) is first
    first.close()
    first.wait_exit()
    second = judge.keep_window(("toy",), open_one)
    assert second is not first and second.running
    judge.drop_kept()
    assert not second.running
    judge.close()
