"""One piece of an upload on its way from the socket to the disk."""

from collections.abc import Callable

from stage2_protocol import Data

from .file_store import FileStore
from .mime import HEAD_BYTES
from .part import Part, translated
from .transfers import Transfer


class Piece:
    """The sink of one SEND: bytes go from the socket to the file, the hash follows behind."""

    def __init__(
        self,
        store: FileStore,
        transfer: Transfer,
        part: Part,
        holder: int,
        clock: Callable[[], float],
    ) -> None:
        self._store = store
        self._transfer = transfer
        self._part = part
        self._holder = holder
        self._clock = clock
        self._file = part.open_at(transfer.received)

    def write(self, chunk: memoryview) -> None:
        """Store the next bytes, count them, tell the hash of them, and keep the file's first ones.

        A full disk may take the beginning of a chunk: that counts. Raises TakenOver, UnknownUpload,
        StoreUnavailable.
        """
        # BEGIN SOLUTION 5.4
        part, transfer = self._part, self._transfer
        with part.lock:
            transfer.check_holder(self._holder)
            self._store.check_space(len(chunk))
            with translated():
                while chunk:  # a full disk may take the beginning of a chunk: that counts
                    count = self._file.write(chunk)
                    if transfer.received == 0 and count >= min(HEAD_BYTES, transfer.offer.size):
                        part.head = bytes(chunk[:HEAD_BYTES])
                    part.md5.feed(chunk[:count], transfer.received)
                    transfer.arrived(count, self._clock())
                    chunk = chunk[count:]
            part.grown_to(transfer.received, self._file)
        # END SOLUTION

    def finish(self) -> Data:
        """Answer with the number of bytes that are here in all."""
        # BEGIN SOLUTION 5.4
        self._file.close()
        return {"received": self._transfer.received}
        # END SOLUTION

    def abort(self) -> None:
        """The connection broke: every byte that arrived is kept."""
        # BEGIN SOLUTION 5.6
        self._file.close()
        # END SOLUTION
