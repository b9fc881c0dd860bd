"""kit.py site: each document has a page in each language, links hold, nothing is from outside."""

import importlib.util
import json
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

from .commands.site import is_site, main
from .docs import links, site
from .docs.site import Page
from .tree import CHECKOUT

HAS_BUILDER = importlib.util.find_spec("zensical") is not None
NAME = re.compile(r"\{#(?P<name>\S+)\}$", re.MULTILINE)
CHINESE = CHECKOUT / "docs" / "stage1.zh.md"


@pytest.mark.parametrize("language", site.languages())
def test_each_document_has_a_page_and_each_link_its_target(language: str) -> None:
    files = site.sources(language)
    pages = {name: data.decode() for name, data in files.items() if name.endswith(".md")}
    documents = {p for p in (CHECKOUT / "docs").glob("*.md") if p.suffixes == [".md"]}
    assert {path.name for path in documents} <= set(pages) and "index.md" in pages
    nav = site.configuration(language)["nav"]
    listed = [page for part in nav for names in part.values() for page in names]
    assert sorted(listed) == sorted(pages)
    anchors = {name: _anchors(text) for name, text in pages.items()}
    for name, text in pages.items():
        for link in links.LINK.finditer(links.FENCED.sub("", text)):
            target, _, anchor = link["target"].partition("#")
            if ":" not in target:
                assert target in files or not target, f"{name}: {link.group()}"
                assert not anchor or anchor in anchors[target or name], f"{name}: {link.group()}"


def _anchors(text: str) -> set[str]:
    plain = links.FENCED.sub("", text)
    named = {anchor["name"] for anchor in links.ANCHOR.finditer(plain)}
    return named | {heading["name"] for heading in NAME.finditer(plain)}


def test_a_document_becomes_a_page() -> None:
    files: dict[str, bytes] = {}
    page = Page(CHINESE, "zh", files)
    text = (
        "[English](stage1.md) · **简体中文**\n\n"
        '<a id="mistake-a"></a><a id="why"></a><!-- translates: why 1a2b3c4d -->\n## 为什么\n\n'
        "第一行，\n第二行。\n见[约定](stage1.zh.md#the-contract)和[代码](../kit.py)。\n"
        "![图](images/chat.png)\n\n```\n## no heading，\n字\n```\n"
    )
    assert page.written(text) == (
        '<a href="../stage1.html">English</a> · **简体中文**\n\n'
        '<a id="mistake-a"></a>\n\n## 为什么 {#why}\n\n'
        "第一行，第二行。见[约定](stage1.md#the-contract)和代码。\n"
        "![图](images/chat.png)\n\n```\n## no heading，\n字\n```\n"
    )
    assert list(files) == ["images/chat.png"]


def test_a_page_that_is_not_translated_says_so() -> None:
    note = site.plan()["english_only"]["zh"]
    path = CHECKOUT / "docs" / "platforms.md"
    assert note in Page(path, "zh", {}).written("# Platforms\n\nWords.\n")
    assert note not in Page(path, "en", {}).written("# Platforms\n\nWords.\n")


def test_a_folder_that_is_no_site_is_left_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "thesis.txt").write_text("mine", "utf-8")
    assert main([str(tmp_path)]) == 1
    assert "is no site; nothing was changed" in capsys.readouterr().out
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


class Html(HTMLParser):
    """What a built page asks for: ``loads`` by itself, ``links`` when clicked; its ids."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.links: list[str] = []
        self.ids: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self.ids.add(found.get("id", ""))
        if "src" in found or tag == "link":
            self.loads.append(found.get("src") or found["href"])
        elif tag == "a" and "href" in found:
            self.links.append(found["href"])


def test_the_built_site_needs_nothing_from_outside_and_no_link_is_dead(
    request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    folder = tmp_path / "site"
    if request.config.getoption("--thorough"):  # kit.py gets the builder
        kit = [sys.executable, str(CHECKOUT / "kit.py"), "site", str(folder)]
        subprocess.run(kit, check=True, timeout=600)
    elif not HAS_BUILDER:
        pytest.skip("the builder is not here: kit.py site gets it")
    else:
        assert main([str(folder)]) == 0
    pages = {path: Html(path.read_text("utf-8")) for path in folder.rglob("*.html")}
    assert len(pages) > 40
    for path, page in pages.items():
        outside = [url for url in page.loads if "://" in url or url.startswith("//")]
        assert not outside, f"{path} loads {outside}"
        if path.name == "404.html":  # it may be shown at any address, so its links are absolute
            continue
        for url in [*page.loads, *page.links]:
            target, _, anchor = url.partition("#")
            if "://" not in url:
                file = (path.parent / target).resolve() if target else path
                assert file.is_file(), f"{path}: {url}"
                assert not anchor or anchor in pages[file].ids, f"{path}: {url}"
    words = json.loads((folder / "zh" / "search.json").read_text("utf-8"))
    assert any("粘包" in item["text"] for item in words["items"])
    assert is_site(folder), "a site may be replaced"
