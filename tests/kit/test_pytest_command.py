"""How a suite's own pytest is started: with the plugin that the suites need, and no other."""

import subprocess
from pathlib import Path

from .pytest_command import CACHE, pytest_command, pytest_environment

CONFTEST = """
def pytest_unconfigure(config):
    names = [name for name in ("timeout", "xdist", "hypothesispytest")
             if config.pluginmanager.hasplugin(name)]
    open("loaded.txt", "w").write(" ".join(names))
"""


def test_limits_on_time_are_there_and_other_plugins_are_not(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text(CONFTEST, "utf-8")
    (tmp_path / "test_one.py").write_text("def test_one(): pass\n", "utf-8")
    command = pytest_command("-p", "no:cacheprovider")
    done = subprocess.run(
        command,
        cwd=tmp_path,
        env={**pytest_environment(), "PYTHONPYCACHEPREFIX": str(tmp_path / "code")},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout.decode()
    assert (tmp_path / "loaded.txt").read_text("utf-8") == "timeout"


def test_compiled_code_is_kept_even_where_the_user_wants_none_in_the_folders() -> None:
    environment = pytest_environment({"PYTHONDONTWRITEBYTECODE": "1", "HOME": "/home/ann"})
    assert "PYTHONDONTWRITEBYTECODE" not in environment
    assert environment["PYTHONPYCACHEPREFIX"] == str(CACHE)
    assert environment["HOME"] == "/home/ann"
