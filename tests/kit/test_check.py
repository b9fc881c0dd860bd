"""kit.py check: tasks in order, the first cause first, and a sentence for each mistake."""

import errno
import io
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from tests.kit.checking import RunFailed, run
from tests.kit.commands.arguments import in_words
from tests.kit.commands.check import main, state
from tests.kit.failure import HarnessError
from tests.kit.handing_out import start
from tests.kit.progress import Progress
from tests.kit.repeats import Repeats
from tests.kit.student_view import View


def marks_of(task: str, name: str, points: float = 5) -> dict[str, Any]:
    return {"task": task, "function": name, "title": name, "points": points, "hint": "Why?"}


def ended(task: str, name: str, outcome: str, points: float = 5, **more: Any) -> dict[str, Any]:
    facts = {"event": "end", "outcome": outcome, "waiting_on": "", "why": "", "failure": None}
    return {**marks_of(task, name, points), **facts, **more}


PLAN: dict[str, Any] = {
    "event": "plan",
    "tests": [
        marks_of("1.10", "the last"),
        marks_of("1.1", "good"),
        marks_of("1.2", "bad"),
        marks_of("1.2", "bad"),
        marks_of("1.3", "late"),
        marks_of("1.4", "window"),
    ],
}
FAILURE = {"task": "1.2", "title": "bad", "hint": "Why?", "message": "a reset"}
RUN: list[dict[str, Any]] = [
    PLAN,
    {"event": "begin", "title": "good"},
    ended("1.1", "good", "passed"),
    ended("1.2", "bad", "passed"),
    ended("1.2", "bad", "failed", failure=FAILURE),
    ended("1.3", "late", "waiting", waiting_on="1.2"),
    ended("1.4", "window", "left out", why="xvfb is missing here"),
    ended("1.10", "the last", "failed"),
]


NAMES = {1: "good", 2: "odd", 3: "bad"}


def shown(events: list[dict[str, Any]], folder: Path, *, everything: bool = False) -> str:
    """Return what a student sees of a run, not on a terminal."""
    console = Console(file=io.StringIO(), width=90, soft_wrap=True)
    progress = Progress({"1.2": "Bytes are not text"})
    with View(console, "stage1_echo", folder, progress) as view:
        for event in events:
            view.take(event)
    view.conclude(everything=everything)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_tasks_stand_in_order_with_points_and_causes(tmp_path: Path) -> None:
    lines = [" ".join(line.split()[1:]) for line in shown(RUN, tmp_path).splitlines()[:5]]
    assert lines == [
        "1.1 5/5",
        "1.2 0/5 Bytes are not text: 1 of 1 check failed",
        "1.3 0/5 waiting on 1.2",
        "1.4 not tested here",
        "1.10 0/5 1 of 1 check failed",
    ]


def test_the_first_cause_is_shown_in_full_and_the_rest_is_counted(tmp_path: Path) -> None:
    text = shown(RUN, tmp_path)
    assert text.count("What was wrong: a reset") == 1
    assert "1 more check failed; --all shows every failure" in text
    assert "1 check could not be tested: xvfb is missing here" in text
    assert text.endswith("stage1: 5 of 20 points\n")
    every = shown(RUN, tmp_path, everything=True)
    assert "the last was skipped by the program" in every and "--all" not in every


def test_a_stub_is_named_with_its_file(tmp_path: Path) -> None:
    start("stage1_echo", tmp_path)
    stub = {**FAILURE, "not_written": {"task": "1.4", "name": "Listener.serve"}}
    text = shown([PLAN, ended("1.4", "window", "failed", failure=stub)], tmp_path)
    file = tmp_path / "stage1_echo" / "listener.py"
    assert f"Listener.serve in {file} is not written yet (task 1.4)." in text
    assert "leads on: task 1.4" in text


def test_files_of_the_judged_copy_are_named_as_the_students(tmp_path: Path) -> None:
    said = '| File "/tmp/x y/stage1_echo0/tree/stage1_echo/server.py", line 3'
    failure = {**FAILURE, "message": said}
    text = shown([PLAN, ended("1.2", "bad", "failed", failure=failure)], Path("mine"))
    assert f'File "mine{os.sep}stage1_echo/server.py", line 3' in text


def test_a_run_that_stopped_early_shows_what_it_has(tmp_path: Path) -> None:
    text = shown([PLAN, ended("1.2", "bad", "failed", failure=FAILURE)], tmp_path)
    assert " 1.2 " in text and " 1.3 " not in text


def test_a_stage_with_all_points_is_done(tmp_path: Path) -> None:
    plan = {"event": "plan", "tests": [marks_of("1.1", "good", 100)]}
    text = shown([plan, ended("1.1", "good", "passed", 100)], tmp_path)
    assert text.endswith("stage1 is done. Next: kit.py start stage2\n")


