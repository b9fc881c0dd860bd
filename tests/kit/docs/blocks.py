"""Generated blocks in Markdown: found, and filled. No files are touched here.

A block is ``<!-- kind: argument -->`` on a line of its own, then whatever, then ``<!-- /kind -->``.
Markers inside a fenced code block are text like any other, so a guide can show them. Comments of
other kinds are comments; a misspelt kind is found by its end.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

KINDS = ("scene", "code", "interface", "table", "tests", "picture")
BEGIN = re.compile(rf"<!-- (?P<kind>{'|'.join(KINDS)}): (?P<argument>.+?) -->\s*\Z")
END = re.compile(r"<!-- /(?P<kind>[a-z]+) -->\s*\Z")
FENCE = re.compile(r"\s{0,3}(?P<marks>`{3,}|~{3,})")


class DocumentError(Exception):
    """A document or what it asks for is wrong; the text begins with the place."""


@dataclass(frozen=True, slots=True)
class Block:
    """One block: ``kind`` and ``argument`` of its marker, that marker's line, what stands in it."""

    kind: str
    argument: str
    line: int
    old: str = ""

    def lines(self, content: str) -> list[str]:
        """Return the block as lines, its markers included, with ``content`` in it."""
        begin, end = f"<!-- {self.kind}: {self.argument} -->", f"<!-- /{self.kind} -->"
        return [begin, "", content.strip("\n"), "", end]


def find(text: str, name: str = "the text") -> list[Block]:
    """Return the blocks in ``text``; raises DocumentError for one that is open or nested."""
    return [part for part in parts(text, name) if isinstance(part, Block)]


def fill(text: str, make: Callable[[Block], str], name: str = "the text") -> str:
    """Return ``text`` with ``make(block)`` between the markers of each block."""
    lines: list[str] = []
    for part in parts(text, name):
        if isinstance(part, str):
            lines.append(part)
        else:
            lines += part.lines(make(part))
    return "\n".join(lines) + "\n"


def parts(text: str, name: str) -> Iterator[str | Block]:
    """Yield the lines outside of blocks, and the blocks in their places."""
    inside: Block | None = None
    old: list[str] = []
    fence = ""
    for number, line in enumerate(text.splitlines(), 1):
        if inside is None:
            fence = fence_after(line, fence)
        begin, end = (None, None) if fence else (BEGIN.match(line), END.match(line))
        if inside is not None:
            if begin:
                raise DocumentError(f"{name}:{number}: {inside.kind} of line {inside.line} is open")
            if end and end["kind"] == inside.kind:
                yield replace(inside, old="\n".join(old))
                inside = None
            else:
                old.append(line)
        elif begin:
            inside, old = Block(begin["kind"], begin["argument"], number), []
        elif end:
            raise DocumentError(f"{name}:{number}: {line.strip()} ends nothing")
        else:
            yield line
    if inside is not None:
        raise DocumentError(f"{name}:{inside.line}: there is no <!-- /{inside.kind} --> below")


def fence_after(line: str, fence: str) -> str:
    """Return the marks of the fence that is open behind this line, "" for none."""
    found = FENCE.match(line)
    if not found:
        return fence
    if not fence:
        return found["marks"]
    return "" if line.strip() == found["marks"] and found["marks"].startswith(fence) else fence
