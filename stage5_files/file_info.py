"""What a client knows of a file on the server, and what became of one it sent or fetched."""

import re
from dataclasses import dataclass
from pathlib import Path

from stage1_echo import CourseError
from stage2_protocol import Data, Fields, MessageError

from .mime import FOLDER_TYPE

_MD5 = re.compile(r"[0-9a-f]{32}")
# Of a size or a number: what is larger no disk and no database has, and a float may not hold.
_LARGEST = 2**63 - 1


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
        fields = Fields(data, "a file")
        md5 = fields.text("md5") if "md5" in fields else None
        if md5 is not None and not _MD5.fullmatch(md5):
            raise MessageError("the md5 of a file is not sound")
        return cls(
            uid=number_in(fields, "uid") if uid is None else uid,
            filename=fields.text("filename"),
            path=fields.text("path"),
            size=number_in(fields, "size") if "size" in fields else None,
            md5=md5,
            lx=fields.text("lx"),
            own=fields.text("own"),
            data=fields.text("data"),
        )

    @property
    def full_name(self) -> str:
        """The name with its folders before it."""
        return f"{self.path}/{self.filename}" if self.path else self.filename

    @property
    def is_folder(self) -> bool:
        """Whether this stands for an empty folder."""
        return self.lx == FOLDER_TYPE and not self.size


def number_in(fields: Fields, name: str, most: int = _LARGEST) -> int:
    """Return a size, an offset or a file's number of an answer; raises MessageError."""
    number = fields.integer(name)
    if number > most:
        raise MessageError(f"{name} is larger than it can be")
    return number


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
