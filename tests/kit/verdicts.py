"""The last verdict on each stage of a student's folder, kept so that ``kit.py status`` is quick.

The file is the student's own convenience: whoever grades never reads it. It is told from what was
judged (a hash of the submission) and by what (a hash of the suite), so that nobody takes an old
verdict for a new one.
"""

import contextlib
import hashlib
import json
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from .marks import task_number
from .progress import Progress
from .recipes import FILE_NAME
from .starters import source_files
from .tree import CHECKOUT, STAGES, has_reference

FILE = ".kit-status.json"
UNITS = ((86400, "day"), (3600, "hour"), (60, "minute"))


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a whole run of a suite said; ``at`` is Unix seconds, ``following`` the task to mend."""

    submission: str
    suite: str
    at: float
    earned: float
    points: float
    is_perfect: bool
    following: str = ""

    def staleness(self, stage: str, folder: Path) -> str:
        """Return what has changed since, "" for nothing."""
        if self.submission != submission_hash(stage, folder):
            return "your files have changed since"
        return "the tests have changed since" if self.suite != suite_hash(stage) else ""


def verdict_of(stage: str, folder: Path, progress: Progress, now: float | None = None) -> Verdict:
    """Return the verdict of a run that ended now."""
    failed = [failure["task"] for failure in progress.failures if failure["task"]]
    return Verdict(
        submission_hash(stage, folder),
        suite_hash(stage),
        time.time() if now is None else now,
        progress.earned,
        progress.points,
        progress.is_perfect,
        failed[0] if failed else "",
    )


def read(folder: Path) -> dict[str, Verdict]:
    """Return the verdicts that are kept in a folder, by stage; what makes no sense is left out."""
    try:
        kept = json.loads((folder / FILE).read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    found = {}
    for stage in STAGES:
        with contextlib.suppress(TypeError, ValueError, KeyError, AttributeError):
            found[stage] = _sound(Verdict(**kept[stage]))
    return found


def _sound(verdict: Verdict) -> Verdict:
    numbers = (verdict.at, verdict.earned, verdict.points)
    if not all(isinstance(number, int | float) for number in numbers):
        raise TypeError(f"numbers were expected, got {numbers}")
    if verdict.following and len(task_number(verdict.following)) != 2:
        raise ValueError(f"a task was expected, got {verdict.following!r}")
    return verdict


def keep(stage: str, folder: Path, verdict: Verdict) -> None:
    """Keep a verdict in the folder; where nothing can be written, there is none."""
    kept = {name: asdict(each) for name, each in {**read(folder), stage: verdict}.items()}
    half = folder / f"{FILE}.new"
    with contextlib.suppress(OSError):
        half.write_text(json.dumps(kept, indent=1), "utf-8")
        half.replace(folder / FILE)


def ago(seconds: float) -> str:
    """Return an age in words: 5 minutes ago."""
    for size, unit in UNITS:
        if seconds >= size:
            number = int(seconds // size)
            return f"{number} {unit}{'s' if number > 1 else ''} ago"
    return "just now"


def submission_hash(stage: str, folder: Path) -> str:
    """Return a hash of all that ``kit.py check`` judges: names and contents."""
    stages = [stage] + [s for s in STAGES[: STAGES.index(stage)] if not has_reference(s)]
    files = [path for name in stages for path in source_files(name, folder)]
    return _hash(folder, [*files, Path(FILE_NAME)])


def suite_hash(stage: str) -> str:
    """Return a hash of the tests of a stage, and of what they stand on."""
    files = [path for name in (f"tests/{stage}", "tests/kit") for path in source_files(name)]
    own = Path("tests", "kit", "test_")  # the kit's own tests decide nothing
    return _hash(CHECKOUT, [path for path in files if not str(path).startswith(str(own))])


def _hash(root: Path, files: Iterable[Path]) -> str:
    found = hashlib.sha256()
    for path in sorted(set(files)):
        with contextlib.suppress(OSError):
            data = (root / path).read_bytes()
            found.update(f"{path.as_posix()}\0{len(data)}\0".encode() + data)
    return found.hexdigest()
