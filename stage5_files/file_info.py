"""What a client knows of a file on the server, and what became of one it sent or fetched."""

import re
from dataclasses import dataclass
from pathlib import Path

from stage1_echo import CourseError
from stage2_protocol import Data, MessageError

from .mime import FOLDER_TYPE

_MD5 = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True)
class FileInfo:
    """One file as the server tells it. ``size`` (bytes) and ``md5`` are None without content.

    ``path`` holds the folder parts, joined by ``/``; ``own`` is the owner's name, ``data`` the
    upload time, ``lx`` the type. Nothing in it may be used as a local path: see ``names.py``.
    """

    uid: int
    filename: str
    path: str
    size: int | None
    md5: str | None
    lx: str
    own: str
    data: str

    @classmethod
    def from_data(cls, data: Data, uid: int | None = None) -> "FileInfo":
        """Read an entry of LIST, or (with ``uid``) a reply of FETCH; raises MessageError."""
        texts = [data.get(name) for name in ("filename", "path", "lx", "own", "data")]
        number = data.get("uid") if uid is None else uid
        size, md5 = data.get("size"), data.get("md5")
        if not all(isinstance(text, str) for text in texts) or type(number) is not int:
            raise MessageError("an entry of a file list is not sound")
        if size is not None and (type(size) is not int or size < 0):
            raise MessageError("the size of a file is not sound")
        if md5 is not None and not (isinstance(md5, str) and _MD5.fullmatch(md5)):
            raise MessageError("the md5 of a file is not sound")
        filename, path, lx, own, stored = map(str, texts)
        return cls(number, filename, path, size, md5, lx, own, stored)

    @property
    def full_name(self) -> str:
        """The name with its folders before it."""
        return f"{self.path}/{self.filename}" if self.path else self.filename

    @property
    def is_folder(self) -> bool:
        """Whether this stands for an empty folder."""
        return self.lx == FOLDER_TYPE and not self.size


@dataclass(frozen=True)
class Sent:
    """What became of one file that was to be sent: ``uid`` when it arrived, else ``error``."""

    name: str
    size: int
    uid: int | None = None
    error: CourseError | None = None


@dataclass(frozen=True)
class Received:
    """What became of one file that was to be fetched: ``path`` when it is here, else ``error``."""

    uid: int
    name: str
    size: int
    path: Path | None = None
    error: CourseError | None = None
