"""A private X display (Xvfb) for windows under test: screenshots, a real keyboard and mouse.

On Windows and macOS the windows open on the ordinary screen.
"""

import subprocess
import sys
from pathlib import Path

from PIL import Image, ImageGrab

from . import confine, processes
from .deadlines import Deadline
from .environment import scrubbed
from .failure import HarnessError
from .logs import Stream
from .system import find_program

WIDTH, HEIGHT = 1280, 1024
START_SECONDS = 20.0
NATIVE = sys.platform in ("win32", "darwin")
Box = tuple[int, int, int, int]


class Display:
    """A display of 1280×1024 true colours; ``environment`` is what its programs need to find it."""

    def __init__(self, folder: Path) -> None:
        self.name = ""
        self._process: subprocess.Popen[bytes] | None = None
        confine.keep(folder)
        if not NATIVE:
            self._start(folder)

    @property
    def environment(self) -> dict[str, str]:
        """What a child needs in its environment to open windows here."""
        return {"DISPLAY": self.name} if self.name else {}

    def grab(self, box: Box | None = None) -> Image.Image:
        """Return a picture of the display; ``box`` is left, top, right, bottom."""
        return ImageGrab.grab(bbox=box, xdisplay=self.name or None)

    def screenshot(self, path: Path, box: Box | None = None) -> Path:
        """Write a picture of the display as PNG; return ``path``."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self.grab(box).save(path, compress_level=1)  # a third of the time, half as large again
        return path

    # --- a real keyboard and mouse: what event_generate cannot show ---

    def press(self, window_id: int, keys: str) -> None:
        """Press keys such as Return or ctrl+a while the window has the focus."""
        self._focus(window_id)
        self._xdotool("key", "--clearmodifiers", keys)

    def type(self, window_id: int, text: str) -> None:
        """Type text, of any script, while the window has the focus."""
        self._focus(window_id)
        self._xdotool("type", "--clearmodifiers", "--delay", "5", text)

    def click(self, window_id: int, x: int, y: int, button: int = 1) -> None:
        """Move the pointer to a place in the window and click."""
        self._xdotool("mousemove", "--sync", "--window", str(window_id), str(x), str(y))
        self._xdotool("click", str(button))

    def _focus(self, window_id: int) -> None:
        self._xdotool("windowfocus", "--sync", str(window_id))

    def _xdotool(self, *arguments: str) -> None:
        program = find_program("xdotool")
        if program is None or not self.name:
            raise HarnessError("there is no xdotool here; mark the test with parts('xvfb')")
        done = subprocess.run(
            [str(program), *arguments],
            env=scrubbed(Path.home(), **self.environment),
            capture_output=True,
            timeout=Deadline(20).seconds,
            check=False,
        )
        if done.returncode:
            raise HarnessError(f"xdotool {arguments[0]}: {done.stderr.decode('utf-8', 'replace')}")

    # --- start and end ---

    def _start(self, folder: Path) -> None:
        program = find_program("Xvfb")
        if program is None:
            raise HarnessError("there is no Xvfb here; mark the test with parts('xvfb')")
        screen = ["-screen", "0", f"{WIDTH}x{HEIGHT}x24", "-nolisten", "tcp", "-noreset"]
        self._process = processes.spawn(
            # It takes a free number and writes it to this descriptor when it is ready.
            [str(program), "-displayfd", "1", *screen],
            cwd=folder,
            env=scrubbed(folder),
            stdin=subprocess.DEVNULL,
        )
        if self._process.stdout is None or self._process.stderr is None:
            raise TypeError("the child was started without pipes")
        numbers = Stream(self._process.stdout, folder / "stdout.txt")
        log = Stream(self._process.stderr, folder / "stderr.txt")
        number = numbers.next_line(Deadline(START_SECONDS).seconds)
        if number is None or not number.strip().isdecimal():
            self.close()
            raise HarnessError(f"Xvfb did not start: {log.tail()}")
        self.name = f":{number.strip()}"

    def close(self) -> None:
        """End the display, and with it every window on it."""
        if self._process is not None:
            processes.kill_tree(self._process)
