"""Starters are cut from the reference: what stands between two marker comments is the student's.

```python
def feed(self, data: bytes) -> None:
    \"\"\"Take the bytes that one read returned, however they are cut.\"\"\"
    # BEGIN SOLUTION 2.1
    self._buffer += data
    # END SOLUTION
```

Inside a function a block becomes a ``raise NotImplementedError`` that names the task; in a class
or a module it becomes a comment, for what stands there are the solution's own helpers. A marker is
a comment on a line of its own, written exactly so; blocks do not nest, hold at least one statement
and begin and end between statements. Text goes in and comes out: no file is touched here.
"""

import ast
import io
import re
import tokenize
from collections.abc import Collection, Iterator
from dataclasses import dataclass

BEGIN = re.compile(r"# BEGIN SOLUTION (?P<task>[1-9]\.[1-9][0-9]?)\Z")
END = "# END SOLUTION"
# Whatever was probably meant as a marker, so that none is overlooked for a missing letter.
LIKE_A_MARKER = re.compile(r"#+\s*(BEGIN|END)\b.{0,3}\bSOLUTIONS?\b", re.IGNORECASE)
# What a program that is not written says; tests, reports and `kit.py check` look for it.
NOT_WRITTEN = re.compile(
    r"NotImplementedError\W+task (?P<task>\d\.\d+): (?P<name>[\w.]+) is not written yet"
)

Scope = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


class MarkerError(ValueError):
    """A marker is not as it must be; the text begins with ``file:line:``."""

    def __init__(self, file: str, line: int, reason: str) -> None:
        super().__init__(f"{file}:{line}: {reason}")
        self.line = line


@dataclass(frozen=True, slots=True)
class Block:
    """A solution: lines ``begin`` to ``end`` (from 1, the markers') belong to ``task``.

    ``name`` is the function that it stands in, like ``FrameDecoder.feed``; "" outside of functions.
    """

    task: str
    begin: int
    end: int
    indent: int
    name: str


def blocks(text: str, file: str) -> list[Block]:
    """Return the solutions in a source text, in order; raises MarkerError for a malformed marker.

    ``file`` is only for what the error says.
    """
    if not LIKE_A_MARKER.search(text):
        return []
    lines = text.splitlines()
    tree = ast.parse(text)
    bodies = list(_bodies(tree))
    found: list[Block] = []
    opened: tuple[str, int, int] | None = None  # task, line, indent
    for line, indent, marker in _markers(text, file):
        begins = BEGIN.match(marker)
        if begins and opened:
            raise MarkerError(file, line, f"the solution of line {opened[1]} has not ended yet")
        if begins:
            opened = begins["task"], line, indent
        elif not opened:
            raise MarkerError(file, line, "no solution begins before this end")
        else:
            task, first, at = opened
            _check_block(lines, bodies, file, (first, at), (line, indent))
            found.append(Block(task, first, line, at, _function(tree, first)))
            opened = None
    if opened:
        raise MarkerError(file, opened[1], "this solution does not end")
    return found


def cut(text: str, file: str, solved: Collection[str] = ()) -> str:
    """Return the starter: each solution is replaced by what names its task.

    Solutions of the tasks in ``solved`` stay, without their markers. The same text gives the same
    starter, and a starter has nothing left to cut.
    """
    lines = text.splitlines(keepends=True)
    for block in reversed(blocks(text, file)):
        first = block.begin - 1
        if block.task in solved:
            kept = lines[block.begin : block.end - 1]
        else:
            kept = [f"{' ' * block.indent}{_stub(block)}\n"]
            if block.name and not lines[first - 1].strip():
                first -= 1  # the empty line before a function within the function
        lines[first : block.end] = kept
    return "".join(lines)


def without_markers(text: str, file: str) -> str:
    """Return the reference as its readers get it: whole, without the markers."""
    return cut(text, file, {block.task for block in blocks(text, file)})


def not_written(said: str, task: str) -> dict[str, str] | None:
    """Return task and function of the stub that a log or an error tells of, None without one.

    Where it tells of several, that of ``task`` counts, else the last.
    """
    found = [stub.groupdict() for stub in NOT_WRITTEN.finditer(said)]
    return next((stub for stub in found if stub["task"] == task), found[-1] if found else None)


def _stub(block: Block) -> str:
    if block.name:
        said = f"task {block.task}: {block.name} is not written yet"
        return f'raise NotImplementedError("{said}")'
    return f"# Task {block.task}: your own helpers may go here."


def _markers(text: str, file: str) -> Iterator[tuple[int, int, str]]:
    """Yield (line, indent, marker); a marker that stands in a string is none."""
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type != tokenize.COMMENT or not LIKE_A_MARKER.match(token.string):
            continue
        line, column = token.start
        if token.line[:column].strip():
            raise MarkerError(file, line, "a marker stands on a line of its own")
        if token.string != END and not BEGIN.match(token.string):
            wanted = f"'# BEGIN SOLUTION 2.3' or '{END}'"
            raise MarkerError(file, line, f"a marker is {wanted}, got {token.string!r}")
        yield line, column, token.string


def _check_block(
    lines: list[str],
    bodies: list[list[ast.stmt]],
    file: str,
    begin: tuple[int, int],
    end: tuple[int, int],
) -> None:
    (first, indent), (last, end_indent) = begin, end
    if indent != end_indent:
        raise MarkerError(file, last, f"begin and end of a solution stand {indent} columns in")
    if any(line[:indent].strip() for line in lines[first : last - 1]):
        raise MarkerError(file, last, "a solution does not reach further left than its markers")
    inside = [node for body in bodies for node in body if first < node.lineno < last]
    if not inside:
        raise MarkerError(file, first, "this solution is empty")
    for body in bodies:
        touched = [node for node in body if _first_line(node) < last and _end(node) > first]
        cuts = [node for node in touched if not (first < _first_line(node) and _end(node) < last)]
        # Either the markers stand around whole statements of this body, or within one of them.
        if len(cuts) > 1 or (cuts and len(touched) > 1):
            raise MarkerError(file, first, "this solution begins or ends within a statement")


def _bodies(tree: ast.AST) -> Iterator[list[ast.stmt]]:
    for node in ast.walk(tree):
        for field in ("body", "orelse", "finalbody"):
            body = getattr(node, field, None)
            if isinstance(body, list) and body and isinstance(body[0], ast.stmt):
                yield body


def _first_line(node: ast.stmt) -> int:
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(decorator.lineno for decorator in decorators)])


def _end(node: ast.stmt) -> int:
    return node.end_lineno or node.lineno


def _function(tree: ast.Module, line: int) -> str:
    """Return the dotted name of the function in which a line stands, "" if in none."""
    names: list[str] = []
    body: list[ast.stmt] = tree.body
    is_function = False
    while True:
        around = [n for n in body if isinstance(n, Scope) and _first_line(n) < line <= _end(n)]
        if not around:
            return ".".join(names) if is_function else ""
        names.append(around[0].name)
        is_function = is_function or not isinstance(around[0], ast.ClassDef)
        body = around[0].body
