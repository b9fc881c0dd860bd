"""What the stage's text says of common mistakes, for reports whose reader has no checkout."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token

from .. import mistakes
from ..bank import Entry
from ..starters import short
from ..tree import CHECKOUT

ANCHOR = re.compile(r'<a id="mistake-(?P<name>[\w-]+)"></a>')
MOST = 4


@dataclass(frozen=True, slots=True)
class Place:
    """One place in the text: its heading, what it says (Markdown), the mistakes it speaks of."""

    stage: str
    title: str
    text: str
    names: tuple[str, ...]

    @property
    def anchor(self) -> str:
        """The name of the place in the text and in a page: that of its first mistake."""
        return f"mistake-{self.names[0]}"

    @property
    def link(self) -> str:
        """Where the course's text has it."""
        return f"docs/{short(self.stage)}.md#{self.anchor}"

    def as_html(self) -> str:
        """Return the text as HTML; links lead nowhere in a page that travels alone, so they go."""
        return str(_renderer().render(self.text))


def _renderer() -> MarkdownIt:
    renderer = MarkdownIt("commonmark", {"html": False})

    def nothing(self: Any, tokens: Sequence[Token], at: int, options: Any, env: Any) -> str:
        return ""

    renderer.add_render_rule("link_open", nothing)
    renderer.add_render_rule("link_close", nothing)
    renderer.add_render_rule("image", nothing)
    return renderer


def places(stage: str) -> list[Place]:
    """Return the places of a stage's text in their order; [] where there is no text."""
    file = CHECKOUT / "docs" / f"{short(stage)}.md"
    if not file.is_file():
        return []
    found: list[Place] = []
    names: list[str] = []
    plain = re.sub(r"<!--.*?-->\n?", "", file.read_text("utf-8"), flags=re.DOTALL)
    for block in re.split(r"\n(?=## |### |<a id=\"mistake-)", plain):
        first, _, rest = block.partition("\n")
        if told := ANCHOR.findall(first):
            names = told
            title, _, text = rest.lstrip().partition("\n")
            if title.startswith("### "):
                found.append(Place(stage, title[4:].strip(), text.strip(), tuple(names)))
                names = []
        elif names and first.startswith("### "):
            found.append(Place(stage, first[4:].strip(), rest.strip(), tuple(names)))
            names = []
    return found


class Guide:
    """Finds the places that fit a failing check, of one stage."""

    def __init__(self, stage: str, bank: Sequence[Entry]) -> None:
        self.places = places(stage)
        self._by_test: dict[str, set[str]] = {}
        for mistake in mistakes.known(stage):
            for test in mistake.tests:
                self._by_test.setdefault(test, set()).add(mistake.name)
        self._by_task: dict[str, set[str]] = {}
        for entry in bank:
            for task in entry.fails:
                self._by_task.setdefault(task, set()).add(entry.name)

    def of_names(self, names: Iterable[str]) -> list[Place]:
        """Return the places that speak of some mistakes."""
        wanted = set(names)
        return [place for place in self.places if wanted & set(place.names)]

    def of_check(self, check: dict[str, Any], likely: Iterable[str]) -> list[Place]:
        """Return the places for a failing check, the likely ones first; at most four."""
        test = mistakes.test_named(str(check["function"]))
        names = self._by_test.get(test) or self._by_task.get(str(check["task"]), set())
        first = self.of_names(set(likely) & names)
        return [*first, *(p for p in self.of_names(names) if p not in first)][:MOST]
