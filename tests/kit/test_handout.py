"""kit.py handout and snapshot: folders that stand alone, without what is not to be in them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.kit import excerpts
from tests.kit.commands.handout import main as handout_main
from tests.kit.commands.snapshot import main as snapshot_main
from tests.kit.deadlines import within
from tests.kit.docs import links
from tests.kit.excerpts import course_files, write_new
from tests.kit.handouts import handout
from tests.kit.imports import needed
from tests.kit.snapshots import snapshot
from tests.kit.starters import reference_copy, solutions, starter
from tests.kit.tree import CHECKOUT, STAGES

# What kit.py does once its environment is there; this environment stands for it.
KIT = "import importlib, sys; sys.path.insert(0, sys.argv[1]); sys.exit(importlib.import_module("
KIT += "'tests.kit.commands.' + sys.argv[2]).main(sys.argv[3:]))"
FIRST_WIN = CHECKOUT / "docs" / "scenes" / "first_win1" / "stage1_echo" / "server.py"


class Folder:
    """A handout or a snapshot, and a student's folder to stand in."""

    def __init__(self, root: Path, here: Path) -> None:
        self.root = root
        self.here = here

    def kit(self, *words: str, typed: str = "") -> tuple[int, str]:
        """Run a command of the folder in a process of its own; return exit code and output."""
        return self._run("-c", KIT, str(self.root), *words, typed=typed)

    def kit_py(self, *words: str) -> tuple[int, str]:
        """Run kit.py itself with what needs no environment."""
        return self._run(str(self.root / "kit.py"), *words)

    def _run(self, *words: str, typed: str = "") -> tuple[int, str]:
        names = [name for name in os.environ if not name.startswith(("PYTEST", "PYTHON"))]
        done = subprocess.run(
            [sys.executable, *words],
            cwd=self.here,
            input=typed.encode(),
            env={**{name: os.environ[name] for name in names}, "CI": "", "PYTHONUTF8": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=within(100),
            check=False,
        )
        return done.returncode, done.stdout.decode("utf-8", "replace")


def made(command: str, *words: str) -> Path:
    """Let the checkout make a folder; return it."""
    folder = Path(words[-1] if command == "snapshot" else words[0])
    code, said = Folder(CHECKOUT, folder.parent).kit(command, *words)
    assert code == 0, said
    return folder


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The handout of stage 1, which stays as it was handed out."""
    return made("handout", str(tmp_path_factory.mktemp("out") / "stage1"), "--stages", "stage1")


@pytest.fixture(scope="module")
def second(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The handout of stage 2: stage 1 is released."""
    return made("handout", str(tmp_path_factory.mktemp("out") / "stage2"), "--stages", "stage2")


# --- what a student does in it ---


@pytest.mark.timeout(600)
def test_a_student_starts_checks_and_gets_points_in_what_was_handed_out(
    first: Path, tmp_path: Path
) -> None:
    student = Folder(first, tmp_path)
    code, said = student.kit("start", "stage1")
    assert (code, "16 functions to write" in said) == (0, True), said
    code, said = student.kit("check", "stage1", "--task", "1.1")
    assert (code, "stage1: 0 of 15 points" in said) == (1, True), said
    assert f"main in {Path('mine/stage1_echo/server.py')} is not written yet (task 1.1)" in said
    (tmp_path / "mine" / "stage1_echo" / "server.py").write_bytes(FIRST_WIN.read_bytes())
    code, said = student.kit("check", "stage1", "--task", "1.1")
    assert (code, "stage1: 15 of 15 points" in said) == (0, True), said
    code, said = student.kit("test", "stage1", "--task=1.1")
    assert (code, "judging your own stage1_echo" in said, "2 passed" in said) == (0, True, True)
    code, said = student.kit("status")
    assert said.startswith(
        "stage1  not checked yet, 15 functions to write\nstage2  not handed out yet\n"
    )


@pytest.mark.timeout(600)
def test_what_was_not_handed_out_or_not_begun_is_said(first: Path, tmp_path: Path) -> None:
    student = Folder(first, tmp_path)
    for words, code, sentence in (
        (("start", "stage2"), 2, "stage2 is not in this folder yet; there are: stage1"),
        (("check", "stage2"), 2, "stage2 is not in this folder yet"),
        (("run", "stage2"), 2, "there is no stage2 in this folder\n"),
        (("run", "stage1"), 2, "nor in mine: kit.py start stage1 begins your own"),
        (("run",), 1, "the chat itself (final/) is not in this folder"),
        (("test", "stage1"), 2, "stage1_echo is neither here nor in mine; kit.py start stage1"),
        (("status",), 2, "kit.py start stage1 mine makes it"),
    ):
        assert (code, True) == ((ran := student.kit(*words))[0], sentence in ran[1]), ran[1]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.timeout(600)
def test_kit_py_offers_what_the_folder_has(first: Path, tmp_path: Path) -> None:
    student = Folder(first, tmp_path)
    code, said = student.kit_py("--help")
    assert (code, "check" in said, "wire" in said) == (0, True, True)
    assert not any(name in said for name in ("handout", "doctor", "snapshot", "grade"))
    code, said = student.kit_py("handout", "x")
    assert (code, "that is for who hands the course out; there are: run, test" in said) == (2, True)


@pytest.mark.timeout(600)
def test_a_students_own_stage_is_run_where_there_is_no_reference(
    first: Path, tmp_path: Path
) -> None:
    write_files(tmp_path / "mine", reference_copy("stage1_echo"))
    words = ("run", "stage1", "--any-port", "--data", str(tmp_path / "data"))
    code, said = Folder(first, tmp_path).kit(*words, typed="hello\n")
    assert (code, "your own stage1" in said, "已收到消息:hello" in said) == (0, True, True), said


@pytest.mark.timeout(600)
def test_a_later_stage_stands_on_the_released_reference(second: Path, tmp_path: Path) -> None:
    student = Folder(second, tmp_path)
    code, said = student.kit("test", "stage1", "--task=1.1")
    assert (code, "2 passed" in said) == (0, True), said
    code, said = student.kit("start", "stage2", "--catch-up")
    assert (code, "stage1_echo is a copy of the reference" in said) == (0, True), said
    code, said = student.kit("check", "stage2", "--task", "2.1", "--first")
    assert (code, "is not written yet (task 2.1)" in said) == (1, True), said


@pytest.mark.timeout(600)
def test_two_stages_at_once_stand_on_each_other(tmp_path: Path) -> None:
    write_new(tmp_path / "out", handout(["stage1_echo", "stage2_protocol"]))
    (tmp_path / "student").mkdir()
    student = Folder(tmp_path / "out", tmp_path / "student")
    code, said = student.kit("start", "stage2", "--catch-up")
    assert (code, "the reference of stage1_echo is not in this folder" in said) == (1, True), said
    code, said = student.kit("start", "stage2")
    assert (code, "it stands on your own stage1_echo: kit.py start stage1" in said) == (0, True)
    code, said = student.kit("check", "stage2")
    assert (code, "kit.py start stage1 mine begins it" in said) == (2, True), said
    assert student.kit("start", "stage1")[0] == 0
    code, said = student.kit("check", "stage2", "--task", "2.1", "--first")
    assert (code, said.startswith("It stands on your own stage1_echo")) == (1, True), said


# --- what is in it, and what is not ---


def plain(text: str) -> str:
    """Return a text's lines without indentation, comments and empty lines."""
    lines = [line.strip() for line in text.splitlines()]
    return "\n".join(["", *(line for line in lines if line and not line.startswith("#")), ""])


def solved(files: dict[Path, bytes], stages: tuple[str, ...]) -> set[tuple[str, str]]:
    """Return (task, file) where a solution's own lines stand; too short ones tell nothing."""
    texts = {path: plain(data.decode("utf-8", "replace")) for path, data in files.items()}
    found = set()
    for stage in stages:
        for source, inside in solutions(stage).items():
            lines = (CHECKOUT / source).read_text("utf-8").splitlines()
            for block in inside:
                body = plain("\n".join(lines[block.begin : block.end - 1]))
                if len(body) >= 30:
                    where = {path.as_posix() for path, text in texts.items() if body in text}
                    found |= {(block.task, path) for path in where}
    return found


@pytest.mark.timeout(600)
@pytest.mark.parametrize(("first_stage", "last_stage"), [(0, 0), (0, 4), (2, 3)])
def test_no_solution_of_what_is_to_write_or_later_is_in_it(
    first_stage: int, last_stage: int
) -> None:
    files = handout(STAGES[first_stage : last_stage + 1])
    # A text shows its first win on purpose, in each language: the first task, or a part of it.
    shown = {(f"{n}.1", f"docs/stage{n}{lang}.md") for n in range(1, 6) for lang in ("", ".zh")}
    assert solved(files, STAGES[first_stage:]) <= shown
    assert len(solved(files, STAGES[:first_stage])) >= 5 * first_stage
    for path in files:
        assert not {"final", "bank", "bench", "scenes", "grading"} & set(path.parts), path
        assert path.name not in ("doctor.py", "grade.py", "handouts.py"), path
        assert not path.match("tests/kit/test_*.py"), path
        stage = next((name for name in STAGES if name in path.parts), STAGES[0])
        assert stage <= STAGES[last_stage], path
    assert not any(Path(stage) in path.parents for stage in STAGES[first_stage:] for path in files)


def test_the_starters_and_the_harness_are_those_of_the_checkout() -> None:
    files = handout(["stage1_echo"])
    given = {Path("starters") / path: data for path, data in starter("stage1_echo").items()}
    assert given.items() <= files.items()
    assert b"docs/student-guide.md" in files[Path("README.md")]
    assert b"](docs/stage1.zh.md)" in files[Path("README.md")]
    assert Path("docs", "student-guide.md") in files
    for path in (Path("kit.py"), Path("tests/kit/plugin.py"), Path("tests/stage1_echo/echo.py")):
        assert files[path] == (CHECKOUT / path).read_bytes()


@pytest.mark.timeout(600)
@pytest.mark.parametrize("stage", ["stage2_protocol", "stage5_files"])
def test_links_of_handed_out_texts_lead_somewhere(stage: str, tmp_path: Path) -> None:
    for name, files in (("handout", handout([stage])), ("snapshot", snapshot(stage))):
        write_new(tmp_path / name, files)
        for path in (tmp_path / name).rglob("*.md"):
            assert list(links.broken(path.resolve(), path.read_text("utf-8"), {})) == [], path


def test_hidden_tests_stay_with_the_instructor(monkeypatch: pytest.MonkeyPatch) -> None:
    hidden = Path("tests", "stage1_echo", "test_hidden_traps.py")
    plain_files = excerpts._plain_files
    monkeypatch.setattr(
        excerpts,
        "_plain_files",
        lambda folder: [*plain_files(folder), *[hidden] * (folder == hidden.parent)],
    )
    assert hidden not in course_files(["stage1_echo"], ["check"], hidden=False)
    with pytest.raises(FileNotFoundError):  # wanted, and here it is only a name
        course_files(["stage1_echo"], ["check"], hidden=True)


def test_what_a_program_imports_comes_along_and_nothing_else() -> None:
    found = {path.as_posix() for path in needed([Path("tests", "conftest.py")])}
    assert {"tests/kit/plugin.py", "tests/kit/proxy/fixture.py", "tests/__init__.py"} <= found
    assert not {"tests/kit/bank.py", "tests/kit/matrix.py", "tests/kit/handouts.py"} & found


# --- the commands ---


@pytest.mark.parametrize(
    ("argv", "code", "sentence"),
    [
        (["new", "--stages", "stage1", "stage3"], 2, "stage3 stands on stage2: name it, too"),
        (["new", "--stages", "stage7"], 2, "there is no stage 'stage7'; there are: stage1"),
        (["full", "--stages", "stage1"], 1, "full is not empty, and nothing was changed"),
        (["file", "--stages", "stage1"], 1, "file is a file; a new folder is wanted"),
    ],
)
def test_each_mistake_gets_a_sentence_and_changes_nothing(
    argv: list[str],
    code: int,
    sentence: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "full" / "mine").mkdir(parents=True)
    (tmp_path / "file").write_text("", "utf-8")
    before = sorted(tmp_path.rglob("*"))
    assert handout_main(argv) == code
    assert sentence in capsys.readouterr().out
    if len(argv) == 3:
        assert snapshot_main([argv[2], argv[0]]) == code
        assert sentence in capsys.readouterr().out
    assert sorted(tmp_path.rglob("*")) == before


def test_a_folder_that_could_not_be_written_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(OSError):
        write_new(tmp_path / "out", {Path("kit.py"): b"", Path("kit.py", "below"): b""})
    assert list(tmp_path.iterdir()) == []


# --- snapshots ---


@pytest.mark.timeout(600)
def test_a_snapshot_runs_and_passes_its_suite(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    thorough = request.config.getoption("--thorough")
    stage, tasks = ("stage3", []) if thorough else ("stage2", ["--task=1.2", "--task=2.2"])
    there = Folder(made("snapshot", stage, str(tmp_path / "out")), tmp_path)
    code, said = there.kit("run", "stage1", "--any-port", "--data", "data", typed="hello\n")
    assert (code, "已收到消息:hello" in said) == (0, True), said
    code, said = there.kit("test", stage, "stage1", *tasks)
    assert (code, " passed" in said, " failed" in said) == (0, True, False), said
    texts = [path.read_text("utf-8") for path in (tmp_path / "out").rglob("stage?_*/*.py")]
    assert not any("BEGIN SOLUTION" in text or "import final" in text for text in texts)


def write_files(folder: Path, files: dict[Path, bytes]) -> None:
    """Write files below a folder."""
    for path, data in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
