"""The one place where the harness starts processes, and where it makes sure that none is left.

Every child carries a mark of this session in its environment. Three nets, each behind the other:
fixtures end what a test started; ``end_all`` (also at exit) ends every process with the mark, even
one that left its parent; and a small watcher process does the same when the session itself was
killed.
"""

import atexit
import contextlib
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import psutil

from . import confine
from .failure import ProgramFailed

MARK_NAME = "COURSE_TEST_SESSION"
MARK = secrets.token_hex(8)
WINDOWS = sys.platform == "win32"
WATCHER = Path(__file__).parent / "inside" / "watcher.py"
# A killed process is gone within milliseconds, unless the system itself is stuck with it.
KILL_SECONDS = 5.0

# macOS allows 256 open files unless one asks for more; suites connect 1,000 clients at once.
OPEN_FILES = 4096

_watcher: subprocess.Popen[bytes] | None = None


def allow_many_files() -> None:
    """Let this process, and the children that it will start, open 4,096 files if they may."""
    if sys.platform == "win32":
        return  # no such limit
    import resource

    allowed, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = OPEN_FILES if most == resource.RLIM_INFINITY else min(OPEN_FILES, most)
    if allowed != resource.RLIM_INFINITY and allowed < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))


def heed_interrupts() -> None:
    """Let SIGINT interrupt this process, and its children, also in a shell's background job.

    There it is ignored, and children inherit that: a program would never see its Ctrl-C. Main
    thread only.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@contextlib.contextmanager
def ended_as_by_ctrl_c() -> Iterator[None]:
    """Within it, what asks this process to end raises KeyboardInterrupt: it ends its children.

    Its terminal may close, a batch system or a time limit may send SIGTERM. Main thread only.
    """
    numbers = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = {number: signal.signal(number, signal.default_int_handler) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def spawn(
    argv: Sequence[str],
    *,
    cwd: Path,
    env: Mapping[str, str],
    stdin: int = subprocess.PIPE,
    stdout: int = subprocess.PIPE,
    stderr: int = subprocess.PIPE,
) -> subprocess.Popen[bytes]:
    """Start a child in a process group of its own, marked as ours.

    ``env`` is the whole environment of the child. Raises ProgramFailed when there is no such
    program. Code under test goes through ``confine.confined`` first.
    """
    _start_watcher()
    flags = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)  # for Ctrl-Break on Windows
    try:
        return subprocess.Popen(
            list(argv),
            cwd=cwd,
            env={**env, MARK_NAME: MARK},
            stdin=stdin,
            stdout=stdout,
            stderr=stderr,
            start_new_session=not WINDOWS,
            creationflags=flags,
            umask=0o022 if confine.level() == confine.USER else -1,
        )
    except OSError as error:
        raise ProgramFailed(f"cannot start {argv[0]}: {error.strerror or error}") from error


def ask_to_end(process: subprocess.Popen[bytes]) -> None:
    """Send what asks a server to end: SIGTERM, or Ctrl-Break on Windows."""
    _send(process, getattr(signal, "CTRL_BREAK_EVENT", signal.SIGTERM))


def interrupt(process: subprocess.Popen[bytes]) -> None:
    """Send what Ctrl-C sends: SIGINT; Ctrl-Break on Windows, where a group gets no Ctrl-C."""
    _send(process, getattr(signal, "CTRL_BREAK_EVENT", signal.SIGINT))


def _send(process: subprocess.Popen[bytes], number: int) -> None:
    if (real := confine.real_pid(process.pid)) != process.pid and process.poll() is None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(real, number)
        return
    with contextlib.suppress(ProcessLookupError, PermissionError):
        process.send_signal(number)


def kill_tree(process: subprocess.Popen[bytes]) -> None:
    """Kill a child and everything it started, at once, and wait until it is gone."""
    family: list[psutil.Process] = []
    with contextlib.suppress(psutil.Error):
        family = psutil.Process(process.pid).children(recursive=True)
    if not WINDOWS:
        # The group first: what a fork started meanwhile is in it too.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    with contextlib.suppress(OSError):
        process.kill()
    for member in family:
        with contextlib.suppress(psutil.Error):
            member.kill()
    process.wait()
    end = time.monotonic() + KILL_SECONDS
    while any(map(is_running, family)) and time.monotonic() < end:
        time.sleep(0.001)


def is_running(process: psutil.Process) -> bool:
    """Whether a process still runs; one that nobody has reaped yet does not."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def end_all() -> None:
    """Kill every process that carries this session's mark, whoever its parent is now."""
    _kill_marked()
    _stop_watcher()


def marked() -> list[psutil.Process]:
    """Return the living processes that this session started, directly or not."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            if process.environ().get(MARK_NAME) == MARK and process.pid != os.getpid():
                found.append(process)
    return found


def _kill_marked() -> None:
    # Twice: the first may race with a fork.
    for _ in range(2):
        for process in marked():
            with contextlib.suppress(psutil.Error):
                process.kill()


def _start_watcher() -> None:
    global _watcher
    if _watcher is not None:
        return
    _watcher = subprocess.Popen(
        [sys.executable, "-I", str(WATCHER), MARK_NAME, MARK],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=not WINDOWS,  # a Ctrl-C at the terminal must not end it before us
    )
    atexit.register(end_all)


def _stop_watcher() -> None:
    global _watcher
    if _watcher is None:
        return
    if _watcher.stdin is not None:
        _watcher.stdin.close()
    with contextlib.suppress(subprocess.TimeoutExpired):
        _watcher.wait(10)
    _watcher.kill()
    _watcher.wait()
    _watcher = None
