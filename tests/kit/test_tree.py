"""The tree under test holds the submission's stage and the reference's earlier ones, no links."""

import os
import sys
from pathlib import Path

import pytest

from tests.kit.failure import HarnessError
from tests.kit.recipes import Recipes, module_of, read_table, usual
from tests.kit.tree import CHECKOUT, Tree, assemble, reference


@pytest.fixture
def submission(tmp_path: Path) -> Path:
    folder = tmp_path / "submission"
    for name in ("stage1_echo", "stage2_protocol", "stage3_auth", "tests"):
        (folder / name).mkdir(parents=True)
        (folder / name / "__init__.py").write_text(f"# the student's {name}", "utf-8")
    (folder / "conftest.py").write_text("raise SystemExit", "utf-8")
    return folder


def test_the_reference_is_judged_where_it_lies() -> None:
    assert reference().root == CHECKOUT


def test_earlier_stages_are_the_references(submission: Path, tmp_path: Path) -> None:
    tree = assemble(submission, "stage2_protocol", tmp_path / "judge")
    assert sorted(path.name for path in tree.root.iterdir()) == ["stage1_echo", "stage2_protocol"]
    own = (tree.root / "stage2_protocol" / "__init__.py").read_text("utf-8")
    earlier = (tree.root / "stage1_echo" / "__init__.py").read_text("utf-8")
    assert own == "# the student's stage2_protocol"
    assert earlier == (CHECKOUT / "stage1_echo" / "__init__.py").read_text("utf-8")


def test_earlier_stages_can_be_the_submissions_own(submission: Path, tmp_path: Path) -> None:
    tree = assemble(submission, "stage2_protocol", tmp_path / "judge", own_earlier=True)
    earlier = (tree.root / "stage1_echo" / "__init__.py").read_text("utf-8")
    assert earlier == "# the student's stage1_echo"


def test_a_submission_without_its_stage_is_told_apart(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    tree = assemble(tmp_path / "empty", "stage2_protocol", tmp_path / "judge")
    assert tree.missing == "stage2_protocol"
    assert not (tree.root / "stage2_protocol").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights on Windows")
def test_links_and_special_files_are_left_out(submission: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "key.txt").write_text("secret", "utf-8")
    stage = submission / "stage2_protocol"
    (stage / "link.txt").symlink_to(secret / "key.txt")
    (stage / "folder").symlink_to(secret, target_is_directory=True)
    os.mkfifo(stage / "pipe")
    tree = assemble(submission, "stage2_protocol", tmp_path / "judge")
    assert [path.name for path in (tree.root / "stage2_protocol").iterdir()] == ["__init__.py"]


def test_a_submission_far_too_large_is_refused(
    submission: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (submission / "课 video.mp4").open("wb") as video:
        video.truncate(3 * 1024**3)  # it takes no room on the disk
    with pytest.raises(HarnessError, match=r"200 MB: .*, 课 video.mp4, has 3,072 MB"):
        assemble(submission, "stage2_protocol", tmp_path / "large")
    (submission / "课 video.mp4").unlink()
    monkeypatch.setattr("tests.kit.tree.MOST_FILES", 2)
    with pytest.raises(HarnessError, match="more than 2 files"):
        assemble(submission, "stage2_protocol", tmp_path / "judge")


def test_a_program_is_usually_a_module_of_the_tree() -> None:
    assert usual("stage2.server").argv[1:] == ("-P", "-m", "stage2_protocol.server")
    assert module_of("final.chat") == ["final", "chat"]
    with pytest.raises(HarnessError, match="no program"):
        usual("stage9.server")


def test_a_table_says_how_a_program_starts(tmp_path: Path) -> None:
    (tmp_path / "node").mkdir()
    path = tmp_path / "programs.toml"
    path.write_text(
        '[stage2.server]\ncommand = ["node", "{submission}/server.js"]\ncwd = "node"\n'
        'ready_seconds = 30\nenv = { KIND = "{tree}" }\n',
        "utf-8",
    )
    tree = Tree(tmp_path / "tree", tmp_path)
    recipes = Recipes(tree, read_table(path, tree))
    found = recipes.find("stage2.server")
    assert found.argv == ("node", f"{tmp_path}/server.js")
    assert found.cwd == (tmp_path / "node").resolve()
    assert (found.ready_seconds, found.env) == (30.0, {"KIND": str(tmp_path / "tree")})
    assert recipes.is_usual("stage2.client") and not recipes.is_usual("stage2.server")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[stage2.server]\ncomand = ['x']", "may have"),
        ("[stage2.server]\ncommand = 'node server.js'", "needs command"),
        ("[stage2.server]\ncommand = []", "needs command"),
        ("[stage2.server]\ncommand = ['x']\nready_seconds = 0", "0 to 300"),
        ("[stage2.server]\ncommand = ['x']\ncwd = '../..'", "out of the submission"),
        ("[stage2.server]\ncommand = ['x']\nenv = 5", "table of texts"),
        ("stage2 = 1", r"a table like \[stage2.server\]"),
        ("[[[", "programs.toml"),
    ],
)
def test_a_malformed_table_is_refused_with_its_mistake(
    tmp_path: Path, text: str, message: str
) -> None:
    path = tmp_path / "programs.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(HarnessError, match=message):
        read_table(path, Tree(tmp_path, tmp_path))
