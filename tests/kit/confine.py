"""How a program under test is shut in by the test process: the inner wall of two.

``kit.py grade`` runs each suite in a sandbox of its own (``grading/sandbox.py``): the outer wall.
In it the test process and the submission's programs would still be neighbours. So when the
environment variable COURSE_CONFINE says ``bubblewrap``, every program under test is started behind
a second wall: other processes, the tests, the results and the reference's later stages are not
there. The network is shared, as the tests talk to the program on loopback; the outer wall has shut
it off from the world.

With ``user`` it runs as another user, whose number COURSE_CONFINE_UID tells: the system's own
permissions are the wall, so folders are given to that user, or kept from it, one by one.

With ``limits`` a program has the limits only. Without the variable (``kit.py test``, ``check``)
nothing is confined.
"""

import contextlib
import ctypes
import os
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import psutil

from .tree import CHECKOUT

VARIABLE = "COURSE_CONFINE"
USER_VARIABLE = "COURSE_CONFINE_UID"
BUBBLEWRAP, USER, LIMITS = "bubblewrap", "user", "limits"
# What one program under test may have. Threads count as processes: the threaded servers have two
# for each connection, and suites open a few hundred.
MOST_PROCESSES = 1024
MOST_FILE_BYTES = 512 * 1024 * 1024
MOST_DATA_BYTES = 8 * 1024**3  # address space that can be written, stacks of threads included
# Folders of the tests whose scripts run beside the code under test, and may import one another, and
# of data for it. Whatever else a command line names stays hidden: a submission may have written it.
HELPERS = ("inside", "toys", "lab")
SYSTEM = (
    "/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/etc", "/nix/store",
    "/var/lib/xkb", "/var/cache/fontconfig",
)  # fmt: skip


def level() -> str:
    """Return how programs under test are confined now; "" for not at all."""
    return os.environ.get(VARIABLE, "")


def confined(argv: Sequence[str], cwd: Path, *, own: Path, fence: Path) -> list[str]:
    """Return the command line that starts ``argv`` as this run confines programs.

    Below ``fence`` the program can write into ``own`` only: the test process keeps logs there, and
    would follow a planted link.
    """
    if level() == BUBBLEWRAP:
        return [*_wall(cwd, own, fence, _shown(argv)), *_limits(), *argv]
    if level() == USER:
        return [*_limits(), *as_user(user()), *_lent(argv, fence)]
    if level() == LIMITS:
        return [*_limits(), *argv]
    return list(argv)


def environment(
    argv: Sequence[str], own: Mapping[str, str]
) -> tuple[Sequence[str], Mapping[str, str]]:
    """Return a command line, and what to add to the environment in which it is started.

    ``own`` is what a submission wants its program to have. The programs that build a wall must not
    heed it: it may say where to look for them, or which library they are to load.
    """
    if level() not in (BUBBLEWRAP, USER):
        return argv, own
    return ["env", *(f"{name}={value}" for name, value in own.items()), *argv], {}


def as_user(number: int) -> list[str]:
    """Return the words that start a program as another user, one who can never become root."""
    words = ["setpriv", "--reuid", str(number), "--regid", str(number), "--clear-groups"]
    return [*words, "--no-new-privs", "--inh-caps=-all", "--bounding-set=-all", "--"]


def user() -> int:
    """Return the number of the user whom programs run as, at the level ``user``."""
    return int(os.environ[USER_VARIABLE])


def give(folder: Path) -> Path:
    """Let programs write into a folder of the tests, where they run as another user; return it."""
    if level() == USER:
        os.chown(folder, user(), user())
        folder.chmod(0o700)
    return folder


def keep(folder: Path) -> Path:
    """Let programs read a folder and not write there, where they run as another user; return it."""
    if level() == USER:
        os.chown(folder, 0, 0)
        folder.chmod(0o755)
    return folder


@contextlib.contextmanager
def kept() -> Iterator[None]:
    """What is made in this block, no program may write into; elsewhere what tests make is open."""
    before = os.umask(0o022) if level() == USER else 0
    try:
        yield
    finally:
        if level() == USER:
            os.umask(before)


@contextlib.contextmanager
def as_programs() -> Iterator[None]:
    """In this block this thread uses files with the rights of the programs, if they are a user's.

    What follows a link that a program planted then leads nowhere that the program could not go.
    """
    if level() != USER:
        yield
        return
    before = _use_files_as(user())
    try:
        yield
    finally:
        _use_files_as(before)


def _use_files_as(number: int) -> int:
    system = ctypes.CDLL(None)  # seteuid would be for all threads of the process
    system.setfsgid(number)
    return int(system.setfsuid(number))


