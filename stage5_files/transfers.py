"""The bookkeeping of uploads: whose, how large, how much has arrived, which connection has it.

No I/O and no clock here: times are passed in, in Unix seconds. Who calls (``uploads.py``) makes
sure that two threads never change one transfer, or the book, at once.

    OFFER ──> open ──SEND, SEND …──> whole ──FINISH──> listed
                │ a day of silence, CANCEL, wrong md5
                └──> gone
"""

from dataclasses import dataclass
from typing import Any

from .errors import (
    NotWhole,
    OverQuota,
    TakenOver,
    TooManyBytes,
    TooManyUploads,
    UnknownUpload,
    WrongOffset,
)

DAY = 86400.0
# An abandoned upload costs a little memory and a file; nobody needs so many at once.
UPLOADS_PER_USER = 10_000


@dataclass(frozen=True)
class Offer:
    """What a user wants to upload: ``uid`` is the user's, ``rid`` the room's, None for everyone.

    ``lx`` is the type as the user told it, or empty; ``size`` is in bytes.
    """

    upload: str
    uid: int
    own: str
    filename: str
    path: str
    size: int
    rid: int | None
    lx: str
    offered_at: float

    def as_data(self) -> dict[str, Any]:
        """Return the offer as JSON values, to be kept beside the bytes."""
        return dict(vars(self))

    @classmethod
    def from_data(cls, data: dict[str, Any]) -> "Offer":
        """Return the offer that ``as_data`` made; raises TypeError for anything else."""
        return cls(**data)


class Transfer:
    """One upload under way: ``received`` bytes are here, ``holder`` is a connection's number."""

    def __init__(self, offer: Offer, received: int, now: float) -> None:
        self.offer = offer
        self.received = received
        self.holder: int | None = None
        self.touched_at = now
        self.is_open = True

    def take(self, holder: int, now: float) -> None:
        """Give the upload to this connection: of two the newest has it. Raises UnknownUpload."""
        # BEGIN SOLUTION 5.2
        if not self.is_open:  # it ended while the caller waited for its turn
            raise UnknownUpload
        self.holder = holder
        self.touched_at = now
        # END SOLUTION

    def check_piece(self, offset: int, length: int) -> None:
        """Require that a piece follows what is here and fits: WrongOffset, TooManyBytes."""
        # BEGIN SOLUTION 5.2
        if offset != self.received:
            raise WrongOffset(offset, self.received)
        if offset + length > self.offer.size:
            raise TooManyBytes(offset, length, self.offer.size)
        # END SOLUTION

    def check_holder(self, holder: int) -> None:
        """Require that the upload lives and is this connection's: UnknownUpload, TakenOver."""
        # BEGIN SOLUTION 5.2
        if not self.is_open:
            raise UnknownUpload
        if self.holder != holder:
            raise TakenOver
        # END SOLUTION

    def arrived(self, count: int, now: float) -> None:
        """Count bytes that are safely in the file."""
        # BEGIN SOLUTION 5.2
        self.received += count
        self.touched_at = now
        # END SOLUTION

    def check_whole(self) -> None:
        """Require that all bytes are here: NotWhole."""
        # BEGIN SOLUTION 5.2
        if self.received != self.offer.size:
            raise NotWhole(self.received, self.offer.size)
        # END SOLUTION


class TransferBook:
    """All open uploads, and how many bytes each user has announced with them."""

    def __init__(self, uploads_per_user: int = UPLOADS_PER_USER) -> None:
        self._most = uploads_per_user
        self._transfers: dict[str, Transfer] = {}
        self._announced: dict[int, int] = {}  # by user, in bytes
        self._counts: dict[int, int] = {}

    def add(self, offer: Offer, now: float, room: int) -> Transfer:
        """Open an upload; ``room`` is what the user may still store, in bytes, uploads not counted.

        Raises OverQuota or TooManyUploads.
        """
        # BEGIN SOLUTION 5.2
        left = room - self.announced(offer.uid)
        if offer.size > left:
            raise OverQuota(offer.size, left)
        if self._counts.get(offer.uid, 0) >= self._most:
            raise TooManyUploads(self._most)
        return self.restore(offer, 0, now)
        # END SOLUTION

    def restore(self, offer: Offer, received: int, now: float) -> Transfer:
        """Open an upload that was open before the server stopped."""
        # BEGIN SOLUTION 5.2
        transfer = Transfer(offer, received, now)
        self._transfers[offer.upload] = transfer
        self._announced[offer.uid] = self.announced(offer.uid) + offer.size
        self._counts[offer.uid] = self._counts.get(offer.uid, 0) + 1
        return transfer
        # END SOLUTION

    def find(self, upload: str, uid: int) -> Transfer:
        """Return a user's open upload; raises UnknownUpload, for other users' uploads too."""
        # BEGIN SOLUTION 5.2
        transfer = self._transfers.get(upload)
        if transfer is None or transfer.offer.uid != uid:
            raise UnknownUpload
        return transfer
        # END SOLUTION

    def close(self, transfer: Transfer) -> None:
        """End an upload: finished, cancelled or discarded."""
        # BEGIN SOLUTION 5.2
        offer = transfer.offer
        transfer.is_open = False
        if self._transfers.pop(offer.upload, None) is None:
            return
        self._announced[offer.uid] -= offer.size
        self._counts[offer.uid] -= 1
        if not self._counts[offer.uid]:
            del self._announced[offer.uid], self._counts[offer.uid]
        # END SOLUTION

    def announced(self, uid: int) -> int:
        """Return the bytes that a user's open uploads will take when they are whole."""
        # BEGIN SOLUTION 5.2
        return self._announced.get(uid, 0)
        # END SOLUTION

    def abandoned(self, now: float) -> list[Transfer]:
        """Return the uploads to which nothing has happened for a day."""
        # BEGIN SOLUTION 5.2
        return [t for t in self._transfers.values() if now - t.touched_at > DAY]
        # END SOLUTION
