"""Translated documents: ``stage1.zh.md`` is ``stage1.md`` in Chinese, section by section.

Above each heading of a translation a comment says which section it translates, and which wording of
it: ``<!-- translates: the-contract 1a2b3c4d -->``. The structure of a translation (sections, their
order, anchors, generated blocks) is made from the English text. A section that is new is copied in
English, under a note that says so; one whose English wording has changed is told as out of date. No
files are touched here.
"""

import hashlib
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher
from itertools import zip_longest
from pathlib import Path

from .blocks import Block, DocumentError, fence_after, parts
from .links import ANCHOR, HEADING, LINK, slug

NAME = re.compile(r"(?P<stem>.+)\.(?P<language>[a-z]{2})\.md\Z")
RECORD = re.compile(r"<!-- translates: (?P<slug>\S+) (?P<digest>\S+) -->")
ONLY_ANCHORS = re.compile(r'(?:\s*<a id="[^"]+"></a>|\s*<!-- translates: \S+ \S+ -->)+\s*\Z')


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what stands below it, up to the next one of any level.

    ``slug`` is the English heading's anchor; ``digest`` tells which English wording it is, or
    translates. What stands above the first heading has no ``heading`` and no slug.
    """

    slug: str
    digest: str
    heading: str = ""
    anchors: tuple[str, ...] = ()
    body: tuple[str | Block, ...] = field(default=(), repr=False)
    is_translated: bool = True

    @property
    def blocks(self) -> list[Block]:
        """The generated blocks in it."""
        return [part for part in self.body if isinstance(part, Block)]


def original_of(path: Path) -> Path | None:
    """Return the English document that ``path`` translates; None when it is no translation."""
    found = NAME.match(path.name)
    return path.with_name(f"{found['stem']}.md") if found else None


def language_of(path: Path) -> str:
    """Return the language in a document's name (``zh``), "" for English."""
    found = NAME.match(path.name)
    return found["language"] if found else ""


# --- reading ---


def read(text: str, name: str) -> list[Section]:
    """Return the sections of an English document."""
    taken: dict[str, int] = {}
    sections = []
    for section in _split(text, name):
        found = slug(section.heading)
        taken[found] = taken.get(found, 0) + 1
        found += f"-{taken[found] - 1}" if taken[found] > 1 else ""
        sections.append(replace(section, slug=found, digest=_digest(section)))
    return sections


def read_translation(text: str, name: str, note: str) -> list[Section]:
    """Return the sections of a translation; raises DocumentError for one without its record.

    ``note`` is the line that stands in sections which are not translated yet.
    """
    sections = []
    for section in _split(text, name):
        records = [record for a in section.anchors if (record := RECORD.match(a))]
        if section.heading and len(records) != 1:
            raise DocumentError(
                f"{name}: above {section.heading!r} there is no comment that says which English "
                "section it translates; take the headings as kit.py docs writes them"
            )
        found = dict(records[0].groupdict()) if records else {"slug": "", "digest": ""}
        anchors = tuple(a for a in section.anchors if not RECORD.match(a) and a != found["slug"])
        done = section.body[1:2] != (note,)
        body = section.body if done else section.body[2:]
        section = replace(section, **found, anchors=anchors, body=body, is_translated=done)
        sections.append(section)
    return sections


def _split(text: str, name: str) -> Iterator[Section]:
    """Yield the sections; ``anchors`` are the names above the heading, and the record."""
    current = Section("", "")
    body: list[str | Block] = []
    fence = ""
    for part in parts(text, name):
        if isinstance(part, str):
            fence = fence_after(part, fence)
        if isinstance(part, str) and not fence and HEADING.match(part):
            above = _anchors_off(body)
            if current.heading or any(body):
                yield replace(current, body=tuple(body))
            current, body = Section("", "", heading=part, anchors=above), []
        else:
            body.append(part)
    yield replace(current, body=tuple(body))


def _anchors_off(body: list[str | Block]) -> tuple[str, ...]:
    """Take the lines of anchors that end ``body`` off it; return names and the record."""
    found: list[str] = []
    while body and isinstance(body[-1], str) and ONLY_ANCHORS.match(body[-1]):
        line = body.pop()
        assert isinstance(line, str), "the condition of the loop"
        names = [anchor["name"] for anchor in ANCHOR.finditer(line)]
        found = [*names, *(record.group() for record in RECORD.finditer(line)), *found]
    return tuple(found)


def _digest(section: Section) -> str:
    """Return a short hash of what people wrote: line breaks and generated content do not count."""
    marks = (p if isinstance(p, str) else f"<!-- {p.kind}: {p.argument} -->" for p in section.body)
    words = " ".join([section.heading, *marks]).split()
    return hashlib.sha256(" ".join(words).encode()).hexdigest()[:8]


# --- following the English text ---


def follow(english: Sequence[Section], translated: Sequence[Section]) -> list[Section]:
    """Return the translation with the sections, anchors and blocks that the English text has."""
    there = {section.slug: section for section in translated}
    renamed = _renamed(english, translated)
    return [_followed(s, there.get(s.slug) or renamed.get(s.slug)) for s in english]


