"""kit.py on small checkouts of its own: a real environment, a real pip, one tiny locked package."""

import ast
import base64
import errno
import hashlib
import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from .deadlines import within

ROOT = Path(__file__).resolve().parents[2]
CLOSED_PORT = "http://127.0.0.1:1/simple"

# What the checkout's `run` prints: where it runs, and that the locked package is there.
COMMAND = """
import sys
import tinypart
def main(argv):
    print("inside", sys.prefix, argv, tinypart.NAME, flush=True)
    return int(argv[0]) if argv and argv[0].isdigit() else 0
"""


class Checkout:
    """A folder with kit.py, a lock that names one tiny wheel, and commands that tell of both."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.wheels = folder / "wheels"
        self.wheels.mkdir(parents=True)
        commands = folder / "tests" / "kit" / "commands"
        commands.mkdir(parents=True)
        (commands / "run.py").write_text(COMMAND, "utf-8")
        (commands / "test.py").write_text(COMMAND, "utf-8")
        (folder / "requirements").mkdir()
        shutil.copy(ROOT / "kit.py", folder)
        self.lock("run", "1.0")

    def lock(self, name: str, version: str) -> None:
        """Make requirements/NAME.lock name the tiny package in this version, and build it."""
        wheel = build_wheel(self.wheels, version)
        digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
        lock = self.folder / "requirements" / f"{name}.lock"
        lock.write_text(f"tinypart=={version} --hash=sha256:{digest}\n", "utf-8")

    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("PIP_")}
        return {
            **kept,
            "PIP_CONFIG_FILE": os.devnull,
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": str(self.wheels),
        }

    def start(self, *command: str, **environment: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, *(command or ("kit.py", "run"))],
            cwd=self.folder,
            env={**self.environment(), **environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )

    def call(self, *command: str, **environment: str) -> subprocess.CompletedProcess[str]:
        process = self.start(*command, **environment)
        out, err = process.communicate(timeout=within(60))
        assert "Traceback" not in err, err
        return subprocess.CompletedProcess(command, process.returncode, out, err)

    @property
    def stamp(self) -> Path:
        return self.folder / ".venv" / "kit-stamp"


def build_wheel(folder: Path, version: str) -> Path:
    """Write a wheel of one module by hand; building one would need build tools."""
    info = f"tinypart-{version}.dist-info"
    files = {
        "tinypart.py": f"NAME = 'tinypart {version}'\n",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: tinypart\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = ""
    path = folder / f"tinypart-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        for name, text in files.items():
            digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=")
            record += f"{name},sha256={digest.decode()},{len(text)}\n"
            wheel.writestr(zipfile.ZipInfo(name), text)
        wheel.writestr(zipfile.ZipInfo(f"{info}/RECORD"), record + f"{info}/RECORD,,\n")
    return path


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    """A checkout that is set up; making an environment takes seconds, so the tests share it."""
    checkout = Checkout(tmp_path_factory.mktemp("made") / "checkout")
    first = checkout.call()
    assert first.returncode == 0, first.stderr
    assert "first run: setting up" in first.stderr
    return checkout


@pytest.fixture
def whole(made: Checkout) -> Checkout:
    """The shared checkout, its environment whole."""
    if not made.stamp.exists():
        assert made.call().returncode == 0
    return made


@pytest.fixture
def unharmed(whole: Checkout) -> Iterator[Checkout]:
    """The shared checkout for a pip that fails: it installs nothing, so the stamp is put back."""
    stamp = whole.stamp.read_bytes()
    yield whole
    whole.stamp.write_bytes(stamp)


@pytest.fixture
def kit() -> ModuleType:
    """kit.py as a module."""
    spec = importlib.util.spec_from_file_location("kit_under_test", ROOT / "kit.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class SilentIndex:
    """A package index that takes pip's connection and never answers: pip is held in the middle."""

    def __init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.listener.settimeout(within(60))
        self.variables = {
            "PIP_NO_INDEX": "",
            "PIP_RETRIES": "0",
            "PIP_INDEX_URL": f"http://127.0.0.1:{self.listener.getsockname()[1]}/simple",
        }

    def wait_for_pip(self) -> socket.socket:
        return self.listener.accept()[0]


# -- Once it is set up -----------------------------------------------------------------------------


def test_the_command_runs_inside_the_environment_with_the_locked_package(whole: Checkout) -> None:
    ran = whole.call("kit.py", "run", "a", "--b")
    assert ran.stdout == f"inside {whole.folder / '.venv'} ['a', '--b'] tinypart 1.0\n"


