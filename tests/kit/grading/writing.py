"""Writes the reports: what a student may get into students/, what the instructor has elsewhere."""

import json
from collections.abc import Sequence
from pathlib import Path

from . import formats, pages
from .classbook import Classbook
from .results import RESULTS, Result

STUDENTS = "students"


def results_of(out: Path, result: Result) -> Path:
    """Return the folder of all that is known of a submission: the instructor's."""
    return out / RESULTS / result.id


def write_student(out: Path, result: Result) -> None:
    """Write all reports of one submission."""
    folder, own = out / STUDENTS / result.id, results_of(out, result)
    texts = {
        folder / "report.html": pages.student_html(result),
        folder / "report.md": pages.student_markdown(result),
        folder / "classroom50.json": as_json(formats.classroom50(result, {})),
        folder / "junit.xml": formats.junit(result),
        own / "gradescope.json": as_json(formats.gradescope(result)),
    }
    for path, text in texts.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8", "replace", newline="\n")


def as_json(data: object) -> str:
    """Return JSON for people and programs."""
    return json.dumps(data, ensure_ascii=False, indent=1) + "\n"


def write_class(
    out: Path, stage: str, found: Sequence[Result], book: Classbook, changed: Sequence[str] = ()
) -> None:
    """Write the reports of the class."""
    (out / "index.html").write_text(pages.class_html(found, stage, changed), "utf-8", "replace")
    text = pages.class_markdown(found, stage, changed)
    (out / "class.md").write_text(text, "utf-8", "replace")
    (out / "class.csv").write_bytes(formats.class_list(found).encode("utf-8", "replace"))
    if book.roster is not None:
        people = formats.people_list(found, book.without)
        (out / "people.csv").write_bytes(people.encode("utf-8", "replace"))
