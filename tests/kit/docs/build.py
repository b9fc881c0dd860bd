"""Makes all documents again, in memory: what ``kit.py docs`` writes or compares.

The kinds of block, and what their argument is:

scene     ``stage1.second_client``: a function of docs/scenes/stage1.py; its Markdown
code      ``FILE [NAME …]``: a file, or functions, classes, methods and constants of it
interface ``FILE NAME …``: the same without bodies, as a student gets them
table     ``ops chat``, ``statuses``, ``limits``, ``flags MODULE``, ``files STAGE [YOURS …]`` …
tests     ``2.3``: what the tests of this task check
picture   ``stage2``: the whole with this stage lit; an SVG in docs/images
"""

import importlib
import os
import sys
import tempfile
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from ..failure import CheckFailed
from ..tree import CHECKOUT
from . import links, pictures, sources, suites, tables, translations
from .blocks import Block, DocumentError, fill, find
from .localise import catalogue

PLACES = ("*.md", "docs/**/*.md", "stage?_*/*.md", "final/*.md", "tests/**/*.md")
IMAGES = CHECKOUT / "docs" / "images"
# Scenes show what terminals, tracebacks and errors look like on Linux.
HAS_SCENES = sys.platform == "linux"
SCENES_AT_ONCE = 4


@dataclass
class Made:
    """Everything that was made: path -> text. ``problems`` are sentences that begin with a place.

    ``warnings`` are such sentences, too, of translations that do not follow the English text any
    more. ``left_out`` counts the scenes that were not performed here; their old text stands.
    """

    files: dict[Path, str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    left_out: int = 0


def documents() -> list[Path]:
    """Return all Markdown files of the project."""
    found = {path for place in PLACES for path in CHECKOUT.glob(place)}
    return sorted(path for path in found if path.is_file())


def make(paths: Iterable[Path]) -> Made:
    """Make the blocks of these documents, and whatever files they need."""
    made = Made()
    texts = {path: _structured(path, made) for path in paths}
    with ThreadPoolExecutor(SCENES_AT_ONCE) as pool:
        wanted = sorted(_scenes_in(texts)) if HAS_SCENES else []
        scenes = {name: pool.submit(perform, name) for name in wanted}
        for path, text in texts.items():
            _make_document(path, text, scenes, made)
    for path, text in made.files.items():
        if path.suffix == ".md":
            found = links.broken(path, text, made.files)
            made.problems += [f"{shown(path)}: {problem}" for problem in found]
    for language in sorted({translations.language_of(path) for path in made.files} - {""}):
        if cells := sorted(catalogue(language).missing):
            words = "; ".join(cells)
            made.warnings.append(f"docs/{language}.toml has no words for these cells: {words}")
    return made


def _structured(path: Path, made: Made) -> str:
    """Return a document as it stands; a translation with the structure of the English text."""
    text = path.read_text("utf-8")
    original = translations.original_of(path)
    if original is None:
        return text
    name = shown(path)
    try:
        note = catalogue(translations.language_of(path)).untranslated
        english = translations.read(original.read_text("utf-8"), shown(original))
        old = translations.read_translation(text, name, note)
        sections = translations.follow(english, old)
    except (DocumentError, OSError) as error:
        made.problems.append(f"{name}: {error}")
        return text
    late = translations.out_of_date(english, sections)
    made.warnings += [f"{name}: {sentence}" for sentence in late]
    return translations.write(sections, note)


def perform(name: str) -> str:
    """Perform one scene and return its Markdown; raises DocumentError when it fails."""
    from .stage import Stage  # it needs terminals, which Windows has not

    module, _, function = name.partition(".")
    if str(CHECKOUT / "docs") not in sys.path:
        sys.path.append(str(CHECKOUT / "docs"))
    play = getattr(importlib.import_module(f"scenes.{module}"), function, None)
    if play is None:
        raise DocumentError(f"docs/scenes/{module}.py has no scene {function}")
    with tempfile.TemporaryDirectory() as folder:
        stage = Stage(Path(folder))
        try:
            return str(play(stage))
        except CheckFailed as error:
            raise DocumentError(f"the scene {name} failed: {error}") from error
        finally:
            stage.dispose()


def _scenes_in(texts: dict[Path, str]) -> Iterator[str]:
    for path, text in texts.items():
        try:
            yield from (b.argument for b in find(text, shown(path)) if b.kind == "scene")
        except DocumentError:
            continue  # told when the document is made


def _make_document(path: Path, text: str, scenes: dict[str, Future[str]], made: Made) -> None:
    language = translations.language_of(path)

    def content(block: Block) -> str:
        try:
            plain = _content(block, path, scenes, made)
            return catalogue(language).block(block.kind, plain) if language else plain
        except DocumentError as error:
            raise DocumentError(f"{shown(path)}:{block.line}: {error}") from error

    try:
        filled = fill(text, content, shown(path)) if find(text, shown(path)) else text
        if translations.language_of(path):
            filled = translations.relinked(path, filled, documents())
        made.files[path] = filled
    except DocumentError as error:
        made.problems.append(str(error))


def _content(block: Block, path: Path, scenes: dict[str, Future[str]], made: Made) -> str:
    if block.kind == "scene":
        if HAS_SCENES:
            return scenes[block.argument].result()
        made.left_out += 1
        return block.old
    if block.kind == "picture":
        image = IMAGES / f"{block.argument}.svg"
        made.files[image] = pictures.picture(block.argument)
        link = Path(os.path.relpath(image, path.parent)).as_posix()
        return f"![{pictures.words(block.argument)}]({link})"
    kinds = {
        "code": sources.code,
        "interface": sources.interface,
        "table": tables.table,
        "tests": suites.tests,
    }
    return kinds[block.kind](block.argument)


def shown(path: Path) -> str:
    """Return how a file is called in messages."""
    return Path(os.path.relpath(path, CHECKOUT)).as_posix()
