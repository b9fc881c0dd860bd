"""Where one suite runs on one submission: the outer wall, at the best level that the machine has.

bubblewrap   The suite runs in namespaces of its own: no network but its own loopback, a /tmp of
             limited size that is gone afterwards, no other processes, no environment; of the disk
             it sees the system, Python, the checkout and this one submission, all to read. Each
             program of the submission is behind a second wall in it (``confine.py``).
user         Where there is root but no namespaces (Gradescope's containers): the test process is
             root, each submission's programs run under a user id of their own (``user_ids.py``),
             which may read the system and the tree under test, and write into its own folders.
limits       Child processes with limits on memory, file size and processes (Linux; elsewhere with
             time limits only). They are ordinary processes of whoever grades.

Where the grader is root, the suite runs as another user id: limits on processes do not hold for
root.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..confine import BUBBLEWRAP, LIMITS, USER, USER_VARIABLE, VARIABLE, system_binds
from ..environment import scrubbed
from ..failure import HarnessError
from ..tree import CHECKOUT
from . import user_ids

LEVELS = (BUBBLEWRAP, USER, LIMITS)
# Where things are inside; below no folder that the submission's programs may see.
INNER_CHECKOUT = Path("/grader/checkout")
INNER_SUITE = Path("/grader/suite")
INNER_SUBMISSION = Path("/grader/submission")
INNER_OUT = Path("/grader/out")
TMP_BYTES = 1024 * 1024 * 1024
# Nobody's: users begin at 1000, containers' at 100000.
USER_ID = 61_001
TRY_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Suite:
    """Tests to run: ``root`` is pytest's root folder, ``tests`` the folder in it.

    ``checkout`` holds the harness and the reference's earlier stages.
    """

    tests: str
    root: Path = CHECKOUT
    checkout: Path = CHECKOUT
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Box:
    """One run: what is judged, and the folder that the run writes its events into.

    ``user`` is the id of its programs at the level ``user``. ``out`` lies in a folder of the run.
    """

    suite: Suite
    submission: Path
    out: Path
    user: int = 0


@dataclass(frozen=True, slots=True)
class Command:
    """A command line to start, with its folder and whole environment, and the paths it knows."""

    argv: list[str]
    cwd: Path
    env: dict[str, str]


def command(level: str, box: Box, arguments: Sequence[str]) -> Command:
    """Return how ``python -m pytest`` is started with ``arguments`` at a level.

    In the arguments ``{submission}`` and ``{out}`` stand for the places inside.
    """
    if level == BUBBLEWRAP:
        return _walled(box, arguments)
    words = _filled(arguments, box.submission, box.out)
    if level == USER:
        return _as_root(box, words)
    home = box.out / "home"
    home.mkdir(exist_ok=True)
    is_checkout = box.suite.root == box.suite.checkout
    path = {} if is_checkout else {"PYTHONPATH": str(box.suite.checkout)}
    env = {**scrubbed(home), **_marks(level), **path}
    return Command([sys.executable, "-m", "pytest", *words], box.suite.root, env)


def _as_root(box: Box, words: list[str]) -> Command:
    """Let the run's folder be passed through by its programs alone, and show them one in it."""
    work = box.out.parent
    os.chown(work, 0, box.user)
    work.chmod(0o710)
    box.submission.chmod(0o700)
    box.out.chmod(0o700)
    tmp = work / f"{box.out.name}-tmp"
    tmp.mkdir(mode=0o711)
    home = box.out / "home"
    home.mkdir()
    env = {**scrubbed(home), **_marks(USER), USER_VARIABLE: str(box.user)}
    env["PYTHONPATH"] = os.pathsep.join([str(box.suite.checkout), *_more_packages()])
    python = [sys.executable, "-m", "pytest", *words, f"--basetemp={tmp / 'pytest'}"]
    return Command(python, box.suite.root, env)


def _more_packages() -> list[str]:
    """Return where this process finds packages beside those of its interpreter."""
    return [path for path in os.environ.get("PYTHONPATH", "").split(os.pathsep) if path]


