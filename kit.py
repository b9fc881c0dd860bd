#!/usr/bin/env python3
"""The one command of the course: ``python3 kit.py run``, ``python3 kit.py test``, ...

It needs Python 3.11 and nothing else. It makes the environment ``.venv`` beside this file, installs
the locked packages there (exact versions, checked by hash), starts itself again inside it and calls
``main(arguments)`` of ``tests/kit/commands/<name>.py``.

Rules of this file:

- Standard library only, and it parses on Python 3.6, so that an old Python gets a sentence instead
  of a SyntaxError.
- Once everything is installed it costs two Python starts and nothing else: what only the set-up
  needs is imported there.
- ``.venv/kit-stamp`` says what is installed. It is removed before the first change and written
  after the last, so a set-up that was killed has none and is made anew.
- Whatever goes wrong is one line with the remedy; the details are in a log that the line names.
"""

import os
import sys

if sys.version_info < (3, 11):
    import subprocess

    remedy = "Get one from https://www.python.org/downloads/ and start kit.py with it."
    for name in ("python3.13", "python3.12", "python3.11"):
        try:
            subprocess.check_output([name, "-c", ""], stderr=subprocess.STDOUT)
        except (OSError, subprocess.CalledProcessError):
            continue
        remedy = "There is one here: {} kit.py ...".format(name)
        break
    this = "{}.{} ({})".format(sys.version_info[0], sys.version_info[1], sys.executable)
    sys.exit("kit.py needs Python 3.11 or newer, and this is Python {}. {}".format(this, remedy))

# name: (what the help says, the files requirements/*.lock that it needs). The code of a command is
# tests/kit/commands/<name>.py; what students get (kit.py handout) has not all of them.
COMMANDS = {
    "run": ("start the chat, or what exists up to a stage (run stage3)", ["run"]),
    "test": ("run the suites, or some of them (test stage1 stage2)", ["run", "test"]),
    "start": ("your own folder for a stage, with what is to write (start stage1)", ["run"]),
    "check": ("the suite on your folder, task by task (check stage1)", ["run", "test"]),
    "status": ("how far your folder is, over all stages", ["run", "test"]),
    "handout": ("the folder that students get, without solutions (handout DIR)", ["run", "test"]),
    "diff": ("what a stage added to the one before (diff stage2 stage3)", ["run"]),
    "snapshot": ("the course as it stands at a stage, a folder (snapshot stage3 DIR)", ["run"]),
    "pack": ("a checked zip of what you hand in (pack stage1)", ["run"]),
    "grade": ("marks and reports for a folder of submissions (grade stage1 DIR)", ["run", "test"]),
    "similarity": ("who shares code that was not given", ["run", "similarity"]),
    "doctor": ("is the grader well: suites repeated, and tried on wrong programs", ["run", "test"]),
    "bench": ("measure speed, as ratios against peers in the same run", ["run", "test"]),
    "docs": ("make the generated parts of the documents, or --check them", ["run", "test"]),
    "site": ("the documents as a searchable site, English and Chinese (site DIR)", ["run", "docs"]),
    "wire": ("show frames as they pass; split, delay and cut them", ["run"]),
    "lint": ("check style, types and the layers", ["run", "test", "dev"]),
}

ROOT = os.path.dirname(os.path.realpath(__file__))
VENV = os.path.join(ROOT, ".venv")
VENV_PYTHON = os.path.join(VENV, "Scripts/python.exe" if os.name == "nt" else "bin/python")
STAMP = os.path.join(VENV, "kit-stamp")
LOCK = os.path.join(VENV, "kit-lock")
LOG = os.path.join(VENV, "kit-setup.log")

READY = ""


class Problem(Exception):
    """Why kit.py cannot go on, and the remedy: one line for the person who started it."""


