"""Which files of ``tests/`` a program needs: what it imports, and what that imports, and so on.

A handout gets what its commands and suites need and nothing else, whatever is added to the kit.
"""

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from .tree import CHECKOUT

# pytest loads plugins by their names: pytest_plugins = ["tests.kit.plugin"]
NAMED = re.compile(r"tests(\.[a-z_]\w*)+")


def needed(roots: Iterable[Path]) -> set[Path]:
    """Return ``roots`` and all files of ``tests/`` that they need, relative to the checkout."""
    found: set[Path] = set()
    waiting = list(roots)
    while waiting:
        path = waiting.pop()
        if path in found:
            continue
        found.add(path)
        if path.suffix == ".py":
            names = _names((CHECKOUT / path).read_text("utf-8"), _package(path))
            waiting += [file for name in names for file in _files(name)]
    return found


def _package(path: Path) -> list[str]:
    return list(path.parent.parts)


def _names(text: str, package: list[str]) -> Iterator[str]:
    """Yield the dotted names of what may be modules, in imports at any depth and in strings."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*above, *filter(None, [node.module])])
            yield from (f"{module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Constant) and NAMED.fullmatch(str(node.value)):
            yield str(node.value)


def _files(name: str) -> Iterator[Path]:
    """Yield the files that an import of ``name`` reads; a name within a module stands for it."""
    parts = name.split(".")
    if parts[0] != "tests":
        return
    for length in range(1, len(parts) + 1):
        path = Path(*parts[:length])
        for file in (path / "__init__.py", path.with_suffix(".py")):
            if (CHECKOUT / file).is_file():
                yield file