def pick(wanted: str | None) -> str:
    """Return the level to use; raises HarnessError when the wanted one does not work here.

    Without a wish it is bubblewrap: anything weaker has to be asked for.
    """
    if wanted not in (None, *LEVELS):
        raise HarnessError(f"there is no sandbox {wanted!r}; there are: {', '.join(LEVELS)}")
    if wanted == LIMITS:
        return LIMITS
    if wanted == USER:
        if reason := user_ids.unavailable():
            raise HarnessError(f"no sandbox {USER}: {reason}")
        return USER
    if reason := unavailable():
        raise HarnessError(
            f"no sandbox: {reason}. Submissions are other people's programs. If you trust them "
            "all, or this machine holds nothing that matters: --sandbox limits. In a container "
            "where you are root: --sandbox user"
        )
    return BUBBLEWRAP


def unavailable() -> str:
    """Return why the bubblewrap level does not work on this machine; "" when it does."""
    if sys.platform != "linux":
        return "bubblewrap exists for Linux only (on Windows: WSL 2)"
    for program, package in (("bwrap", "bubblewrap"), ("prlimit", "util-linux")):
        if not shutil.which(program):
            return f"{program} is missing; install it: apt-get install {package}"
    with tempfile.TemporaryDirectory(prefix="kit-try-") as name:
        return _try(Path(name))


def _try(folder: Path) -> str:
    """Start Python behind both walls; return what went wrong."""
    for part in ("submission", "out"):
        (folder / part).mkdir()
    box = Box(Suite("."), folder / "submission", folder / "out")
    test = (
        "import subprocess, sys, pytest, pathlib; from tests.kit.confine import confined;"
        "home = pathlib.Path('/tmp/try/home'); home.mkdir(parents=True);"
        "words = confined([sys.executable, '-c', ''], home, own=home, fence=home.parent);"
        "sys.exit(subprocess.run(words).returncode)"
    )
    start = _walled(box, [])
    words = [*start.argv[:-2], "-c", test]
    try:
        done = subprocess.run(
            words, cwd="/", env=start.env, capture_output=True, timeout=TRY_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return "bwrap does not come to an end"
    said = done.stderr.decode("utf-8", "replace").strip().splitlines()
    return f"bwrap does not work here ({said[-1] if said else 'no reason given'})" * bool(
        done.returncode
    )


def _walled(box: Box, arguments: Sequence[str]) -> Command:
    words = _filled(arguments, INNER_SUBMISSION, INNER_OUT)
    is_checkout = box.suite.root == box.suite.checkout
    root = INNER_CHECKOUT if is_checkout else INNER_SUITE
    places = [(box.suite.checkout, INNER_CHECKOUT), (box.submission, INNER_SUBMISSION)]
    places += [] if is_checkout else [(box.suite.root, INNER_SUITE)]
    wall = ["bwrap", "--unshare-net", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"]
    wall += ["--die-with-parent", "--perms", "1777", "--size", str(TMP_BYTES), "--tmpfs", "/tmp"]
    wall += [*system_binds(), "--perms", "0755", "--dir", "/grader"]
    for outside, inside in places:
        wall += ["--ro-bind", str(outside), str(inside)]
    wall += ["--bind", str(box.out), str(INNER_OUT), "--dev", "/dev", "--chdir", str(root)]
    environment = {
        **scrubbed(Path("/tmp")),
        **_marks(BUBBLEWRAP),
        "PYTHONPATH": str(INNER_CHECKOUT),
    }
    python = [sys.executable, "-m", "pytest", *words]
    return Command([*wall, *_as_another_user(box.out), *python], Path("/"), environment)


def _as_another_user(out: Path) -> list[str]:
    """Return the rest of the wall: a user who is not root, and processes of its own."""
    if os.geteuid() != 0:
        return ["--unshare-user", "--unshare-pid", "--proc", "/proc", "--"]
    os.chown(out, USER_ID, USER_ID)
    # Root could not make a /proc that another bwrap inside may mount again; this user can.
    number = str(USER_ID)
    words = ["--bind", "/proc", "/proc", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
    words += ["--", "setpriv", "--reuid", number, "--regid", number, "--clear-groups"]
    words += ["bwrap", "--unshare-user", "--unshare-pid", "--die-with-parent"]
    return [*words, "--dev-bind", "/", "/", "--proc", "/proc", "--"]


def _marks(level: str) -> dict[str, str]:
    return {VARIABLE: level, "PYTHONDONTWRITEBYTECODE": "1", "USER": "grader", "LOGNAME": "grader"}


def _filled(arguments: Sequence[str], submission: Path, out: Path) -> list[str]:
    pairs = (("{submission}", str(submission)), ("{out}", str(out)))
    filled = []
    for word in arguments:
        for name, value in pairs:
            word = word.replace(name, value)
        filled.append(word)
    return filled