def main(argv: list[str]) -> int:
    """Run the command that `argv` names; returns its exit code, 2 if there is no such command."""
    if not argv or argv[0] in ("-h", "--help", "help"):
        print(usage())
        return 0
    if argv[0] == "--version":
        print(f"From Echo to Chat {version()}, Python {sys.version.split()[0]}")
        return 0
    if argv[0] not in commands_here():
        say(no_such_command(argv[0]))
        return 2
    try:
        return prepare_and_run(argv)
    except Problem as problem:
        say(str(problem))
    except OSError as error:
        say(explain_os_error(error))
    except KeyboardInterrupt:
        return 130
    return 1


def usage() -> str:
    lines = [f"  {name:12}{COMMANDS[name][0]}" for name in commands_here()]
    head = ["usage: python3 kit.py COMMAND [OPTIONS]", ""]
    foot = ["", "COMMAND --help tells its options. The first run installs what is needed in .venv."]
    return "\n".join([*head, *lines, *foot])


def version() -> str:
    """The version that pyproject.toml gives the project."""
    import tomllib

    with open(os.path.join(ROOT, "pyproject.toml"), "rb") as file:
        return str(tomllib.load(file)["project"]["version"])


def commands_here() -> list[str]:
    """The commands whose code is in this folder."""
    folder = os.path.join(ROOT, "tests", "kit", "commands")
    return [name for name in COMMANDS if os.path.exists(os.path.join(folder, name + ".py"))]


def no_such_command(name: str) -> str:
    import difflib

    here = commands_here()
    near = difflib.get_close_matches(name, here, n=1, cutoff=0.5)
    hint = f"did you mean {near[0]!r}?" if near else "there are: " + ", ".join(here)
    if name in COMMANDS:
        hint = "that is for who hands the course out; there are: " + ", ".join(here)
    return f"no command {ascii(name)[1:-1]!r}; {hint}"


def say(text: str) -> None:
    print("kit.py: " + text, file=sys.stderr, flush=True)


# -- Going inside ----------------------------------------------------------------------------------


def prepare_and_run(argv: list[str]) -> int:
    """Make the environment if it is not ready, enter it, and run the command there."""
    locks = COMMANDS[argv[0]][1]
    if os.path.realpath(sys.prefix) == os.path.realpath(VENV):
        if look(read_stamp(), locks, python=None)[0] == READY:
            return dispatch(argv)
        # An environment cannot rebuild itself: start again with the Python that it was made from.
        return start(sys._base_executable, argv)  # type: ignore[attr-defined]
    if look(read_stamp(), locks, this_python())[0] != READY:
        set_up(locks)
    try:
        return start(VENV_PYTHON, argv)
    except OSError:  # the stamp is in order, but the environment's Python does not start
        remove(STAMP)
        set_up(locks)
        return start(VENV_PYTHON, argv)


def dispatch(argv: list[str]) -> int:
    import importlib

    module = importlib.import_module("tests.kit.commands." + argv[0])
    return int(module.main(argv[1:]))


def start(python: str, argv: list[str]) -> int:
    """Become kit.py under `python`; on Windows, where a process cannot do that, wait for it."""
    command = [python, os.path.join(ROOT, "kit.py"), *argv]
    if sys.platform != "win32":
        sys.stdout.flush()
        os.execv(python, command)
    import subprocess

    child = subprocess.Popen(command)
    while True:
        try:
            return child.wait()
        except KeyboardInterrupt:  # the console sent Ctrl-C to the child too: it decides
            continue


# -- Is the environment ready? ---------------------------------------------------------------------


def this_python() -> str:
    return f"{sys.version.split()[0]} {sys.base_prefix}"


def read_stamp() -> list[str]:
    try:
        with open(STAMP, encoding="utf-8") as file:
            return file.read().splitlines()
    except (OSError, ValueError):
        return []


