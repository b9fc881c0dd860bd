"""What is known of one submission: one canonical JSON file, from which all reports are made.

The file is the ledger too: with the hashes of the submission and of the grader in it, a run that
goes on (``--resume``) knows what is done.
"""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from ..marks import task_number
from ..scoreboard import FAILED, LEFT_OUT, PASSED, WAITING, nothing_works
from .running import NOT_RUN

SCHEMA = "from-echo-to-chat/result/v1"
FILE = "result.json"
RESULTS, STUDENTS = "results", "students"  # folders: the instructor's, the students'
GRADED, UNFINISHED, REFUSED, TROUBLE = "graded", "unfinished", "not a submission", "not graded"
RANKED = (FAILED, NOT_RUN, WAITING, PASSED, LEFT_OUT)


@dataclass
class Result:
    """One submission's result.

    ``status``: graded; unfinished (the run was cut short by the submission, and what had passed by
    then counts); not a submission (0 points, ``why`` tells what is missing); not graded (the
    grader's own trouble: there is no mark).
    """

    id: str
    name: str
    stage: str
    status: str = GRADED
    why: str = ""
    sandbox: str = ""
    seconds: float = 0.0
    finished: str = ""  # ISO 8601, UTC
    submission_sha256: str = ""
    grader_sha256: str = ""
    checks: list[dict[str, Any]] = field(default_factory=list)
    failures: list[dict[str, Any]] = field(default_factory=list)
    left_out: dict[str, int] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    likely: list[dict[str, str]] = field(default_factory=list)
    # The run over the student's own earlier stages, which counts for nothing; {} for none: stages
    # (those that are the student's), score, points, status, why, checks.
    all_own: dict[str, Any] = field(default_factory=dict)
    # By the roster (classbook.py), written anew whenever reports are made: whose it is, and the
    # mark after the rules with what was done to it in words. ``people`` may differ from it one by
    # one.
    people: list[dict[str, Any]] = field(default_factory=list)
    team: str = ""
    mark: float | None = None
    rule: str = ""

    @property
    def score(self) -> float | None:
        """The points earned; None when there is no mark."""
        if self.status == TROUBLE:
            return None
        return round(sum(float(check["earned"]) for check in self.checks), 2)

    @property
    def points(self) -> float:
        """The points that could be earned: 100, unless a part of the system was left out."""
        if not self.checks:
            return 100.0
        return round(sum(float(c["points"]) for c in self.checks if c["outcome"] != LEFT_OUT), 2)

    @property
    def tasks(self) -> list["TaskResult"]:
        """The tasks in order."""
        names = sorted({str(check["task"]) for check in self.checks}, key=task_number)
        return [TaskResult(n, [c for c in self.checks if c["task"] == n]) for n in names]

    @property
    def first_causes(self) -> frozenset[str]:
        """The tasks that failed by themselves, without those that only wait on them."""
        return frozenset(str(c["task"]) for c in self.checks if c["outcome"] in (FAILED, NOT_RUN))

    @property
    def unwritten(self) -> dict[str, str] | None:
        """The first stub that was met (its name and task), None for none."""
        stubs = ((failure.get("failure") or {}).get("not_written") for failure in self.failures)
        return next((stub for stub in stubs if stub), None)

    @property
    def nothing_works(self) -> bool:
        """Whether nothing passed, and it is not that something is still to be written."""
        outcomes = ((str(c["task"]), str(c["outcome"])) for c in self.checks)
        return self.unwritten is None and nothing_works(outcomes)

    def save(self, folder: Path) -> None:
        """Write the file into ``folder``; a crash leaves the old one or the new one."""
        folder.mkdir(parents=True, exist_ok=True)
        data = {"schema": SCHEMA, **asdict(self), "score": self.score, "points": self.points}
        text, half = json.dumps(data, ensure_ascii=False, indent=1), folder / f"{FILE}.new"
        if not (folder / FILE).exists() or (folder / FILE).read_text("utf-8") != text:
            half.write_text(text, "utf-8", newline="\n")
            half.replace(folder / FILE)


@dataclass(frozen=True, slots=True)
class TaskResult:
    """One task of a result, with its checks."""

    name: str
    checks: list[dict[str, Any]]

    @property
    def title(self) -> str:
        """What the stage's text calls it."""
        return str(self.checks[0]["task_title"])

    @property
    def outcome(self) -> str:
        """The worst outcome of its checks."""
        found = {check["outcome"] for check in self.checks}
        return next((outcome for outcome in RANKED if outcome in found), "")

    @property
    def waiting_on(self) -> str:
        """The task that is to blame, "" if it is this one."""
        return next((str(c["waiting_on"]) for c in self.checks if c["waiting_on"]), "")

    @property
    def earned(self) -> float:
        """Points earned."""
        return round(sum(float(check["earned"]) for check in self.checks), 2)

    @property
    def points(self) -> float:
        """Points that could be earned here."""
        return round(sum(float(c["points"]) for c in self.checks if c["outcome"] != LEFT_OUT), 2)


def load(file: Path) -> Result | None:
    """Return a saved result; None for a file that is none."""
    try:
        data = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError):
        return None
    if not isinstance(data, dict) or data.pop("schema", "") != SCHEMA:
        return None
    data.pop("score", None)
    data.pop("points", None)
    try:
        return Result(**data)
    except TypeError:
        return None


def load_all(folder: Path) -> list[Result]:
    """Return all results below the folder that a run wrote, by name."""
    found = (load(path) for path in sorted(folder.glob(f"{RESULTS}/*/{FILE}")))
    return [result for result in found if result is not None]


def changes(old: Iterable[Result], new: Iterable[Result]) -> list[str]:
    """Return a line for each submission whose mark differs, with what became of it."""
    before = {result.id: result for result in old}
    lines = []
    for result in new:
        earlier = before.pop(result.id, None)
        if earlier is None:
            lines.append(f"{result.name}: new, {_mark(result)}")
        elif earlier.score != result.score or earlier.status != result.status:
            lines.append(
                f"{result.name}: {_mark(earlier)} → {_mark(result)}; {why(earlier, result)}"
            )
    return lines + [f"{result.name}: was {_mark(result)}, is gone" for result in before.values()]


def _mark(result: Result) -> str:
    return result.status if result.score is None else f"{result.score:g}"


def why(old: Result, new: Result) -> str:
    """Return what changed between two results of one submission."""
    reasons = []
    if old.submission_sha256 != new.submission_sha256:
        reasons.append("another submission")
    if old.grader_sha256 != new.grader_sha256:
        reasons.append("another grader")
    was = {str(c["function"]): str(c["outcome"]) for c in old.checks}
    now = {str(c["function"]): c for c in new.checks}
    moved = [
        f"{c['task']} {c['title']}: {was.get(f, 'absent')} → {c['outcome']}"
        for f, c in now.items()
        if was.get(f) != c["outcome"] and (c["points"] or f not in was)
    ]
    shown = [*moved[:3], f"and {len(moved) - 3} more"] if len(moved) > 3 else moved
    if not reasons:
        reasons.append("the same submission and grader: unstable")
    return "; ".join([", ".join(reasons), *shown])
