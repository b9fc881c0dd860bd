"""Generated parts in another language, by docs/LANGUAGE.toml: tables, captions, points.

What a program prints, code, and the names of tests stay as they are: readers meet them so.
"""

import re
import tomllib
from dataclasses import dataclass, field
from functools import cache

from ..tree import CHECKOUT
from .blocks import DocumentError, fence_after

# What only names things of the code needs no translation: ``uid, user_name``, **PING**, numbers.
CODE = re.compile(r"`[^`]*`")
PHRASE = re.compile(r"[A-Za-z]{2,} [A-Za-z]")


@dataclass
class Catalogue:
    """The words of one language; ``missing`` gathers the cells of tables that it does not have."""

    name: str
    untranslated: str
    words: dict[str, str]
    lines: list[tuple[re.Pattern[str], str]]
    missing: set[str] = field(default_factory=set)

    def say(self, text: str) -> str:
        """Return a whole cell or caption in this language; unknown ones as they are."""
        if text not in self.words and PHRASE.search(CODE.sub("", text)):
            self.missing.add(text)
        return self.words.get(text, text)

    def block(self, kind: str, content: str) -> str:
        """Return the content of a generated block in this language."""
        if kind == "table":
            return "\n".join(self._row(line) for line in content.splitlines())
        if kind in ("scene", "tests"):
            return self._captions(content)
        return content

    def _row(self, line: str) -> str:
        cells = re.split(r"(?<!\\)\|", line)[1:-1]
        return "".join(f"| {self.say(cell.strip())} " for cell in cells) + "|"

    def _captions(self, content: str) -> str:
        lines, fence = [], ""
        for line in content.splitlines():
            fence = fence_after(line, fence)
            lines.append(line if fence else self._line(line))
        return "\n".join(lines)

    def _line(self, line: str) -> str:
        for pattern, text in self.lines:
            if found := pattern.fullmatch(line):
                return found.expand(text)
        return line


@cache
def catalogue(language: str) -> Catalogue:
    """Return the catalogue of a language (``zh``); raises DocumentError when there is none."""
    path = CHECKOUT / "docs" / f"{language}.toml"
    if not path.is_file():
        raise DocumentError(f"there is no docs/{language}.toml, which a translation needs")
    found = tomllib.loads(path.read_text("utf-8"))
    lines = [(re.compile(line["pattern"]), line["text"]) for line in found["lines"]]
    return Catalogue(found["name"], found["untranslated"], found["words"], lines)
