"""The generated parts of documents: found, made, compared; and all of them are as the code says."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from .commands.docs import main
from .docs import diagrams, links, sources, suites, tables
from .docs.blocks import Block, DocumentError, fill, find
from .docs.pictures import FLOORS, picture
from .docs.tidy import tidy
from .tree import CHECKOUT

BANK = CHECKOUT / "tests" / "bank"
PARTS = [
    "Why",
    "What you will be able to do",
    "How it looks when it works",
    "The contract",
    "A first win",
    "Tasks",
    "How to test",
    "Common mistakes",
    "What may stay simple until later",
    "Questions to reflect on",
    "Size and time",
    "Going further",
]
FENCED = re.compile(r"^```[^\n]*\n(.*?)^```", re.MULTILINE | re.DOTALL)


def test_a_block_is_filled_and_everything_else_is_kept() -> None:
    text = "before\n<!-- code: a.py f -->\nold\n```\nx\n<!-- /code -->\n\nafter\n"
    assert find(text) == [Block("code", "a.py f", 2, "old\n```\nx")]
    filled = fill(text, lambda block: f"\nnew {block.argument}\n")
    wanted = "before\n<!-- code: a.py f -->\n\nnew a.py f\n\n<!-- /code -->\n\nafter\n"
    assert filled == wanted
    assert fill(filled, lambda block: f"new {block.argument}") == wanted


def test_markers_in_a_fenced_block_are_text_and_those_behind_it_are_not() -> None:
    text = "```\n<!-- code: shown -->\n```\n<!-- code: real -->\n<!-- /code -->\n"
    assert [block.argument for block in find(text)] == ["real"]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("\n<!-- code: a -->\n", "the text:2"),
        ("<!-- code: a -->\n<!-- code: b -->\n<!-- /code -->\n", "the text:2"),
        ("\n\n<!-- /code -->\n", "the text:3"),
    ],
    ids=["open", "nested", "ends nothing"],
)
def test_markers_that_do_not_fit_are_refused_with_their_line(text: str, place: str) -> None:
    with pytest.raises(DocumentError, match=place):
        find(text)


def test_code_is_cut_from_its_file_by_name() -> None:
    path = "tests/kit/docs/blocks.py"
    assert "class Block:\n" in sources.code(f"{path} Block")
    assert sources.code(f"{path} BEGIN").startswith("```python\nBEGIN = re.compile(")
    assert "yield line" not in sources.interface(f"{path} find fill")
    assert 'def find(text: str, name: str = "the text")' in sources.interface(f"{path} find")
    for wrong in (f"{path} nothing", "nothing.py", f"{path} Block.nothing"):
        with pytest.raises(DocumentError):
            sources.code(wrong)


def test_the_tests_of_a_task_are_listed_as_sentences_with_their_points() -> None:
    assert "- a second client is served while the first is silent (" in suites.tests("1.4")
    with pytest.raises(DocumentError, match=r"no test has the task 1\.99"):
        suites.tests("1.99")


def test_each_op_of_every_service_is_in_a_table() -> None:
    rows = "\n".join(tables.table(f"ops {name}") for name in ("every", "auth", "chat", "files"))
    for op in ("| 90 | **HELLO** ", "| 0 | **LOGIN** ", "| 15 | **SAY** ", "| 31 | **SEND** "):
        assert op in rows
    with pytest.raises(DocumentError, match="there is no table 'op'"):
        tables.table("op chat")


def test_what_differs_from_run_to_run_is_evened_out() -> None:
    seen = (
        "READY echo 127.0.0.1 41234\r\n12:34:56 INFO     #1 connected from 127.0.0.1:39999\r\n"
        "         INFO     #2 connected from 127.0.0.1:40001\r\nin 3.21s {'time': 1795301873.98}\n"
    )
    assert tidy("a code for 13800138000 at 38001", {"38001": "8889"}) == (
        "a code for 13800138000 at 8889"
    ), "a port is no part of a phone number"
    assert tidy(seen, {"41234": "8888"}).split("\n") == [
        "READY echo 127.0.0.1 8888",
        "12:00:00 INFO     #1 connected from 127.0.0.1:50001",
        "12:00:00 INFO     #2 connected from 127.0.0.1:50002",
        "in 1.00s {'time': 1700000000.5}",
    ]


def test_a_traceback_at_the_prompt_is_written_as_doctest_writes_it() -> None:
    seen = """\
>>> a.recv(1)
Traceback (most recent call last):
  File "<stdin>", line 1, in <module>
    a.recv(1)
    ~~~~~~^^^
  File "/usr/lib/python3.13/socket.py", line 5, in f
    g()
