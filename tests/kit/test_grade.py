"""kit.py grade: any folder of submissions becomes marks and reports; nothing stops the others."""

import json
import os
import shutil
import signal
import subprocess
import sys
import zipfile
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pytest

from . import format_readers as readers
from .commands import grade as grade_command
from .commands import similarity
from .commands.grade import main
from .confine import LIMITS
from .deadlines import within
from .grading import sandbox
from .grading.collecting import find, named, safe_id, stage_submission
from .grading.grader import Grader, Order, shard
from .grading.results import Result, changes, load_all
from .grading.running import NOT_RUN
from .toy_suite import RIGHT, write_submission, write_suite
from .tree import CHECKOUT

WRONG = RIGHT.replace("a + b", "a - b")
Grade = Callable[..., int]


def check(task: str, outcome: str, points: float = 50, earned: float = 0) -> dict[str, object]:
    return {
        "task": task,
        "task_title": f"about {task}",
        "function": f"tests/x.py::test_{task}",
        "title": f"it does {task}",
        "points": points,
        "earned": earned,
        "outcome": outcome,
        "waiting_on": "",
        "failed_cases": [],
    }


@pytest.fixture
def grade(tmp_path: Path) -> Grade:
    """Grade with the toy suite what lies in ``subs``."""
    suite = write_suite(tmp_path / "suite")
    level = LIMITS if sandbox.unavailable() else "bubblewrap"

    def run(*more: str) -> int:
        subs, out = tmp_path / "subs", tmp_path / "out"
        return main(["stage1", str(subs), f"--out={out}", f"--sandbox={level}", *more], suite)

    return run


