"""What is to be sent from this side: one file, or a folder with all that is in it."""

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .errors import CannotSend
from .names import REASONS, check_filename, check_path


@dataclass(frozen=True)
class LocalFile:
    """A file to be sent: where it is, and what it is called on the way.

    ``source`` is None for an empty folder. With ``error`` it cannot be sent. ``size`` is in bytes.
    """

    source: Path | None
    filename: str
    path: str
    size: int = 0
    error: CannotSend | None = None

    @property
    def full_name(self) -> str:
        """The name with its folders before it."""
        return f"{self.path}/{self.filename}" if self.path else self.filename


def local_file(path: Path) -> LocalFile:
    """Return one file that somebody named; a link stands for what it points to."""
    return _file(path, "", follow_links=True)


def local_folder(top: Path) -> list[LocalFile]:
    """Return everything in a folder, in a stable order; the folder's own name is the first part.

    Links inside it are not followed: they may lead anywhere, or in circles.
    """
    if not top.is_dir():
        raise CannotSend(f"{top} is no folder")
    name = top.resolve().name
    if not name:
        raise CannotSend(f"{top} has no name to give to a folder")
    return list(_walk(top, "", name))


def _walk(folder: Path, path: str, name: str) -> Iterator[LocalFile]:
    here = f"{path}/{name}" if path else name
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        yield _refused(name, path, f"cannot be read: {error.strerror}", error)
        return
    if not entries:
        yield _checked(None, name, path)
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            yield from _walk(Path(entry.path), here, entry.name)
        else:
            yield _file(Path(entry.path), here, follow_links=False)


def _file(source: Path, path: str, *, follow_links: bool) -> LocalFile:
    try:
        found = source.stat(follow_symlinks=follow_links)
    except OSError as error:
        return _refused(source.name, path, f"cannot be read: {error.strerror}", error)
    if stat.S_ISLNK(found.st_mode):
        return _refused(source.name, path, "is a link, which is not followed")
    if not stat.S_ISREG(found.st_mode):  # a pipe would wait for its writer, for ever perhaps
        return _refused(source.name, path, "is no ordinary file")
    return _checked(source, source.name, path, found.st_size)


def _checked(source: Path | None, name: str, path: str, size: int = 0) -> LocalFile:
    reason = check_filename(name) or check_path(path)
    if reason is not None:
        return _refused(name, path, REASONS[reason])
    return LocalFile(source, name, path, size)


def _refused(name: str, path: str, why: str, cause: OSError | None = None) -> LocalFile:
    shown = f"{path}/{name}" if path else name
    error = CannotSend(f"{shown}: {why}")
    error.__cause__ = cause
    return LocalFile(None, name, path, error=error)