def test_the_exit_code_of_the_command_is_the_exit_code_of_kit(whole: Checkout) -> None:
    assert whole.call("kit.py", "run", "7").returncode == 7


def test_a_second_run_is_silent_needs_no_network_and_takes_less_than_a_second(
    whole: Checkout,
) -> None:
    took = []
    for _ in range(3):
        before = time.monotonic()
        ran = whole.call(PIP_FIND_LINKS="", PIP_NO_INDEX="", PIP_INDEX_URL=CLOSED_PORT)
        took.append(time.monotonic() - before)
        assert (ran.returncode, ran.stderr) == (0, "")
    assert min(took) < within(1.0), f"three runs took {took}"


def test_it_also_works_from_another_folder_and_inside_its_own_environment(
    whole: Checkout, tmp_path: Path
) -> None:
    python = whole.folder / ".venv" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    command = [str(python), str(whole.folder / "kit.py"), "run"]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, encoding="utf-8")
    assert "tinypart 1.0" in ran.stdout, ran.stderr


def test_a_command_that_needs_more_adds_it_to_the_environment(whole: Checkout) -> None:
    whole.lock("test", "1.0")
    ran = whole.call("kit.py", "test")
    assert "more packages are needed: setting up" in ran.stderr
    assert "tinypart 1.0" in ran.stdout
    assert whole.call("kit.py", "test").stderr == ""
    assert whole.call("kit.py", "run").stderr == ""


# -- Interrupted set-ups ---------------------------------------------------------------------------


def test_a_killed_set_up_leaves_nothing_stuck_and_the_next_one_heals_it(whole: Checkout) -> None:
    whole.stamp.unlink()
    index = SilentIndex()
    victim = whole.start(**index.variables)
    connection = index.wait_for_pip()
    second = whole.start()
    assert second.stderr is not None
    assert second.stderr.readline() == "kit.py: another kit.py is setting up; waiting for it\n"
    victim.kill()
    connection.close()  # an orphaned pip ends here; until then it holds the lock as well
    index.listener.close()
    victim.communicate()
    out, err = second.communicate(timeout=within(60))
    assert ".venv is not complete: setting up" in err
    assert "tinypart 1.0" in out
    assert second.returncode == 0


@pytest.mark.skipif(os.name == "nt", reason="Ctrl-C cannot be sent to one process on Windows")
def test_ctrl_c_in_the_middle_of_pip_ends_quietly_and_ends_pip_too(unharmed: Checkout) -> None:
    unharmed.lock("test", "1.1")
    index = SilentIndex()
    process = unharmed.start("kit.py", "test", **index.variables)
    connection = index.wait_for_pip()
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=within(20))
    assert process.returncode == 130
    assert "Traceback" not in err
    connection.settimeout(within(20))
    while connection.recv(4096):  # pip's request, then the end of pip
        pass
    connection.close()
    index.listener.close()


# -- What cannot be set up -------------------------------------------------------------------------


def only_line(ran: subprocess.CompletedProcess[str]) -> str:
    """The one line that tells the trouble; a line that says what is being done may precede it."""
    lines = [line for line in ran.stderr.splitlines() if "setting up" not in line]
    assert ran.returncode == 1 and len(lines) == 1, ran.stderr
    return lines[0]


def test_without_network_it_says_so_and_names_the_log(unharmed: Checkout) -> None:
    unharmed.lock("test", "1.2")
    network = {"PIP_NO_INDEX": "", "PIP_FIND_LINKS": "", "PIP_RETRIES": "1"}
    line = only_line(unharmed.call("kit.py", "test", **network, PIP_INDEX_URL=CLOSED_PORT))
    assert "no connection to the package index" in line
    log = unharmed.folder / ".venv" / "kit-setup.log"
    assert f"(details: {log})" in line
    assert "tinypart" in log.read_text("utf-8")


def test_a_package_that_is_not_the_locked_one_is_refused(unharmed: Checkout) -> None:
    unharmed.lock("test", "1.3")
    with zipfile.ZipFile(unharmed.wheels / "tinypart-1.3-py3-none-any.whl", "a") as wheel:
        wheel.writestr("planted.py", "")
    assert "not the one that was locked" in only_line(unharmed.call("kit.py", "test"))


def test_a_python_without_venv_is_told_what_to_install(tmp_path: Path) -> None:
    checkout = Checkout(tmp_path / "checkout")
    without = "import sys, runpy; sys.modules['ensurepip'] = None; sys.argv = ['kit.py', 'run']; "
    ran = checkout.call("-c", without + "runpy.run_path('kit.py', run_name='__main__')")
    line = only_line(ran)
    assert "no venv or ensurepip module" in line
    assert "python3-venv" in line or "python.org" in line


