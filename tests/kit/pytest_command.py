"""How a run of a suite is started in a pytest of its own: the quick way, the same everywhere.

A bank of three hundred programs is three hundred starts. Two things make one twice as quick: only
the plugin that the suites need is loaded (others may be installed, and one of them takes longer to
import than pytest itself), and compiled code is kept beside the interpreter, so that it neither
lies about in the course's folders nor is compiled again each time.
"""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

PLUGINS = ("timeout",)  # names of entry points
CACHE = Path(sys.prefix) / "kit-pycache"


def pytest_command(*arguments: str) -> list[str]:
    """Return the command line that runs pytest, quietly, with ``arguments``."""
    plugins = [word for name in PLUGINS for word in ("-p", name)]
    return [sys.executable, "-m", "pytest", "-q", *plugins, *arguments]


def pytest_environment(base: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return the environment for it: ``base``, with its plugins chosen and its code cached."""
    kept = {name: value for name, value in base.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {
        **kept,
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "PYTHONPYCACHEPREFIX": str(CACHE),
        "PYTHONUTF8": "1",
    }
