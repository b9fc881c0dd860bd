"""Recipes and documents: each command line in them is one that today's kit.py understands."""

import importlib
import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from . import format_readers
from .docs.build import documents
from .tree import CHECKOUT

RECIPES = CHECKOUT / "docs" / "recipes"
WORKFLOWS = CHECKOUT / ".github" / "workflows"
FILES = sorted([*RECIPES.iterdir(), *WORKFLOWS.glob("*.yml")])
FENCED = re.compile(r"^(?:`{3,}|~{3,})[^\n]*\n(.*?)^(?:`{3,}|~{3,})", re.MULTILINE | re.DOTALL)
KIT = re.compile(r"(?:^|\s)(?:py|python3?) +\S*kit\.py (?P<words>[a-z].*)")
# What a shell or a CI system puts in; any number that is allowed will do.
VARIABLE = re.compile(r'"?\$\{\{[^}]*\}\}"?|"?\$\{[^}]*\}"?|"?\$\w+"?')
SHARD = re.compile(r'--shard (?:\$\{\{[^}]*\}\}|"[^"]*"|\S+)')
# These parse their own command lines, or hand them on.
OWN = ("run", "test", "bench", "wire", "lint")


def commands_in(text: str) -> Iterator[list[str]]:
    """Yield the words behind ``kit.py`` of each command line in a text."""
    for line in text.replace("\\\n", " ").splitlines():
        if found := KIT.search(line):
            words = re.split(r"\s#\s|\s\|\s|\s>|[;&]|\s{2,}", found["words"])[0]
            plain = VARIABLE.sub("stage1", SHARD.sub("--shard 1/4", words))
            yield shlex.split(plain.replace("…", ""))


def understood(words: list[str]) -> bool:
    """Tell whether a command's own parser takes these words; those in capitals stand for any."""
    name, *rest = words
    module = importlib.import_module(f"tests.kit.commands.{name}")
    if name in OWN:
        return True
    rest = ["stage1" if word == "STAGE" else "9" if word == "N" else word for word in rest]
    try:
        module.parser().parse_args(rest)
    except SystemExit as end:
        return end.code == 0  # --help
    return True


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_recipe_parses_and_its_commands_are_understood(path: Path) -> None:
    text = path.read_text("utf-8")
    if path.suffix == ".yml":
        text = "\n".join(_scripts(yaml.safe_load(text)))
    elif path.suffix == ".py":
        compile(text, path.name, "exec")
        return
    elif os.name != "nt":
        subprocess.run(["bash", "-n", str(path)], check=True)
    found = list(commands_in(text))
    assert found, f"{path.name} calls no kit.py"
    for words in found:
        assert understood(words), f"{path.name}: kit.py {' '.join(words)}"


def _scripts(node: object) -> Iterator[str]:
    """Yield what a pipeline has a shell run: the lists called script, the texts called run."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "script" and isinstance(value, list):
                yield from map(str, value)
            elif key == "run" and isinstance(value, str):
                yield value
            else:
                yield from _scripts(value)
    elif isinstance(node, list):
        for item in node:
            yield from _scripts(item)


def test_every_command_in_a_document_is_understood() -> None:
    found = 0
    for path in documents():
        for block in FENCED.findall(path.read_text("utf-8")):
            for words in commands_in(block):
                found += 1
                place = path.relative_to(CHECKOUT)
                assert understood(words), f"{place}: kit.py {' '.join(words)}"
    assert found > 100


def test_a_command_that_is_none_is_found_out() -> None:
    assert not understood(["grade", "stage2", "--shards", "1/2"])
    assert understood(["grade", "stage2", "--shard", "1/2"])


@pytest.mark.parts("bwrap")
def test_the_autograder_of_classroom_50_writes_a_result_whatever_the_mark(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("nothing yet\n", "utf-8")
    facts = {"CLASSROOM": "net", "ASSIGNMENT": "s1", "SUBMISSION_TAG": "submit/1"}
    urls = {"COMMIT_URL": "https://example.org/c", "RELEASE_URL": "https://example.org/r"}
    done = subprocess.run(
        [sys.executable, str(RECIPES / "classroom50_autograder.py")],
        cwd=tmp_path,
        env={**os.environ, "STAGE": "stage1", "COURSE": str(CHECKOUT), **facts, **urls},
        capture_output=True,
        encoding="utf-8",
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    text = (tmp_path / "result.json").read_text("utf-8")
    format_readers.classroom50(text)
    result = json.loads(text)
    assert (result["score"], result["max-score"]) == (0, 100)
    assert (result["classroom"], result["review"]) == ("net", "https://example.org/c")
