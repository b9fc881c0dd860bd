"""The files of a place as folders, made of the paths of the files. A core: values in, values out.

The server knows files only, each with a path; people think in folders.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from stage3_auth import name_key

from ..file_info import FileInfo
from .file_words import kind_of


@dataclass
class Folder:
    """A folder and all below it; ``path`` is its whole name, empty for the place itself.

    ``marks`` are the entries that stand for an empty folder. ``index``, of the place alone, has for
    each file what is searched. ``count`` (files), ``size`` (bytes),
    ``newest`` (a time of upload) and ``owners`` tell of all that is below.
    """

    path: str
    folders: dict[str, "Folder"] = field(default_factory=dict)
    files: list[FileInfo] = field(default_factory=list)
    marks: list[FileInfo] = field(default_factory=list)
    count: int = 0
    size: int = 0
    newest: str = ""
    owners: set[str] = field(default_factory=set)
    index: list[tuple[str, FileInfo]] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rpartition("/")[2]

    def everything(self) -> Iterator[FileInfo]:
        """Yield the entries of all that is below, those of empty folders too."""
        yield from self.marks
        yield from self.files
        for folder in self.folders.values():
            yield from folder.everything()

    def below(self, name: str) -> "Folder":
        """Return the folder of this name in this one, made if it was not there."""
        if name not in self.folders:
            self.folders[name] = Folder(f"{self.path}/{name}" if self.path else name)
        return self.folders[name]

    def count_in(self, info: FileInfo) -> None:
        """Take a file below into the sums."""
        self.count += not info.is_folder
        self.size += info.size or 0
        self.newest = max(self.newest, info.data)
        self.owners.add(info.own)


Entry = FileInfo | Folder
SortKey = Callable[[FileInfo], tuple[object, ...]]

# A second key makes the order certain where the first is the same.
_FILE_KEYS: dict[str, SortKey] = {
    "name": lambda info: (name_key(info.full_name), info.uid),
    "size": lambda info: (info.size or 0, info.uid),
    "type": lambda info: (kind_of(info.lx), info.lx, name_key(info.full_name), info.uid),
    "own": lambda info: (name_key(info.own), info.uid),
    "time": lambda info: (info.data, info.uid),
}
_FOLDER_KEYS: dict[str, Callable[[Folder], tuple[object, ...]]] = {
    "name": lambda folder: (name_key(folder.path), folder.path),
    "size": lambda folder: (folder.size, folder.path),
    "type": lambda folder: (name_key(folder.path), folder.path),
    "own": lambda folder: (sorted(map(name_key, folder.owners)), folder.path),
    "time": lambda folder: (folder.newest, folder.path),
}
COLUMNS = tuple(_FILE_KEYS)


def as_tree(files: Iterable[FileInfo]) -> Folder:
    """Return the place with these files in it."""
    top = Folder("")
    for info in files:
        at = top
        if not info.is_folder:
            top.index.append((name_key(f"{info.full_name} {info.own}"), info))
        at.count_in(info)
        parts = info.path.split("/") if info.path else []
        for name in (*parts, info.filename) if info.is_folder else parts:
            at = at.below(name)
            at.count_in(info)
        (at.marks if info.is_folder else at.files).append(info)
    return top


def in_order(folder: Folder, column: str, *, downwards: bool) -> list[Entry]:
    """Return what stands directly in a folder: folders first, both sorted by a column."""
    folders = sorted(folder.folders.values(), key=_FOLDER_KEYS[column], reverse=downwards)
    return [*folders, *sorted(folder.files, key=_FILE_KEYS[column], reverse=downwards)]


def found(place: Folder, words: str, column: str, *, downwards: bool) -> list[Entry]:
    """Return all files of a place that have each of the words in name, path or owner."""
    wanted = [name_key(word) for word in words.split()]
    hits = [info for text, info in place.index if all(word in text for word in wanted)]
    return [*sorted(hits, key=_FILE_KEYS[column], reverse=downwards)]
