"""Files in a person's words: sizes, durations, kinds, and what went wrong. Pure."""

import errno
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

from stage1_echo import safe_text
from stage2_protocol import Refused, Status
from stage3_auth.ui.login_errors import Answers, Trouble, trouble_of

from ..errors import CannotSend, DownloadFailed, FileChanged, TransferCancelled
from ..mime import FOLDER_TYPE
from .open_local import CannotOpen, NotHere

Words = Callable[..., str]  # Catalog.text

_LONGEST = 160  # characters of an error's own words
_UNITS = ("B", "kB", "MB", "GB", "TB")
_ARCHIVES = ("zip", "x-tar", "gzip", "x-7z-compressed", "x-rar-compressed", "vnd.rar", "x-bzip2")
_ANSWERS: Answers = {
    Status.FORBIDDEN: ("error.file_forbidden", None),
    Status.NOT_FOUND: ("error.file_gone", None),
    Status.TOO_LARGE: ("error.file_size", None),
    Status.STORAGE_UNAVAILABLE: ("error.file_server_disk", None),
}
# On this side of the wire; the first that fits counts.
_OWN_ERRORS: tuple[tuple[type[Exception], str], ...] = (
    (TransferCancelled, "error.file_cancelled"),
    (FileChanged, "error.file_changed"),
    (CannotSend, "error.file_unreadable"),
    (NotHere, "error.file_missing"),
    (CannotOpen, "error.file_not_opened"),
)
_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT} if hasattr(errno, "EDQUOT") else {errno.ENOSPC})
_NOT_ALLOWED = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})


def size_text(size: int | None) -> str:
    """Return a number of bytes in the unit that suits it (powers of 1000)."""
    if size is None:
        return "?"
    amount, unit = float(size), 0
    while amount >= 999.5 and unit < len(_UNITS) - 1:
        amount, unit = amount / 1000, unit + 1
    digits = 1 if unit and amount < 99.95 else 0
    return f"{amount:.{digits}f} {_UNITS[unit]}"


def duration_text(seconds: float, words: Words) -> str:
    """Return how long something will take, no more exactly than can be known."""
    if seconds < 60:
        return words("files.seconds", count=max(1, round(seconds)))
    if seconds < 3600:
        return words("files.minutes", count=round(seconds / 60))
    return words("files.hours", count=round(seconds / 3600))


def time_text(data: str, words: Words, today: date | None = None) -> str:
    """Return the time of an upload (``data``: ISO 8601 with its offset) in local time."""
    try:
        at = datetime.fromisoformat(data).astimezone()
    except ValueError:  # an old database may hold anything
        return safe_text(data)
    if at.date() == (today or date.today()):
        return words("files.today", time=at.strftime("%H:%M"))
    return at.strftime("%Y-%m-%d %H:%M")


def counted(words: Words, key: str, count: int, **values: object) -> str:
    """Return the text of ``key`` for so many; English says one in another way (``key.one``)."""
    return words(f"{key}.one" if count == 1 else key, count=count, **values)


def shorter(text: str, length: int) -> str:
    """Return a text of at most ``length`` characters: of a longer one the middle is left out."""
    if len(text) <= length:
        return text
    half = (length - 1) // 2
    return f"{text[: length - 1 - half]}…{text[-half:]}"


def home_path(path: Path) -> str:
    """Return a path as people say it: from their own folder on."""
    try:
        inside = path.relative_to(Path.home())
    except (ValueError, RuntimeError):  # somewhere else; or nobody knows where home is
        return str(path)
    return str(Path("~") / inside)


def kind_of(lx: str) -> str:
    """Return what a type is to a person: image, audio, video, text, archive, pdf, folder, other."""
    main, _, sub = lx.partition("/")
    if lx == FOLDER_TYPE:
        return "folder"
    if main in ("image", "audio", "video", "text"):
        return main
    if sub == "pdf":
        return "pdf"
    return "archive" if sub in _ARCHIVES else "other"


def list_trouble(error: Exception) -> Trouble:
    """Translate an error of the list of a place."""
    if isinstance(error, Refused) and error.status in (Status.NOT_FOUND, Status.FORBIDDEN):
        return Trouble("error.file_room")
    return file_trouble(error)


def file_trouble(error: Exception) -> Trouble:
    """Translate an error of a call on the file server, or of the disk here."""
    if isinstance(error, DownloadFailed):
        return _not_saved(error)
    if isinstance(error, CannotSend) and isinstance(error.__cause__, OSError):
        return _not_read(error, error.__cause__)
    for kind, key in _OWN_ERRORS:
        if isinstance(error, kind):
            return Trouble(key, {"message": _message(error)})
    if isinstance(error, Refused) and error.field == "size":
        return Trouble("error.file_size")
    return trouble_of(error, _ANSWERS)


def _not_saved(error: DownloadFailed) -> Trouble:
    """Tell apart what a person can do something about: the disk, the folder, trying again."""
    cause = error.__cause__
    if not isinstance(cause, OSError):
        return Trouble("error.file_damaged")
    if cause.errno in _NO_ROOM:
        return Trouble("error.file_disk_full")
    if cause.errno in _NOT_ALLOWED:
        return Trouble("error.file_not_writable")
    return Trouble("error.file_broken", {"message": _message(error)})


def _not_read(error: CannotSend, cause: OSError) -> Trouble:
    if cause.errno == errno.ENOENT:
        return Trouble("error.file_missing")
    if cause.errno in _NOT_ALLOWED:
        return Trouble("error.file_not_readable")
    return Trouble("error.file_unreadable", {"message": _message(error)})


def _message(error: Exception) -> str:
    return safe_text(str(error))[:_LONGEST]
