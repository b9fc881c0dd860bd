"""What a student hands in: one zip of exactly what belongs to a stage, the same each time."""

import zipfile
from dataclasses import dataclass
from pathlib import Path

from .failure import HarnessError
from .recipes import FILE_NAME
from .starters import Stub, not_written, short
from .tree import NEVER_COPIED
from .view import escape

MOST_FILES = 500
MOST_BYTES = 5 * 1024 * 1024
# What running, editors and desktops leave behind; it is left out without a word.
LITTER_NAMES = NEVER_COPIED | {
    ".DS_Store", "Thumbs.db", "desktop.ini", ".idea", ".vscode", ".mypy_cache", ".pytest_cache",
    ".ruff_cache",
}  # fmt: skip
LITTER_ENDINGS = (".pyc", ".pyo", "~", ".swp")
# What a stage is made of, in any language. Anything else is refused, not left out: a student should
# know what is not handed in.
BELONGS = {
    ".py", ".pyi", ".typed", ".md", ".txt", ".toml", ".json", ".csv", ".png", ".svg", ".sql", ".js",
    ".mjs", ".ts", ".c", ".h", ".cc", ".cpp", ".hpp", ".go", ".rs", ".java", ".kt", ".rb", ".sh",
}  # fmt: skip
# The first moment that a zip can tell: a deterministic archive tells no real one.
MOMENT = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Packed:
    """A written archive: its files with their sizes, and what is not written yet."""

    path: Path
    files: dict[str, int]
    stubs: list[Stub]


def pack(stage: str, folder: Path, into: Path) -> Packed:
    """Write the stage of ``folder`` (and its programs.toml) as the zip ``into``.

    Raises HarnessError with every file that does not belong, when it is too large, and when there
    is no such stage. An archive that is there already is replaced; a failure leaves it.
    """
    if not folder.is_dir():
        raise HarnessError(f"there is no folder {folder}; give the one that holds {stage}")
    if not (folder / stage).is_dir() and not (folder / FILE_NAME).is_file():
        raise HarnessError(f"{folder} holds no {stage}; give the folder that holds it")
    files = _files(stage, folder)
    _refuse_what_does_not_belong(files)
    size = sum(path.stat().st_size for path in files.values())
    if len(files) > MOST_FILES or size > MOST_BYTES:
        raise HarnessError(
            f"{len(files)} files with {size:,} bytes; allowed are {MOST_FILES} files and "
            f"{MOST_BYTES:,} bytes"
        )
    half = into.with_name(into.name + ".new")
    with zipfile.ZipFile(half, "w") as archive:
        for name, path in files.items():
            archive.writestr(_entry(name), path.read_bytes(), zipfile.ZIP_DEFLATED, 9)
    half.replace(into)
    sizes = {name: path.stat().st_size for name, path in files.items()}
    return Packed(into, sizes, not_written(stage, folder))


def default_name(stage: str) -> str:
    """Return what the archive is called: stage3.zip."""
    return f"{short(stage)}.zip"


def _files(stage: str, folder: Path) -> dict[str, Path]:
    """Return the files by their name in the archive, sorted; links and litter are no files."""
    found = [folder / FILE_NAME] if (folder / FILE_NAME).is_file() else []
    top = folder / stage
    places = [top] if top.is_dir() else []
    while places:
        place = places.pop()
        for path in place.iterdir():
            if path.name in LITTER_NAMES or path.name.endswith(LITTER_ENDINGS):
                continue
            if path.is_dir() and not path.is_symlink():
                places.append(path)
            else:
                found.append(path)
    named = {path.relative_to(folder).as_posix(): path for path in found}
    return dict(sorted(named.items()))


def _refuse_what_does_not_belong(files: dict[str, Path]) -> None:
    wrong = []
    for name, path in files.items():
        shown = escape(name, keep="")
        if path.is_symlink():
            wrong.append(f"{shown} is a link")
        elif not path.is_file():
            wrong.append(f"{shown} is no ordinary file")
        elif path.suffix.lower() not in BELONGS:
            wrong.append(f"{shown} is no source file")
    if wrong:
        more = f" and {len(wrong) - 10} more" if len(wrong) > 10 else ""
        raise HarnessError(
            f"{'; '.join(wrong[:10])}{more}. Take it out of the stage's folder, then pack again"
        )


def _entry(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, MOMENT)
    info.create_system = 3  # the same on Windows, which would write 0
    info.external_attr = 0o100644 << 16
    info.compress_type = zipfile.ZIP_DEFLATED
    return info
