"""The chat as a wheel: it holds the chat, nothing of the course, and starts once installed."""

import os
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
# The packages at the top; what lies in them comes with them.
PACKAGES = [name for name in PROJECT["tool"]["setuptools"]["packages"] if "." not in name]
SCRIPT = "echo-to-chat.exe" if os.name == "nt" else "echo-to-chat"


def pip(*words: str | Path, cwd: Path) -> None:
    command = [sys.executable, "-I", "-m", "pip", "--disable-pip-version-check", *map(str, words)]
    ran = subprocess.run(command, cwd=cwd, capture_output=True, encoding="utf-8")
    assert ran.returncode == 0, ran.stdout + ran.stderr


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from a copy: a build leaves folders in the tree that it builds from."""
    copy = tmp_path_factory.mktemp("wheel") / "copy"
    for package in PACKAGES:
        shutil.copytree(
            ROOT / package, copy / package, ignore=shutil.ignore_patterns("__pycache__")
        )
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, copy)
    pip("wheel", ".", "--no-deps", "--no-build-isolation", "--wheel-dir", "made", cwd=copy)
    (made,) = (copy / "made").glob("*.whl")
    return made


def test_the_wheel_holds_the_chat_its_data_and_nothing_of_the_course(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    folders = {name.split("/")[0] for name in names if ".dist-info/" not in name}
    assert folders == set(PACKAGES)
    assert "stage3_auth/ui/palette.txt" in names
    code = {path.relative_to(ROOT).as_posix() for each in PACKAGES for path in source(each)}
    assert code <= set(names)


def source(package: str) -> list[Path]:
    return list((ROOT / package).rglob("*.py"))


def test_the_installed_chat_starts_outside_of_the_checkout(wheel: Path, tmp_path: Path) -> None:
    installed = tmp_path / "installed"
    pip("install", "--no-deps", "--no-index", "--target", installed, wheel, cwd=tmp_path)
    ran = subprocess.run(
        [installed / "bin" / SCRIPT, "--help"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(installed)},
        capture_output=True,
        encoding="utf-8",
    )
    assert ran.returncode == 0, ran.stderr
    assert "usage" in ran.stdout
