"""The system's own programs that some suites need: are they here, and how does one get them.

pip cannot install these. What is missing is named with the command that brings it; the tests that
need it are skipped, and `kit.py test` ends with what was not tested.
"""

import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from .failure import HarnessError

# Parts that kit.py found missing, by name with commas: what a whole test run goes by.
MISSING_VARIABLE = "CHAT_MISSING_PARTS"
WINDOWS = sys.platform == "win32"
MACOS = sys.platform == "darwin"

# Where servers are kept that stand on no ordinary user's PATH.
SERVER_PLACES = ("/usr/sbin", "/usr/local/sbin", "/opt/homebrew/bin", "/usr/local/bin")

# Who has the grader wants its walls; what students get has neither.
GRADER = Path(__file__).with_name("grading")

# Asks Tk itself, without a display: "no display" means that all of Tk has been loaded.
TK_CHECK = """
import tkinter
try:
    tkinter.Tk().destroy()
except tkinter.TclError as error:
    raise SystemExit(0 if "display" in str(error) else str(error))
"""


# The part of the grader, not of any suite: how its level is picked says more (grading/sandbox.py).
SANDBOX = "bwrap"


@dataclass(frozen=True)
class Part:
    """A part of the system: what it is called, what cannot be tested without it, how to get it.

    ``packages`` maps an installer (apt-get, dnf, brew, winget) to its name for the part.
    """

    name: str
    untested: str
    found: Callable[[], bool]
    packages: Mapping[str, str]


def find_program(name: str) -> Path | None:
    """Return the program's file; servers are also looked for where no ordinary PATH leads."""
    places = [os.environ.get("PATH", os.defpath)]
    if WINDOWS:
        programs = Path(os.environ.get("PROGRAMFILES", "C:/Program Files"))
        places += [str(folder) for folder in sorted(programs.glob("MariaDB*/bin"), reverse=True)]
    else:
        places += SERVER_PLACES
    found = shutil.which(name, path=os.pathsep.join(places))
    return Path(found) if found else None


def has_tk() -> bool:
    """Tell whether this Python has tkinter, and the Tk 8.6 or newer behind it works."""
    if importlib.util.find_spec("_tkinter") is None:
        return False
    hidden = {name: value for name, value in os.environ.items() if name != "DISPLAY"}
    command = [sys.executable, "-c", TK_CHECK]
    return subprocess.run(command, env=hidden, capture_output=True, timeout=60).returncode == 0


def has_display() -> bool:
    """Tell whether there is a screen; a DISPLAY that is named may still be gone."""
    return WINDOWS or MACOS or bool(os.environ.get("DISPLAY"))


def no_window_because() -> str:
    """Return why no window can be opened for the person who runs this, '' if one can."""
    if not has_tk():
        return "this Python has no tkinter"
    return "" if has_display() else "no display"


def has_virtual_display() -> bool:
    """Tell whether windows can be tested unseen; Windows and macOS have their own display only."""
    has_both = find_program("Xvfb") is not None and find_program("xdotool") is not None
    return WINDOWS or MACOS or has_both


def has_mariadb() -> bool:
    """Tell whether a private MariaDB can be set up and started.

    The server is enough: mariadb.py makes the tables itself. (mariadb-install-db would need
    my_print_defaults too, which Debian keeps in another package.)
    """
    return find_program("mariadbd") is not None


def has_chinese_font() -> bool:
    """Tell whether windows can show Chinese."""
    if WINDOWS or MACOS:
        return True
    lister = find_program("fc-list")
    if lister is None:
        return False
    fonts = subprocess.run([lister, ":lang=zh"], capture_output=True, timeout=60)
    return bool(fonts.stdout.strip())


def has_sandbox() -> bool:
    """Tell whether the program is here that puts submissions behind walls, which Linux has only."""
    is_wanted = sys.platform == "linux" and GRADER.is_dir()
    return not is_wanted or find_program("bwrap") is not None


PARTS = (
    Part(
        "tk",
        "windows",
        has_tk,
        {"apt-get": "python3-tk", "dnf": "python3-tkinter", "brew": "python-tk"},
    ),
    Part(
        "xvfb",
        "windows (on an unseen display)",
        has_virtual_display,
        {"apt-get": "xvfb xdotool", "dnf": "xorg-x11-server-Xvfb xdotool"},
    ),
    Part(
        "mariadb",
        "the MySQL database",
        has_mariadb,
        {
            "apt-get": "mariadb-server-core",
            "dnf": "mariadb-server",
            "brew": "mariadb",
            "winget": "MariaDB.Server",
        },
    ),
    Part(
        "fonts",
        "Chinese text in windows",
        has_chinese_font,
        {"apt-get": "fontconfig fonts-noto-cjk", "dnf": "google-noto-sans-cjk-fonts"},
    ),
    Part(
        SANDBOX,
        "the grader's sandbox",
        has_sandbox,
        {"apt-get": "bubblewrap", "dnf": "bubblewrap"},
    ),
)


