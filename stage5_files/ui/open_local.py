"""Opens a file with the desktop's program for it, or shows it in its folder.

Blocks for a moment: to be called on a worker thread.
"""

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from ..errors import FileError

_ANSWER_SECONDS = 3.0  # a starter that still runs then has found its program
# What a double click would carry out instead of showing it. From a stranger it is never opened.
_PROGRAMS = frozenset((
    "appimage", "app", "apk", "application", "bat", "bin", "cmd", "com", "command", "cpl",
    "desktop", "dll", "dmg", "exe", "gadget", "hta", "inf", "jar", "js", "jse", "lnk", "msc",
    "msi", "msp", "pif", "pkg", "ps1", "py", "pyc", "pyw", "reg", "run", "scf", "scr", "sh",
    "url", "vb", "vbe", "vbs", "workflow", "ws", "wsf", "wsh", "xll",
))  # fmt: skip


class CannotOpen(FileError):
    """The desktop has no program for this."""


class NotHere(CannotOpen):
    """It is not where it was saved any more."""


def is_program(path: Path) -> bool:
    """Tell whether opening a file could carry it out."""
    return path.suffix[1:].casefold() in _PROGRAMS


def open_file(path: Path) -> None:
    """Open a file or folder with the desktop's program for it; raises CannotOpen."""
    _require(path)
    if sys.platform == "win32":
        with _as_cannot_open(path):
            os.startfile(path)
    else:
        _start(path, ["open" if sys.platform == "darwin" else "xdg-open", str(path)])


def show_in_folder(path: Path) -> None:
    """Show a file, selected where the desktop can do that, in its folder; raises CannotOpen."""
    _require(path)
    if sys.platform == "win32":
        with _as_cannot_open(path):
            # explorer wants it as one word, and its exit code means nothing.
            subprocess.Popen(f'explorer /select,"{path}"')
    elif sys.platform == "darwin":
        _start(path, ["open", "-R", str(path)])
    elif not _file_manager_shows(path):
        open_file(path.parent)


def _require(path: Path) -> None:
    if not path.exists():
        raise NotHere(f"{path} is not there any more")


def _file_manager_shows(path: Path) -> bool:
    """Ask the file manager over the session's bus (freedesktop's FileManager1)."""
    if "DBUS_SESSION_BUS_ADDRESS" not in os.environ:
        return False  # dbus-send would start a bus of its own
    command = [
        *("dbus-send", "--session", "--print-reply", "--reply-timeout=2000"),
        *("--type=method_call", "--dest=org.freedesktop.FileManager1"),
        *("/org/freedesktop/FileManager1", "org.freedesktop.FileManager1.ShowItems"),
        *(f"array:string:{path.as_uri()}", "string:"),
    ]
    try:
        done = subprocess.run(command, capture_output=True, timeout=_ANSWER_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def _start(path: Path, command: Sequence[str]) -> None:
    with _as_cannot_open(path):
        quiet = subprocess.DEVNULL
        child = subprocess.Popen(
            command, stdin=quiet, stdout=quiet, stderr=quiet, start_new_session=True
        )
        with contextlib.suppress(subprocess.TimeoutExpired):
            if child.wait(_ANSWER_SECONDS):
                raise CannotOpen(f"no program was found for {path.name}")


@contextlib.contextmanager
def _as_cannot_open(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise CannotOpen(f"{path.name} cannot be opened: {error.strerror or error}") from error