def look(stamp: list[str], locks: list[str], python: str | None) -> tuple[str, bool]:
    """Compare the stamp with what is asked for: (what is wrong or READY, can it be added to).

    `locks` must be installed, by the interpreter `python` (None: whichever it was).
    """
    if not stamp:
        made = os.path.exists(os.path.join(VENV, "pyvenv.cfg"))
        return (".venv is not complete" if made else "first run"), False
    if "root " + ROOT not in stamp:
        return "this folder has moved", False
    if python is not None and "python " + python not in stamp:
        return "this is another Python than last time", False
    if not all(
        os.path.isdir(os.path.join(VENV, line[5:])) for line in stamp if line[:5] == "dist "
    ):
        return "packages are missing from .venv", False
    missing = [lock for lock in locks if lock_line(lock) not in stamp]
    if any(line.startswith(f"lock {lock} ") for lock in missing for line in stamp):
        return "the locked packages are others than last time", False
    return ("more packages are needed", True) if missing else (READY, True)


def lock_path(lock: str) -> str:
    return os.path.join(ROOT, "requirements", lock + ".lock")


def lock_line(lock: str) -> str:
    import hashlib

    with open(lock_path(lock), "rb") as file:
        return f"lock {lock} {hashlib.sha256(file.read()).hexdigest()}"


# -- Set-up ----------------------------------------------------------------------------------------


def set_up(locks: list[str]) -> None:
    """Install what `locks` name in `.venv`; raises Problem or OSError if that cannot be done."""
    check_venv_module()
    os.makedirs(VENV, exist_ok=True)
    with open(LOCK, "a+b") as file:
        wait_for_lock(file.fileno())
        stamp = read_stamp()
        reason, can_add = look(stamp, locks, this_python())
        if reason == READY:
            return  # another kit.py did it while this one waited
        say(f"{reason}: setting up, about a minute (details: {LOG})")
        done = [line for line in stamp if line.startswith("lock ")] if can_add else []
        new = [lock for lock in locks if lock_line(lock) not in done]
        remove(STAMP)
        remove(LOG)
        if not can_add:
            empty_venv()
            run_logged("venv", [sys.executable, "-I", "-m", "venv", VENV], file.fileno())
        run_logged("pip", pip_command(new), file.fileno())
        write_stamp(done + [lock_line(lock) for lock in new])


def check_venv_module() -> None:
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError:
        raise Problem(no_venv()) from None


def wait_for_lock(fd: int) -> None:
    """Take the lock of set-ups; the system gives it back when its holder ends, however it ends."""
    waiting = "another kit.py is setting up; waiting for it"
    if sys.platform == "win32":
        import msvcrt
        import time

        while True:
            try:
                return msvcrt.locking(fd, msvcrt.LK_NBLCK, 1)
            except OSError:
                if waiting:
                    say(waiting)
                    waiting = ""
                time.sleep(0.2)
    import fcntl

    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        say(waiting)
        fcntl.flock(fd, fcntl.LOCK_EX)


def empty_venv() -> None:
    import shutil

    for entry in os.scandir(VENV):
        if entry.path == LOCK:
            continue
        if entry.is_dir(follow_symlinks=False):
            shutil.rmtree(entry.path)
        else:
            os.remove(entry.path)


def pip_command(locks: list[str]) -> list[str]:
    # The user's own pip configuration (mirror, proxy, certificate) stays in force. Only wheels:
    # to build a package pip would fetch build tools that no lock names.
    options = ["--require-hashes", "--only-binary=:all:", "--no-user", "--no-input"]
    options += ["--disable-pip-version-check", "--progress-bar=off"]
    command = [VENV_PYTHON, "-I", "-X", "utf8", "-m", "pip", "install", *options]
    for lock in locks:
        command += ["-r", lock_path(lock)]
    return command


def run_logged(step: str, command: list[str], lock_fd: int) -> None:
    """Run one step of the set-up, its output to the log; raises Problem if it fails."""
    import subprocess

    # The child holds the lock too: if this process is killed, the next set-up waits for a pip
    # that is still writing. (Windows cannot hand it down.)
    keep = () if os.name == "nt" else (lock_fd,)
    child = subprocess.Popen(
        command,
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        pass_fds=keep,
    )
    output = []
    try:
        with open(LOG, "a", encoding="utf-8") as log:
            for line in child.stdout or ():
                output.append(line)
                log.write(line)
                show_progress(line)
        child.wait()
    finally:
        child.kill()
        child.wait()
        show_progress("")
    if child.returncode != 0:
        raise Problem(explain_failure(step, "".join(output)))


