"""The finisher: one thread that makes many finished files durable together, then lists them.

A disk can promise durability a few thousand times a second. A file needs three such promises: its
bytes, its name, its row. So whoever finishes an upload hands it over and gets a Future; the
finisher takes all that have gathered, lets the system write their bytes together, syncs their names
with one sync of the folder and their rows with one commit, and only then fulfils the Futures.
"""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field

from stage1_echo import LOG
from stage2_protocol import Data
from stage3_auth import StorageUnavailable

from .errors import StoreUnavailable
from .file_store import FileStore
from .file_table import FileRow, FileTable
from .part import Part
from .transfers import Transfer

MOST_TOGETHER = 500
# A server that is asked to end has 5 seconds for everything; what is not written is not answered.
STOP_SECONDS = 1.5


@dataclass
class Finishing:
    """A whole, verified upload on its way to the list; ``answer`` holds its uid when it is there.

    ``row`` has no uid yet; its ``content`` is where the bytes go, None where there are none.
    ``now`` is when it was finished, in Unix seconds.
    """

    transfer: Transfer
    part: Part
    row: FileRow
    now: float
    answer: Future[Data] = field(default_factory=Future)


class Finisher:
    """Lists finished uploads in groups. ``listed`` is called before the answers, on this thread."""

    def __init__(
        self, store: FileStore, table: FileTable, listed: Callable[[Sequence[Finishing]], object]
    ) -> None:
        self._store = store
        self._table = table
        self._listed = listed
        self._waiting: list[Finishing] = []  # guarded by _filled, as all below
        self._handed_over = self._done = 0  # how many in all
        self._ended = False
        self._filled = threading.Condition()
        self._thread = threading.Thread(target=self._run, name="finisher", daemon=True)

    def start(self) -> None:
        """Begin to work."""
        self._thread.start()

    def stop(self) -> None:
        """List what is waiting, then end; a disk that hangs is not waited for."""
        with self._filled:
            self._ended = True
            self._filled.notify_all()
        if self._thread.is_alive():
            self._thread.join(STOP_SECONDS)

    def submit(self, finishing: Finishing) -> Future[Data]:
        """Hand over an upload; its bytes do not change any more."""
        with self._filled:
            self._waiting.append(finishing)
            self._handed_over += 1
            self._filled.notify_all()
        return finishing.answer

    def wait_for_those_before(self) -> None:
        """Wait until all that was handed over so far is listed, or could not be."""
        with self._filled:
            before = self._handed_over
            while self._done < before:  # what comes meanwhile is not waited for
                self._filled.wait()

    def _run(self) -> None:
        while group := self._next_group():
            try:
                self._list(group)
            except Exception as error:  # every Future must be fulfilled, or its client waits
                if not isinstance(error, (StorageUnavailable, StoreUnavailable)):
                    LOG.exception("the finisher failed")
                _fail(group, error)
            with self._filled:
                self._done += len(group)
                self._filled.notify_all()

    def _next_group(self) -> list[Finishing]:
        with self._filled:
            while not self._waiting and not self._ended:
                self._filled.wait()
            group, self._waiting = self._waiting[:MOST_TOGETHER], self._waiting[MOST_TOGETHER:]
            return group

    def _list(self, group: list[Finishing]) -> None:
        ready = self._placed(group)
        if not ready:
            return
        if any(each.row.content for each in ready):
            self._store.sync_names()
        rows = [(each.row, each.now, each.transfer.offer.upload) for each in ready]
        try:
            uids = self._table.add_all(rows)
        except StorageUnavailable:
            for each in ready:
                each.part.may_be_listed = True
            raise
        self._listed(ready)
        for each, uid in zip(ready, uids, strict=True):
            each.answer.set_result({"uid": uid})
        _log(ready)

    def _placed(self, group: Sequence[Finishing]) -> list[Finishing]:
        """Sync the bytes of each and give them their names; return those that went well."""
        with_bytes = [each for each in group if each.row.content is not None]
        errors = self._store.publish([(each.part, each.row.content or "") for each in with_bytes])
        for each, error in zip(with_bytes, errors, strict=True):
            if error is not None:
                _fail([each], error)
        return [each for each in group if not each.answer.done()]


def _log(group: Sequence[Finishing]) -> None:
    """Say what was stored; of many at once only how many: a line for each would cost more."""
    offer = group[0].transfer.offer
    if len(group) == 1:
        LOG.info("%s stored %s, %d bytes", offer.own, offer.filename, offer.size)
    else:
        size = sum(each.transfer.offer.size for each in group)
        LOG.info("%s and others stored %d files, %d bytes", offer.own, len(group), size)


def _fail(group: Sequence[Finishing], error: Exception) -> None:
    for each in group:
        if not each.answer.done():
            each.part.finishing = None  # FINISH may come again
            each.answer.set_exception(error)
