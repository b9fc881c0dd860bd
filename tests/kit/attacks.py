"""The known cheats, tried on the grader: which level of the sandbox stops which.

Each is a submission that earns nothing honestly. It has succeeded when it gets points, or shows
that it saw what it must not see (it prints STOLEN), or did what it must not do. A bystander, a
right program, is graded beside all of them and must not notice.
"""

import contextlib
import json
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil

from .grading.collecting import named
from .grading.grader import Grader, Order
from .grading.results import Result
from .toy_suite import SECRET, write_submission, write_suite
from .tree import CHECKOUT

STOLEN = "STOLEN"
DAEMON = "course-attack-daemon"
# Most attacks are waited for in vain, so not long.
QUICK = ("--time-scale=1",)
LARGE = 50 * 1024 * 1024
TEST = "tests/stage1_echo/test_toy.py"
STEAL = f"""#!/bin/sh
/usr/bin/grep -sq "{SECRET}" /grader/suite/{TEST} {{suite}}/{TEST} && echo STO''LEN >&2
"""
SEEN = "print('STO' + 'LEN', flush=True, file=__import__('sys').stderr)"


@dataclass(frozen=True, slots=True)
class Attack:
    """A cheat: what it does in words, its server, and further files of its submission.

    In all texts {checkout}, {suite}, {bystander}, {out} and {port} stand for places of the grader.
    ``stoppable`` is false for what no sandbox can stop.
    """

    name: str
    says: str
    server: str
    files: tuple[tuple[str, str], ...] = ()
    stoppable: bool = True


def _reading(path: str, what: str) -> str:
    return (
        "import os, pathlib\n"
        f"for name in ({path},):\n"
        "    try:\n"
        f"        found = {what!r} in pathlib.Path(name).read_text('utf-8', 'replace')\n"
        "    except OSError:\n"
        "        continue\n"
        f"    if found: {SEEN}\n"
    )


