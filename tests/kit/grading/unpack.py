"""Archives that strangers made: taken apart without being led outside, and within limits."""

import errno
import shutil
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from ..tree import MOST_BYTES, MOST_FILES
from ..view import escape

ENDINGS = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.xz", ".tar.bz2")
FOREIGN = (".rar", ".7z")
LONGEST_NAME = 200
PIECE = 64 * 1024
# A disk that is full or broken, and too little of everything: no fault of a submission.
OF_THE_MACHINE = {
    errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.ENOMEM, errno.EMFILE, errno.ENFILE,
}  # fmt: skip
# What packing programs and desktops add by themselves.
LITTER = {"__MACOSX", ".DS_Store", "Thumbs.db", "desktop.ini"}


class BadSubmission(Exception):
    """Why something handed in cannot be graded, in a sentence for its author."""


@dataclass(frozen=True, slots=True)
class Member:
    """A plain file in an archive: where it belongs, its size as told, and its content."""

    path: PurePosixPath
    size: int
    is_program: bool
    content: IO[bytes]


def is_archive(path: Path) -> bool:
    """Whether a file is to be taken apart, judging by its name."""
    return path.name.lower().endswith(ENDINGS)


def stem(path: Path) -> str:
    """Return the name of an archive without its ending."""
    found = next((ending for ending in ENDINGS if path.name.lower().endswith(ending)), "")
    return path.name[: len(path.name) - len(found)] or path.name


def plain_name(name: str) -> str:
    """Return the name of a file or folder without the ending of an archive."""
    return stem(Path(name)) if is_archive(Path(name)) else name


def unpack(archive: Path, into: Path) -> list[str]:
    """Write the plain files of an archive into the new folder ``into``; return notes.

    Links and special files are left out and noted. Raises BadSubmission for what is no archive,
    needs a password, is too large, or has names that lead outside.
    """
    into.mkdir(parents=True)
    notes: list[str] = []
    files = size = 0
    try:
        for member in _members(archive, notes):
            files += 1
            if files > MOST_FILES:
                raise BadSubmission(f"{archive.name} holds more than {MOST_FILES} files")
            size = _write(member, into / member.path, size, archive.name)
    except (zipfile.BadZipFile, tarfile.TarError, EOFError, zlib.error, NotImplementedError) as e:
        raise BadSubmission(f"{archive.name} cannot be taken apart: {e}") from e
    except (OSError, RuntimeError) as error:  # RuntimeError: it wants a password
        if is_graders(error):
            raise
        raise BadSubmission(f"{archive.name} cannot be taken apart: {error}") from error
    return notes


def is_graders(error: Exception) -> bool:
    """Whether an error tells of the grader's machine, and not of what was handed in."""
    return isinstance(error, OSError) and error.errno in OF_THE_MACHINE


def _write(member: Member, target: Path, size: int, name: str) -> int:
    """Write one file; return the size of all so far. What an archive tells of sizes may be false"""
    target.parent.mkdir(parents=True, exist_ok=True)
    with member.content as source, target.open("wb") as file:
        while piece := source.read(PIECE):
            size += len(piece)
            if size > MOST_BYTES:
                raise BadSubmission(f"{name} holds more than {MOST_BYTES >> 20} MB when unpacked")
            file.write(piece)
    target.chmod(0o755 if member.is_program else 0o644)
    return size


def _members(archive: Path, notes: list[str]) -> Iterator[Member]:
    if archive.name.lower().endswith(".zip"):
        with zipfile.ZipFile(archive) as opened:
            yield from _zip_members(opened, notes)
    else:
        # Streamed: the list of a bomb is never read as a whole.
        with tarfile.open(archive, "r|*") as opened_tar:
            yield from _tar_members(opened_tar, notes)


def _zip_members(opened: zipfile.ZipFile, notes: list[str]) -> Iterator[Member]:
    for info in opened.infolist():
        mode = info.external_attr >> 16
        path = _inside(_zip_name(info))
        if info.is_dir() or path is None:
            continue
        if mode and not stat.S_ISREG(mode) and stat.S_IFMT(mode):
            notes.append(f"left out, it is a link: {escape(str(path), keep='')}")
            continue
        executable = bool(mode & stat.S_IXUSR)
        yield Member(path, info.file_size, executable, opened.open(info))


def _tar_members(opened: tarfile.TarFile, notes: list[str]) -> Iterator[Member]:
    for number, info in enumerate(opened):
        if number > 2 * MOST_FILES:
            raise BadSubmission(f"it holds more than {2 * MOST_FILES} entries")
        path = _inside(info.name)
        if info.isdir() or path is None:
            continue
        content = opened.extractfile(info) if info.isreg() else None
        if content is None:
            notes.append(f"left out, it is a link or a device: {escape(str(path), keep='')}")
            continue
        yield Member(path, info.size, bool(info.mode & stat.S_IXUSR), content)


def _zip_name(info: zipfile.ZipInfo) -> str:
    """Return a name as its author wrote it: without the flag for UTF-8 it is often UTF-8 or GBK."""
    if info.flag_bits & 0x800 or info.filename.isascii():
        return info.filename
    try:
        raw = info.filename.encode("cp437")
    except UnicodeEncodeError:
        return info.filename
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return info.filename


def _inside(name: str) -> PurePosixPath | None:
    """Return where a file belongs below the folder, None for litter.

    Raises BadSubmission for a name that leads outside, or that no system would take.
    """
    shown = escape(name[:LONGEST_NAME], keep="")
    path = PurePosixPath(name.replace("\\", "/"))
    parts = path.parts
    if path.is_absolute() or ".." in parts or (parts and parts[0].endswith(":")):
        raise BadSubmission(f"the archive has a file that would lie outside: {shown}")
    if any(len(part.encode()) > LONGEST_NAME or "\0" in part for part in parts) or len(parts) > 30:
        raise BadSubmission(f"the archive has a name that is too long: {shown}")
    return None if not parts or LITTER & set(parts) else path


def remove(folder: Path) -> None:
    """Remove a folder of ours, whatever lies in it."""
    shutil.rmtree(folder, ignore_errors=True)
