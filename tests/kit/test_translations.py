"""Translated documents: their structure is the English one's, and what is out of date is told."""

from pathlib import Path

import pytest

from .commands.docs import main
from .docs import links
from .docs.blocks import DocumentError
from .docs.build import documents
from .docs.localise import catalogue
from .docs.translations import language_of, original_of, read_translation, relinked

ENGLISH = """\
# A thing

Words about it.

<a id="mistake-a"></a>
## The contract

Look:

<!-- table: flags stage1_echo.server -->

old

<!-- /table -->
"""
NOTE = catalogue("zh").untranslated


class Pair:
    """An English document and its translation, in a folder."""

    def __init__(self, folder: Path) -> None:
        self.english, self.chinese = folder / "thing.md", folder / "thing.zh.md"
        self.english.write_text(ENGLISH, "utf-8")
        assert main(["--translated", str(self.chinese)]) == 0

    def translate(self, *pairs: tuple[str, str]) -> None:
        """Do what a translator does: replace text, and take away the notes of what is done."""
        text = self.chinese.read_text("utf-8").replace(f"\n{NOTE}\n", "")
        for old, new in pairs:
            assert old in text
            text = text.replace(old, new)
        self.chinese.write_text(text, "utf-8")

    def change(self, old: str, new: str) -> None:
        """Change the English text."""
        text = self.english.read_text("utf-8")
        assert old in text
        self.english.write_text(text.replace(old, new), "utf-8")


@pytest.fixture
def pair(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Pair:
    made = Pair(tmp_path)
    made.translate(("# A thing", "# 一样东西"), ("Words about it.", "几句话。"), ("Look:", "看："))
    assert main([str(made.chinese)]) == 0
    capsys.readouterr()
    return made


def test_a_translation_begins_as_a_copy_that_says_it_is_none(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pair = Pair(tmp_path)
    assert pair.chinese.read_text("utf-8").count(NOTE) == 2
    assert main([str(pair.chinese)]) == 0
    assert "thing.zh.md: not translated yet: #a-thing, #the-contract" in capsys.readouterr().out
    pair.change("Look:", "Look here:")
    assert main([str(pair.chinese)]) == 0
    assert "Look here:" in pair.chinese.read_text("utf-8"), "a copy follows the English text"


def test_what_is_translated_is_kept_while_its_note_stands(tmp_path: Path) -> None:
    pair = Pair(tmp_path)
    text = pair.chinese.read_text("utf-8").replace("Words about it.", "几句话。")
    pair.chinese.write_text(text, "utf-8")
    assert main([str(pair.chinese)]) == 0
    assert "几句话。" in pair.chinese.read_text("utf-8")


def test_another_wording_is_a_warning_and_another_structure_a_difference(
    pair: Pair, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--check", str(pair.chinese)]) == 0
    pair.change("Words about it.", "Words\nabout  it.")
    assert main(["--check", str(pair.chinese)]) == 0
    assert "warning" not in capsys.readouterr().out, "line breaks are no other wording"
    pair.change("about  it.", "about it, and more.")
    assert main(["--check", str(pair.chinese)]) == 0
    assert "thing.zh.md: the English text has changed since: #a-thing\n" in capsys.readouterr().out
    assert main(["--translated", f"{pair.chinese}#a-thing"]) == 0
    assert main(["--check", str(pair.chinese)]) == 0
    assert "has changed since" not in capsys.readouterr().out
    pair.change("## The contract", "## New\n\nWords.\n\n## The contract")
    assert main(["--check", str(pair.chinese)]) == 1


def test_new_sections_anchors_and_blocks_come_from_the_english_text(pair: Pair) -> None:
    block = "<!-- tests: 1.1 -->\n<!-- /tests -->\n"
    pair.change("## The contract", '<a id="mistake-b"></a>\n## The contract')
    pair.change("Look:", f"First.\n\n{block}\nLook:")
    pair.change("## The contract", "## The deal")
    pair.english.write_text(f"{pair.english.read_text('utf-8')}\n## Last\n\nWords.\n", "utf-8")
    assert main([str(pair.chinese)]) == 0
    text = pair.chinese.read_text("utf-8")
    assert {"a-thing", "the-deal", "mistake-a", "mistake-b", "last"} <= links.anchors(text)
    assert text.index("<!-- tests: 1.1 -->") < text.index("看：") < text.index("<!-- table:")
    assert text.index("<!-- /table -->") < text.index(NOTE) < text.index("Words.")
    pair.english.write_text(ENGLISH, "utf-8")
    assert main([str(pair.chinese)]) == 0
    text = pair.chinese.read_text("utf-8")
    assert "tests: 1.1" not in text and "Words." not in text and "看：" in text


def test_sections_that_change_places_keep_their_translation(pair: Pair) -> None:
    text = pair.english.read_text("utf-8")
    contract = text[text.index('<a id="mistake-a">') :]
    moved = f"## New\n\nWords.\n\n{contract}\n# A thing\n\nWords about it.\n"
    pair.english.write_text(moved, "utf-8")
    assert main([str(pair.chinese)]) == 0
    text = pair.chinese.read_text("utf-8")
    assert text.index(NOTE) < text.index("Words.") < text.index("看：") < text.index("几句话。")
    assert text.count(NOTE) == 1


def test_generated_parts_speak_the_language(pair: Pair) -> None:
    text = pair.chinese.read_text("utf-8")
    assert "| 选项 | 默认值 |" in text
    chinese = catalogue("zh")
    tests = chinese.block("tests", "- it has its port again at once (5 points)")
    assert tests == "- it has its port again at once（5 分）"
    scene = chinese.block("scene", "Terminal 2, Ann:\n\n```\nTerminal 1:\n```")
    assert scene == "终端 2，Ann：\n\n```\nTerminal 1:\n```"


def test_a_section_without_its_record_is_refused_with_its_heading(pair: Pair) -> None:
    text = pair.chinese.read_text("utf-8")
    with pytest.raises(DocumentError, match=r"thing: above '## 约定' there is no comment"):
        read_translation(f"{text}\n## 约定\n", "thing", NOTE)


def test_links_lead_to_the_own_language_where_it_is_there(tmp_path: Path) -> None:
    here = tmp_path / "a.zh.md"
    there = {tmp_path / "b.zh.md", tmp_path / "docs" / "c.md"}
    text = "[甲](b.md#x) [乙](docs/c.zh.md) [English](b.md) [丙](https://example.org/b.md)"
    wanted = "[甲](b.zh.md#x) [乙](docs/c.md) [English](b.md) [丙](https://example.org/b.md)"
    assert relinked(here, text, there) == wanted
    assert links.slug("## `kit.py` and more") == "kitpy-and-more"


def test_each_translation_and_its_original_lead_to_each_other() -> None:
    for path in (path for path in documents() if language_of(path)):
        original = original_of(path)
        assert original is not None, path
        for here, there in ((path, original), (original, path)):
            top = "\n".join(here.read_text("utf-8").splitlines()[:5])
            assert f"]({there.name})" in top, f"{here.name} does not begin with a way to the other"