def test_an_old_python_is_told_that_it_is_too_old_and_what_to_use(tmp_path: Path) -> None:
    checkout = Checkout(tmp_path / "checkout")
    old = "import sys, runpy; sys.version_info = (3, 9, 18); runpy.run_path('kit.py')"
    line = only_line(checkout.call("-c", old))
    assert line.startswith("kit.py needs Python 3.11 or newer, and this is Python 3.9")
    assert "python3." in line or "python.org" in line


def test_kit_parses_on_python_3_6_so_that_it_can_say_so() -> None:
    ast.parse((ROOT / "kit.py").read_text("utf-8"), feature_version=(3, 6))


def test_a_missing_lock_file_is_named(tmp_path: Path) -> None:
    checkout = Checkout(tmp_path / "checkout")
    (checkout.folder / "requirements" / "run.lock").unlink()
    assert "run.lock is missing" in only_line(checkout.call())


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("ERROR: Could not install packages: [Errno 28] No space left on device", "disk is full"),
        ("WARNING: Retrying ... after connection broken by 'ProxyError(...)'", "no connection"),
        ("SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED]", "certificate"),
        ("ERROR: No matching distribution found for certifi==9", "found no file"),
        ("PermissionError: [WinError 5] Access is denied: 'python.exe'", "cannot be written"),
        ("something that nobody foresaw", "mend what its last lines say"),
    ],
)
def test_what_pip_says_becomes_one_line_with_a_remedy(
    kit: ModuleType, said: str, meant: str
) -> None:
    line = kit.explain_failure("pip", said)
    assert meant in line and "kit-setup.log" in line and "\n" not in line


@pytest.mark.parametrize(
    ("number", "meant"),
    [
        (errno.ENOSPC, "the disk is full; free"),
        (errno.EROFS, "copy this folder to where you may write"),
        (errno.EACCES, "copy this folder to where you may write"),
    ],
)
def test_a_full_disk_and_a_read_only_folder_become_one_line(
    kit: ModuleType, number: int, meant: str
) -> None:
    assert meant in kit.explain_os_error(OSError(number, os.strerror(number), "/somewhere/.venv"))


# -- When an environment is not the right one any more ---------------------------------------------


@pytest.mark.parametrize(
    ("line", "instead", "reason"),
    [
        ("root ", "root /elsewhere", "this folder has moved"),
        ("python ", "python 3.11.0 /gone", "this is another Python than last time"),
        ("lock run ", "lock run 00", "the locked packages are others than last time"),
        ("dist ", "dist lib/gone-1.0.dist-info", "packages are missing from .venv"),
    ],
)
def test_an_environment_for_something_else_is_made_anew(
    kit: ModuleType, line: str, instead: str, reason: str
) -> None:
    right = [f"root {kit.ROOT}", f"python {kit.this_python()}", kit.lock_line("run")]
    assert kit.look(right, ["run"], kit.this_python()) == (kit.READY, True)
    changed = [each for each in right if not each.startswith(line)] + [instead]
    assert kit.look(changed, ["run"], kit.this_python()) == (reason, False)


# -- Commands --------------------------------------------------------------------------------------


def test_an_unknown_command_is_answered_with_the_nearest_one() -> None:
    command = [sys.executable, str(ROOT / "kit.py"), "tset"]
    ran = subprocess.run(command, capture_output=True, encoding="utf-8")
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr == "kit.py: no command 'tset'; did you mean 'test'?\n"


def test_help_names_every_command_and_every_command_has_its_module(kit: ModuleType) -> None:
    command = [sys.executable, str(ROOT / "kit.py"), "--help"]
    ran = subprocess.run(command, capture_output=True, encoding="utf-8", check=True)
    for name, (help_text, locks) in kit.COMMANDS.items():
        assert name in ran.stdout and help_text in ran.stdout
        assert (ROOT / "tests" / "kit" / "commands" / f"{name}.py").exists()
        assert all((ROOT / "requirements" / f"{lock}.lock").exists() for lock in locks)


def test_a_command_starts_with_no_other_packages_than_those_of_its_locks(kit: ModuleType) -> None:
    only_in_test = ["pytest", "pytest_timeout", "xdist", "hypothesis", "importlinter", "yaml"]
    small = [name for name, (_, locks) in kit.COMMANDS.items() if "test" not in locks]
    code = (
        f"import sys, importlib; sys.modules.update(dict.fromkeys({only_in_test}))\n"
        f"for name in {small}: importlib.import_module('tests.kit.commands.' + name)"
    )
    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True)
    assert ran.returncode == 0, ran.stderr.decode()
