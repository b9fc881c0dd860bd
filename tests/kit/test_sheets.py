"""The instructor's own files: a column is filled, and everything else stays, byte for byte."""

from pathlib import Path
from typing import Any

import pytest

from .failure import HarnessError
from .grading import lms_sheets as sheets
from .grading.results import TROUBLE, Result
from .grading.tables import Table
from .test_grade import check

MOODLE = """\
\ufeffIdentifier,"Full name","Email address",Status,Grade,"Maximum Grade",Date,"Feedback comments"
"Participant 12","Lee, Ann",ann@example.org,Submitted,,100.00,-,
Participant 123,"Bob ""B"" 王",bob@example.org,Submitted,40.00,100.00,-,"my own
words"
Participant 5,=HYPERLINK(1),c@example.org,No submission,,100.00,-,""".replace("\n", "\r\n")
CANVAS = """\
Student,ID,SIS User ID,SIS Login ID,Section,Stage 1: echo (71),Stage 2: frames (72),Final Score
    Points Possible,,,,,100,20,(read only)
"Lee, Ann",678,s1,ann,"A, B",,,
"Wang, Bob",679,s2,bob,A,5,,
"""


def person(mark: float | None = 80, **more: Any) -> dict[str, Any]:
    about = {"id": "", "name": "Ann", "email": "", "moodle": "", "canvas": "", "rule": ""}
    return {**about, "mark": mark, "excused": False, **more}


def result(*people: dict[str, Any], name: str = "ann", status: str = "graded") -> Result:
    checks = [check("1.1", "passed", 80, 80), {**check("1.2", "failed", 20), "task_title": "=adds"}]
    return Result(name, name, "stage1_echo", status, checks=checks, people=list(people))


def file(folder: Path, text: str) -> Path:
    path = folder / "mine.csv"
    path.write_bytes(text.encode())
    return path


def test_moodles_worksheet_is_filled_and_nothing_else_changes(tmp_path: Path) -> None:
    sheet = sheets.moodle(file(tmp_path, MOODLE))
    people = [person(moodle="12", rule="Late: x."), person(72.5, moodle="123", name="Bob")]
    filled = sheet.fill([result(*people), result(name="who")], tmp_path)
    written = filled.file.read_bytes().decode()
    words = "stage1: 80 of 100 points. Late: x. First cause: task 1.2, =adds."
    wanted = MOODLE.replace(
        "ann@example.org,Submitted,,100.00,-,",
        f'ann@example.org,Submitted,80,100.00,-,"{words}"',
    ).replace("40.00", "72.5")
    assert written == wanted
    assert (filled.marks, filled.replaced) == (2, 1)
    assert filled.notes == [
        "a comment is there already, and stays, for: Bob",
        "1 rows of mine.csv have no submission here",
    ]
    assert filled.strangers == ["who"]
    assert (tmp_path / "mine.csv").read_bytes().decode() == MOODLE


def test_a_worksheet_in_another_language_is_understood(tmp_path: Path) -> None:
    text = "ID;Nom complet;Évaluation;Note max.\nParticipant 9;x;;20,00\nParticipant 8;y;;20,00\n"
    sheet = sheets.moodle(file(tmp_path, text))
    filled = sheet.fill([result(person(72.5, moodle="9"))], tmp_path)
    assert "Participant 9;x;14,5;20,00\n" in filled.file.read_text("utf-8")


def test_canvas_export_is_filled_and_nothing_else_changes(tmp_path: Path) -> None:
    sheet = sheets.canvas(file(tmp_path, CANVAS), "stage2_protocol")
    people = [person(canvas="678"), person(None, id="s2", name="Bob", excused=True)]
    filled = sheet.fill([result(*people)], tmp_path)
    wanted = CANVAS.replace('"A, B",,,', '"A, B",,16,').replace("A,5,,", "A,5,EX,")
    assert filled.file.read_bytes().decode() == wanted
    assert filled.marks == 2 and filled.notes == []
    by_id = sheets.canvas(file(tmp_path, CANVAS), "stage2_protocol", "71")
    assert by_id.fill([result(person(canvas="679"))], tmp_path).replaced == 1
    assert sheets.canvas(file(tmp_path, CANVAS), "stage1_echo", "Stage 2: frames").most == 20


def test_semicolons_a_byte_order_mark_and_another_row_are_taken(tmp_path: Path) -> None:
    text = CANVAS.replace(",,", ";;").replace("A, B", "A; B")
    text = "\ufeffStudent;ID;Stage 1 (71)\n  Manual Posting;;\n  Points Possible;;10,00\nAnn;678;\n"
    sheet = sheets.canvas(file(tmp_path, text), "stage1_echo")
    written = sheet.fill([result(person(canvas="678"))], tmp_path).file.read_text("utf-8")
    assert written == text.replace("678;", "678;8")


