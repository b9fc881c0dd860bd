"""What a task's tests check, as a list of sentences: read from the suites, nothing is run."""

import ast
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..marks import task_number
from ..tree import CHECKOUT, STAGES
from .blocks import DocumentError

# A longer list is folded.
MOST_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Check:
    """One test: its task, the sentence that its name is, its points."""

    task: str
    title: str
    points: float


def tests(argument: str) -> str:
    """Return a list of what is tested for one task (``2.3``)."""
    found = [check for check in checks(argument.split(".")[0]) if check.task == argument]
    if not found:
        raise DocumentError(f"no test has the task {argument}")
    worth = sum(check.points for check in found)
    lines = [f"- {check.title}{_worth(check.points)}" for check in found]
    if len(found) <= MOST_SHOWN:
        return "\n".join(lines)
    summary = f"{len(found)} checks{_worth(worth)}"
    return "\n".join([f"<details><summary>{summary}</summary>", "", *lines, "", "</details>"])


def checks(stage: str) -> list[Check]:
    """Return the checks of a stage's suite (``"2"``), in the order of its tasks."""
    folder = next((name for name in STAGES if name.startswith(f"stage{stage}_")), None)
    if folder is None:
        raise DocumentError(f"there is no stage {stage}")
    files = sorted((CHECKOUT / "tests" / folder).glob("test_*.py"))
    found = [check for path in files for check in _checks_in(path)]
    return sorted(found, key=lambda check: task_number(check.task))


def _checks_in(path: Path) -> list[Check]:
    tree = ast.parse(path.read_text("utf-8"))
    for_all = [mark for node in tree.body for mark in _module_marks(node)]
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            marks = [*for_all, *node.decorator_list]
            task = _argument(marks, "task")
            if isinstance(task, str):
                title = node.name.removeprefix("test_").replace("_", " ")
                found.append(Check(task, title, float(_argument(marks, "points") or 0)))
    return found


def _module_marks(node: ast.stmt) -> list[ast.expr]:
    """Return the marks in ``pytestmark = …``."""
    if not isinstance(node, ast.Assign) or ast.unparse(node.targets[0]) != "pytestmark":
        return []
    return node.value.elts if isinstance(node.value, ast.List) else [node.value]


def _argument(marks: list[ast.expr], name: str) -> Any:
    """Return the first argument of the last ``pytest.mark.NAME(…)``; None without one."""
    for mark in reversed(marks):
        if isinstance(mark, ast.Call) and ast.unparse(mark.func) == f"pytest.mark.{name}":
            return ast.literal_eval(mark.args[0])
    return None


def _worth(points: float) -> str:
    if not points:
        return ""
    return f" ({points:g} point{'' if points == 1 else 's'})"
