"""Code in documents, cut from the files that run: ``stage2_protocol/frames.py FrameDecoder``."""

import ast
import textwrap
from pathlib import Path

from ..cutting import without_markers
from ..tree import CHECKOUT
from .blocks import DocumentError

Defined = ast.FunctionDef | ast.ClassDef


def code(argument: str) -> str:
    """Return a fenced block with the named parts of a file, or all of it without a name.

    ``argument`` is ``FILE [NAME …]``; a name is a function, class, method or constant.
    """
    file, *names = argument.split()
    path = CHECKOUT / file
    if not path.is_file():
        raise DocumentError(f"there is no file {file}")
    text = source(path)
    parts = [_part(text, file, name) for name in names] or [text.strip("\n")]
    return f"```{_language(path)}\n" + "\n\n".join(parts) + "\n```"


def interface(argument: str) -> str:
    """Return the same parts as a student gets them: signatures and contracts, without the bodies.

    Of a class its public methods are shown.
    """
    file, *names = argument.split()
    path = CHECKOUT / file
    if not path.is_file() or not names:
        raise DocumentError(f"an interface is FILE NAME …; got {argument}")
    text = source(path)
    body = ast.parse(text).body
    parts = []
    for name in names:
        node = _find(body, name.split("."))
        if not isinstance(node, Defined):
            raise DocumentError(f"{file} has no class or function {name}")
        parts.append(textwrap.dedent(_outline(node, text.splitlines())))
    return "```python\n" + "\n\n\n".join(parts) + "\n```"


def source(path: Path) -> str:
    """Return a file as documents show it: without the markers of solutions."""
    text = path.read_text("utf-8")
    return without_markers(text, path.name) if path.suffix == ".py" else text


def _outline(node: Defined, lines: list[str]) -> str:
    """Return a definition up to the end of its docstring; of a class public names with them."""
    first = min([node.lineno, *(d.lineno for d in node.decorator_list)])
    documented = ast.get_docstring(node) is not None
    last = node.body[0].end_lineno if documented else node.body[0].lineno - 1
    shown = "\n".join(lines[first - 1 : last])
    if isinstance(node, ast.FunctionDef):
        return shown if documented else shown.rstrip() + " ..."
    fields = [n for n in node.body if isinstance(n, ast.AnnAssign) and _is_public(_name(n))]
    declared = "\n".join(lines[n.lineno - 1] for n in fields)
    methods = [m for m in node.body if isinstance(m, ast.FunctionDef) and _is_public(m.name)]
    inside = [declared, *(_outline(method, lines) for method in methods)]
    return "\n\n".join([shown, *filter(None, inside)])


def _is_public(name: str) -> bool:
    return name == "__init__" or not name.startswith("_")


def _part(text: str, file: str, name: str) -> str:
    node = _find(ast.parse(text).body, name.split("."))
    if node is None or node.end_lineno is None:
        raise DocumentError(f"{file} has no {name}")
    first = node.lineno
    if isinstance(node, Defined) and node.decorator_list:
        first = node.decorator_list[0].lineno
    return textwrap.dedent("\n".join(text.splitlines()[first - 1 : node.end_lineno]))


def _find(body: list[ast.stmt], names: list[str]) -> ast.stmt | None:
    for node in body:
        if _name(node) != names[0]:
            continue
        if len(names) == 1:
            return node
        return _find(node.body, names[1:]) if isinstance(node, ast.ClassDef) else None
    return None


def _name(node: ast.stmt) -> str:
    if isinstance(node, Defined):
        return node.name
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
        return node.targets[0].id
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        return node.target.id
    return ""


def _language(path: Path) -> str:
    return {".py": "python", ".toml": "toml", ".js": "js"}.get(path.suffix, "")
