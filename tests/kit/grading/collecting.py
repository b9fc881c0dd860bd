"""What was handed in: folders and archives, found, named, and brought into one form."""

import hashlib
import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ..failure import HarnessError
from ..recipes import FILE_NAME
from ..starters import source_files
from ..tree import NEVER_COPIED, STAGES, copy_plain, is_link
from ..view import escape
from .unpack import (
    FOREIGN,
    LITTER,
    BadSubmission,
    is_archive,
    is_graders,
    remove,
    stem,
    unpack,
)

DEEPEST = 5
# So many archives within one another are opened, and where.
INNER = ("inner", "inner2")
# Of the stage's file names so many, in a folder without the stage's name, make it the stage.
ENOUGH_NAMES = 0.5
UNSAFE = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|]')
RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)
LONGEST_ID = 100


@dataclass(frozen=True, slots=True)
class Found:
    """One submission: ``id`` names its folder in the results, ``name`` is as it was handed in."""

    id: str
    name: str
    path: Path


@dataclass
class Staged:
    """A submission in the form that the suite takes: ``folder`` holds the stage's folder."""

    folder: Path
    sha256: str
    notes: list[str] = field(default_factory=list)


def find(paths: Sequence[Path], stage: str, is_one: bool = False) -> tuple[list[Found], list[str]]:
    """Return the submissions in ``paths``, and what was passed over.

    A path may be one submission (a folder with the stage in it, the stage's folder or its files, an
    archive) or a folder of them; with ``is_one`` it is one, whatever lies in it.
    Raises HarnessError for a path that is not there, and when there is nothing at all.
    """
    singles: list[Path] = []
    passed: list[str] = []
    for path in paths:
        if not path.exists():
            raise HarnessError(f"there is no folder or archive {path}")
        if path.is_file() and not is_archive(path):
            raise HarnessError(f"{path} is neither a folder nor one of the archives we take")
        if is_one or path.is_file() or _is_single(path, stage):
            singles.append(path)
            continue
        for child in sorted(path.iterdir()):
            if child.name in LITTER or child.name.startswith("."):
                continue
            if child.is_dir() or is_archive(child) or child.suffix.lower() in FOREIGN:
                singles.append(child)
            else:
                passed.append(escape(str(child), keep=""))
    if not singles:
        where = ", ".join(map(str, paths))
        files = ", ".join(sorted(_file_names(stage)))
        raise HarnessError(
            f"{where} holds no submission: no folder and no archive. If it is itself one, it has "
            f"a folder {stage}, a {FILE_NAME}, or half of the stage's files, which are: {files}"
        )
    return named(singles), passed


def _is_single(folder: Path, stage: str) -> bool:
    """Whether a folder is one submission, not a folder of them."""
    return (folder / stage).is_dir() or (folder / FILE_NAME).is_file() or _is_stage(folder, stage)


def named(paths: Iterable[Path]) -> list[Found]:
    """Give each path an id of its own that every system takes as a folder's name."""
    found: list[Found] = []
    taken: set[str] = set()
    for path in paths:
        whole = path.resolve()
        name = stem(whole) if is_archive(whole) else whole.name
        shown = os.fsencode(name).decode("utf-8", "replace")
        id = wanted = safe_id(shown)
        number = 2
        while id.casefold() in taken:
            id, number = f"{wanted} ({number})", number + 1
        taken.add(id.casefold())
        found.append(Found(id, escape(shown, keep=""), path))
    return found


def safe_id(name: str) -> str:
    """Return a name as a folder can be called everywhere; letters of all scripts are kept."""
    # What is not printable may turn the writing direction of a whole list.
    shown = "".join(char if char.isprintable() else "_" for char in name)
    id = UNSAFE.sub("_", shown).strip(" .")
    while len(id.encode()) > LONGEST_ID:
        id = id[:-1]
    return f"_{id}" if not id or RESERVED.match(id) else id


def stage_submission(path: Path, stage: str, where: Path) -> Staged:
    """Copy a submission into the empty folder ``where``, in the form that the suite takes.

    Raises BadSubmission with the reason when there is no such stage in it.
    """
    notes: list[str] = []
    try:
        root = path
        if path.is_file():
            root = where / "unpacked"
            notes += _unpack(path, root)
        root = _root(root, stage, where, notes)
        target = where / "submission"
        if _is_stage(root, stage):
            copy_plain(root, target / stage)
        else:
            copy_plain(root, target)
    except (HarnessError, OSError) as error:
        if is_graders(error):
            raise
        raise BadSubmission(str(error)) from error
    remove(where / "unpacked")
    return Staged(target, digest([target]), notes)


