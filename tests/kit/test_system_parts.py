"""What the suites need of the system: found or not, how to get it, and what a run says of it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from . import system
from .commands import test as test_command

ROOT = Path(__file__).resolve().parents[2]
PARTS = {part.name: part for part in system.PARTS}
POSIX_ONLY = pytest.mark.skipif(os.name == "nt", reason="shell scripts stand in for programs")


def script(folder: Path, name: str, body: str = "exit 0") -> Path:
    """Write a program that a shell runs."""
    path = folder / name
    path.write_text(f"#!/bin/sh\n{body}\n", "utf-8")
    path.chmod(0o755)
    return path


@pytest.fixture
def nothing_known(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """As in a run that was not started by kit.py; the variable is put back afterwards."""
    monkeypatch.setenv(system.MISSING_VARIABLE, "")
    monkeypatch.delenv(system.MISSING_VARIABLE)
    return monkeypatch


# -- What is here ----------------------------------------------------------------------------------


def test_tk_is_here_exactly_if_a_window_library_can_be_imported() -> None:
    command = [sys.executable, "-c", "import tkinter"]
    imported = subprocess.run(command, capture_output=True).returncode == 0
    assert system.has_tk() == imported


def test_a_tk_that_does_not_work_is_not_here(monkeypatch: pytest.MonkeyPatch) -> None:
    broken = "import sys; sys.modules['tkinter'] = None\n" + system.TK_CHECK
    monkeypatch.setattr(system, "TK_CHECK", broken)
    assert not system.has_tk()


@POSIX_ONLY
def test_mariadb_is_here_when_its_server_is(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(system, "SERVER_PLACES", ())
    monkeypatch.setenv("PATH", str(tmp_path))
    assert not system.has_mariadb()
    server = script(tmp_path, "mariadbd")
    assert system.has_mariadb()
    assert system.find_program("mariadbd") == server


@POSIX_ONLY
def test_a_chinese_font_is_one_that_fontconfig_lists(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    if system.MACOS:
        pytest.skip("macOS brings Chinese fonts")
    monkeypatch.setattr(system, "SERVER_PLACES", ())
    monkeypatch.setenv("PATH", str(tmp_path))
    assert not system.has_chinese_font()
    script(tmp_path, "fc-list")
    assert not system.has_chinese_font()
    script(tmp_path, "fc-list", "echo /fonts/some.ttc: Some CJK")
    assert system.has_chinese_font()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has bubblewrap")
def test_the_sandbox_is_a_part_where_the_grader_is(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(system, "SERVER_PLACES", ())
    monkeypatch.setenv("PATH", str(tmp_path))
    assert not system.has_sandbox()
    script(tmp_path, "bwrap")
    assert system.has_sandbox()
    (tmp_path / "bwrap").unlink()
    monkeypatch.setattr(system, "GRADER", tmp_path / "not here")  # as in a handout
    assert system.has_sandbox()


def test_what_kit_found_counts_and_the_machine_is_not_asked_again(
    nothing_known: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []

    def look_for_it() -> bool:
        asked.append("mariadb")
        return False

    fake = system.Part("mariadb", "x", look_for_it, {"apt-get": "it"})
    nothing_known.setattr(system, "PARTS", (fake,))
    assert list(system.missing_parts()) == ["mariadb"]
    assert list(system.missing_parts()) == ["mariadb"]
    assert asked == ["mariadb"]
    nothing_known.setenv(system.MISSING_VARIABLE, "")
    assert system.missing_parts() == {}


# -- How to get it ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("installer", "user", "part", "command"),
    [
        ("apt-get", 1000, "mariadb", "sudo apt-get install mariadb-server-core"),
        ("apt-get", 0, "xvfb", "apt-get install xvfb xdotool"),
        ("dnf", 1000, "mariadb", "sudo dnf install mariadb-server"),
        ("brew", 501, "mariadb", "brew install mariadb"),
        ("brew", 501, "tk", f"brew install python-tk@3.{sys.version_info.minor}"),
        ("dnf", 1000, "tk", "sudo dnf install python3-tkinter"),
        ("", 1000, "mariadb", "install mariadb with your system's package manager"),
    ],
)
def test_the_command_fits_the_system_and_the_user(
    monkeypatch: pytest.MonkeyPatch, installer: str, user: int, part: str, command: str
) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: name if name == installer else None)
    monkeypatch.setattr(os, "geteuid", lambda: user, raising=False)
    monkeypatch.setattr(system, "WINDOWS", False)
    assert system.remedy(PARTS[part]) == command


@pytest.mark.parametrize("debians", [True, False])
def test_apt_brings_tk_to_debians_own_python_only(
    monkeypatch: pytest.MonkeyPatch, debians: bool
) -> None:
    monkeypatch.setattr(system, "_installer", lambda: "apt-get")
    monkeypatch.setattr(system, "_is_debians_python", lambda: debians)
    monkeypatch.setattr(system, "WINDOWS", False)
    packages = system.apt_packages(["tk", "xvfb"])
    assert packages == ([*(["python3-tk"] if debians else []), "xvfb", "xdotool"])
    told = system.remedy(PARTS["tk"])
    assert "python3-tk" in told
    assert ("built without Tk" in told) is not debians


@POSIX_ONLY
def test_apt_fetches_its_lists_when_a_package_is_not_found_and_tries_again(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    calls = tmp_path / "calls"
    lists = tmp_path / "lists"
    script(
        tmp_path,
        "apt-get",
        f'echo "$1 $DEBIAN_FRONTEND" >> {calls}\n'
        f'if [ "$1" = update ]; then : > {lists}; exit 0; fi\n'
        f"[ -e {lists} ] || {{ echo 'E: Unable to locate package xvfb' >&2; exit 100; }}",
    )
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    assert system.apt_install(["xvfb"]) == ""
    asked = calls.read_text("utf-8").split("\n")
    assert asked[:3] == [f"{word} noninteractive" for word in ("install", "update", "install")]


@POSIX_ONLY
def test_what_apt_could_not_do_is_told_in_its_own_words(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    script(tmp_path, "apt-get", "echo 'E: no such package' >&2; exit 100")
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    assert system.apt_install(["xvfb"]) == "E: no such package"


# -- What kit.py test says and returns -------------------------------------------------------------


def run_kit_test(missing: str, ci: str) -> subprocess.CompletedProcess[str]:
    """Run `kit.py test --version`: all but the suites."""
    program = "import sys; from tests.kit.commands.test import main; sys.exit(main(['--version']))"
    return subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env={**os.environ, system.MISSING_VARIABLE: missing, "CI": ci},
        capture_output=True,
        encoding="utf-8",
    )


def test_a_run_ends_with_what_was_not_tested_and_how_to_get_it() -> None:
    ran = run_kit_test("mariadb", ci="")
    assert ran.returncode == 0
    assert "not here: mariadb. To get it: " in ran.stdout
    assert ran.stdout.splitlines()[-1] == (
        "kit.py test: NOT TESTED: the MySQL database (not here: mariadb)"
    )


def test_in_ci_a_missing_part_is_a_failure() -> None:
    ran = run_kit_test("mariadb", ci="true")
    assert ran.returncode == 1
    assert ran.stdout.splitlines()[-1] == "kit.py test: with CI=true a missing part is a failure"


def test_with_all_parts_nothing_is_said() -> None:
    ran = run_kit_test("", ci="true")
    assert ran.returncode == 0
    assert "kit.py test:" not in ran.stdout


def test_suites_are_named_by_stage_by_folder_or_by_path() -> None:
    assert test_command.pytest_argument("arch") == "tests/test_architecture.py"
    assert test_command.pytest_argument("kit") == "tests/kit"
    assert test_command.pytest_argument("--thorough") == "--thorough"
    for name, path in test_command.here().items():
        assert test_command.pytest_argument(name) == path
        assert test_command.pytest_argument(Path(path).name) == path
        assert (ROOT / path).exists()


def test_paths_mean_what_they_mean_where_the_user_stands(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "mine").mkdir()
    monkeypatch.chdir(tmp_path)
    assert test_command.pytest_argument("mine") == str(tmp_path / "mine")
    assert test_command.pytest_argument("-k") == "-k"


@pytest.mark.parametrize("words", [[], ["--thorough"], ["stage1", "stage2"], ["--durations=5"]])
def test_several_suites_are_run_in_two_processes(words: list[str]) -> None:
    assert test_command.side_by_side(words) == test_command.SIDE_BY_SIDE


@pytest.mark.parametrize("words", [["stage1"], ["-x"], ["-n", "0"], ["-n0"], ["--last-failed"]])
def test_one_suite_or_an_option_that_needs_it_is_run_in_one_process(words: list[str]) -> None:
    assert test_command.side_by_side(words) == ()