def test_a_folder_of_all_kinds_is_graded_and_goes_on_where_it_stopped(
    grade: Grade, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    subs, out = tmp_path / "subs", tmp_path / "out"
    write_submission(subs / "=Ann Lee", WRONG)
    made = write_submission(tmp_path / "made")
    with zipfile.ZipFile(subs / "王小明 作业.zip", "w") as archive:
        for path in made.rglob("*.py"):
            archive.write(path, Path("作业 final") / path.relative_to(made))
    (subs / "nothing").mkdir()
    (subs / "broken.zip").write_bytes(b"PK")
    (subs / "readme.txt").write_text("x", "utf-8")
    assert grade() == 0
    scores = {result.name: result.score for result in load_all(out)}
    assert scores == {"=Ann Lee": 60, "王小明 作业": 100, "nothing": 0, "broken": 0}
    said = capsys.readouterr().out
    assert "passed over" in said and "readme.txt" in said and "4/4" in said
    assert "there is no folder stage1_echo in it: it is empty" in said
    student = out / "students" / "=Ann Lee"
    page = (student / "report.html").read_text("utf-8")
    assert "60 of 100 points" in page and "assert -1 == 3" in page
    own = out / "results" / "=Ann Lee" / "gradescope.json"
    assert readers.gradescope(own.read_text("utf-8")).total == 60
    assert readers.classroom50((student / "classroom50.json").read_text("utf-8")).total == 60
    assert len(readers.junit((student / "junit.xml").read_text("utf-8")).tests) == 2
    rows = {row["id"]: row for row in readers.spreadsheet((out / "class.csv").read_bytes())}
    assert rows["'=Ann Lee"]["mark"] == "60" and rows["nothing"]["status"] == "not a submission"
    # Again: what is done is kept, what was changed is judged anew.
    assert grade() == 2
    assert "holds results: --resume goes on" in capsys.readouterr().out
    kept = (out / "results" / "=Ann Lee" / "result.json").stat().st_mtime_ns
    (subs / "nothing" / "stage1_echo").mkdir()
    (subs / "nothing" / "stage1_echo" / "server.py").write_text("raise SystemExit", "utf-8")
    assert grade("--resume") == 0
    assert (out / "results" / "=Ann Lee" / "result.json").stat().st_mtime_ns == kept
    assert [r.status for r in load_all(out) if r.name == "nothing"] == ["graded"]


def test_a_hang_costs_its_own_limit_only(grade: Grade, tmp_path: Path) -> None:
    write_submission(tmp_path / "subs" / "hangs", "import time\ntime.sleep(600)\n")
    assert grade("--limit=1") in (0, 1)
    (result,) = load_all(tmp_path / "out")
    # Before the plan stands no program of the submission has run: then there is no mark.
    assert result.status in ("unfinished", "not graded") and "after its limit of" in result.why
    assert not result.score


@pytest.mark.skipif(os.name == "nt", reason="a Ctrl-C cannot be sent to a whole group there")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_submission_gets_no_mark_and_is_graded_by_resume(
    tmp_path: Path, number: signal.Signals
) -> None:
    level = LIMITS if sandbox.unavailable() else "bubblewrap"
    write_suite(tmp_path / "suite")
    write_submission(tmp_path / "subs" / "hangs", "import time\ntime.sleep(600)\n")
    program = (
        "import pathlib, sys\n"
        "from tests.kit.commands.grade import main\n"
        "from tests.kit.grading.sandbox import Suite\n"
        "suite = Suite('tests/stage1_echo', pathlib.Path(sys.argv[1]))\n"
        "from tests.kit.grading.watch import Watch\n"
        "note = Watch.note\n"
        "def told(watch, name, event):\n"
        "    note(watch, name, event)\n"
        "    print('TOLD', event['event'], flush=True)\n"
        "Watch.note = told\n"
        "sys.exit(main(sys.argv[2:], suite))\n"
    )
    words = ["stage1", str(tmp_path / "subs"), f"--out={tmp_path / 'out'}", f"--sandbox={level}"]
    command = [sys.executable, "-c", program, str(tmp_path / "suite"), *words]
    with subprocess.Popen(
        command, cwd=CHECKOUT, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as grader:
        assert grader.stdout is not None
        told = iter(grader.stdout.readline, "")
        assert any(line == "TOLD begin\n" for line in told)
        os.killpg(grader.pid, number)  # what a terminal does, and a time limit
        said = "".join(told)
        assert grader.wait(within(20)) == 130
    assert "0 of 1 are done; --resume goes on from there" in said
    assert not (tmp_path / "out" / "results" / "hangs" / "result.json").exists()


def test_each_mistake_gets_a_sentence_and_code_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "empty").mkdir()
    write_submission(tmp_path / "subs" / "ann")
    (tmp_path / "file.txt").write_text("x", "utf-8")
    subs = str(tmp_path / "subs")
    for argv, sentence in (
        (["stage9", subs], "there is no stage 'stage9'"),
        (["stage1", str(tmp_path / "gone")], "there is no folder or archive"),
        (["stage1", str(tmp_path / "empty")], "holds no submission: no folder and no archive"),
        (["stage1", str(tmp_path / "empty")], "half of the stage's files, which are: __init__.py"),
        (["stage1", str(tmp_path / "file.txt")], "is neither a folder nor one of the archives"),
        (["stage1", subs, "--shard=3/2"], "--shard wants I/N with I from 1 to N"),
        (["stage1", subs, f"--diff={tmp_path}"], "holds no results of kit.py grade"),
        (["stage1", subs, f"--out={subs}/out"], "results would be taken for submissions"),
        (["stage1", subs, f"--out={tmp_path}/file.txt"], "--out wants a folder"),
        (["stage1", "--limit=0", subs], "--limit wants a number above 0"),
        (["stage1", subs, "--only=Bob"], "--only: no submission is 'Bob'; there are, for"),
        (["stage1", f"--out={tmp_path}/none"], "no FOLDER of submissions is named, and"),
        (["stage1", "--resume"], "--resume needs FOLDER: without it nothing is run"),
        (["stage1", subs, "--canvas-column=x"], "--canvas-column belongs to --canvas"),
        (["stage1", subs, "--sandbox=none", "--without=windows", "--without=mariadb"], "sandbox"),
    ):
        assert main(argv) == 2, argv
        assert sentence in capsys.readouterr().out


def test_one_submission_may_be_named_by_its_loose_files_or_its_stage(tmp_path: Path) -> None:
    files = sorted((CHECKOUT / "stage1_echo").glob("*.py"))

    def hand_in(folder: str, *names: Path) -> Path:
        (tmp_path / folder / "assets").mkdir(parents=True)
        for file in names:
            shutil.copy(file, tmp_path / folder)
        return tmp_path / folder

    loose, staged = hand_in("ann", *files[:-1]), hand_in("bob/stage1_echo", files[-1])
    for number, path in enumerate((loose, staged)):
        ([found], passed) = find([path], "stage1_echo")
        assert (found.path, passed) == (path, [])
        made = stage_submission(path, "stage1_echo", tmp_path / f"work{number}").folder
        assert {file.name for file in (made / "stage1_echo").glob("*.py")} == {
            file.name for file in path.glob("*.py")
        }
    # A few names that are the stage's do not make it one, nor does a class called like it.
    few = hand_in("few", *files[:2])
    assert [found.path for found in find([few], "stage1_echo")[0]] == [few / "assets"]
    of_all = hand_in("class/stage1_echo")
    assert [found.name for found in find([of_all], "stage1_echo")[0]] == ["assets"]


def test_what_is_written_by_default_never_gets_into_a_commit() -> None:
    ignored = (CHECKOUT / ".gitignore").read_text("utf-8").split()
    for made, line in ((grade_command.parser(), "/{}/"), (similarity.parser(), "/{}")):
        assert line.format(made.get_default("out")) in ignored


@pytest.mark.skipif(os.name == "nt", reason="Windows takes no such name")
def test_why_a_submission_is_refused_drives_no_terminal(tmp_path: Path) -> None:
    archive = tmp_path / "Ann\x1b[2J\u202e.zip"
    archive.write_bytes(b"no zip")
    [refused] = Grader(Order("stage1_echo", LIMITS, tmp_path / "out")).grade(named([archive]))
    assert refused.why.startswith("Ann\\x1b[2J\\u202e.zip cannot be taken apart")


def test_names_become_folders_that_every_system_takes() -> None:
    assert safe_id("Ann/Lee: 1?") == "Ann_Lee_ 1_"
    assert safe_id("con") == "_con" and safe_id("...") == "_" and safe_id("王 小明") == "王 小明"
    assert len(safe_id("王" * 100).encode()) <= 100
    assert safe_id("Ann\u202ezip\x9b1m\u200b") == "Ann_zip_1m_"
    found = named([Path("a/Ann"), Path("b/ann.zip")])
    assert [each.id for each in found] == ["Ann", "ann (2)"]


def test_shards_together_are_all_submissions() -> None:
    everybody = named([Path(f"student{number}") for number in range(10)])
    parts = [shard(everybody, f"{number}/3") for number in (1, 2, 3)]
    assert sorted(each.id for part in parts for each in part) == [each.id for each in everybody]


def test_a_changed_mark_is_told_with_its_reason() -> None:
    old = Result("ann", "Ann", "stage1_echo", checks=[check("1.1", "passed", 50, 50)])
    new = Result("ann", "Ann", "stage1_echo", checks=[check("1.1", "failed")], grader_sha256="b")
    assert changes([old], [old]) == []
    assert changes([old], [new]) == [
        "Ann: 50 → 0; another grader; 1.1 it does 1.1: passed → failed"
    ]
    new.grader_sha256 = ""
    assert "the same submission and grader: unstable" in changes([old], [new])[0]
    assert changes([old], []) == ["Ann: was 50, is gone"]


def test_what_was_left_out_or_not_reached_counts_as_it_should() -> None:
    checks = [check("1.1", "passed", 50, 50), check("1.2", "left out", 30), check("1.3", NOT_RUN)]
    result = Result("ann", "Ann", "stage1_echo", checks=checks)
    assert (result.score, result.points) == (50, 100)
    assert result.first_causes == {"1.3"}
    result.status = "not graded"
    assert result.score is None


class Page(HTMLParser):
    """Which elements a page has, and whether those that are open are closed in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        if tag != "meta":
            self.open.append(tag)
        assert not any(name.startswith("on") or name == "src" for name, _ in attrs)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_pages_hold_no_script_and_escape_what_strangers_wrote() -> None:
    from .grading.class_report import class_html, class_markdown
    from .grading.student_report import student_html, student_markdown

    evil = "<script>alert(1)</script>"
    failure = {"task": "1.1", "function": "f", "title": evil, "failure": {"message": evil}}
    result = Result(evil, evil, "stage1_echo", checks=[check("1.1", "failed")], why=evil)
    result.failures, result.notes = [failure], [evil]
    result.likely = [{"name": "x", "says": evil, "link": "docs/stage1.md#mistake-x"}]
    for text in (student_html(result), class_html([result], "stage1_echo", [evil])):
        page = Page(text)
        assert page.open == [] and not {"script", "link", "img", "iframe"} & page.tags
        assert {"h1", "table", "caption", "th", "main"} <= page.tags
    assert "\\<script\\>" in student_markdown(result) and evil not in class_markdown(
        [result], "stage1_echo"
    )
    assert json.dumps(result.failures)
