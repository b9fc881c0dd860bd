"""A window under test: a child process on a display, driven by the names of its widgets."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from PIL import Image

from . import story
from .child_pipe import ChildGone, ChildPipe
from .deadlines import ANSWER_SECONDS, eventually
from .display import Box, Display
from .environment import scrubbed
from .failure import CheckFailed, ProgramFailed
from .patience import Patience
from .view import show_value

# Python, Tk, fonts and the first drawing.
START_SECONDS = 20.0
# Whether a window has ever opened.
_opened = Patience()
T = TypeVar("T")


class Window:
    """A running ``python -m`` module with a window. ``module`` is it and its arguments.

    ``folder`` is an empty folder of its own, ``pictures`` the one for screenshots.
    """

    def __init__(
        self,
        name: str,
        module: Sequence[str],
        *,
        root: Path,
        env: Mapping[str, str],
        folder: Path,
        pictures: Path,
        display: Display,
    ) -> None:
        self.name = name
        self.display = display
        self._pictures = pictures
        shown = " ".join(module)
        story.current().tell(name, f"is started: python -m {shown}")
        whole = {**scrubbed(folder, PYTHONPATH=str(root)), **display.environment, **env}
        self._child = ChildPipe(name, "window_driver.py", list(module), whole, folder)
        story.current().involve(self._child)
        try:
            self.lift(_opened.seconds(module[0], START_SECONDS))
        except BaseException:
            _opened.in_vain(module[0])
            raise
        _opened.worked(module[0])

    def lift(self, seconds: float = ANSWER_SECONDS) -> None:
        """Bring it to the front, with the focus."""
        self.ask("lift", seconds=seconds)

    def widget(self, name: str) -> "Widget":
        """Return the widget with this name, or path; it is looked up at each use."""
        return Widget(self, name)

    def wait_until(
        self, look: Callable[[], T | None], *, why: str, seconds: float = ANSWER_SECONDS
    ) -> T:
        """Return the first true value of ``look()``; fails with the widgets shown if none came."""
        story.current().tell(self.name, f"is watched until {why}")
        try:
            return eventually(look, why=why, seconds=seconds)
        except CheckFailed as failure:
            failure.lines += self._shown_widgets()
            raise

    def screenshot(self, name: str) -> Path:
        """Keep a picture of the window as ``<name>.png`` among the artefacts."""
        path = self._pictures / f"{name}.png"
        return self.display.screenshot(path, self.box)

    def grab(self) -> Image.Image:
        """Return a picture of the window."""
        return self.display.grab(self.box)

    @property
    def box(self) -> Box:
        """Where the window is on the display: left, top, right, bottom."""
        return self.widget(".").box

    @property
    def id(self) -> int:
        """The X window's number, for Display.press, type and click."""
        return int(self.ask("window_id", "."))

    def longest_stall(self) -> float:
        """Return the longest time, in seconds, in which the event loop did not turn since asked."""
        return float(self.ask("stall"))

    def errors(self) -> list[str]:
        """Return the exceptions that escaped from callbacks so far."""
        return [str(text) for text in self.ask("errors")]

    def widgets(self) -> list[tuple[str, str, bool]]:
        """Return path, class and whether it is shown of every widget."""
        return [(path, kind, shown) for path, kind, shown in self.ask("widgets")]

    @property
    def running(self) -> bool:
        """Whether its process runs."""
        return self._child.alive

    def resize(self, width: int, height: int) -> None:
        """Give the window a size in pixels."""
        story.current().tell(self.name, f"is made {width}×{height} pixels")
        self.ask("resize", ".", width, height)

    def close(self) -> None:
        """Do what the window's close button does."""
        story.current().tell(self.name, "is closed with its close button")
        self.ask("close", ".")

    def wait_exit(self, seconds: float = ANSWER_SECONDS, code: int | None = None) -> int:
        """Wait until its process has ended; the exit code must be ``code`` if one is given."""
        found = self._child.wait_exit(seconds)
        if found is None:
            raise ProgramFailed(f"{self.name} has not ended")
        if code is not None and found != code:
            raise ProgramFailed(f"{self.name} ended with {found}", expected=code, received=found)
        return found

    def dispose(self) -> None:
        """Make sure that nothing of it is left."""
        self._child.close()

    def ask(self, what: str, *args: Any, seconds: float = ANSWER_SECONDS) -> Any:
        """Send one request into the event loop; raises CheckFailed when it cannot be done."""
        try:
            answer = self._child.ask({"do": what, "args": args}, seconds)
        except ChildGone as error:
            raise ProgramFailed(f"{self.name}: {error}") from None
        if "missing" in answer:
            raise CheckFailed(f"{self.name}: {answer['missing']}")
        return answer["value"]

    def _shown_widgets(self) -> list[str]:
        try:
            shown = [path for path, _, visible in self.widgets() if visible]
        except CheckFailed as failure:
            return [failure.message]
        focus = self.ask("focused")
        return [f"the focus is on {focus or 'nothing'}", *(f"shown: {path}" for path in shown[:40])]


class Widget:
    """A widget by name; each method acts on what has that name now."""

    def __init__(self, window: Window, name: str) -> None:
        self._window = window
        self.name = name

    def text(self) -> str:
        """Return its content or label; the lines of a list, the text items of a canvas."""
        return str(self._window.ask("text", self.name))

    def state(self) -> dict[str, Any]:
        """Return exists, visible, enabled, focused, class and path."""
        found: dict[str, Any] = self._window.ask("state", self.name)
        return found

    @property
    def visible(self) -> bool:
        """Whether it is there and shown."""
        return bool(self.state()["visible"])

    @property
    def enabled(self) -> bool:
        """Whether it is there and can be used."""
        return bool(self.state()["enabled"])

    def type(self, text: str) -> None:
        """Type ``text`` key by key; what was there stays."""
        self._window.ask("focus", self.name)
        self._do("type", f"types {show_value(text, 100)} into", text)

    def clear(self) -> None:
        """Empty it."""
        self._do("clear", "clears")

    def key(self, key: str) -> None:
        """Press a key in it: Return, Escape, Control-a."""
        self._window.ask("focus", self.name)
        self._do("key", f"presses {key} in", key)

    def click(self, x: int | None = None, y: int | None = None) -> None:
        """Click on it, in its middle unless told where."""
        self._do("click", "clicks on", x, y)

    def invoke(self, item: str | None = None) -> None:
        """Carry out its command, or that of a menu's entry."""
        self._do("invoke", "invokes", item)

    def choose(self, line: str) -> None:
        """Choose the line that contains ``line`` in a list, tree or combobox."""
        self._do("choose", f"chooses {line!r} in", line)

    def event(self, sequence: str, **fields: Any) -> None:
        """Generate any event in it."""
        self._do("event", f"generates {sequence} in", sequence, fields)

    @property
    def box(self) -> Box:
        """Where it is on the display: left, top, right, bottom."""
        x, y, width, height = self._window.ask("geometry", self.name)
        return x, y, x + width, y + height

    def _do(self, what: str, words: str, *args: Any) -> None:
        story.current().tell("the test", f"{words} {self.name}")
        self._window.ask(what, self.name, *args)
