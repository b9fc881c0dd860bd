"""The course as it stands at a stage: everything up to it, which runs and passes its suites."""

from pathlib import Path

from .excerpts import Files, add_texts, course_files
from .failure import HarnessError
from .starters import reference_copy, short
from .tree import CHECKOUT, STAGES, STARTERS

COMMANDS = ("run", "test", "wire")

README = """\
# From Echo to Chat, up to {name}

{title}: a chat over TCP as it stands at this stage, with nothing of what comes later. You need
Python 3.11 or newer, and nothing else; the first command installs what is needed in `.venv`.

```
python3 kit.py run {name}       # what there is, with its client
python3 kit.py test             # the suite of each stage
```

On Windows, write `py` for `python3`.

{stages}
`docs/` holds the texts of these stages, [the protocol](docs/protocol.md) and
[`kit.py wire`](docs/wire.md), which shows frames as they pass; `tests/` a suite for each stage.
"""


def snapshot(stage: str) -> Files:
    """Return the files of the tree up to ``stage``, by path.

    Raises HarnessError in a handout: the reference is not in it.
    """
    if STARTERS.is_dir():
        raise HarnessError("this folder is a handout; snapshots are made from the whole")
    stages = STAGES[: STAGES.index(stage) + 1]
    files = course_files(stages, COMMANDS, hidden=True)
    for name in stages:
        files |= reference_copy(name)
    add_texts(files, stages, {name: Path(name, "README.md") for name in stages})
    lines = "".join(f"- `{name}/`: {_title(name)}\n" for name in stages)
    readme = README.format(name=short(stage), title=_title(stage).capitalize(), stages=lines)
    files[Path("README.md")] = readme.encode()
    return files


def _title(stage: str) -> str:
    """Return what the stage's README is called: "frames" of "# Stage 2: frames"."""
    readme = CHECKOUT / stage / "README.md"
    head = readme.read_text("utf-8").partition("\n")[0] if readme.is_file() else ""
    return head.partition(": ")[2] or stage.partition("_")[2]
