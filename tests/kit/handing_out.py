"""What a student's folder gets: starters, copies of earlier stages, texts; none is overwritten."""

import os
import re
import shutil
import urllib.parse
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from .failure import HarnessError
from .starters import reference_copy, short, starter
from .tree import CHECKOUT, STAGES, STARTERS

LINK = re.compile(r"(?P<before>\]\()(?P<target>[^)\s#:]+)(?P<anchor>#[^)\s]*)?(?P<after>\))")


@dataclass(frozen=True, slots=True)
class Started:
    """What was written: the stage itself or not, earlier stages copied, those absent, the text."""

    is_new: bool
    copied: tuple[str, ...]
    absent: tuple[str, ...]
    text: Path | None


def start(stage: str, into: Path, *, catch_up: bool = False) -> Started:
    """Write the starter of ``stage`` into the folder ``into``, and its text beside it.

    With ``catch_up`` the reference's earlier stages are copied in where they are missing. Raises
    HarnessError when there is nothing to write, or no place for it.
    """
    if into.exists() and not into.is_dir():
        raise HarnessError(f"{into} is a file; a starter wants a folder, new or not")
    missing = [name for name in STAGES[: STAGES.index(stage)] if not (into / name).exists()]
    copied = tuple(missing) if catch_up else ()
    is_new = not os.path.lexists(into / stage)
    if not is_new and not copied:
        raise HarnessError(
            f"{into / stage} is there already, and nothing was changed. Take another folder "
            f"(kit.py start {short(stage)} OTHER), or move that one away first"
        )
    files = {stage: starter(stage)} if is_new else {}
    files |= {name: reference_copy(name) for name in copied}
    for name in sorted(files):
        write_stage(into, name, files[name])
    absent = tuple(name for name in missing if name not in copied)
    return Started(is_new, copied, absent, write_texts(stage, into))


def write_stage(into: Path, stage: str, files: Mapping[Path, bytes]) -> None:
    """Write a stage's files; a write that is interrupted leaves no half stage under its name."""
    into.mkdir(parents=True, exist_ok=True)
    half = into / f".{stage}.new"
    shutil.rmtree(half, ignore_errors=True)
    for path, data in files.items():
        target = half / path.relative_to(stage)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
    half.rename(into / stage)


def write_texts(stage: str, into: Path) -> Path | None:
    """Write the stage's README and milestone text where they are missing; return the latter.

    The text is written in each language that there is.
    """
    name, readme = f"docs/{short(stage)}.md", f"{stage}/README.md"
    home = STARTERS if (STARTERS / stage).is_dir() else CHECKOUT
    others = sorted((CHECKOUT / "docs").glob(f"{short(stage)}.??.md"))
    texts = [(CHECKOUT / name, name), *((path, f"docs/{path.name}") for path in others)]
    for source, file in (*texts, (home / readme, readme)):
        if source.is_file() and not (into / file).exists():
            (into / file).parent.mkdir(exist_ok=True)
            text = with_links_from(source.read_text("utf-8"), source, into / file)
            (into / file).write_text(text, "utf-8", newline="\n")
    return into / name if (into / name).is_file() else None


def with_links_from(text: str, old: Path, new: Path) -> str:
    """Return a document for another place: links to what is not there lead back to the checkout."""

    def follow(link: re.Match[str]) -> str:
        target = (old.parent / link["target"]).resolve()
        beside = new.parent / link["target"]
        if beside.exists() or not target.exists():
            return link.group()
        return link["before"] + _way(target, new.parent) + (link["anchor"] or "") + link["after"]

    return LINK.sub(follow, text)


def _way(target: Path, start: Path) -> str:
    try:
        way = os.path.relpath(target, start.resolve())
    except ValueError:  # on Windows, another drive
        return target.as_uri()
    return urllib.parse.quote(Path(way).as_posix())
