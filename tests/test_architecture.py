"""The layers hold, and the check that says so would notice if they did not.

The contracts stand in pyproject.toml ([tool.importlinter]): a stage imports earlier stages only, a
core does no I/O. What a linter can miss is a linter that checks nothing, so each contract is shown
breaking in a copy of the tree with one bad import planted in it.
"""

import re
import shutil
import subprocess
import sys
import tomllib
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.kit.commands.lint import LAYERS

ROOT = Path(__file__).resolve().parents[1]
RULES: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"][
    "importlinter"
]
STAGES: list[str] = RULES["root_packages"]
CONTRACTS: dict[str, Any] = {contract["id"]: contract for contract in RULES["contracts"]}
CORES: list[str] = CONTRACTS["cores"]["source_modules"]


def check(tree: Path) -> tuple[int, str]:
    """Run import-linter on a tree; returns its exit code and what it printed."""
    command = [sys.executable, "-c", LAYERS, "--no-logo", "--no-cache"]
    ran = subprocess.run(
        command, cwd=tree, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8"
    )
    return ran.returncode, ran.stdout


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of the stages and their rules, to plant imports in."""
    for stage in STAGES:
        only_code = shutil.ignore_patterns("__pycache__", "*.png")
        shutil.copytree(ROOT / stage, tmp_path / stage, ignore=only_code)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def plant(tree: Path, module: str, line: str) -> None:
    path = tree.joinpath(*module.split(".")).with_suffix(".py")
    text = path.read_text("utf-8") if path.exists() else ""
    path.write_text(f"{text}\n{line}\n", "utf-8")


def test_the_real_tree_keeps_every_contract() -> None:
    code, said = check(ROOT)
    assert code == 0, said
    assert f"Contracts: {len(CONTRACTS)} kept, 0 broken." in said


@pytest.mark.parametrize(("lower", "upper"), list(pairwise(STAGES)))
def test_an_upward_import_is_found_and_named(tree: Path, lower: str, upper: str) -> None:
    plant(tree, f"{lower}.planted", f"from {upper} import anything")
    code, said = check(tree)
    assert code != 0
    assert f"{lower}.planted -> {upper} (l.2)" in said


def test_an_upward_import_inside_a_function_is_found_too(tree: Path) -> None:
    plant(tree, "stage2_protocol.planted", "def late() -> None:\n    import final")
    code, said = check(tree)
    assert code != 0
    assert "stage2_protocol.planted -> final (l.3)" in said


def test_io_is_found_and_named_in_each_core(tree: Path) -> None:
    for core in CORES:
        plant(tree, core, "import socket")
    code, said = check(tree)
    assert code != 0
    missed = [core for core in CORES if f"{core} -> socket" not in said]
    assert not missed, said


def test_each_kind_of_io_is_found_in_a_core(tree: Path) -> None:
    kinds = CONTRACTS["cores"]["forbidden_modules"]
    for kind in kinds:
        plant(tree, "stage2_protocol.frames", f"import {kind}")
    code, said = check(tree)
    assert code != 0
    missed = [kind for kind in kinds if f"stage2_protocol.frames -> {kind} (l." not in said]
    assert not missed, said


def test_io_behind_a_neighbour_module_is_found_in_a_core(tree: Path) -> None:
    plant(tree, "stage2_protocol.planted", "import socket")
    plant(tree, "stage2_protocol.frames", "from .planted import anything")
    code, said = check(tree)
    assert code != 0
    assert "stage2_protocol.frames -> stage2_protocol.planted" in said
    assert "stage2_protocol.planted -> socket" in said


def test_a_product_that_needs_its_tests_is_found(tree: Path) -> None:
    plant(tree, "final.planted", "from tests.kit import system")
    code, said = check(tree)
    assert code != 0
    assert "final.planted -> tests" in said


# What tkinter keeps in every widget; a widget that overwrites it is not found, or not forgotten.
_KEPT = ("_name", "_w", "_tclCommands", "_last_child_ids", "children", "master")
KEPT_BY_TKINTER = re.compile(rf"self\.({'|'.join(_KEPT)}) *[:=][^=]")


def test_no_widget_overwrites_what_tkinter_keeps_in_it() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in sorted(ROOT.glob("*/ui/*.py"))
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if KEPT_BY_TKINTER.search(line)
    ]
    assert found == []