def show_progress(line: str) -> None:
    """Show the package that pip is at, on a terminal; an empty line clears it."""
    if sys.stderr.isatty() and (not line or line.startswith(("Collecting ", "Installing "))):
        text = " ".join(line.split()[:2])[:60]
        print("\r" + text.ljust(60) + ("" if text else "\r"), end="", file=sys.stderr, flush=True)


def write_stamp(lock_lines: list[str]) -> None:
    import glob

    packages = glob.glob(os.path.join(VENV, "[Ll]ib", "**", "*.dist-info"), recursive=True)
    lines = ["root " + ROOT, "python " + this_python(), *lock_lines]
    lines += ["dist " + os.path.relpath(path, VENV) for path in packages]
    with open(STAMP + ".new", "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")
    os.replace(STAMP + ".new", STAMP)


def remove(path: str) -> None:
    if os.path.lexists(path):
        os.remove(path)


# -- What went wrong -------------------------------------------------------------------------------

# What pip and venv print, and what it means for the person who waits. The first that fits counts.
FAILURES = [
    (
        "No space left on device|Errno 28|not enough space on the disk",
        "the disk is full; free about 300 MB and run this again",
    ),
    (
        "DO NOT MATCH THE HASHES",
        "a package is not the one that was locked; the package index, mirror or proxy that pip "
        "uses serves changed files: use another (pip config set global.index-url ...)",
    ),
    (
        "CERTIFICATE_VERIFY_FAILED|SSLError",
        "the package index shows a certificate that this computer does not trust; if a proxy "
        "stands between, tell pip its certificate (pip config set global.cert FILE)",
    ),
    (
        "NewConnectionError|ConnectTimeout|ReadTimeout|Read timed out|ProxyError|Max retries"
        "|NameResolution|Connection refused|ConnectionReset|RemoteDisconnected|connection broken",
        "no connection to the package index; connect to the network, or tell pip your mirror or "
        "proxy (pip config set global.index-url ... or global.proxy ...), and run this again",
    ),
    (
        "No matching distribution|Could not find a version",
        "pip found no file for a locked package (the log names it); check the network and pip's "
        "index-url, and use CPython 3.11 to 3.14 from https://www.python.org/downloads/",
    ),
    (
        "ensurepip",
        "",  # see no_venv()
    ),
    (
        "Read-only file system|Permission denied|Access is denied",
        "a file in .venv cannot be written; end the programs that still run from it, or copy this "
        "folder to where you may write, and start kit.py there",
    ),
]


def explain_failure(step: str, output: str) -> str:
    import re

    for pattern, meaning in FAILURES:
        if re.search(pattern, output):
            return f"{meaning or no_venv()} (details: {LOG})"
    return f"{step} failed; mend what its last lines say and run this again (details: {LOG})"


def explain_os_error(error: OSError) -> str:
    import errno

    if error.errno == errno.ENOSPC:
        return "the disk is full; free about 300 MB and run this again"
    if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
        remedy = "copy this folder to where you may write, and start kit.py there"
        if os.name == "nt":
            remedy = "end the programs that still run from .venv, or " + remedy
        return f"cannot write {error.filename or VENV} ({error.strerror}); {remedy}"
    if error.errno == errno.ENOENT and str(error.filename).endswith(".lock"):
        return f"{error.filename} is missing; get the whole project again (git restore .)"
    return f"{error}"


def no_venv() -> str:
    import shutil

    remedy = "get a complete Python from https://www.python.org/downloads/ and start kit.py with it"
    if sys.base_prefix == "/usr" and shutil.which("apt-get"):
        name = "python{}.{}".format(*sys.version_info)
        default = os.path.basename(os.path.realpath("/usr/bin/python3")) == name
        package = "python3-venv" if default else name + "-venv"
        remedy = f"sudo apt install {package}"
        if os.geteuid() == 0:
            remedy = f"apt-get update && apt-get install -y {package}"
    return f"this Python cannot make environments (no venv or ensurepip module): {remedy}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
