"""Stage 5's errors: what the file server may refuse, and what may go wrong on the way to the disk.

FileError
├── StoreInUse                   another file server works in this store
├── (also a Refused, so that a request that meets one is answered by its status)
│   ├── UnknownUpload     104    never offered, cancelled, discarded, or somebody else's
│   ├── ContentMissing    104    the content is not in this store
│   ├── WrongOffset       100    these bytes do not follow those that are here
│   ├── TooManyBytes      106    more than was announced
│   ├── TakenOver         103    a newer connection has the upload
│   ├── NotWhole          2      some bytes have not arrived yet
│   ├── WrongContent      1      the md5 differs: other bytes arrived than were sent
│   ├── OverQuota         2      the user has no room for so many bytes
│   ├── TooManyUploads    105    the user has begun too many uploads and finished none of them
│   └── StoreUnavailable  109    the disk is full or broken
└── on the client
    ├── CannotSend               a local file that is none, or whose name cannot travel
    ├── FileChanged              the local file is no longer the one that was offered
    ├── DownloadFailed           what arrived is not what was promised, or cannot be stored here
    ├── TransferCancelled        somebody here said so
    └── TransferPaused           somebody here said so; it can go on from there
"""

from stage1_echo import CourseError
from stage2_protocol import Refused, Status

NAME_OR_SIZE_REFUSED = 2
NOT_WHOLE = 2
WRONG_MD5 = 1


class FileError(CourseError):
    """Stage 5 could not do what was asked."""


class StoreInUse(FileError):
    """Another file server works in this store."""


class UnknownUpload(FileError, Refused):
    """There is no such upload, or it is not this user's."""

    def __init__(self) -> None:
        Refused.__init__(self, Status.NOT_FOUND, "there is no such upload", field="upload")


class ContentMissing(FileError, Refused):
    """A file is listed, but its content is not in this store (any more)."""

    def __init__(self) -> None:
        Refused.__init__(self, Status.NOT_FOUND, "the content is not here", field="uid")


class WrongOffset(FileError, Refused):
    """Bytes were sent that do not follow those that are here."""

    def __init__(self, offset: int, received: int) -> None:
        Refused.__init__(
            self,
            Status.BAD_REQUEST,
            f"got offset {offset}, the server has {received} bytes",
            field="offset",
        )


class TooManyBytes(FileError, Refused):
    """More bytes were sent than the offer announced."""

    def __init__(self, offset: int, length: int, size: int) -> None:
        # No sum: Python shows no number of more digits than a message may have.
        text = f"got {length} bytes behind the first {offset}, announced were {size} in all"
        Refused.__init__(self, Status.TOO_LARGE, text, field="body")


class TakenOver(FileError, Refused):
    """A newer connection of the same user goes on with this upload."""

    def __init__(self) -> None:
        Refused.__init__(self, Status.FORBIDDEN, "a newer connection has this upload now")


class NotWhole(FileError, Refused):
    """An upload cannot be finished while bytes are missing."""

    def __init__(self, received: int, size: int) -> None:
        Refused.__init__(self, NOT_WHOLE, f"{received} of {size} bytes have arrived")


class WrongContent(FileError, Refused):
    """The bytes that arrived have another md5 than those that were sent."""

    def __init__(self, found: str, announced: str) -> None:
        text = f"the md5 is {found}, announced was {announced}; the upload is discarded"
        Refused.__init__(self, WRONG_MD5, text, field="md5")


class OverQuota(FileError, Refused):
    """A user's files and uploads would take more room than each user has."""

    def __init__(self, size: int, left: int) -> None:
        text = f"got a file of {size} bytes, you have {max(left, 0)} bytes left"
        Refused.__init__(self, NAME_OR_SIZE_REFUSED, text, field="size")


class TooManyUploads(FileError, Refused):
    """A user has begun so many uploads that there must be a mistake."""

    def __init__(self, count: int) -> None:
        text = f"you have {count} unfinished uploads; finish or cancel some"
        Refused.__init__(self, Status.TOO_MANY_REQUESTS, text)


class StoreUnavailable(FileError, Refused):
    """The disk is full, or does not work; what has arrived so far is kept."""

    def __init__(self, message: str, reason: str = "") -> None:
        Refused.__init__(self, Status.STORAGE_UNAVAILABLE, message)
        self.reason = reason or message


class CannotSend(FileError):
    """This local file cannot be sent: it is no ordinary file, or its name cannot travel."""


class FileChanged(FileError):
    """The local file was changed while it was being sent."""


class DownloadFailed(FileError):
    """What arrived is not what the server promised, or it cannot be stored here."""


class TransferCancelled(FileError):
    """The transfer was cancelled on this side."""


class TransferPaused(FileError):
    """The transfer was paused on this side; every byte that has arrived is kept."""
