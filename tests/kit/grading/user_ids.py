"""User ids for the programs of submissions, where the grader is root and has no namespaces.

Each run has an id of its own, so that submissions that are judged side by side can neither read
nor end each other's programs. Linux only.
"""

import contextlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil

from ..confine import as_user
from ..failure import HarnessError
from ..processes import is_running

# Nobody's: users begin at 1000, containers' at 100000; the bubblewrap level has 61001.
FIRST, LAST = 61_010, 61_299
ENDING_SECONDS = 10.0
# Where everybody may leave something for a later run.
OPEN_FOLDERS = ("/tmp", "/var/tmp", "/dev/shm")
KILL_ALL = "import os, signal; os.kill(-1, signal.SIGKILL)"


@contextlib.contextmanager
def claimed() -> Iterator[int]:
    """Yield an id that no other grader on this machine uses; nothing of it is left afterwards."""
    import fcntl

    for number in range(FIRST, LAST + 1):
        lock = os.open(f"/run/kit-user-{number}", os.O_CREAT | os.O_RDWR, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(lock)
            continue
        try:
            clear(number)
            yield number
            clear(number)
        finally:
            os.close(lock)
        return
    raise HarnessError(f"all user ids from {FIRST} to {LAST} are in use")


def clear(number: int) -> None:
    """End all processes of an id, and remove what it left where everybody may write."""
    deadline = time.monotonic() + ENDING_SECONDS
    while processes_of(number):
        # It kills all that it may: one call of the system, so that no fork gets away.
        subprocess.run(
            [*as_user(number), sys.executable, "-I", "-S", "-c", KILL_ALL],
            capture_output=True,
            cwd="/",
            check=False,
        )
        if time.monotonic() > deadline:
            raise HarnessError(f"processes of the user {number} do not end")
    for folder in map(Path, OPEN_FOLDERS):
        with contextlib.suppress(OSError):
            for path in folder.iterdir():
                _remove(path, number)


def _remove(path: Path, number: int) -> None:
    with contextlib.suppress(OSError):
        if path.lstat().st_uid != number:
            return
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink()


def processes_of(number: int) -> list[psutil.Process]:
    """Return the living processes of an id, whoever their parent is."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.uids().real == number and is_running(process):
                found.append(process)
    return found


def unavailable() -> str:
    """Return why this machine does not have the level; "" when it does."""
    if sys.platform != "linux":
        return "it exists for Linux only"
    if os.geteuid() != 0:
        return "only root can start programs as another user"
    for program in ("setpriv", "prlimit"):
        if not shutil.which(program):
            return f"{program} is missing; install it: apt-get install util-linux"
    # A Python that does not find its own library may find another one's: then it is another Python.
    test = [*as_user(FIRST), sys.executable, "-c", "import sys; print(sys.base_prefix)"]
    try:
        done = subprocess.run(test, cwd="/", capture_output=True, timeout=60, check=False)
    except subprocess.TimeoutExpired:
        return "a program that is started as another user does not come to an end"
    said = done.stderr.decode("utf-8", "replace").strip().splitlines()
    if done.returncode or done.stdout.decode("utf-8", "replace").strip() != sys.base_prefix:
        reason = said[-1] if said else "a closed folder"
        real = os.path.realpath(sys.executable)  # a virtual environment's is a link
        return (
            f"another user cannot start {real} ({reason}): the Python that runs kit.py must lie "
            "where everybody may read, not in a home folder"
        )
    return ""


def readable(paths: list[Path]) -> list[Path]:
    """Return those of the paths that a program of a submission could read or look into."""
    test = "import os, sys; print([p for p in sys.argv[1:] if os.access(p, os.R_OK | os.X_OK)])"
    words = [*as_user(FIRST), sys.executable, "-I", "-c", test, *map(str, paths)]
    done = subprocess.run(words, cwd="/", capture_output=True, timeout=60, check=False)
    said = done.stdout.decode("utf-8", "replace")
    return [path for path in paths if repr(str(path)) in said]