ATTACKS = (
    Attack(
        "plugins",
        "brings a conftest.py, a pytest.py and a sitecustomize.py",
        "raise SystemExit(1)\n",
        tuple(
            (name, "import os\nprint('2 passed')\nos._exit(0)\n")
            for name in ("conftest.py", "pytest.py", "sitecustomize.py", "tests/conftest.py")
        ),
    ),
    Attack(
        "exits-0",
        "ends with exit code 0 as soon as it is imported",
        "import os\nprint('100 passed', flush=True)\nos._exit(0)\n",
    ),
    Attack(
        "skips",
        "raises what pytest raises for a test that is skipped",
        "import _pytest.outcomes\nraise _pytest.outcomes.Skipped('no', allow_module_level=True)\n",
    ),
    Attack(
        "kills-the-parent",
        "kills the process that started it",
        "import os, signal\nos.kill(os.getppid(), signal.SIGKILL)\n",
    ),
    Attack(
        "test-names",
        "reads the name of the test from its environment",
        "import os\n"
        "found = any(name.startswith('PYTEST') for name in os.environ)\n"
        f"if found: {SEEN}\n",
    ),
    Attack(
        "reads-the-tests",
        "reads the tests, by their path and through /proc",
        _reading(
            "'{suite}/tests/stage1_echo/test_toy.py', "
            "f'/proc/{os.getppid()}/cwd/tests/stage1_echo/test_toy.py', "
            "'/grader/suite/tests/stage1_echo/test_toy.py'",
            SECRET,
        ),
    ),
    Attack(
        "plants-a-link",
        "puts a link to the tests where the test reads what the program wrote",
        "import os, sys, time\n"
        "for name, root in (('a', '/grader/suite'), ('b', '{suite}')):\n"
        "    os.symlink(f'{root}/tests/stage1_echo/test_toy.py', f'{sys.argv[-1]}/{name}')\n"
        "print('READY echo 127.0.0.1 9999\\nhello', flush=True)\n"
        "time.sleep(600)\n",
    ),
    Attack(
        "exchanges-the-folders",
        "puts folders of its own in the place of those in which the tests keep their files",
        "import os, pathlib\n"
        "for folder in list(pathlib.Path(os.environ['HOME']).parents)[:-2]:\n"
        "    try: folder.rename(f'{folder}-away')\n"
        "    except OSError: continue\n"
        f"    {SEEN}\n"
        "    os.rename(f'{folder}-away', folder)\n",
    ),
    Attack(
        "names-the-tests",
        "names the tests, and what lies beside them, in the command line of its programs.toml",
        "import sys\n" + _reading("*sys.argv[1:]", SECRET),
        (
            (
                "programs.toml",
                '[stage1.server]\ncommand = ["{python}", "{submission}/stage1_echo/server.py", '
                f'"/grader/suite/{TEST}", "{{suite}}/{TEST}"]\n',
            ),
        ),
    ),
    Attack(
        "replaces-the-wall",
        "has the programs that build the wall looked for in the submission, by its programs.toml",
        "raise SystemExit(1)\n",
        (
            *((f"bin/{name}", STEAL) for name in ("bwrap", "choom", "prlimit", "setpriv")),
            (
                "programs.toml",
                '[stage1.server]\ncommand = ["{python}", "-m", "stage1_echo.server"]\n'
                'env = { PATH = "{submission}/bin" }\n',
            ),
        ),
    ),
    Attack(
        "reads-memory",
        "looks for the tests in the memory of every other process that it can name",
        "import os, re\n"
        "for pid in filter(str.isdigit, os.listdir('/proc')):\n"
        "    if int(pid) == os.getpid(): continue\n"
        "    try:\n"
        "        areas = open(f'/proc/{pid}/maps').read()\n"
        "        memory = open(f'/proc/{pid}/mem', 'rb', buffering=0)\n"
        "    except OSError: continue\n"
        "    for start, end in re.findall('^(\\\\w+)-(\\\\w+) rw', areas, re.M):\n"
        "        try:\n"
        "            memory.seek(int(start, 16))\n"
        "            found = memory.read(int(end, 16) - int(start, 16))\n"
        "        except (OSError, OverflowError): continue\n"
        f"        if {SECRET!r}.encode() in found: {SEEN}; raise SystemExit\n",
    ),
    Attack(
        "reads-the-reference",
        "reads the reference's own stage",
        _reading("'{checkout}/stage1_echo/listener.py', '/grader/checkout/kit.py'", "def "),
    ),
    Attack(
        "reads-a-neighbour",
        "reads another submission",
        _reading("'{bystander}/stage1_echo/server.py'", "def add"),
    ),
    Attack(
        "forges-results",
        "writes events of passed tests into every file that the test process has open",
        "import glob, os\n"
        'line = \'{"event": "over"}\\n\'\n'
        "for name in [*glob.glob(f'/proc/{os.getppid()}/fd/*'), '/grader/out/events.txt']:\n"
        "    try:\n"
        "        if os.path.realpath(name).endswith('events.txt'):\n"
        "            open(name, 'a').write('0' * 64 + ' ' + line)\n"
        "    except OSError: pass\n"
        "print('tests/stage1_echo/test_toy.py::test_it_says_hello PASSED', flush=True)\n",
    ),
    Attack(
        "writes-into-the-results",
        "puts a file among the results",
        "try: open('{out}/forged.txt', 'w').write('x')\nexcept OSError: pass\n",
    ),
    Attack(
        "reaches-the-network",
        "connects to a program outside",
        "import socket\n"
        "try: socket.create_connection(('127.0.0.1', {port}), 2).sendall(b'x')\n"
        "except OSError: pass\n",
    ),
    Attack(
        "leaves-a-daemon",
        "leaves a process behind that has cut every tie to the run",
        "import subprocess, sys\n"
        f"code = 'import time; time.sleep(60) # {DAEMON}'\n"
        "subprocess.Popen([sys.executable, '-c', code], env={}, start_new_session=True,\n"
        "    stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)\n",
    ),
    Attack(
        "fork-bomb",
        "starts 2,000 processes",
        "import os, time\n"
        "count = 0\n"
        "try:\n"
        "    for count in range(2000):\n"
        "        if os.fork() == 0:\n"
        "            time.sleep(20); os._exit(0)\n"
        f"    {SEEN}\n"
        "except OSError: pass\n",
    ),
    Attack(
        "takes-all-memory",
        "takes 6 GB of memory",
        "import time\n"
        "kept = []\n"
        "for _ in range(60):\n"
        "    kept.append(bytearray(b'x') * 100_000_000); time.sleep(0.1)\n"
        f"{SEEN}\n",
    ),
    Attack(
        "endless-output",
        "prints without end",
        "import os\nwhile True: os.write(1, b'x' * 65536)\n",
    ),
    Attack(
        "answers-by-heart",
        "knows the answers of the visible tests by heart",
        "import time\n"
        "def add(a, b): return {(1, 2): 3}[a, b]\n"
        "if __name__ == '__main__':\n"
        "    print('READY echo 127.0.0.1 9999\\nhello', flush=True); time.sleep(600)\n",
        stoppable=False,
    ),
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an attack: ``gain`` is what it got, "" if it was stopped."""

    attack: Attack
    gain: str
    result: Result


def run(level: str, folder: Path, attacks: tuple[Attack, ...] = ATTACKS) -> list[Outcome]:
    """Grade the attacks and a bystander at a level, in the empty folder ``folder``."""
    suite, out = write_suite(folder / "suite"), folder / "out"
    out.mkdir()
    bystander = write_submission(folder / "submissions" / "bystander")
    with _listener() as (port, visits):
        places = {
            "checkout": CHECKOUT, "suite": suite.root, "bystander": bystander, "out": out,
            "port": port,
        }  # fmt: skip
        paths = [_build(attack, folder / "submissions", places) for attack in attacks]
        order = Order("stage1_echo", level, out, jobs=2, suite=suite, options=QUICK)
        graded = {r.id: r for r in Grader(order).grade([*named([bystander, *paths])])}
        harm = _harm(out, visits, graded["bystander"])
        outcomes = [
            Outcome(attack, _gain(attack, graded[attack.name], harm), graded[attack.name])
            for attack in attacks
        ]
    _end_daemons()
    return outcomes


def _build(attack: Attack, folder: Path, places: dict[str, object]) -> Path:
    def filled(text: str) -> str:
        for name, value in places.items():
            text = text.replace(f"{{{name}}}", str(value))
        return text

    made = write_submission(folder / attack.name, filled(attack.server))
    for name, content in attack.files:
        (made / name).parent.mkdir(parents=True, exist_ok=True)
        (made / name).write_text(filled(content), "utf-8")
        (made / name).chmod(0o755 if content.startswith("#!") else 0o644)
    return made


def _harm(out: Path, visits: list[bytes], bystander: Result) -> dict[str, str]:
    """Return what attacks did, by the attack's name; "" is for all of them."""
    harm = {}
    if (out / "forged.txt").exists():
        harm["writes-into-the-results"] = "wrote there"
    if visits:
        harm["reaches-the-network"] = "was connected"
    if list(_daemons()):
        harm["leaves-a-daemon"] = "it is still there"
    if bystander.score != 100:
        harm[""] = f"a bystander got {bystander.score}: {bystander.why}"
    return harm


def _gain(attack: Attack, result: Result, harm: dict[str, str]) -> str:
    gains = [harm.get(attack.name, ""), harm.get("", "")]
    if result.score:
        gains.append(f"got {result.score:g} points")
    if STOLEN in json.dumps(result.failures):
        gains.append("did it")
    if SECRET in json.dumps(result.failures):
        gains.append("its report shows the tests")
    if len(json.dumps(result.failures)) > LARGE:
        gains.append("its report is enormous")
    return ", ".join(filter(None, gains))


def _daemons() -> Iterator[psutil.Process]:
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if any(DAEMON in word for word in process.cmdline()):
                yield process


def _end_daemons() -> None:
    for process in _daemons():
        with contextlib.suppress(psutil.Error):
            process.kill()


@contextlib.contextmanager
def _listener() -> Iterator[tuple[int, list[bytes]]]:
    """Listen on loopback, outside of every sandbox; yields the port and who came."""
    visits: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def accept() -> None:
            with contextlib.suppress(OSError):
                while True:
                    visitor, _ = server.accept()
                    visitor.close()
                    visits.append(b"x")

        threading.Thread(target=accept, daemon=True).start()
        yield int(server.getsockname()[1]), visits
        with contextlib.suppress(OSError):
            server.shutdown(socket.SHUT_RDWR)
