"""The tree under test: the folder from which all programs of a run are started.

When the reference is judged, that is the checkout itself. When a submission is judged, it is a new
folder with the submission's own stage beside copies of the reference's earlier stages. They are
copied openly: with a search path that falls back, an unfinished stub would shadow the reference.
"""

import os
import shutil
import stat
from dataclasses import dataclass
from pathlib import Path

from .failure import HarnessError
from .view import escape

STAGES = ("stage1_echo", "stage2_protocol", "stage3_auth", "stage4_rooms", "stage5_files")
EVERYTHING = (*STAGES, "final")
CHECKOUT = Path(__file__).resolve().parents[2]
# What a submission may hold; a folder of videos is a mistake, not homework.
MOST_FILES = 5_000
MOST_BYTES = 200 * 1024 * 1024
CACHES = {".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis"}
NEVER_COPIED = {"__pycache__", ".git", ".venv"} | CACHES
# In a folder that `kit.py handout` made: what students write, cut before it was handed out. The
# reference of a stage is there only when it has been released.
STARTERS = CHECKOUT / "starters"


def has_reference(stage: str) -> bool:
    """Whether the reference of a stage is in this folder; in a handout it may not be."""
    return (CHECKOUT / stage / "__init__.py").is_file()


def stages_here() -> tuple[str, ...]:
    """Return the stages of this folder: all of them, or those that were handed out."""
    return tuple(name for name in STAGES if has_reference(name) or (STARTERS / name).is_dir())


@dataclass(frozen=True, slots=True)
class Tree:
    """Where the code under test lies.

    ``root`` is the import root; ``home`` is the folder in which a command of ``programs.toml``
    runs: a copy of the whole submission, or the checkout; ``missing`` names the stage that the
    submission should hold and does not.
    """

    root: Path
    home: Path
    missing: str | None = None


def reference() -> Tree:
    """Return the checkout as the tree under test."""
    return Tree(CHECKOUT, CHECKOUT)


def assemble(submission: Path, stage: str, where: Path, own_earlier: bool = False) -> Tree:
    """Build the tree that judges ``stage`` of ``submission`` in the empty folder ``where``.

    Earlier stages are the reference's; with ``own_earlier``, or in a handout that lacks them, the
    submission's. Raises HarnessError for a submission that is no folder or far too large, and
    where an earlier stage is nowhere.
    """
    if not submission.is_dir():
        raise HarnessError(f"--submission wants a folder, got {submission}")
    if stage not in STAGES:
        raise HarnessError(f"{stage} is not a stage that is handed in; these are: {STAGES}")
    root, home = where / "tree", where / "submission"
    copy_plain(submission, home)
    for earlier in STAGES[: STAGES.index(stage)]:
        own = (home / earlier).is_dir() and (own_earlier or not has_reference(earlier))
        if not own and not has_reference(earlier):
            raise HarnessError(f"{stage} stands on {earlier}, which is not in {submission}")
        copy_plain((home if own else CHECKOUT) / earlier, root / earlier)
    if not (home / stage).is_dir():
        return Tree(root, home, missing=stage)
    copy_plain(home / stage, root / stage)
    return Tree(root, home)


def copy_plain(source: Path, target: Path) -> None:
    """Copy plain files and folders; links and special files are left out, so none leads outside.

    Raises HarnessError when there are more than 5,000 files or 200 MB.
    """
    target.mkdir(parents=True, exist_ok=True)
    files = size = 0
    largest = (0, "")
    for folder, folders, names in os.walk(source, followlinks=False):
        folders[:] = [name for name in folders if name not in NEVER_COPIED]
        folders[:] = [name for name in folders if not is_link(Path(folder) / name)]
        into = target / Path(folder).relative_to(source)
        into.mkdir(exist_ok=True)
        for name in names:
            path = Path(folder) / name
            state = path.lstat()
            if not stat.S_ISREG(state.st_mode):
                continue
            files, size = files + 1, size + state.st_size
            largest = max(largest, (state.st_size, str(path.relative_to(source))))
            if files > MOST_FILES:
                raise HarnessError(f"{source.name} holds more than {MOST_FILES:,} files")
            if size > MOST_BYTES:
                raise HarnessError(
                    f"{source.name} holds more than {MOST_BYTES >> 20} MB: "
                    f"its largest file, {escape(largest[1], keep='')}, has {largest[0] >> 20:,} MB"
                )
            shutil.copyfile(path, into / name)
            (into / name).chmod(0o755 if state.st_mode & stat.S_IXUSR else 0o644)


def is_link(path: Path) -> bool:
    """Whether a path is a link; what it leads to does not count."""
    # On Windows a junction is a link that is_symlink does not call one.
    state = path.lstat()
    junction = getattr(state, "st_reparse_tag", 0) != 0
    return stat.S_ISLNK(state.st_mode) or junction
