"""What a client asks the file server, as plain calls for worker threads."""

import contextlib
import itertools
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

from stage1_echo import CourseError
from stage2_protocol import ConnectionLost, Data, MessageError, Refused, Status, all_rows

from .downloading import Downloading
from .errors import CannotSend, TransferCancelled, TransferPaused
from .file_info import FileInfo, Received, Sent
from .local_files import LocalFile, local_file, local_folder
from .memory import Notes
from .names import safe_local_path
from .pool import ConnectionPool
from .service import CANCEL, DELETE, LIST
from .small_files import SmallFiles
from .uploading import Uploading
from .watch import FileWatch, Progress, Watch

PATIENCE_SECONDS = 60.0

# Said here because inside the class ``list`` is its own method.
Files = list[FileInfo]
LocalFiles = list[LocalFile]
SentFiles = list[Sent]
ReceivedFiles = list[Received]


def _nothing(_heard: object) -> None:
    """Hear of something and do nothing."""


class FileClient:
    """Calls on a file server for the user of ``token``.

    Every call blocks and may be made from any thread; several transfers may run at once, each has a
    connection of its own. A lost connection is made again and the transfer goes on, until
    ``patience`` seconds pass without progress. ``progress(done, total)`` is called on some thread,
    in bytes over all files of the call; setting the event ``cancel`` ends it with
    TransferCancelled, ``pause`` with TransferPaused. With the same ``notes`` a call that did not
    end well goes on where it was; without any, nothing is left of it here. All raise Refused and
    ConnectionLost.
    """

    def __init__(
        self, host: str, port: int, token: str, *, patience: float = PATIENCE_SECONDS
    ) -> None:
        self.token = token
        self._patience = patience
        self._pool = ConnectionPool(host, port)

    def close(self) -> None:
        """Close the connections."""
        self._pool.close()

    def list(self, room: str | None = None) -> Files:
        """Return all files of a room, or without one those for everyone, oldest first."""

        def page(after: int | None) -> tuple[Files, bool]:
            args: Data = {"token": self.token, "room": room, "after": after or 0}
            answer = self._pool.request(LIST, args)
            entries = answer.get("files")
            if not isinstance(entries, list) or not all(isinstance(e, dict) for e in entries):
                raise MessageError("a file list is not sound")
            return [FileInfo.from_data(entry) for entry in entries], bool(answer.get("more"))

        return [*all_rows(page, lambda info: info.uid)]

    def delete(self, uid: int) -> None:
        """Delete a file of one's own."""
        self._pool.request(DELETE, {"token": self.token, "uid": uid})

    def upload(
        self,
        path: Path,
        *,
        room: str | None = None,
        progress: Progress | None = None,
        cancel: threading.Event | None = None,
        pause: threading.Event | None = None,
        notes: Notes | None = None,
        count: Callable[[int], object] = _nothing,
        each: Callable[[Sent], object] = _nothing,
    ) -> SentFiles:
        """Send a file, or a folder with its structure; return what became of each file.

        ``count`` hears how many files there are, ``each`` of every one at once. One that cannot be
        sent does not stop the others.
        """
        files = local_folder(path) if path.is_dir() else [local_file(path)]
        watch = Watch(progress, cancel, pause)
        watch.expect(sum(file.size for file in files))
        count(len(files))
        notes = notes or Notes()

        small, others = [], files
        if len(files) > 1:
            small = [f for f in files if SmallFiles.fits(f) and not notes.read(f.full_name)]
            others = [f for f in files if not SmallFiles.fits(f) or notes.read(f.full_name)]
        results = []
        for sent in itertools.chain(
            self._send_small(small, room, watch, notes),
            (self._send(f, room, watch.file(), notes) for f in others),
        ):
            results.append(sent)
            each(sent)
        return results

    def download(
        self,
        uid: int,
        folder: Path,
        *,
        progress: Progress | None = None,
        cancel: threading.Event | None = None,
        pause: threading.Event | None = None,
        notes: Notes | None = None,
    ) -> Path:
        """Fetch one file into ``folder`` and return where it lies; it overwrites nothing.

        Its name there is a safe form of the one it has, numbered where that is taken.
        """
        watch = Watch(progress, cancel, pause).file()
        kept = notes or Notes()
        try:
            return Downloading(
                self._pool, self.token, uid, folder, watch, self._patience, kept
            ).run()
        except BaseException:
            if notes is None:
                _remove_parts(kept)
            raise

    def download_folder(
        self,
        path: str,
        folder: Path,
        *,
        room: str | None = None,
        progress: Progress | None = None,
        cancel: threading.Event | None = None,
        pause: threading.Event | None = None,
        notes: Notes | None = None,
        count: Callable[[int], object] = _nothing,
        each: Callable[[Received], object] = _nothing,
    ) -> ReceivedFiles:
        """Fetch the folder (or file) ``path`` into ``folder``; an empty path is everything.

        Where two files have the same name the newer one is fetched. ``count`` hears how many files
        there are, ``each`` of every one at once; return what became of all of them, none when there
        is nothing of that name.
        """
        above = path.rpartition("/")[0]
        found = {info.full_name: info for info in self.list(room) if is_below(info, path)}
        watch = Watch(progress, cancel, pause)
        watch.expect(sum(info.size or 0 for info in found.values()))
        count(len(found))
        kept = notes or Notes()

        results = []
        try:
            for info in found.values():
                parts = safe_local_path(info.path[len(above) :], info.filename)
                target = folder.joinpath(*parts)
                results.append(self._receive(info, target, watch.file(), kept))
                each(results[-1])
            return results
        except BaseException:
            if notes is None:
                _remove_parts(kept)
            raise

    def abandon(self, notes: Notes) -> None:
        """Remove what a call that will not go on has left behind, here and on the server."""
        _remove_parts(notes)
        for note in notes.all():
            if "upload" in note:
                with contextlib.suppress(Refused):
                    self._pool.request(CANCEL, {"token": self.token, "upload": note["upload"]})

    def _send(self, file: LocalFile, room: str | None, watch: FileWatch, notes: Notes) -> Sent:
        uid, failure = None, None
        try:
            if file.error is not None:
                raise file.error
            uid = notes.read(file.full_name).get("uid")  # sent by an earlier run
            if uid is None:
                pool, token, patience = self._pool, self.token, self._patience
                uid = Uploading(pool, token, file, room, watch, patience, notes).run()
        except Exception as error:
            failure = _bearable(error)
        watch.moved_to(file.size)
        return Sent(file.full_name, file.size, uid=uid, error=failure)

    def _send_small(
        self, files: LocalFiles, room: str | None, watch: Watch, notes: Notes
    ) -> Iterator[Sent]:
        sender = SmallFiles(self._pool, self.token, room, watch, notes)
        for file, uid in sender.run(files):
            if uid is None:
                yield self._send(file, room, watch.file(), notes)
            else:
                watch.file().moved_to(file.size)
                yield Sent(file.full_name, file.size, uid=uid)

    def _receive(self, info: FileInfo, target: Path, watch: FileWatch, notes: Notes) -> Received:
        path, failure = None, None
        try:
            path = self._fetch(info, target, watch, notes)
        except Exception as error:
            failure = _bearable(error)
        size = info.size or 0
        watch.moved_to(size)
        return Received(info.uid, info.full_name, size, path=path, error=failure)

    def _fetch(self, info: FileInfo, target: Path, watch: FileWatch, notes: Notes) -> Path:
        here = notes.read(str(info.uid)).get("path")  # fetched by an earlier run
        if here is not None and Path(here).exists():
            return Path(here)
        folder = target if info.is_folder else target.parent
        folder.mkdir(parents=True, exist_ok=True)
        if info.is_folder:
            return target
        pool, token, patience = self._pool, self.token, self._patience
        name = target.name
        return Downloading(pool, token, info.uid, folder, watch, patience, notes, name).run()


def is_below(info: FileInfo, path: str) -> bool:
    """Tell whether a file is ``path`` or lies below it; an empty path is everything."""
    return not path or f"{info.full_name}/".startswith(f"{path}/")


def _remove_parts(notes: Notes) -> None:
    for note in notes.all():
        if "part" in note:
            with contextlib.suppress(OSError):
                Path(note["folder"], note["part"]).unlink(missing_ok=True)


def _bearable(error: Exception) -> CourseError:
    """Return an error that concerns one file; raise one that concerns all of them."""
    if isinstance(error, OSError):
        return CannotSend(str(error))
    hopeless = (ConnectionLost, TransferCancelled, TransferPaused)
    if not isinstance(error, CourseError) or isinstance(error, hopeless):
        raise error
    if isinstance(error, Refused) and error.status == Status.NOT_LOGGED_IN:
        raise error
    return error
