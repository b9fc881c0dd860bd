"""Links between documents: each must lead to a file that is there, and to an anchor in it."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

LINK = re.compile(r"\[[^\]]*\]\((?P<target>[^)\s]+)\)")
ANCHOR = re.compile(r'<a id="(?P<name>[^"]+)">')
HEADING = re.compile(r"#{1,6} +(?P<text>.+?) *#*\Z")
FENCED = re.compile(r"^ {0,3}(`{3,}|~{3,}).*?^ {0,3}\1", re.MULTILINE | re.DOTALL)


def broken(path: Path, text: str, made: Mapping[Path, str]) -> Iterator[str]:
    """Yield a sentence for each link of the document ``path`` that leads nowhere.

    ``made`` holds files that are being made, and may not be there yet, or not like this.
    """
    for link in LINK.finditer(FENCED.sub("", text)):
        target, _, anchor = link["target"].partition("#")
        if ":" in target:  # the web is not ours to check
            continue
        file = (path.parent / target).resolve() if target else path
        if file not in made and not file.exists():
            yield f"the link {link['target']} leads to no file"
        elif anchor:
            there = text if file == path else made.get(file) or file.read_text("utf-8")
            if anchor not in anchors(there):
                yield f"the link {link['target']} leads to no anchor"


def anchors(text: str) -> set[str]:
    """Return the anchors of a document: named ones, and those that GitHub gives to headings."""
    plain = FENCED.sub("", text)
    found = {anchor["name"] for anchor in ANCHOR.finditer(plain)}
    for line in plain.splitlines():
        if heading := HEADING.match(line):
            found.add(_slug(heading["text"]))
    return found


def slug(heading: str) -> str:
    """Return the anchor that GitHub gives to a heading (``## The contract``), "" for no heading."""
    found = HEADING.match(heading)
    return _slug(found["text"]) if found else ""


def _slug(words: str) -> str:
    return re.sub(r"[^\w\- ]", "", words.lower()).replace(" ", "-")
