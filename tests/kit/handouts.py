"""What an instructor gives to students: starters, texts, visible tests, the harness; no solutions.

Stages are handed out *to write* or *released*: the reference of every stage below the first one to
write is in the handout, for students to stand on; of the others only the starter is.
"""

from collections.abc import Sequence
from pathlib import Path

from . import mistakes
from .excerpts import Files, add_texts, course_files
from .failure import HarnessError
from .starters import reference_copy, short, stage_named, starter
from .tree import CHECKOUT, STAGES, STARTERS

COMMANDS = ("run", "test", "start", "check", "status", "pack", "wire")
FOLDER = Path(STARTERS.name)

README = """\
# From Echo to Chat: {title}

You write {list} of a chat over TCP that grows stage by stage. You need Python 3.11 or newer, and
nothing else; the first command installs what is needed in `.venv`, which takes about a minute.

```
python3 kit.py start {first}       # your own folder, mine/, with what is given and what is to write
python3 kit.py check {first}       # the tests on your folder, task by task
python3 kit.py status{space}       # how far you are
python3 kit.py --help
```

On Windows, write `py` for `python3`.

What leads you: {texts}. How to use the tools, and how marks are made:
[the student's guide](docs/student-guide.md).{released}

| | |
|---|---|
| `mine/` | yours, once `start` has made it. Nothing that is in it is ever overwritten |
| `docs/` | the texts, [the protocol](docs/protocol.md), [`kit.py wire`](docs/wire.md) |
| `starters/` | what `start` copies |
| `tests/` | the tests that `check` runs, and what they stand on |

When a later handout comes, unpack it beside this one and move your `mine/` into it.
"""


def stages_to_write(words: Sequence[str]) -> list[str]:
    """Return the stages that an instructor names, in order; raises HarnessError for a gap."""
    chosen = {stage_named(word) for word in words}
    found = [stage for stage in STAGES if stage in chosen]
    first, last = (STAGES.index(found[at]) for at in (0, -1))
    for stage in STAGES[first : last + 1]:
        if stage not in chosen:
            raise HarnessError(f"{short(found[-1])} stands on {short(stage)}: name it, too")
    return found


def handout(to_write: Sequence[str]) -> Files:
    """Return the files of a handout, by path; ``to_write`` are stages that follow on one another.

    Raises HarnessError for a stage that has no starter, and in a folder that is a handout itself.
    """
    if STARTERS.is_dir():
        raise HarnessError("this folder is a handout itself; handouts are made from the whole")
    stages = STAGES[: STAGES.index(to_write[-1]) + 1]
    released = [stage for stage in stages if stage < to_write[0]]
    files = course_files(stages, COMMANDS, hidden=False)
    for stage in stages:
        files |= {FOLDER / path: data for path, data in starter(stage).items()}
    for stage in released:
        files |= reference_copy(stage)
    add_texts(files, stages, {stage: FOLDER / stage / "README.md" for stage in stages})
    files[mistakes.LIST] = mistakes.for_handout(stages)
    files[Path("README.md")] = _readme(to_write, released).encode()
    return files


def _readme(to_write: Sequence[str], released: Sequence[str]) -> str:
    names = [short(stage) for stage in to_write]
    written = [name for name in names if (CHECKOUT / "docs" / f"{name}.md").is_file()]
    texts = [f"[docs/{name}.md](docs/{name}.md){_in_chinese(name)}" for name in written]
    told = [f"`{stage}/`" for stage in released]
    return README.format(
        title=" and ".join(names),
        list=" and ".join(names),
        first=names[0],
        space=" " * len(names[0]),
        texts=", ".join(texts) or "the README of each stage",
        released=f" You stand on {' and '.join(told)}: here to read." if told else "",
    )


def _in_chinese(name: str) -> str:
    there = (CHECKOUT / "docs" / f"{name}.zh.md").is_file()
    return f" ([简体中文](docs/{name}.zh.md))" if there else ""
