"""``kit.py test``: the suites, all or some of them, with what the system lacks said plainly."""

import os
import sys
from pathlib import Path

from .. import system
from ..failure import HarnessError
from ..starters import short
from ..tree import STAGES, has_reference, stages_here
from . import ROOT, call

USAGE = """\
usage: python3 kit.py test [SUITE ...] [--thorough] [pytest options]

SUITE is one of: {suites}. Without one all are run.
--thorough          the same tests with the large counts
--submission=DIR    judge the stages in this folder, not the reference
--task=2.3          only this task and those that it builds on; may be given again
--attach=HOST:PORT  judge a server that runs already
--programs=FILE     start the programs as this programs.toml says (another language)
--time-scale=X      stretch every time limit
-n 0                one suite after the other (several are run in two processes)

Everything else goes to pytest: -k WORDS, -x, --lf, a file, ... (--pytest-help lists it all)."""

SUITES = {
    "stage1": "tests/stage1_echo",
    "stage2": "tests/stage2_protocol",
    "stage3": "tests/stage3_auth",
    "stage4": "tests/stage4_rooms",
    "stage5": "tests/stage5_files",
    "final": "tests/final",
    "kit": "tests/kit",
    "arch": "tests/test_architecture.py",
}

# Suites wait more than they work: two processes finish sooner than one, a third would only get in
# the way of the bank, which judges several programs at a time itself.
SIDE_BY_SIDE = ("-n", "2")
# Options with which the tests have to run in one process, or say themselves in how many.
ALONE = (
    "-n", "--dist", "-s", "--capture", "--pdb", "--trace", "-x", "--exitfirst", "--maxfail",
    "--lf", "--last-failed", "--attach", "--task", "--collect-only", "--co", "--version",
    "--pytest-help",
)  # fmt: skip


def main(argv: list[str]) -> int:
    """Run what `argv` names; the exit code is pytest's, or 1 if CI lacks a part of the system."""
    if "--help" in argv or "-h" in argv:
        print(USAGE.format(suites=", ".join(here())))
        return 0
    arguments = ["--help" if word == "--pytest-help" else word for word in argv]
    try:
        arguments += whose(argv)
    except HarnessError as error:
        tell(str(error))
        return 2
    missing = system_parts()
    command = [sys.executable, "-m", "pytest", "-q", *side_by_side(argv)]
    command += map(pytest_argument, arguments)
    code = call(command, cwd=ROOT)
    return report(missing, code)


def here() -> dict[str, str]:
    """Return the suites that this checkout has, by short name."""
    return {name: path for name, path in SUITES.items() if has_tests(ROOT / path)}


def side_by_side(words: list[str]) -> tuple[str, ...]:
    """Return the options that run suites in two processes; none for one suite, or where it harms.

    A suite stays in one process, so that its tasks can wait for each other; of the tools' own tests
    a file does.
    """
    names = [word for word in words if not word.startswith("-")]
    if len(names) == 1 or any(word.startswith(option) for word in words for option in ALONE):
        return ()
    return SIDE_BY_SIDE


def has_tests(path: Path) -> bool:
    """Whether there is a test: what is handed out has the harness without its own tests."""
    return path.is_file() or any(path.glob("test_*.py"))


def whose(words: list[str]) -> list[str]:
    """Return what to add where the reference of a stage is not here: the student's own is judged.

    Raises HarnessError when there is none.
    """
    if any(word.startswith(("--submission", "--attach")) for word in words):
        return []
    named = [stage for stage in STAGES if {stage, short(stage)} & set(words)]
    absent = [stage for stage in named or stages_here() if not has_reference(stage)]
    if not absent or not (ROOT / "tests" / absent[0]).is_dir():
        return []
    mine = Path("mine").absolute()
    own = [stage for stage in absent if (mine / stage).is_dir()]
    if not own or (named and own != absent):
        start = f"kit.py start {short(absent[0])}"
        raise HarnessError(f"{absent[0]} is neither here nor in mine; {start} begins your own")
    tell(f"judging your own {' and '.join(own)}, in {mine}")
    return [f"--submission={mine}", *([] if named else [f"tests/{stage}" for stage in own])]


def pytest_argument(word: str) -> str:
    """Turn a suite's short name or directory name into its path; leave anything else alone.

    A path that the caller gave is relative to where they stand; pytest runs in the checkout.
    """
    for name, path in here().items():
        if word in (name, Path(path).name):
            return path
    return str(Path(word).absolute()) if Path.cwd() != ROOT and Path(word).exists() else word


def system_parts() -> dict[str, str]:
    """Return what is missing after installing what can be installed: part to remedy."""
    packages: list[str] = []
    if system.MISSING_VARIABLE not in os.environ and system.can_apt_install():
        packages = system.apt_packages([part.name for part in system.look()])
    if packages:
        tell(f"installing with apt-get what the suites need: {' '.join(packages)}")
        failure = system.apt_install(packages)
        if failure:
            tell(f"apt-get failed: {failure}")
    missing = system.missing_parts()
    for name, remedy in missing.items():
        tell(f"not here: {name}. To get it: {remedy}")
    return missing


def report(missing: dict[str, str], code: int) -> int:
    """Say what the run left out; returns the exit code of the whole."""
    if not missing:
        return code
    untested = [part.untested for part in system.PARTS if part.name in missing]
    tell(f"NOT TESTED: {', '.join(untested)} (not here: {', '.join(missing)})")
    if os.environ.get("CI", "").lower() not in ("true", "1"):
        return code
    tell("with CI=true a missing part is a failure")
    return code or 1


def tell(text: str) -> None:
    """Print a line of our own, in order with pytest's output."""
    print(f"kit.py test: {text}", flush=True)
