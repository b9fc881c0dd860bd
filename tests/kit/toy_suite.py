"""A suite of a second, and submissions for it, for the tests of the grader.

The suite starts ``stage1_echo/server.py`` of a submission, which has to say READY and to print what
its test expects.
"""

from pathlib import Path

from .grading.sandbox import Suite
from .suite_runs import CONFIGURATION

CONFTEST = 'pytest_plugins = ["tests.kit.fixtures", "tests.kit.plugin"]\n'
TESTS = """
import pytest

@pytest.mark.task("1.1", hint="What does it print?")
@pytest.mark.points(60)
def test_it_says_hello(launch, tmp_path):
    launch("stage1.server", str(tmp_path)).expect_line("hello", 2)
    for said in tmp_path.iterdir():
        assert not said.exists() or said.read_text("utf-8") == "hello"

@pytest.mark.task("1.2")
@pytest.mark.points(40)
def test_it_adds(probe):
    assert probe.call("stage1_echo.server:add", 1, 2) == 3
"""
RIGHT = """
import time
def add(a, b):
    return a + b
if __name__ == "__main__":
    print("READY echo 127.0.0.1 9999", flush=True)
    print("hello", flush=True)
    time.sleep(600)
"""
SECRET = "the tests' secret is 4711"


def write_suite(folder: Path) -> Suite:
    """Write the suite below ``folder``."""
    tests = folder / "tests" / "stage1_echo"
    tests.mkdir(parents=True)
    (folder / "pytest.ini").write_text(CONFIGURATION, "utf-8")
    (folder / "tests" / "conftest.py").write_text(CONFTEST, "utf-8")
    (tests / "test_toy.py").write_text(f"SECRET = {SECRET!r}\n{TESTS}", "utf-8")
    return Suite("tests/stage1_echo", folder)


def write_submission(folder: Path, server: str = RIGHT) -> Path:
    """Write a submission whose server is this text."""
    (folder / "stage1_echo").mkdir(parents=True)
    (folder / "stage1_echo" / "__init__.py").write_text("", "utf-8")
    (folder / "stage1_echo" / "server.py").write_text(server, "utf-8")
    return folder