def _unpack(path: Path, into: Path) -> list[str]:
    if path.suffix.lower() in FOREIGN:
        raise BadSubmission(f"{path.name}: hand in a folder or a zip, we cannot open {path.suffix}")
    return unpack(path, into)


def _root(folder: Path, stage: str, where: Path, notes: list[str]) -> Path:
    """Return the folder that holds the stage, or the stage itself under another name."""
    roots = _roots(folder, stage)
    if len(roots) > 1:
        shown = ", ".join(escape(str(root.relative_to(folder)), keep="") for root in roots[:4])
        raise BadSubmission(f"{stage} is there {len(roots)} times: in {shown}; which one counts?")
    if roots:
        if roots[0] != folder:
            shown = escape(str(roots[0].relative_to(folder)), keep="")
            notes.append(f"{stage} was found in {shown}")
        return roots[0]
    inner = [p for p in _files(folder) if is_archive(p)]
    # Moodle's folder holds a zip, and a zip was made of the zip that kit.py pack made.
    free = [p for p in (where / "unpacked" / name for name in INNER) if not p.exists()]
    if len(inner) == 1 and free:
        notes += _unpack(inner[0], free[0])
        notes.append(f"unpacked {escape(inner[0].name, keep='')}, which was in it")
        return _root(free[0], stage, where, notes)
    for candidate in [folder, *_folders(folder)]:
        if _is_stage(candidate, stage):
            if not _is_called(candidate, stage):
                notes.append(
                    f"these are the files of {stage} without the folder {stage} around them"
                )
            return candidate
    raise BadSubmission(_what_is_there(folder, stage))


def _roots(folder: Path, stage: str) -> list[Path]:
    found = [f for f in [folder, *_folders(folder)] if _has(f, stage)]
    return found or [f for f in [folder] if (f / FILE_NAME).is_file()]


def _has(folder: Path, stage: str) -> bool:
    # What a link leads to was not handed in, and may be anybody's.
    return (folder / stage).is_dir() and not is_link(folder / stage)


def _is_stage(folder: Path, stage: str) -> bool:
    """Whether a folder looks like the stage itself, judging by its name and those of its files."""
    if _has(folder, stage) or (folder / FILE_NAME).is_file():
        return False
    wanted = _file_names(stage)
    have = wanted & {path.name for path in folder.glob("*.py")}
    return len(have) >= (1 if _is_called(folder, stage) else ENOUGH_NAMES * len(wanted))


def _is_called(folder: Path, stage: str) -> bool:
    return folder.resolve().name == stage


def _file_names(stage: str) -> set[str]:
    """Return the names of the programs that the stage's starter has."""
    files = [path for path in source_files(stage) if path.suffix == ".py"]
    return {path.name for path in files if path.parent == Path(stage)}


def _folders(folder: Path) -> list[Path]:
    """Return the folders below, nearest first, to a depth; links are not followed."""
    found, level = [], [folder]
    for _ in range(DEEPEST):
        level = [
            child
            for parent in level
            for child in sorted(parent.iterdir())
            if child.is_dir() and not child.is_symlink() and child.name not in _PASSED_OVER
        ][:1000]
        found += level
    return found


_PASSED_OVER = NEVER_COPIED | LITTER


def _files(folder: Path) -> list[Path]:
    places = [folder, *_folders(folder)]
    return [p for f in places for p in sorted(f.iterdir()) if p.is_file() and not p.is_symlink()]


def _what_is_there(folder: Path, stage: str) -> str:
    others = [name for name in STAGES if _roots(folder, name)]
    if others:
        return f"there is no folder {stage} in it, but {', '.join(others)}"
    places = (f / stage for f in [folder, *_folders(folder)])
    links = [place for place in places if os.path.lexists(place) and is_link(place)]
    if links:
        shown = escape(str(links[0].relative_to(folder)), keep="")
        return f"{shown} is a link, the folder that it leads to was not handed in"
    files = _files(folder)
    if not files:
        return f"there is no folder {stage} in it: it is empty"
    shown = ", ".join(escape(str(p.relative_to(folder)), keep="") for p in files[:5])
    return f"there is no folder {stage} in it; it holds {shown}{' …' if files[5:] else ''}"


def digest(folders: Iterable[Path]) -> str:
    """Return the SHA-256 of all files below some folders, by name and content."""
    made = hashlib.sha256()
    for folder in folders:
        files = [folder] if folder.is_file() else [p for p in folder.rglob("*") if p.is_file()]
        for path in sorted(files):
            below = path.relative_to(folder)
            if _PASSED_OVER & set(below.parts) or path.suffix == ".pyc":
                continue
            name = below.as_posix().encode("utf-8", "surrogateescape")
            made.update(b"%d %b %d " % (len(name), name, path.stat().st_size))
            made.update(path.read_bytes())
    return made.hexdigest()