def _renamed(english: Sequence[Section], translated: Sequence[Section]) -> dict[str, Section]:
    """Return the translations of sections whose headings are new: by anchors, else by place."""
    known = {section.slug for section in english} & {section.slug for section in translated}
    found: dict[str, Section] = {}
    old, new = [s.slug for s in translated], [s.slug for s in english]
    for what, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if what != "replace":
            continue
        lost = [section for section in translated[a:b] if section.slug not in known]
        fresh = [section for section in english[c:d] if section.slug not in known]
        if len(lost) == len(fresh):
            found |= {s.slug: theirs for s, theirs in zip(fresh, lost, strict=True)}
        found |= {
            section.slug: theirs
            for section in fresh
            for theirs in lost
            if set(section.anchors) & set(theirs.anchors)
        }
    return found


def _followed(english: Section, theirs: Section | None) -> Section:
    untouched = theirs and not theirs.is_translated and _digest(theirs) == theirs.digest
    if theirs is None or untouched:
        return replace(english, is_translated=False)
    missing = set(_anchors(english)) - {english.slug, *_anchors(theirs)}
    body = tuple(_with_blocks(theirs.body, english.blocks))
    anchors = tuple(name for name in _anchors(english) if name in missing)
    kept = tuple(name for name in theirs.anchors if name in _anchors(english))
    ordered = sorted({*anchors, *kept}, key=_anchors(english).index)
    return replace(theirs, slug=english.slug, anchors=tuple(ordered), body=body)


def _anchors(section: Section) -> list[str]:
    """Return all names in a section, those above its heading first."""
    lines = (part for part in section.body if isinstance(part, str))
    return [*section.anchors, *(a["name"] for line in lines for a in ANCHOR.finditer(line))]


def _with_blocks(body: Sequence[str | Block], wanted: Sequence[Block]) -> Iterator[str | Block]:
    """Yield the prose of ``body`` with the ``wanted`` blocks in it, each in its old place."""
    proses: list[list[str]] = [[]]
    have: list[Block] = []
    for part in body:
        if isinstance(part, str):
            proses[-1].append(part)
        else:
            have.append(part)
            proses.append([])
    old, new = ([(b.kind, b.argument) for b in blocks] for blocks in (have, wanted))
    filled = dict(zip(old, have, strict=True))  # what stands in them is of this language
    for what, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        for prose, block in zip_longest(proses[a:b], wanted[c:d]):
            yield from prose or ([""] if what == "insert" else [])
            if block is not None:
                yield filled.get((block.kind, block.argument), block)
    yield from proses[-1]


def out_of_date(english: Sequence[Section], translated: Sequence[Section]) -> Iterator[str]:
    """Yield what must be said of the sections of a translation that do not follow ``english``."""
    now = {section.slug: section.digest for section in english}
    todo = [f"#{section.slug}" for section in translated if not section.is_translated]
    late = [
        f"#{section.slug}"
        for section in translated
        if section.is_translated and section.heading and section.digest != now[section.slug]
    ]
    if todo:
        yield f"not translated yet: {', '.join(todo)}"
    if late:
        yield f"the English text has changed since: {', '.join(late)}"


def marked(
    english: Sequence[Section], translated: Sequence[Section], slugs: Collection[str]
) -> list[Section]:
    """Return the translation with these sections (none: all) recorded as translating today's text.

    Raises DocumentError for a slug that no section has. Sections under the note are left as they
    are.
    """
    now = {section.slug: section for section in english}
    if unknown := set(slugs) - set(now):
        raise DocumentError(f"no section is called {', '.join(sorted(unknown))}")
    chosen = set(slugs or now)
    return [
        replace(section, digest=now[section.slug].digest)
        if section.slug in chosen and section.is_translated
        else section
        for section in translated
    ]


# --- writing ---


def write(sections: Sequence[Section], note: str) -> str:
    """Return the translation as Markdown; its blocks hold what they held."""
    lines: list[str] = []
    for section in sections:
        if section.heading:
            names = [*section.anchors, section.slug]
            anchors = "".join(f'<a id="{name}"></a>' for name in names)
            record = f"<!-- translates: {section.slug} {section.digest} -->"
            lines += [f"{anchors}{record}", section.heading]
            if not section.is_translated:
                lines += ["", note]
        for part in section.body:
            lines += [part] if isinstance(part, str) else part.lines(part.old)
    return "\n".join(lines).rstrip("\n") + "\n"


def relinked(path: Path, text: str, there: Collection[Path]) -> str:
    """Return a translation whose links lead to documents of its own language where those exist.

    A link whose text is "English" is left as it is: it leads back.
    """
    language = language_of(path)

    def other(link: re.Match[str]) -> str:
        target, hash_mark, anchor = link["target"].partition("#")
        if ":" in target or not target.endswith(".md") or link.group().startswith("[English]"):
            return link.group()
        file = (path.parent / target).resolve()
        english = original_of(file) or file
        theirs = english.with_name(f"{english.stem}.{language}.md")
        name = theirs.name if theirs in there else english.name
        way = target[: len(target) - len(file.name)] + name + hash_mark + anchor
        return link.group().replace(f"({link['target']}", f"({way}")

    return LINK.sub(other, text)
