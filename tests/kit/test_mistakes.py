"""Which known mistake a failing program looks like, for students and for reports."""

import io
import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from tests.kit import mistakes
from tests.kit.mistakes import Mistake, for_handout, known, likely, looks_like
from tests.kit.progress import Progress
from tests.kit.scoreboard import nothing_works
from tests.kit.student_view import View
from tests.kit.tree import CHECKOUT, STAGES

A = "test_frames.py::test_a_frame"
B = "test_frames.py::test_cuts"
C = "test_server.py::test_a_limit"
D = "test_server.py::test_a_log"


def mistake(name: str, says: str, *cases: tuple[str, str]) -> Mistake:
    return Mistake("stage2_protocol", name, says, frozenset(cases))


KNOWN = [
    mistake("one-recv", "takes one recv for one message", (A, "t"), (B, "t")),
    mistake("no-limit", "has no limit", (C, "t")),
]


def progress(*failed: str, stub: bool = False) -> Progress:
    """Return a run in which these tests failed, and all others of two tasks passed."""
    told = Progress({})
    tests = [
        {"task": task, "function": f"tests/x/{test}", "title": "t", "points": 5}
        for task, test in (("2.1", A), ("2.1", B), ("2.2", C), ("2.2", D))
    ]
    told.take({"event": "plan", "tests": tests})
    for test in tests:
        bad = str(test["function"]).rpartition("/")[2] in failed
        failure: dict[str, Any] = {"not_written": {"task": "2.1", "name": "f"} if stub else None}
        outcome = "failed" if bad else "passed"
        end = {"event": "end", "outcome": outcome, "waiting_on": "", "why": ""}
        told.take({**end, **test, "hint": "", "failure": failure})
    return told


def test_the_nearest_is_named_and_what_is_far_is_not() -> None:
    assert [m.name for m in looks_like(KNOWN, [(A, "t"), (B, "t")])] == ["one-recv"]
    assert [m.name for m in looks_like(KNOWN, [(C, "t"), (C, "another case")])] == ["no-limit"]
    assert looks_like(KNOWN, [(C, "another case")]) == []
    assert looks_like(KNOWN, [(A, "t")]) == [] and looks_like(KNOWN, []) == []


def test_of_those_that_fail_the_same_tests_the_one_that_fails_the_same_cases_is_named() -> None:
    texts = ("NaN", "1e999", "a lone surrogate", "half a character", "a byte order mark")
    takers = [mistake(f"takes-{n}", f"takes {text}", (A, text)) for n, text in enumerate(texts)]
    takes_all = mistake("takes-all", "takes anything", *((A, text) for text in texts))
    bank = [takes_all, *takers]
    assert [m.name for m in looks_like(bank, [(A, "half a character")])] == ["takes-3"]
    assert [m.name for m in looks_like(bank, [(A, text) for text in texts])] == ["takes-all"]
    two = looks_like(takers, [(A, "NaN"), (A, "a lone surrogate")])
    assert [m.name for m in two] == ["takes-0", "takes-2"]


def test_what_failed_first_counts_where_the_whole_is_like_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(mistakes, "known", lambda _stage: KNOWN)
    assert [m.name for m in likely("stage2_protocol", progress(A, B, C))] == ["one-recv"]


def test_where_nothing_passed_no_mistake_is_named_and_it_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mistakes, "known", lambda _stage: KNOWN)
    dead = progress(A, B, C, D)
    assert likely("stage2_protocol", dead) == []
    console = Console(file=io.StringIO(), width=200)
    View(console, "stage2_protocol", tmp_path, dead).conclude(everything=False)
    assert isinstance(console.file, io.StringIO)
    assert "Not one check passed" in console.file.getvalue()
    # One task alone (check --task) says nothing of the rest.
    assert not nothing_works([("2.1", "failed"), ("2.1", "waiting")])


def test_what_is_not_written_is_no_mistake(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mistakes, "known", lambda _stage: KNOWN)
    assert likely("stage2_protocol", progress(A, B, stub=True)) == []
    assert likely("stage2_protocol", progress()) == []


def test_a_student_is_told_where_the_text_speaks_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mistakes, "known", lambda _stage: KNOWN)
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "stage2.md").write_text("", "utf-8")
    console = Console(file=io.StringIO(), width=90, soft_wrap=True)
    View(console, "stage2_protocol", tmp_path, progress(A, B)).conclude(everything=False)
    assert isinstance(console.file, io.StringIO)
    link = tmp_path / "docs" / "stage2.md#mistake-one-recv"
    assert f"  … takes one recv for one message: {link}\n" in console.file.getvalue()


@pytest.mark.parametrize("stage", STAGES)
def test_each_known_mistake_is_one_of_the_bank_and_its_tests_are_those_of_the_suite(
    stage: str,
) -> None:
    for one in known(stage):
        path = CHECKOUT / "tests" / "bank" / stage.partition("_")[0] / f"{one.name}.toml"
        assert tomllib.loads(path.read_text("utf-8"))["fails"], one.name
        for test in one.tests:
            file, _, function = test.partition("::")
            text = (CHECKOUT / "tests" / stage / file).read_text("utf-8")
            assert f"def {function}(" in text, (
                f"{test} of {path.parent}: name it anew, or kit.py doctor --learn"
            )


def test_a_handout_tells_what_mistakes_do_and_not_how_they_are_made(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hidden = mistake("sly", "is sly", ("test_hidden_x.py::test_y", "y"))
    monkeypatch.setattr(mistakes, "known", lambda _stage: [*KNOWN, hidden])
    told = json.loads(for_handout(["stage1_echo"]))
    assert [set(one) for one in told["stage1_echo"]] == [{"name", "says", "tests"}] * 2
    assert told["stage1_echo"][1]["tests"] == {C: ["t"]}