def test_a_mark_that_is_not_there_is_told_and_not_written(tmp_path: Path) -> None:
    sheet = sheets.moodle(file(tmp_path, MOODLE))
    none = result(person(None, moodle="12"), status=TROUBLE)
    filled = sheet.fill([none, result(person(moodle="77", name="Eve"))], tmp_path)
    assert filled.marks == 0 and filled.file.read_bytes().decode() == MOODLE
    assert filled.notes[:2] == [
        "no mark (not graded) for: Ann",
        "no row in mine.csv for: Eve",
    ]
    assert "moodle = " in filled.notes[2]  # how a row would be found


def test_what_is_written_calculates_nothing(tmp_path: Path) -> None:
    table = Table.read(file(tmp_path, "a,b\n1,2\n"))
    table.set(1, 1, '=HYPERLINK("x")')
    assert table.as_bytes().decode() == 'a,b\n1,"\'=HYPERLINK(""x"")"\n'
    table.set(1, 3, "new\nline")
    assert table.as_bytes().decode().endswith(',,"new\nline"\n')


def test_two_people_in_one_row_and_writing_over_the_file_are_refused(tmp_path: Path) -> None:
    sheet = sheets.moodle(file(tmp_path, MOODLE))
    twice = [person(moodle="12"), person(moodle="12", name="Bob")]
    with pytest.raises(HarnessError, match="Bob and Ann lead to the same row, 2"):
        sheet.fill([result(*twice)], tmp_path)
    own = tmp_path / "moodle.csv"
    own.write_bytes(MOODLE.encode())
    with pytest.raises(HarnessError, match="would be written over: keep it elsewhere"):
        sheets.moodle(own).fill([], tmp_path)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is no table"),
        ("Name,Grade\nAnn,5\n", "its first column, 'Name', should hold 'Participant 123'"),
        ("Id,Grade,Note\nP 1,,\n", "it may be Grade, Note. Columns: Id, Grade, Note"),
        ("Id,Mark\nP 1,\n", "which column is the grade is not certain. Columns: Id, Mark"),
        ("Id,Grade,Max\nP 1,,0\n", "the maximum grade is '0', we need a number above 0"),
    ],
)
def test_what_is_not_certain_of_a_worksheet_is_an_error(
    tmp_path: Path, text: str, words: str
) -> None:
    with pytest.raises(HarnessError) as raised:
        sheets.moodle(file(tmp_path, text))
    assert words in str(raised.value)


@pytest.mark.parametrize(
    ("text", "column", "words"),
    [
        ("Name,ID\nx,y\n", "", "its header should begin with Student, ID"),
        (CANVAS.replace("Points Possible", "x"), "", "the row Points Possible is missing"),
        (CANVAS, "Stage 3", "no column is 'Stage 3'. Assignments: Stage 1: echo (71), Stage 2:"),
        (CANVAS.replace("Stage 2: ", "Stage 1 "), "", "2 columns are an assignment that names"),
        (CANVAS.replace(",100,", ",(read only),"), "", "is '(read only)', we need a number"),
    ],
)
def test_what_is_not_certain_of_an_export_is_an_error(
    tmp_path: Path, text: str, column: str, words: str
) -> None:
    with pytest.raises(HarnessError) as raised:
        sheets.canvas(file(tmp_path, text), "stage1_echo", column)
    assert words in str(raised.value)


def test_columns_can_be_named(tmp_path: Path) -> None:
    path = file(tmp_path, "Id,A,B,C\nP 1,,,\n")
    sheet = sheets.moodle(path, ["B", "C"])
    assert (sheet.grade, sheet.feedback, sheet.most) == (2, 3, 100)
    with pytest.raises(HarnessError, match=r"has no column 'D'\. Columns: Id, A, B, C"):
        sheets.moodle(path, ["D"])
    (tmp_path / "other.csv").write_bytes("Id,Gr\xe4de\n".encode("latin-1"))
    with pytest.raises(HarnessError, match="is not UTF-8"):
        sheets.moodle(tmp_path / "other.csv")


def test_what_is_told_of_many_is_told_in_one_line(tmp_path: Path) -> None:
    sheet = sheets.moodle(file(tmp_path, MOODLE))
    people = [person(moodle=str(number), name=name) for number, name in ((7, "Eve"), (8, "Zoe"))]
    filled = sheet.fill([result(*people), result(name="a"), result(name="b")], tmp_path)
    assert filled.notes[0] == "no row in mine.csv for: Eve, Zoe"
    assert len(filled.notes) == 3 and filled.strangers == ["a", "b"]
