"""A part of the course as a folder of its own: some stages, with what they need and no more.

``kit.py handout`` and ``kit.py snapshot`` are made of it. Files are bytes by their path in the new
folder; nothing is written before all of them are known.
"""

import os
import re
import shutil
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from .failure import HarnessError
from .imports import needed
from .starters import short
from .tree import CHECKOUT, NEVER_COPIED

Files = dict[Path, bytes]

# Each command of these installs these locks (kit.py, COMMANDS).
LOCKS = ("run", "test")
ALONG = ("kit.py", "LICENSE", *(f"requirements/{name}.lock" for name in LOCKS))
IGNORED = ".venv/\n__pycache__/\n*.pyc\n.pytest_cache/\n/artefacts/\n"
# Of pyproject.toml: what the project is and how its suites run; not how the whole is made.
TABLE = re.compile(r"^\[+(?P<name>[^]]+)\]+\n", re.MULTILINE)
TABLES_KEPT = ("project", "tool.pytest.ini_options", "tool.ruff", "tool.ruff.lint")
# Texts for whoever writes or reads a stage, beside those of the stages; in each language.
TEXTS = ("protocol", "wire", "student-guide")
KIT = Path("tests", "kit")
# These run as programs of their own: no import leads to them.
INSIDE = KIT / "inside"
# Of those, what only the documents and the grader start.
NOT_INSIDE = {"any_port.py", "facts.py", "similar.py"}


def course_files(stages: Sequence[str], commands: Iterable[str], *, hidden: bool) -> Files:
    """Return kit.py with these commands, and the suites of these stages, without the stages.

    Tests in ``test_hidden_*.py`` are left out unless ``hidden``.
    """
    roots = [KIT / "commands" / f"{name}.py" for name in commands]
    roots = [path for path in roots if (CHECKOUT / path).is_file()]
    roots += [path for path in _plain_files(INSIDE) if path.name not in NOT_INSIDE]
    roots.append(Path("tests", "conftest.py"))
    for stage in stages:
        suite = _plain_files(Path("tests", stage))
        roots += [path for path in suite if hidden or not path.name.startswith("test_hidden_")]
    files = {path: (CHECKOUT / path).read_bytes() for path in needed(roots)}
    files |= {Path(name): (CHECKOUT / name).read_bytes() for name in ALONG}
    files[Path("pyproject.toml")] = _pyproject().encode()
    files[Path(".gitignore")] = IGNORED.encode()
    return files


def _plain_files(folder: Path) -> list[Path]:
    found = (path.relative_to(CHECKOUT) for path in (CHECKOUT / folder).rglob("*"))
    kept = (path for path in found if not NEVER_COPIED & set(path.parts) and path.suffix != ".pyc")
    return sorted(path for path in kept if (CHECKOUT / path).is_file())


def _pyproject() -> str:
    text = (CHECKOUT / "pyproject.toml").read_text("utf-8")
    heads = list(TABLE.finditer(text))
    ends = [*(head.start() for head in heads[1:]), len(text)]
    kept = [
        text[head.start() : end].strip()
        for head, end in zip(heads, ends, strict=True)
        if head["name"] in TABLES_KEPT
    ]
    return "\n\n".join(kept) + "\n"


# --- texts ---


def add_texts(files: Files, stages: Sequence[str], readmes: Mapping[str, Path]) -> None:
    """Add the stages' texts, and what those and the suites name below docs/, to ``files``.

    ``readmes`` says where each stage's README goes. A link to what is not among the files becomes
    plain text.
    """
    wanted = {*TEXTS, *map(short, stages)}
    documents = [p for p in _plain_files(Path("docs")) if p.suffix == ".md"]
    places = {path: path for path in documents if path.name.partition(".")[0] in wanted}
    for stage in stages:
        source = Path(stage, "README.md")
        if (CHECKOUT / source).is_file():
            places[source] = readmes[stage]
    texts = {source: (CHECKOUT / source).read_text("utf-8") for source in places}
    said = "\n".join([*texts.values(), *_suites(files)])
    for path in _plain_files(Path("docs", "images")) + _plain_files(Path("docs", "lab")):
        if path.name in said:
            files[path] = (CHECKOUT / path).read_bytes()
    there = set(files) | set(places.values())
    there |= {folder for path in there for folder in path.parents}
    for source, text in texts.items():
        files[places[source]] = _relinked(text, source, places, there).encode()


def _suites(files: Files) -> list[str]:
    return [
        data.decode("utf-8", "replace") for path, data in files.items() if path.parts[0] == "tests"
    ]


LINK = re.compile(r"!?\[(?P<text>[^\]]*)\]\((?P<target>[^)\s#:]+)(?P<anchor>#[^)\s]*)?\)")


def _relinked(text: str, source: Path, places: Mapping[Path, Path], there: set[Path]) -> str:
    """Return a document as it stands in its new place."""

    def follow(link: re.Match[str]) -> str:
        old = Path(os.path.normpath(source.parent / link["target"]))
        new = places.get(old, old)
        if new not in there:
            return link["text"]
        way = Path(os.path.relpath(new, places[source].parent)).as_posix()
        return link.group().replace(f"({link['target']}", f"({way}")

    return LINK.sub(follow, text)


# --- writing ---


def write_new(folder: Path, files: Mapping[Path, bytes]) -> None:
    """Write files into a folder that is new or empty; a write that fails leaves nothing there.

    Raises HarnessError when something is there.
    """
    if os.path.lexists(folder) and not folder.is_dir():
        raise HarnessError(f"{folder} is a file; a new folder is wanted, or an empty one")
    if folder.is_dir() and any(folder.iterdir()):
        raise HarnessError(f"{folder} is not empty, and nothing was changed; take a new folder")
    half = folder.resolve().with_name(f".{folder.resolve().name}.new")
    shutil.rmtree(half, ignore_errors=True)
    try:
        for path, data in sorted(files.items()):
            (half / path).parent.mkdir(parents=True, exist_ok=True)
            (half / path).write_bytes(data)
        if os.name != "nt":
            (half / "kit.py").chmod(0o755)
        if folder.is_dir():
            folder.rmdir()
        half.rename(folder.resolve())
    except OSError:
        shutil.rmtree(half, ignore_errors=True)
        raise
