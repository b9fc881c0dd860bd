"""The documents as sources of a static site, a folder for each language; nothing is built here.

All pages of a language lie in one folder, and a page has the same name in each language, so pages
find each other by name: from a disk as well as from a server.
"""

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ..tree import CHECKOUT
from .blocks import fence_after
from .links import ANCHOR, HEADING, LINK, slug
from .translations import RECORD, language_of, original_of

HOME = CHECKOUT / "docs" / "site"
DOCS = CHECKOUT / "docs"
# The language whose site is the root of the other ones'.
FIRST = "en"
# Folders of docs/ whose files go to the site when a document links to them.
GOES_ALONG = ("images", "lab", "recipes")
SWITCH = re.compile(r"\[[^\]]+\]\([^)]+\) · \*\*.+\*\*|\*\*.+\*\* · \[[^\]]+\]\([^)]+\)")
COMMENT = re.compile(r"<!-- .*? -->")
CJK = "\u3000-\u303f\u4e00-\u9fff\uff00-\uffef“”‘’"
BREAK = re.compile(rf"(?<=[{CJK}])\n[ ]*(?=[{CJK}*`\[])|(?<=[*`)\w])\n[ ]*(?=[{CJK}])")


@cache
def plan() -> dict[str, Any]:
    """Return docs/site/site.toml."""
    return tomllib.loads((HOME / "site.toml").read_text("utf-8"))


def languages() -> list[str]:
    """Return the languages of the site, the first one first."""
    return list(plan()["languages"])


@cache
def sections() -> list[tuple[dict[str, str], list[Path]]]:
    """Return the parts of the site: their titles, and the English documents in each."""
    found = []
    for section in plan()["sections"]:
        paths = [CHECKOUT / name for name in section["documents"]]
        found.append((section["title"], [path for path in paths if path.is_file()]))
    named = {path for _, paths in found for path in paths}
    others = (p for p in DOCS.glob("*.md") if p not in named and original_of(p) is None)
    found[-1][1].extend(sorted(others))
    return found


def page_name(document: Path) -> str:
    """Return the name of a document's page, without its ending."""
    if document.name != "README.md":
        return document.stem
    return "index" if document.parent == CHECKOUT else document.parent.name


@cache
def pages() -> dict[Path, str]:
    """Return the name of each page by its English document."""
    return {path: page_name(path) for _, paths in sections() for path in paths}


def in_language(document: Path, language: str) -> Path:
    """Return the document in a language; the English one where it is not translated."""
    theirs = document.with_name(f"{document.stem}.{language}.md")
    return theirs if theirs.is_file() else document


def sources(language: str) -> dict[str, bytes]:
    """Return the files from which the site of a language is built, by their names."""
    files: dict[str, bytes] = {}
    for document, name in pages().items():
        path = in_language(document, language)
        text = path.read_text("utf-8")
        page = Page(path, language, files)
        files[f"{name}.md"] = page.written(text).encode()
    for asset in ("iframe-worker.js", "site.css"):
        files[asset] = (HOME / asset).read_bytes()
    return files


