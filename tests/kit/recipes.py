"""How each program is started: the usual ``python -m …``, or what a ``programs.toml`` says.

```toml
[stage2.server]                                  # the program's key
command = ["node", "server.js"]                  # the flags of the course are added at the end
cwd = "node"                                     # relative to the submission; default: its top
ready_seconds = 30                               # until READY; default 15
env = { NODE_ENV = "test" }                      # added to the scrubbed environment
```

In ``command`` and ``env``, ``{python}``, ``{tree}`` and ``{submission}`` stand for the
interpreter, the import root and the submission's folder.
"""

import sys
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from .failure import HarnessError
from .tree import EVERYTHING, Tree

FILE_NAME = "programs.toml"
READY_SECONDS = 15.0
KNOWN_FIELDS = {"command", "cwd", "ready_seconds", "env"}


@dataclass(frozen=True, slots=True)
class Recipe:
    """A command line without the flags, what it needs, how long it may take to be ready.

    ``cwd`` None: it runs in an empty folder of its own.
    """

    argv: tuple[str, ...]
    cwd: Path | None = None
    ready_seconds: float = READY_SECONDS
    env: Mapping[str, str] = field(default_factory=dict)


class Recipes:
    """All programs of one tree under test; ``table`` overrides the usual command lines."""

    def __init__(self, tree: Tree, table: Mapping[str, Recipe] | None = None) -> None:
        self.tree = tree
        self._table = dict(table or {})

    def find(self, key: str) -> Recipe:
        """Return how the program ``key`` (``stage2.server``, ``final.chat``) is started."""
        return self._table.get(key) or usual(key)

    def is_usual(self, key: str) -> bool:
        """Whether ``key`` is started as ``python -m …`` from the tree."""
        return key not in self._table


def usual(key: str) -> Recipe:
    """Return the command line of the contract: ``python -m stage2_protocol.server``.

    -P keeps the current folder off the import path: only the tree is searched.
    """
    return Recipe((sys.executable, "-P", "-m", *module_of(key)))


def module_of(key: str) -> list[str]:
    """Return what stands after ``python -m`` for a program: its module, for final a word more."""
    stage, _, program = key.partition(".")
    package = next((name for name in EVERYTHING if name.split("_")[0] == stage), None)
    if package is None or not program:
        raise HarnessError(f"no program {key!r}; a key is like stage2.server or final.chat")
    return [package, program] if package == "final" else [f"{package}.{program}"]


def read_table(path: Path, tree: Tree) -> dict[str, Recipe]:
    """Read a ``programs.toml``; raises HarnessError that says what is wrong with it."""
    try:
        stages = tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise HarnessError(f"{path.name}: {error}") from error
    table = {}
    for stage, programs in stages.items():
        if not isinstance(programs, dict):
            raise HarnessError(f"{path.name}: {stage} should be a table like [{stage}.server]")
        for program, entry in programs.items():
            table[f"{stage}.{program}"] = _read_entry(f"[{stage}.{program}]", entry, tree)
    return table


def _read_entry(title: str, entry: object, tree: Tree) -> Recipe:
    if not isinstance(entry, dict) or not KNOWN_FIELDS.issuperset(entry):
        raise HarnessError(f"{FILE_NAME}: {title} may have {sorted(KNOWN_FIELDS)}, got {entry!r}")
    command, env = entry.get("command"), entry.get("env", {})
    if not (isinstance(command, list) and command and all(isinstance(c, str) for c in command)):
        raise HarnessError(f'{FILE_NAME}: {title} needs command = ["program", …]')
    if not (isinstance(env, dict) and all(isinstance(v, str) for v in env.values())):
        raise HarnessError(f"{FILE_NAME}: {title}: env is a table of texts, got {env!r}")
    seconds = entry.get("ready_seconds", READY_SECONDS)
    if not isinstance(seconds, int | float) or not 0 < seconds <= 300:
        raise HarnessError(f"{FILE_NAME}: {title}: ready_seconds is 0 to 300, got {seconds!r}")
    cwd = (tree.home / str(entry.get("cwd", "."))).resolve()
    if not cwd.is_relative_to(tree.home.resolve()):
        raise HarnessError(f"{FILE_NAME}: {title}: cwd leads out of the submission")
    argv = tuple(_fill(word, tree) for word in command)
    return Recipe(argv, cwd, float(seconds), {k: _fill(v, tree) for k, v in env.items()})


def _fill(text: str, tree: Tree) -> str:
    for name, value in (
        ("{python}", sys.executable),
        ("{tree}", str(tree.root)),
        ("{submission}", str(tree.home)),
    ):
        text = text.replace(name, value)
    return text
