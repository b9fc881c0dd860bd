"""Writes the reports: what a student may get into students/, what the instructor has elsewhere."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import formats
from .class_report import class_html, class_markdown
from .classbook import Classbook
from .mistake_texts import Guide
from .results import RESULTS, STUDENTS, Result
from .student_report import student_html, student_markdown
from .veil import veiled


def results_of(out: Path, result: Result) -> Path:
    """Return the folder of all that is known of a submission: the instructor's."""
    return out / RESULTS / result.id


@dataclass(frozen=True, slots=True)
class Reports:
    """What reports tell: ``is_released`` shows hidden tests to students.

    ``gradescope`` is the visibility of hidden tests there: hidden, or after_published.
    """

    is_released: bool = False
    gradescope: str = "after_published"
    guide: Guide | None = None


def write_student(out: Path, whole: Result, reports: Reports) -> None:
    """Write all reports of one submission."""
    folder, own = out / STUDENTS / whole.id, results_of(out, whole)
    result = whole if reports.is_released else veiled(whole)
    texts = {
        folder / "report.html": student_html(result, reports.guide),
        folder / "report.md": student_markdown(result, reports.guide),
        folder / "classroom50.json": as_json(formats.classroom50(result, {})),
        folder / "junit.xml": formats.junit(result),
        own / "gradescope.json": as_json(gradescope(whole, reports)),
    }
    for path, text in texts.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8", "replace", newline="\n")


def gradescope(result: Result, reports: Reports) -> dict[str, Any]:
    """Return Gradescope's results, with hidden tests as the reports want them."""
    return formats.gradescope(result, "visible" if reports.is_released else reports.gradescope)


def write_gradescope(path: Path, result: Result, reports: Reports) -> None:
    """Write Gradescope's file; where there is no mark there is none: it tells its instructor so."""
    if result.score is None:
        path.unlink(missing_ok=True)
    else:
        write_json(path, gradescope(result, reports))


def write_json(path: Path, data: object) -> None:
    """Write a file at once: whoever looks finds the old one or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_name(f"{path.name}.new")
    half.write_text(as_json(data), "utf-8", newline="\n")
    half.replace(path)


def as_json(data: object) -> str:
    """Return JSON for people and programs."""
    return json.dumps(data, ensure_ascii=False, indent=1) + "\n"


def write_class(
    out: Path, stage: str, found: Sequence[Result], book: Classbook, changed: Sequence[str] = ()
) -> None:
    """Write the reports of the class."""
    (out / "index.html").write_text(class_html(found, stage, changed), "utf-8", "replace")
    text = class_markdown(found, stage, changed)
    (out / "class.md").write_text(text, "utf-8", "replace")
    (out / "class.csv").write_bytes(formats.class_list(found).encode("utf-8", "replace"))
    if book.roster is not None:
        people = formats.people_list(found, book.without)
        (out / "people.csv").write_bytes(people.encode("utf-8", "replace"))