def missing_parts() -> dict[str, str]:
    """Map each part that is missing to what brings it; looked for once in a test run.

    What was found is kept in the environment variable CHAT_MISSING_PARTS (names with commas, empty
    when nothing is missing); `kit.py test` sets it, and a person may, to leave a part out.
    """
    if MISSING_VARIABLE not in os.environ:
        os.environ[MISSING_VARIABLE] = ",".join(part.name for part in look())
    names = os.environ[MISSING_VARIABLE].split(",")
    return {part.name: remedy(part) for part in PARTS if part.name in names}


def look() -> list[Part]:
    """Look at the machine itself; return the parts that are missing now."""
    return [part for part in PARTS if not part.found()]


def check_whole(without: Iterable[str], harm: str, otherwise: str) -> None:
    """Raise HarnessError when a part is missing here that is not left out on purpose.

    ``harm`` is what comes of it, ``otherwise`` what can be done instead of installing it.
    """
    missing = [part for part in look() if part.name not in without]
    if missing:
        told = "; ".join(f"{part.name} ({part.untested}): {remedy(part)}" for part in missing)
        raise HarnessError(
            f"parts of the system are missing, and {harm}: {told}. Install them, or {otherwise}"
        )


def remedy(part: Part) -> str:
    """Return the command that brings a part, or what to do where no command does."""
    if part.name == "tk":
        return _tk_remedy(part)
    installer = _installer()
    if installer not in part.packages:
        return f"install {part.name} with your system's package manager"
    return _command(installer, part.packages[installer])


def apt_packages(names: list[str]) -> list[str]:
    """Return the Debian packages that bring these parts to this Python; maybe not for all."""
    packages: list[str] = []
    for part in PARTS:
        if part.name in names and (part.name != "tk" or _is_debians_python()):
            packages += part.packages["apt-get"].split()
    return packages


def can_apt_install() -> bool:
    """Tell whether this is a Debian (or a child of it) on which we may install packages."""
    return shutil.which("apt-get") is not None and not WINDOWS and os.geteuid() == 0


def apt_install(packages: list[str]) -> str:
    """Install Debian packages; return what apt-get said last if that failed, else ''."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    options = ["-y", "-q", "--no-install-recommends", "-o", "DPkg::Lock::Timeout=120"]
    install = ["apt-get", "install", *options, *packages]
    # A fresh machine has no package lists, an old one lists of files that are gone: fetch, retry.
    said = ""
    for command in (install, ["apt-get", "update", "-q"], install):
        ran = subprocess.run(command, env=environment, capture_output=True, encoding="utf-8")
        if ran.returncode == 0 and command is install:
            return ""
        said = (ran.stderr.strip() or ran.stdout.strip() or str(ran.returncode)).splitlines()[-1]
    return said


def _installer() -> str:
    for name in ("apt-get", "dnf", "brew", "winget"):
        if shutil.which(name):
            return name
    return ""


def _command(installer: str, package: str) -> str:
    sudo = "" if installer in ("brew", "winget") or (not WINDOWS and os.geteuid() == 0) else "sudo "
    return f"{sudo}{installer} install {package}"


def _is_debians_python() -> bool:
    # python3-tk is built for the one version that /usr/bin/python3 is.
    default = Path("/usr/bin/python3").resolve().name
    return sys.base_prefix == "/usr" and default == f"python3.{sys.version_info.minor}"


def _tk_remedy(part: Part) -> str:
    installer = _installer()
    if installer == "brew":
        return _command("brew", f"{part.packages['brew']}@3.{sys.version_info.minor}")
    if WINDOWS:
        return 'run the installer of Python again, "Modify", and tick "tcl/tk and IDLE"'
    if installer == "apt-get" and not _is_debians_python():
        return (
            f"this Python ({sys.base_prefix}) was built without Tk: build it again with tk-dev "
            f"installed, or run: {_command('apt-get', part.packages['apt-get'])} and start kit.py "
            "with /usr/bin/python3"
        )
    if installer in part.packages:
        return _command(installer, part.packages[installer])
    return "install a Python that has tkinter"
