"""The starters of the stages, made from the reference, and the titles of their tasks."""

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

from .cutting import NOT_WRITTEN, Block, MarkerError, blocks, cut, without_markers
from .failure import HarnessError
from .tree import CHECKOUT, NEVER_COPIED, STAGES, STARTERS, has_reference, stages_here

TASK_TITLE = re.compile(r"^### (?P<task>\d\.\d+) (?P<title>.+?) *$", re.MULTILINE)


def stage_named(word: str) -> str:
    """Return the directory of a stage by its name, short (stage3) or whole (stage3_auth)."""
    known = ", ".join(map(short, stages_here()))
    for name in STAGES:
        if word in (name, short(name)):
            if name in stages_here():
                return name
            raise HarnessError(f"{short(name)} is not in this folder yet; there are: {known}")
    raise HarnessError(f"there is no stage {ascii(word)[1:-1]!r}; there are: {known}")


def short(stage: str) -> str:
    """Return the short name of a stage: stage3."""
    return stage.partition("_")[0]


def source_files(stage: str, root: Path = CHECKOUT) -> list[Path]:
    """Return the files of a stage, relative to ``root``; what running it leaves is no part."""
    found = [path.relative_to(root) for path in sorted((root / stage).rglob("*")) if path.is_file()]
    return [
        path
        for path in found
        if not NEVER_COPIED & set(path.parts) and path.suffix not in (".pyc", ".md")
    ]


def solutions(stage: str) -> dict[Path, list[Block]]:
    """Return the solutions in each file of a stage that has any.

    Raises MarkerError for a malformed marker, and for a task of another stage.
    """
    found = {}
    for path in source_files(stage):
        if path.suffix != ".py":
            continue
        inside = blocks((CHECKOUT / path).read_text("utf-8"), path.as_posix())
        for block in inside:
            if not block.task.startswith(f"{short(stage)[-1]}."):
                reason = f"task {block.task} is none of {short(stage)}"
                raise MarkerError(path.as_posix(), block.begin, reason)
        if inside:
            found[path] = inside
    return found


def starter(stage: str, solved: Collection[str] = ()) -> dict[Path, bytes]:
    """Return the files of a stage's starter, by their path below the submission.

    Solutions of the tasks in ``solved`` are left in: what a student has got so far. In a handout it
    is the starter that came with it. Raises HarnessError for a stage that has nothing to write yet.
    """
    if (STARTERS / stage).is_dir() and not solved:
        return {path: (STARTERS / path).read_bytes() for path in source_files(stage, STARTERS)}
    if not solutions(stage):
        raise HarnessError(f"{short(stage)} has no starter: nothing in it is marked as a solution")
    return _files(stage, lambda text, name: cut(text, name, solved))


def reference_copy(stage: str) -> dict[Path, bytes]:
    """Return the files of the reference's stage as a student gets them, without the markers.

    Raises HarnessError in a handout that does not have it.
    """
    if not has_reference(stage):
        raise HarnessError(f"the reference of {stage} is not in this folder: it is not released")
    return _files(stage, without_markers)


def _files(stage: str, treat: Callable[[str, str], str]) -> dict[Path, bytes]:
    made = {}
    for path in source_files(stage):
        data = (CHECKOUT / path).read_bytes()
        if path.suffix == ".py":
            data = treat(data.decode("utf-8"), path.as_posix()).encode()
        made[path] = data
    return made


@dataclass(frozen=True, slots=True)
class Stub:
    """A function that is not written yet, and its file below the submission."""

    task: str
    name: str
    file: Path


def not_written(stage: str, folder: Path) -> list[Stub]:
    """Return what a submission has not written yet."""
    return [
        Stub(stub["task"], stub["name"], path)
        for path in source_files(stage, folder)
        if path.suffix == ".py"
        for stub in NOT_WRITTEN.finditer((folder / path).read_text("utf-8", "replace"))
    ]


def task_titles(stage: str) -> dict[str, str]:
    """Return the titles that the stage's text gives to its tasks; {} where there is no text."""
    text = CHECKOUT / "docs" / f"{short(stage)}.md"
    if not text.is_file():
        return {}
    return {found["task"]: found["title"] for found in TASK_TITLE.finditer(text.read_text("utf-8"))}
