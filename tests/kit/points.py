"""An instructor's own points for the tests of a suite (``--points FILE``).

```toml
[tasks]
"2.1" = 11        # was 10: all tests of the task, hidden ones too, keep their shares of it

[tests]
"test_server.py::test_a_frame_of_single_bytes_is_answered_once" = 0  # was 1; after the tasks
```

What is not named keeps its points; a whole suite has to add up to 100.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from .failure import HarnessError
from .marks import Marks


@dataclass(frozen=True, slots=True)
class Points:
    """What a file says, by task and by test."""

    path: Path
    tasks: Mapping[str, float]
    tests: Mapping[str, float]

    def apply(self, marks: Sequence[Marks]) -> list[Marks]:
        """Return the marks with the points of the file; raises HarnessError for an unknown name."""
        worth = {mark.function: mark.points for mark in marks}
        in_task: dict[str, list[str]] = {}
        for mark in marks:
            if mark.function not in in_task.setdefault(mark.task, []):
                in_task[mark.task].append(mark.function)
        for task, points in self.tasks.items():
            functions = in_task.get(task, [])
            before = sum(worth[function] for function in functions)
            if not before:
                self._unknown("task", task, [t for t in in_task if t], "has no test with points")
            for function in functions:
                worth[function] *= points / before
        for name, points in self.tests.items():
            found = [function for function in worth if function.endswith(f"/{name}")]
            if len(found) != 1:
                known = [function.rpartition("/")[2] for function in worth]
                self._unknown("test", name, known, f"is {len(found)} tests")
            worth[found[0]] = points
        return [replace(mark, points=round(worth[mark.function], 4)) for mark in marks]

    def _unknown(self, kind: str, name: str, known: Sequence[str], what: str) -> None:
        near = get_close_matches(name, known, n=3, cutoff=0.3) or sorted(known)[:3]
        raise HarnessError(f"{self.path}: the {kind} {name!r} {what}; near it: {', '.join(near)}")


def read_points(path: Path) -> Points:
    """Read a file; raises HarnessError for what is wrong in it."""
    try:
        table = tomllib.loads(path.read_text("utf-8-sig"))
    except OSError as error:
        raise HarnessError(f"--points: cannot read {path}: {error.strerror}") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise HarnessError(f"{path} is not TOML in UTF-8: {error}") from error
    if unknown := set(table) - {"tasks", "tests"}:
        raise HarnessError(f"{path} has no {min(unknown)!r}; allowed: [tasks], [tests]")
    return Points(path, _numbers(path, table, "tasks"), _numbers(path, table, "tests"))


def _numbers(path: Path, table: Mapping[str, Any], name: str) -> dict[str, float]:
    found = table.get(name, {})
    if not isinstance(found, dict):
        raise HarnessError(f"{path}: {name} is a table: [{name}]")
    for key, value in found.items():
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 100:
            raise HarnessError(f"{path}: {key!r} is {value!r}, it wants a number from 0 to 100")
    return {key: float(value) for key, value in found.items()}