TimeoutError: timed out
>>> 1"""
    short = (
        ">>> a.recv(1)\nTraceback (most recent call last):\n  ...\nTimeoutError: timed out\n>>> 1"
    )
    assert tidy(seen, {}) == short


def test_frames_of_a_traceback_that_are_not_the_readers_are_left_out() -> None:
    seen = """\
  | Traceback (most recent call last):
  |   File "<frozen runpy>", line 198, in _run_module_as_main
  |   File "/tmp/x/tree/stage1_echo/server.py", line 21, in main
  |     text = data.decode("utf-8")
  |            ^^^^^^^^^^^^^^^^^^^^
  | UnicodeDecodeError: no"""
    assert tidy(seen, {}).split("\n") == [
        "  | Traceback (most recent call last):",
        '  |   File "stage1_echo/server.py", line 21, in main',
        '  |     text = data.decode("utf-8")',
        "  | UnicodeDecodeError: no",
    ]
    bytes_shown = "  00000000  68 69  |hi|\n            ^^"
    assert tidy(f"{seen}\n{bytes_shown}", {}).endswith(bytes_shown), "the caret under a wrong byte"


def test_bytes_are_drawn_over_their_characters() -> None:
    assert diagrams.characters("你:a".encode()) == "e4 bd a0   你\n3a 61      :a"
    assert diagrams.frame(b"\0\0\0\x05hi \xc3\xbc").split("\n") == [
        "00 00 00 05   the length: 5 bytes follow",
        "",
        "68 69 20 c3 bc",
        "h  i  ·  ·  ·",
    ]
    with pytest.raises(DocumentError, match="says 6, the payload has 5"):
        diagrams.frame(b"\0\0\0\x06hello")


def test_links_that_lead_nowhere_are_found(tmp_path: Path) -> None:
    this, other = tmp_path / "this.md", tmp_path / "other.md"
    text = (
        '<a id="here"></a>\n# A head, and more\n[a](#here) [b](#a-head-and-more) [c](other.md#x)\n'
        "[d](#away) [e](other.md#y) [f](gone.md) [g](https://example.org/)\n```\n[h](#code)\n```\n"
    )
    found = list(links.broken(this, text, {this: text, other: "## X\n"}))
    assert [line.split()[2] for line in found] == ["#away", "other.md#y", "gone.md"]


def test_the_picture_of_each_stage_lights_one_floor() -> None:
    pictures = [picture(floor.name) for floor in FLOORS]
    assert [text.count("#ffd666") for text in pictures] == [2] * len(FLOORS)
    assert len(set(pictures)) == len(FLOORS)


def test_a_document_that_drifts_is_shown_and_made_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document = tmp_path / "drift.md"
    document.write_text("<!-- table: flags stage1_echo.server -->\n<!-- /table -->\n", "utf-8")
    assert main(["--check", str(document)]) == 1
    assert "+| `--port` | `8888` |" in capsys.readouterr().out
    assert main([str(document)]) == 0
    assert main(["--check", str(document)]) == 0
    document.write_text("<!-- code: nothing.py -->\n<!-- /code -->\n", "utf-8")
    assert main(["--check", str(document)]) == 1
    assert "drift.md:1: there is no file nothing.py" in capsys.readouterr().out


@pytest.mark.skipif(sys.platform != "linux", reason="scenes are performed on Linux")
def test_a_scene_that_fails_is_named_with_its_document(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document = tmp_path / "scene.md"
    document.write_text("<!-- scene: stage1.nothing -->\n<!-- /scene -->\n", "utf-8")
    assert main(["--check", str(document)]) == 1
    assert "scene.md:1: docs/scenes/stage1.py has no scene nothing" in capsys.readouterr().out


@pytest.mark.skipif(sys.platform != "linux", reason="scenes are performed on Linux")
def test_scenes_are_performed_in_a_shells_background_too(tmp_path: Path) -> None:
    document = tmp_path / "scene.md"
    scene = "<!-- scene: stage1.it_cannot_have_its_port_again -->\n<!-- /scene -->\n"
    document.write_text(scene, "utf-8")
    code = "import sys; from tests.kit.commands.docs import main; sys.exit(main(sys.argv[1:]))"
    shell = f"trap '' INT; exec {sys.executable} -c '{code}' {document}"
    done = subprocess.run(["sh", "-c", shell], cwd=CHECKOUT, capture_output=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("stage", sorted(path.name for path in BANK.glob("stage?")))
def test_each_mistake_of_the_bank_has_its_place_in_the_stages_text(stage: str) -> None:
    document = CHECKOUT / "docs" / f"{stage}.md"
    if not document.exists():
        pytest.skip(f"{stage} has no text yet")
    entries = {path.stem: tomllib.loads(path.read_text("utf-8")) for path in _bank(stage)}
    wanted = {f"mistake-{name}" for name, entry in entries.items() if entry["fails"]}
    missing = sorted(wanted - links.anchors(document.read_text("utf-8")))
    assert not missing, f"docs/{stage}.md, Common mistakes, lacks these anchors: {missing}"


@pytest.mark.parametrize("number", range(1, 6))
def test_each_stages_text_has_the_same_parts_in_the_same_order(number: int) -> None:
    text = links.FENCED.sub("", (CHECKOUT / "docs" / f"stage{number}.md").read_text("utf-8"))
    assert [line[3:] for line in text.splitlines() if line.startswith("## ")] == PARTS


@pytest.mark.parametrize("number", range(1, 6))
def test_no_transcript_in_a_stages_text_was_typed(number: int) -> None:
    text = (CHECKOUT / "docs" / f"stage{number}.md").read_text("utf-8")
    for block in find(text):
        text = text.replace(block.old, "")
    for fenced in FENCED.findall(text):
        prompts = [line for line in fenced.splitlines() if line.startswith(("$ ", ">>> ", "> "))]
        assert not prompts, "a scene of docs/scenes makes it, and nobody else"


def _bank(stage: str) -> list[Path]:
    return sorted((BANK / stage).glob("*.toml"))


@pytest.mark.timeout(400)  # it performs every scene: about a minute on two processors
def test_all_documents_are_as_the_code_makes_them(capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["--check"])
    assert code == 0, capsys.readouterr().out
