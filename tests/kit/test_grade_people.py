"""``kit.py grade`` with a roster and the instructor's own files, from end to end."""

from collections.abc import Callable
from pathlib import Path

import pytest

from .commands.grade import main
from .grading.results import load_all
from .grading.roster import Person, read_roster
from .test_grade import WRONG
from .test_grade import grade as grade
from .toy_suite import write_submission

MOODLE = "Identifier,Name,Mail,Grade,Maximum\nParticipant 12,王,a@b.c,,20.00\n"
CANVAS = 'Student,ID,Stage 1 (7)\n Points Possible,,10\n"Lee, Ann",678,\n"Student, Test",9,\n'
ROSTER = """
[late]
deadline = 2026-03-02T12:00:00Z
percent = 10
[[person]]
id = "s1"
name = "Ann Lee"
moodle = 12
handed_in = 2026-03-03T11:00:00Z
[[person]]
id = "s2"
name = "Bob"
"""
SHEET = "Identifier,Grade,Maximum Grade\nParticipant 12,,100.00\nParticipant 13,,100.00\n"


def test_a_roster_to_begin_with_is_one_that_can_be_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    subs, sheet = tmp_path / "subs", tmp_path / "sheet.csv"
    for name in ("Ann Lee_12_assignsubmission_file_", "bob"):
        write_submission(subs / name)

    def draft(name: str, *more: str) -> list[Person]:
        assert main(["stage1", f"--new-roster={tmp_path / name}", *more]) == 0
        return [*read_roster(tmp_path / name).people.values()]

    assert draft("names.toml", str(subs)) == [
        Person("12", "Ann Lee", moodle="12"),
        Person("bob", "bob", submission="bob"),
    ]
    sheet.write_text(MOODLE, "utf-8")
    assert draft("moodle.toml", f"--moodle={sheet}") == [Person("a@b.c", "王", "a@b.c", "12")]
    sheet.write_text(CANVAS, "utf-8")
    assert draft("canvas.toml", f"--canvas={sheet}") == [Person("678", "Ann Lee", canvas="678")]
    assert main(["stage1", f"--new-roster={tmp_path / 'names.toml'}", str(subs)]) == 2
    assert "is there already, it is not written over" in capsys.readouterr().out


def test_marks_reach_people_and_their_sheet_and_one_can_be_graded_again(
    grade: Callable[..., int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, ann = tmp_path / "out", tmp_path / "subs" / "Ann Lee_12_assignsubmission_file_"
    write_submission(ann, WRONG)
    write_submission(tmp_path / "subs" / "zoe", "raise SystemExit(1)\n")
    roster, sheet = tmp_path / "roster.toml", tmp_path / "sheet.csv"
    roster.write_text(ROSTER, "utf-8")
    sheet.write_text(SHEET, "utf-8")
    assert grade(f"--roster={roster}") == 0
    said = capsys.readouterr().out
    assert "note: nobody in the roster handed in zoe; it is graded" in said
    assert "1 in the roster handed in nothing: Bob (s2)" in said
    people = (out / "people.csv").read_text("utf-8")
    assert "s1,Ann Lee,," in people and ',60,100,54,"Handed in 23 hours' in people
    assert "s2,Bob,,,,nothing handed in" in people
    report = (out / "students" / ann.name / "report.md").read_text("utf-8")
    assert "Handed in 23 hours after the deadline" in report and "60 becomes 54" in report
    # The sheet later, with another roster: nothing is run.
    roster.write_text(ROSTER.replace("percent = 10", "percent = 50"), "utf-8")
    again = ["stage1", f"--out={out}", f"--roster={roster}", f"--moodle={sheet}"]
    assert main(again) == 0
    said = capsys.readouterr().out
    assert "moodle.csv: 1 marks filled in\n" in said
    assert said.count("zoe") == 2  # the roster's note and the sheets'
    assert "nobody knows whose these are, no sheet has them: zoe\n" in said
    assert (out / "moodle.csv").read_text("utf-8") == SHEET.replace("12,,", "12,30,")
    assert grade(f"--roster={roster}", "--only=ann le") == 2
    assert "no submission is 'ann le'; there are, for example: Ann Lee\n" in capsys.readouterr().out
    assert grade(f"--roster={roster}", "--only=Bob") == 2
    assert "--only: Bob (s2) handed in nothing" in capsys.readouterr().out
    assert grade(f"--roster={roster}", "--only=bobb") == 2
    assert "no submission is 'bobb'; there are, for example: Bob" in capsys.readouterr().out
    # Another submission of hers: only that is graded.
    before = {result.id: result.finished for result in load_all(out)}
    (ann / "stage1_echo" / "server.py").write_text("raise SystemExit(1)\n", "utf-8")
    assert grade(f"--roster={roster}", "--only=s1", f"--moodle={sheet}") == 0
    after = {result.id: result for result in load_all(out)}
    assert after[ann.name].score == 0 and after["zoe"].finished == before["zoe"]
    assert "12,0," in (out / "moodle.csv").read_text("utf-8")
    assert "zoe" in (out / "class.csv").read_text("utf-8")


def test_the_roster_of_the_last_run_holds_until_another_is_named(
    grade: Callable[..., int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, ann = tmp_path / "out", "Ann Lee_12_assignsubmission_file_"
    write_submission(tmp_path / "subs" / ann, WRONG)
    roster, sheet = tmp_path / "roster.toml", tmp_path / "sheet.csv"
    roster.write_text(ROSTER, "utf-8")
    sheet.write_text(SHEET, "utf-8")
    assert grade(f"--roster={roster}") == 0
    again = ["stage1", f"--out={out}", f"--moodle={sheet}"]
    capsys.readouterr()

    def is_late_by(mark: str) -> None:
        assert f"note: with the roster {roster} of the last run" in capsys.readouterr().out
        assert f"12,{mark}," in (out / "moodle.csv").read_text("utf-8")
        assert f",60,100,{mark}," in (out / "people.csv").read_text("utf-8")
        report = (out / "students" / ann / "report.md").read_text("utf-8")
        assert f"60 becomes {mark}" in report

    assert main(again) == 0
    is_late_by("54")
    assert grade("--resume", f"--moodle={sheet}") == 0
    is_late_by("54")
    # Another one takes its place; where that is gone nothing is written.
    roster = roster.rename(tmp_path / "other.toml")
    roster.write_text(ROSTER.replace("percent = 10", "percent = 50"), "utf-8")
    assert main(again) == 2
    said = capsys.readouterr().out
    assert f"the roster {tmp_path / 'roster.toml'}, which is not there any more" in said
    assert "--roster FILE names another one" in said
    assert main([*again, f"--roster={roster}"]) == 0
    capsys.readouterr()
    assert main(again) == 0
    is_late_by("30")