@dataclass(frozen=True)
class Page:
    """One document on its way to a page; what it shows and offers is put among ``files``."""

    path: Path
    language: str
    files: dict[str, bytes]

    def written(self, text: str) -> str:
        """Return a document as the site's builder wants it."""
        lines: list[str] = []
        prose: list[str] = []
        fence = ""
        for line in self._lines(text):
            was_open, fence = fence, fence_after(line, fence)
            if was_open or fence:
                lines += [*self._prose(prose), line]
                prose = []
            else:
                prose.append(line)
        return "\n".join([*lines, *self._prose(prose)]) + "\n"

    def _lines(self, text: str) -> Iterator[str]:
        """Yield the lines with the note that a page is not translated below its title."""
        is_english_only = self.language != FIRST and not language_of(self.path)
        fence = ""
        for line in text.splitlines():
            fence = fence_after(line, fence)
            yield line
            if is_english_only and not fence and HEADING.match(line):
                yield from ["", plan()["english_only"][self.language], ""]
                is_english_only = False

    def _prose(self, lines: list[str]) -> list[str]:
        """Return lines between two fences: headings with anchors, links that lead to pages."""
        if not lines:
            return []
        found: list[str] = []
        for line in lines:
            if SWITCH.fullmatch(line):
                line = self._switch(line)
            if heading := HEADING.match(line):
                above = found.pop() if found and ANCHOR.search(found[-1]) else ""
                record = RECORD.search(above)
                name = record["slug"] if record else slug(line)
                names = [a["name"] for a in ANCHOR.finditer(above) if a["name"] != name]
                if names:
                    found += ["".join(f'<a id="{other}"></a>' for other in names), ""]
                marks = line.partition(" ")[0]
                line = f"{marks} {heading['text']} {{#{name}}}"
            found.append(line.replace("<details>", '<details markdown="1">'))
        text = LINK.sub(self._follow, COMMENT.sub("", "\n".join(found)))
        return (BREAK.sub("", text) if language_of(self.path) else text).split("\n")

    def _follow(self, link: re.Match[str]) -> str:
        """Return a link to a page of this language; plain text where the site has no such page."""
        target, _, anchor = link["target"].partition("#")
        if ":" in target or not target:
            return link.group()
        file = (self.path.parent / target).resolve()
        english = original_of(file) or file
        if english in pages():
            way = pages()[english] + ".md" + (f"#{anchor}" if anchor else "")
            return link.group().replace(f"({link['target']}", f"({way}")
        if file.parent.parent == DOCS and file.parent.name in GOES_ALONG and file.is_file():
            name = f"{file.parent.name}/{file.name}"
            self.files[name] = file.read_bytes()
            return link.group().replace(f"({link['target']}", f"({name}")
        return link.group()[1:].partition("](")[0]

    def _switch(self, line: str) -> str:
        """Return the line that leads to the same page in another language."""
        here = pages()[original_of(self.path) or self.path]

        def other(link: re.Match[str]) -> str:
            words = link.group()[1:].partition("](")[0]
            target = language_of(Path(link["target"])) or FIRST
            return f'<a href="{_way(self.language, target)}{here}.html">{words}</a>'

        return LINK.sub(other, line)


def _way(here: str, there: str) -> str:
    """Return the way from the folder of one language to that of another."""
    back = "" if here == FIRST else "../"
    return back if there == FIRST else f"{back}{there}/"


def configuration(language: str) -> dict[str, Any]:
    """Return what the builder must know for one language."""
    said: Mapping[str, Any] = plan()
    toggles = [
        {
            "media": f"(prefers-color-scheme: {shade})",
            "scheme": scheme,
            "toggle": {"icon": icon, "name": said[shade][language]},
        }
        for shade, scheme, icon in (
            ("light", "default", "lucide/sun"),
            ("dark", "slate", "lucide/moon"),
        )
    ]
    return {
        "site_name": said["name"][language],
        "docs_dir": "src",
        "site_dir": "out",
        "use_directory_urls": False,
        "theme": {
            "name": "material",
            "language": language,
            "font": False,
            "icon": {"logo": "lucide/messages-square"},
            "features": [
                "content.code.copy",
                "navigation.footer",
                "navigation.tabs",
                "navigation.tabs.sticky",
                "navigation.top",
                "search.highlight",
                "toc.follow",
            ],
            "palette": toggles,
        },
        "plugins": ["search", "offline"],
        "extra": {
            "alternate": [
                {"name": name, "link": f"{_way(language, code)}index.html", "lang": code}
                for code, name in said["languages"].items()
            ],
            "polyfills": ["iframe-worker.js"],
        },
        "extra_css": ["site.css"],
        "markdown_extensions": [
            "attr_list",
            "md_in_html",
            "sane_lists",
            "tables",
            {"toc": {"permalink": True, "toc_depth": 3}},
            "pymdownx.superfences",
            "pymdownx.highlight",
        ],
        "nav": [
            {title[language]: [f"{pages()[path]}.md" for path in paths]}
            for title, paths in sections()
        ],
    }


def write_sources(language: str, folder: Path) -> None:
    """Write everything that the builder needs for one language into an empty folder."""
    for name, data in sources(language).items():
        path = folder / "src" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    # YAML is read, and JSON is YAML.
    text = json.dumps(configuration(language), ensure_ascii=False, indent=1)
    (folder / "mkdocs.yml").write_text(text, "utf-8")
