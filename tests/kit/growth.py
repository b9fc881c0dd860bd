"""What each stage adds to those before it, read from the code: files, ops, tables, flags, tests.

A stage never edits an earlier one: what it changes is what its own server does otherwise than the
server of the stage before (a flag's default, a column more in a table, an op that is gone).
"""

import ast
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .cutting import without_markers
from .docs.facts import ask
from .starters import short, source_files, task_titles
from .tree import CHECKOUT, EVERYTHING, STAGES

# The service of each stage's server, as inside/facts.py calls it; stage 1 has no table of verbs.
SERVICES = {"stage2": "protocol", "stage3": "auth", "stage4": "chat", "stage5": "files"}


@dataclass(frozen=True, slots=True)
class File:
    """A file of a stage: its path below the stage, its lines, the first sentence of its words."""

    name: str
    lines: int
    words: str


@dataclass(frozen=True, slots=True)
class Growth:
    """What one stage adds. ``changed`` is what its server does otherwise, a sentence each."""

    stage: str
    files: tuple[File, ...]
    ops: tuple[str, ...]
    tables: dict[str, list[str]]
    flags: dict[str, str]
    changed: tuple[str, ...]
    uses: dict[str, list[str]]
    packages: tuple[str, ...]
    tasks: dict[str, str]
    test_lines: int

    @property
    def lines(self) -> int:
        """The lines of all its files."""
        return sum(file.lines for file in self.files)


def growths(stages: Sequence[str]) -> list[Growth]:
    """Return what each of ``stages`` adds; raises DocumentError when the code cannot be asked."""
    told = ask({"values": [], "flags": [f"{stage}.server" for stage in STAGES]})
    return [_growth(stage, told) for stage in stages]


def _growth(stage: str, told: dict[str, Any]) -> Growth:
    earlier = STAGES[: STAGES.index(stage)]
    before = earlier[-1] if earlier else ""
    new_ops, gone = _ops(stage, earlier, told)
    tables, more_columns = _tables(stage, before, told)
    flags, other_flags = _flags(stage, before, told)
    imports = _imports(stage)
    known = {package for name in earlier for package in _packages(_imports(name))}
    return Growth(
        stage,
        tuple(_file(path) for path in source_files(stage)),
        new_ops,
        tables,
        flags,
        (*gone, *more_columns, *other_flags),
        {name: sorted(imports[name]) for name in earlier if name in imports},
        tuple(sorted(set(_packages(imports)) - known)),
        task_titles(stage),
        sum(_lines(path) for path in source_files(f"tests/{stage}")),
    )


# --- files ---


def _file(path: Path) -> File:
    name = Path(*path.parts[1:]).as_posix()
    if path.suffix != ".py":
        return File(name, _lines(path), "data")
    docstring = ast.get_docstring(ast.parse(_text(path))) or ""
    first = docstring.partition("\n\n")[0].replace("\n", " ")
    return File(name, _lines(path), first)


def _text(path: Path) -> str:
    return without_markers((CHECKOUT / path).read_text("utf-8"), path.as_posix())


def _lines(path: Path) -> int:
    return len(_text(path).splitlines()) if path.suffix in (".py", ".txt") else 0


def _imports(stage: str) -> dict[str, set[str]]:
    """Return the names that a stage imports, by the first part of the module's name."""
    found: dict[str, set[str]] = {}
    for path in source_files(stage):
        if path.suffix == ".py":
            for module, name in _imported(ast.parse(_text(path))):
                found.setdefault(module.partition(".")[0], set()).add(name)
    return found


def _imported(tree: ast.AST) -> Iterator[tuple[str, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from ((node.module, alias.name) for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from ((alias.name, alias.name) for alias in node.names)


def _packages(modules: Iterable[str]) -> list[str]:
    return [name for name in modules if name not in sys.stdlib_module_names | {*EVERYTHING}]


# --- what the server knows ---


def _ops(
    stage: str, earlier: Sequence[str], told: dict[str, Any]
) -> tuple[tuple[str, ...], list[str]]:
    """Return the ops that no earlier server has, and those of the one before that are gone."""

    def of(name: str) -> dict[int, str]:
        service = SERVICES.get(short(name), "")
        return {verb["op"]: verb["name"] for verb in told["services"].get(service, [])}

    known = {op for name in earlier for op in of(name)}
    new = tuple(f"{op} {name}" for op, name in sorted(of(stage).items()) if op not in known)
    base = {verb["op"] for verb in told["base"]}
    elsewhere = {op: name for name in earlier for op in of(name) if op not in base}
    gone = {name for op, name in elsewhere.items() if op not in of(stage)}
    servers = [f"{name}.server" for name in earlier if name in gone]
    sentence = f"it does not answer the ops of {', '.join(servers)}: those run beside it"
    return new, [sentence] if servers else []


def _tables(
    stage: str, before: str, told: dict[str, Any]
) -> tuple[dict[str, list[str]], list[str]]:
    """Return the tables that are new with their columns, and a sentence for each that grew."""
    now = told["tables"].get(SERVICES.get(short(stage), ""), {})
    then = told["tables"].get(SERVICES.get(short(before), ""), {})
    new = {name: columns for name, columns in now.items() if name not in then}
    grown = []
    for name in sorted(set(now) & set(then)):
        if more := [column for column in now[name] if column not in then[name]]:
            grown.append(f"table {name} has more columns: {', '.join(more)}")
    return new, grown


def _flags(stage: str, before: str, told: dict[str, Any]) -> tuple[dict[str, str], list[str]]:
    """Return the server's new flags with what they are, and a sentence for each other default."""

    def of(name: str) -> dict[str, dict[str, Any]]:
        return {flag["flag"]: flag for flag in told["flags"].get(f"{name}.server", [])}

    now, then = of(stage), of(before)
    new = {name: flag["help"] or "" for name, flag in now.items() if name not in then}
    if not before:
        return new, []
    other = [f"flag {name} is gone" for name in then if name not in now]
    for name in set(now) & set(then):
        if now[name]["default"] != then[name]["default"]:
            other.append(f"{name} is {now[name]['default']}, was {then[name]['default']}")
    return new, sorted(other)
