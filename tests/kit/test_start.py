"""kit.py start: a starter earns nothing and says what to write; stages of any origin fit."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.kit import bank, deadlines
from tests.kit.commands.start import main
from tests.kit.handing_out import start, with_links_from, write_stage
from tests.kit.marks import task_number
from tests.kit.pytest_command import pytest_command, pytest_environment
from tests.kit.starters import reference_copy, short, solutions, starter
from tests.kit.tree import CHECKOUT, STAGES

MARKED = [stage for stage in STAGES if solutions(stage)]


def run_suite_on(
    submission: Path, stage: str, folder: Path, *options: str
) -> tuple[list[dict[str, Any]], str]:
    """Run a suite on a submission; return its events, and what pytest has said."""
    events = folder / "events.jsonl"
    words = [f"--submission={submission}", f"--events={events}", "-p", "no:cacheprovider", *options]
    environment = {name: os.environ[name] for name in os.environ if not name.startswith("PYTEST")}
    done = subprocess.run(
        pytest_command(f"tests/{stage}", *words),
        cwd=CHECKOUT,
        env={**pytest_environment(environment), "CI": ""},
        capture_output=True,
        timeout=600,
        check=False,
    )
    said = done.stdout.decode("utf-8", "replace") + done.stderr.decode("utf-8", "replace")
    return [json.loads(line) for line in events.read_text("utf-8").splitlines()], said


@pytest.mark.timeout(600)
@pytest.mark.parametrize("stage", MARKED)
def test_a_starter_earns_nothing_and_each_failure_names_what_is_not_written(
    stage: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    start(stage, tmp_path / "mine")
    # What is not written gives no answer, however long it is waited for.
    scale = f"--time-scale={bank.SHORT_SCALE * deadlines.factor():.2f}"
    # A window that is not written is a window that does not change: the thorough tier waits for it.
    options = [] if request.config.getoption("--thorough") else ["-k=not window"]
    events, said = run_suite_on(tmp_path / "mine", stage, tmp_path, scale, *options)
    ended = [event for event in events if event["event"] == "end"]
    assert ended, said
    assert {e["title"] for e in ended if e["outcome"] == "passed" and e["points"]} == set(), said
    for event in ended:
        if event["outcome"] == "failed":
            stub = (event["failure"] or {}).get("not_written")
            assert stub is not None, f"{event['title']} does not say what is not written\n{said}"
            assert task_number(stub["task"]) <= task_number(event["task"]), event["title"]
    first = next(event for event in ended if event["outcome"] == "failed")
    assert first["failure"]["not_written"]["task"] == first["task"] == f"{short(stage)[-1]}.1"


@pytest.mark.parametrize("stage", MARKED)
def test_a_starter_is_the_same_each_time(stage: str, tmp_path: Path) -> None:
    trees = []
    for name in ("one", "two"):
        start(stage, tmp_path / name)
        files = sorted(path for path in (tmp_path / name / stage).rglob("*") if path.is_file())
        trees.append({path.relative_to(tmp_path / name): path.read_bytes() for path in files})
    assert trees[0] == trees[1]
    made = {path: data for path, data in trees[0].items() if path.suffix != ".md"}
    assert made == starter(stage)


@pytest.mark.parametrize("stage", MARKED)
def test_every_module_of_a_starter_can_be_imported(stage: str, tmp_path: Path) -> None:
    start(stage, tmp_path, catch_up=True)
    modules = [
        ".".join(path.with_suffix("").parts).removesuffix(".__init__")
        for path in starter(stage)
        if path.suffix == ".py" and path.name not in ("__main__.py", "original.py")
    ]
    code = "import importlib, sys\nfor name in sys.argv[1:]: importlib.import_module(name)"
    done = subprocess.run(
        [sys.executable, "-c", code, *modules], cwd=tmp_path, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()


@pytest.mark.parametrize("stage", MARKED)
def test_a_starter_has_no_name_that_is_not_defined(stage: str, tmp_path: Path) -> None:
    start(stage, tmp_path)
    command = [sys.executable, "-m", "ruff", "check", "--isolated", "--select=E9,F821,F822,F823"]
    done = subprocess.run([*command, stage], cwd=tmp_path, capture_output=True, check=False)
    if b"No module named" in done.stderr:
        pytest.skip("ruff is not installed here; kit.py lint installs it")
    assert done.returncode == 0, done.stdout.decode()


def test_who_catches_up_stands_on_a_copy_of_the_reference(tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    start("stage2_protocol", mine, catch_up=True)
    for path, data in reference_copy("stage1_echo").items():
        assert (mine / path).read_bytes() == data
    events, said = run_suite_on(mine, "stage1_echo", tmp_path, "--task=1.2")
    outcomes = {event["outcome"] for event in events if event["event"] == "end"}
    assert outcomes == {"passed"}, said


def test_catching_up_later_leaves_what_is_there(tmp_path: Path) -> None:
    start("stage2_protocol", tmp_path)
    mine = tmp_path / "stage2_protocol" / "frames.py"
    mine.write_text("# mine", "utf-8")
    started = start("stage2_protocol", tmp_path, catch_up=True)
    assert (started.is_new, started.copied) == (False, ("stage1_echo",))
    assert mine.read_text("utf-8") == "# mine"


@pytest.mark.timeout(180)
@pytest.mark.parametrize("name", ["right-other-json", "right-many-frames-a-write"])
def test_a_students_stage_2_carries_the_references_stage_3(name: str, tmp_path: Path) -> None:
    entry = next(e for e in bank.entries("stage2_protocol") if e.name == name)
    mine = entry.build(tmp_path / "mine")
    write_stage(mine, "stage1_echo", reference_copy("stage1_echo"))
    write_stage(mine, "stage3_auth", reference_copy("stage3_auth"))
    chosen = "answered_with_a_session or md5_of_the_password"
    events, said = run_suite_on(mine, "stage3_auth", tmp_path, "--own-earlier", f"-k={chosen}")
    assert {e["outcome"] for e in events if e["event"] == "end"} == {"passed"}, said


@pytest.mark.timeout(180)
def test_the_references_stage_2_carries_a_students_stage_3(tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    write_stage(mine, "stage3_auth", reference_copy("stage3_auth"))
    start("stage2_protocol", mine)  # not written, and not used: only the stage itself is judged
    chosen = "answered_with_a_session or md5_of_the_password"
    events, said = run_suite_on(mine, "stage3_auth", tmp_path, f"-k={chosen}")
    assert {e["outcome"] for e in events if e["event"] == "end"} == {"passed"}, said


def test_the_first_win_of_stage_1_is_a_starter_with_one_function_written(tmp_path: Path) -> None:
    first = CHECKOUT / "docs" / "scenes" / "first_win1" / "stage1_echo" / "server.py"
    mine = tmp_path / "mine"
    start("stage1_echo", mine)
    (mine / "stage1_echo" / "server.py").write_bytes(first.read_bytes())
    events, said = run_suite_on(mine, "stage1_echo", tmp_path, "--task=1.2", "--exitfirst")
    ended = [event for event in events if event["event"] == "end"]
    assert {e["task"] for e in ended if e["outcome"] == "passed"} >= {"1.1"}, said
    assert [e["task"] for e in ended if e["outcome"] == "failed"] == ["1.2"], said


# --- the command ---


def test_the_command_says_what_there_is_and_what_comes_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["stage1"]) == 0
    said = capsys.readouterr().out
    assert "stage1_echo is yours: 16 functions to write" in said
    assert "stage1.md is the text that leads through it" in said
    assert "1.1  Answer with the prefix           1 function\n" in said
    assert (tmp_path / "mine" / "docs" / "stage1.zh.md").is_file(), "the text in each language"
    assert said.endswith("  python3 kit.py check stage1\n")
    assert main(["stage2", "an other"]) == 0
    said = capsys.readouterr().out
    assert "stage1_echo is not there" in said
    assert "kit.py start stage2 'an other' --catch-up" in said
    assert said.endswith("  python3 kit.py check stage2 'an other'\n")
    assert main(["stage2", "an other", "--catch-up"]) == 0
    said = capsys.readouterr().out
    assert "is a copy of the reference" in said and "is as it was" in said


def test_nothing_is_overwritten_and_each_mistake_gets_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a file").write_text("", "utf-8")
    (tmp_path / "mine" / "stage1_echo").mkdir(parents=True)
    for argv, code, sentence in (
        (["stage9"], 2, "there is no stage 'stage9'; there are: stage1, stage2"),
        (["stage1"], 1, "is there already, and nothing was changed"),
        (["stage1", "a file"], 1, "a file is a file; a starter wants a folder"),
    ):
        assert main(argv) == code
        assert sentence in capsys.readouterr().out
    assert list((tmp_path / "mine").rglob("*")) == [tmp_path / "mine" / "stage1_echo"]


def test_links_of_a_copied_text_lead_somewhere(tmp_path: Path) -> None:
    start("stage1_echo", tmp_path / "mine")
    new = tmp_path / "mine" / "docs" / "stage1.md"
    text = "[a](../stage1_echo/server.py) [b](stage2.md#tasks) [c](#d) [e](https://x.org) [f](g.md)"
    found = with_links_from(text, CHECKOUT / "docs" / "stage1.md", new)
    targets = [part.partition(")")[0] for part in found.split("](")[1:]]
    assert targets[0] == "../stage1_echo/server.py" and targets[2:] == [
        "#d",
        "https://x.org",
        "g.md",
    ]
    way, _, anchor = targets[1].partition("#")
    assert (new.parent / way).resolve() == CHECKOUT / "docs" / "stage2.md" and anchor == "tasks"
