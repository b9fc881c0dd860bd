"""Tables in documents: facts from the code, words from docs/protocol.toml, never one without the
other.
"""

import ast
from collections.abc import Callable, Sequence
from typing import Any

from ..cutting import blocks
from ..tree import CHECKOUT
from .blocks import DocumentError
from .facts import PROGRAMS, facts, words
from .sources import source


def table(argument: str) -> str:
    """Return the table that ``argument`` names: ``ops chat``, ``statuses``, ``limits`` …"""
    name, *more = argument.split()
    if name not in KINDS:
        raise DocumentError(f"there is no table {name!r}; there are: {', '.join(KINDS)}")
    return KINDS[name](*more)


def ops(service: str) -> str:
    """The ops of one service, or of every service (``every``)."""
    base = [verb["op"] for verb in facts()["base"]]
    if service == "every":
        verbs = facts()["base"]
    else:
        verbs = [v for v in facts()["services"][service] if v["op"] not in base]
    rows = []
    for verb in sorted(verbs, key=lambda verb: int(verb["op"])):
        said = _said("ops", verb["name"])
        args = ", ".join(filter(None, [said.get("args", ""), "body = n" * verb["body"]]))
        cells = (args, said.get("data", ""), said.get("notes", ""))
        rows.append([str(verb["op"]), f"**{verb['name']}**", *cells])
    unknown = set(words()["ops"]) - {v["name"] for s in facts()["services"].values() for v in s}
    if unknown:
        raise DocumentError(f"docs/protocol.toml describes ops that are in no table: {unknown}")
    return _table(("op", "name", "args", "data", "its own `test` codes, and rules"), rows)


def pushes() -> str:
    """The pushes: op, name, data."""
    rows = []
    for place, said in words()["pushes"].items():
        rows.append([str(_value(place)), f"**{said['name']}**", said["data"], said["notes"]])
    return _table(("op", "name", "data", "when, and to whom"), rows)


def statuses() -> str:
    """The statuses that mean the same for every op."""
    rows = [
        [str(number), _said("statuses", name)["name"], _said("statuses", name)["means"]]
        for name, number in facts()["statuses"].items()
    ]
    return _table(("`test`", "name", "means"), rows)


def limits() -> str:
    """The limits: each is a constant of the code."""
    rows = []
    for place, said in words()["limits"].items():
        number = _value(place)
        rows.append([said["what"], f"{number:,} {said['unit']}", said["else"]])
    return _table(("what", "at most", "what happens beyond it"), rows)


def flags(module: str) -> str:
    """The command line of a program."""
    if module not in PROGRAMS:
        raise DocumentError(f"facts.PROGRAMS does not name {module}")
    rows = []
    for flag in facts()["flags"][module]:
        shown = f"{flag['default']:.12g}" if isinstance(flag["default"], float) else flag["default"]
        choices = f" ({', '.join(flag['choices'])})" if flag["choices"] else ""
        rows.append([f"`{flag['flag']}`", f"`{shown}`", f"{flag['help']}{choices}"])
    return _table(("flag", "default", "what it is"), rows)


def files(folder: str, *yours: str) -> str:
    """The files of a folder of a stage, and whose they are: ``files stage1_echo yours``.

    With ``yours`` the markers of solutions say how many lines of each file a student writes. Names
    of files say the same by hand: ``files stage1_echo server client~``, with ``~`` for in part.
    """
    paths = sorted((CHECKOUT / folder).glob("*.py"))
    by_markers = yours == ("yours",)
    missing = {name.rstrip("~") for name in yours} - {path.stem for path in paths}
    if missing and not by_markers:
        raise DocumentError(f"{folder} has no {', '.join(sorted(missing))}")
    rows = []
    for path in paths:
        text = source(path)
        first = (ast.get_docstring(ast.parse(text)) or "").partition("\n\n")[0].replace("\n", " ")
        rows.append([f"`{path.name}`", first])
        if yours and not by_markers:
            whose = "yours" if path.stem in yours else f"{path.stem}~" in yours and "yours, in part"
            rows[-1].append(f"**{whose}**" if whose else "given")
        rows[-1].append(str(_tens(len(text.splitlines()))))
        if by_markers:
            inside = blocks(path.read_text("utf-8"), path.name)
            number = sum(block.end - block.begin - 1 for block in inside)
            rows[-1].append(f"**{_tens(number)}**" if number else "")
    if by_markers:
        return _table(("file", "what it is", "lines", "yours"), rows)
    return _table(("file", "what it is", *(["whose"] if yours else []), "lines"), rows)


def _tens(number: int) -> int:
    """Return a number to tens: a size is meant, and it should not change with every line."""
    return max(10, round(number, -1))


KINDS: dict[str, Callable[..., str]] = {
    "ops": ops,
    "pushes": pushes,
    "statuses": statuses,
    "limits": limits,
    "flags": flags,
    "files": files,
}


def _said(section: str, name: str) -> dict[str, Any]:
    found = words()[section].get(name)
    if found is None:
        raise DocumentError(f"docs/protocol.toml says nothing of {name} under [{section}]")
    return dict(found)


def _value(place: str) -> Any:
    found = facts()["values"][place]
    if found is None:
        raise DocumentError(f"docs/protocol.toml names {place}, which is not there")
    return found


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(
        "| " + " | ".join(c.replace("|", "\\|").strip() for c in cells) + " |" for cells in lines
    )