def test_what_passes_only_sometimes_is_unstable_and_counts_as_failed() -> None:
    plan = {"event": "plan", "tests": [marks_of(f"1.{n}", name) for n, name in NAMES.items()]}
    repeats = Repeats()
    for seed in range(20):
        progress = Progress({})
        odd = "failed" if seed in (3, 8, 19) else "passed"
        for event in (
            plan,
            ended("1.1", "good", "passed"),
            ended("1.2", "odd", odd, failure={**FAILURE, "seed": seed}),
            ended("1.3", "bad", "failed", failure={**FAILURE, "seed": None}),
        ):
            progress.take(event)
        repeats.note(seed, progress)
    lines = repeats.verdict("kit.py check stage1")
    assert lines[:2] == [
        "unstable 17/20: 1.2 odd",
        "  the same choices again: kit.py check stage1 --task 1.2 --replay 3",
    ]
    assert lines[-1] == "1 check failed each time, the first: 1.3 bad"
    assert not repeats.is_perfect


def test_what_passes_each_time_is_said_in_a_line() -> None:
    repeats, progress = Repeats(), Progress({})
    progress.take({"event": "plan", "tests": [marks_of("1.1", "good")]})
    progress.take(ended("1.1", "good", "passed"))
    repeats.note(0, progress)
    assert repeats.is_perfect and repeats.verdict("") == ["All checks passed 1 times out of 1."]


def test_each_mistake_gets_a_sentence_and_code_2(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    start("stage1_echo", tmp_path / "mine")
    for argv, sentence in (
        (["stage9"], "there is no stage 'stage9'"),
        (["stage1", "no where"], "there is no folder no where; kit.py start stage1 'no where'"),
        (["stage1", "--all", "no where"], "there is no folder no where"),
        (["stage1", "mine/stage1_echo"], "give the folder around it: kit.py check stage1 mine"),
        (["stage2"], "mine holds no stage2_protocol; kit.py start stage2 mine puts"),
        (["stage1", "--task=9.9"], "no test here belongs to 9.9"),
    ):
        assert main(argv) == 2
        assert sentence in capsys.readouterr().out


def test_a_starter_is_checked_and_its_first_stub_is_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    start("stage1_echo", tmp_path / "mine")
    assert main(["stage1", "--task=1.1", "--first"]) == 1
    said = capsys.readouterr().out
    assert "0/15  Answer with the prefix: 1 of 2 checks failed" in said
    assert "main in " in said and "is not written yet (task 1.1)." in said


def test_a_change_of_the_submission_is_seen(tmp_path: Path) -> None:
    start("stage1_echo", tmp_path)
    before = state("stage1_echo", tmp_path)
    (tmp_path / "stage1_echo" / "__pycache__").mkdir()
    (tmp_path / "stage1_echo" / "__pycache__" / "server.pyc").write_text("", "utf-8")
    assert state("stage1_echo", tmp_path) == before
    (tmp_path / "stage1_echo" / "server.py").write_text("", "utf-8")
    assert state("stage1_echo", tmp_path) != before


def test_what_a_later_task_will_write_hides_no_failure(tmp_path: Path) -> None:
    start("stage1_echo", tmp_path)
    later = {"task": "1.4", "name": "Listener.__init__"}
    failure = {**FAILURE, "not_written": later}
    text = shown([PLAN, ended("1.2", "bad", "failed", failure=failure)], tmp_path)
    assert "What was wrong: a reset" in text
    assert "Not written yet, and perhaps why: Listener.__init__, task 1.4" in text


def test_files_of_other_stages_are_named_by_their_stage(tmp_path: Path) -> None:
    said = '| File "/tmp/x y/stage2_protocol0/tree/stage1_echo/listener.py", line 3'
    failure = {**FAILURE, "message": said}
    text = shown([PLAN, ended("1.2", "bad", "failed", failure=failure)], tmp_path)
    assert "tree" not in text


def test_a_run_that_tells_less_than_it_announced_has_not_judged(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told = [PLAN, ended("1.1", "good", "passed")]

    def follow(_path: Path, child: subprocess.Popen[bytes]) -> list[dict[str, Any]]:
        child.wait()
        return told

    monkeypatch.setattr("tests.kit.checking._follow", follow)
    nothing = [sys.executable, "-c", ""]
    monkeypatch.setattr("tests.kit.checking.pytest_command", lambda *_words: nothing)
    with pytest.raises(RunFailed, match="did not run"):
        run([], lambda _event: None)
    run(["--exitfirst"], lambda _event: None)  # who stops early tells less


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(errno.ENOSPC, "No space left", "x"), "x: No space left: free some space"),
        (OSError(errno.EROFS, "Read-only file system", "a.zip"), "a.zip: Read-only file system"),
        (HarnessError("there is no folder"), "there is no folder"),
    ],
)
def test_what_the_system_refuses_is_said_with_its_place(error: Exception, words: str) -> None:
    assert in_words(error).startswith(words)