def open_up() -> None:
    """Let programs that run as another user write what the tests make in folders given to them."""
    if level() == USER:
        os.umask(0)


def _lent(argv: Sequence[str], fence: Path) -> list[str]:
    """Copy what a command line names of the tests to where the programs can read it."""
    words = list(argv)
    for path in _shown(argv):
        if not path.is_relative_to(CHECKOUT):
            continue
        lent = fence / "lent" / path.relative_to(CHECKOUT)
        with kept():
            if not lent.exists():
                lent.parent.mkdir(parents=True, exist_ok=True)
                shutil.copytree(path, lent)
        words = [_moved(word, path, lent) for word in words]
    return words


def _moved(word: str, path: Path, to: Path) -> str:
    is_in = word == str(path) or word.startswith(f"{path}/")
    return f"{to}{word[len(str(path)) :]}" if is_in else word


def real_pid(process_id: int) -> int:
    """Return the program's own process id; behind the wall it is bubblewrap's grandchild.

    Before it has started, or when it has ended, that of the wall itself.
    """
    if level() != BUBBLEWRAP:
        return process_id
    try:
        first = psutil.Process(process_id).children()
        second = first[0].children() if first else []
        # Orphans are adopted there too; the program came first.
        return min(second, key=psutil.Process.create_time).pid if second else process_id
    except psutil.Error:
        return process_id


def system_binds() -> list[str]:
    """Return bubblewrap's words for what every program needs: the system and Python, to read."""
    words: list[str] = []
    for name in SYSTEM:
        path = Path(name)
        if path.is_symlink():
            words += ["--symlink", str(path.readlink()), name]
        elif path.exists():
            words += [*parents(path), "--ro-bind", name, name]
    for path in python_folders():
        words += [*parents(path), "--ro-bind", str(path), str(path)]
    return words


def parents(path: Path) -> list[str]:
    """Return bubblewrap's words for the folders above ``path``; by itself it makes them private."""
    words: list[str] = []
    for folder in reversed(path.parents[:-1]):
        words += ["--perms", "0755", "--dir", str(folder)]
    return words


def python_folders() -> list[Path]:
    """Return the folders that this Python needs and the system's do not hold."""
    found = {Path(sys.prefix), Path(sys.base_prefix), Path(sys.executable).resolve().parents[1]}
    return [path for path in sorted(found) if not path.is_relative_to("/usr")]


def _shown(argv: Sequence[str]) -> list[Path]:
    """Return the tests' folders that a command line names and the walls would hide."""
    files = [Path(word) for word in argv[1:] if word.startswith("/")]
    folders = [path.parent for path in files if path.parent.name in HELPERS and path.is_file()]
    # A link may have been planted on the way, and what "/.." leads to is not what it seems.
    return [path for path in dict.fromkeys(folders) if path.resolve() == path]


def _wall(cwd: Path, own: Path, fence: Path, shown: Sequence[Path]) -> list[str]:
    words = ["bwrap", "--unshare-user", "--unshare-pid", "--unshare-ipc", "--unshare-uts"]
    words += ["--unshare-cgroup-try", "--die-with-parent", *_without_tmp(system_binds())]
    words += ["--bind", "/tmp", "/tmp"]
    for above in reversed(fence.parents):
        if above.is_relative_to("/tmp") and above != Path("/tmp"):
            # What is mounted cannot be renamed: else the program could put its own folders there,
            # and a link in them while the wall of the next program is built.
            words += ["--bind", str(above), str(above)]
    words += ["--ro-bind", str(fence), str(fence), "--bind", str(own), str(own)]
    for path in shown:
        if path.is_relative_to("/tmp"):
            continue  # there already
        words += [*parents(path), "--ro-bind", str(path), str(path)]
    return [*words, "--proc", "/proc", "--dev", "/dev", "--chdir", str(cwd), "--"]


def _without_tmp(words: list[str]) -> list[str]:
    """Leave out what lies below /tmp: it comes with /tmp itself."""
    kept: list[str] = []
    at = 0
    while at < len(words):
        size = 4 if words[at] == "--perms" else 3
        group = words[at : at + size]
        if not group[-1].startswith("/tmp"):
            kept += group
        at += size
    return kept


def _limits() -> list[str]:
    """Return what sets the limits of one program; on Windows and macOS there is no such program."""
    words: list[str] = []
    if shutil.which("choom"):
        words += ["choom", "-n", "1000", "--"]  # short of memory, the system ends this one first
    if shutil.which("prlimit"):
        words += ["prlimit", f"--nproc={MOST_PROCESSES}", f"--fsize={MOST_FILE_BYTES}"]
        words += [f"--data={MOST_DATA_BYTES}", "--core=0", "--"]
    return words
