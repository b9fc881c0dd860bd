"""What a client asks the file server, as plain calls for worker threads."""

import threading
from collections.abc import Callable
from pathlib import Path

from stage1_echo import CourseError
from stage2_protocol import ConnectionLost, Data, MessageError, Refused, Status

from .downloading import Downloading
from .errors import CannotSend, TransferCancelled
from .file_info import FileInfo, Received, Sent
from .local_files import LocalFile, local_file, local_folder
from .names import safe_local_path
from .pool import ConnectionPool
from .service import DELETE, LIST
from .uploading import Uploading
from .watch import Progress, Watch

PATIENCE_SECONDS = 60.0

# Said here because inside the class ``list`` is its own method.
Files = list[FileInfo]
SentFiles = list[Sent]
ReceivedFiles = list[Received]


def _nothing(_result: object) -> None:
    """Hear of a result and do nothing."""


class FileClient:
    """Calls on a file server for the user of ``token``.

    Every call blocks and may be made from any thread; several transfers may run at once, each has a
    connection of its own. A lost connection is made again and the transfer goes on, until
    ``patience`` seconds pass without progress. ``progress(done, total)`` is called on some thread,
    in bytes over all files of the call; setting the event ``cancel`` ends it with
    TransferCancelled. All raise Refused and ConnectionLost.
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
        files: Files = []
        args: Data = {"token": self.token, "room": room, "after": 0}
        while True:
            page = self._pool.request(LIST, args)
            entries = page.get("files")
            if not isinstance(entries, list):
                raise MessageError("a file list is not sound")
            files += [FileInfo.from_data(entry) for entry in entries]
            if not page.get("more") or not entries:
                return files
            args["after"] = files[-1].uid

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
        each: Callable[[Sent], object] = _nothing,
    ) -> SentFiles:
        """Send a file, or a folder with its structure; return what became of each file.

        ``each`` hears of every file at once. One that cannot be sent does not stop the others.
        """
        files = local_folder(path) if path.is_dir() else [local_file(path)]
        watch = Watch(progress, cancel)
        watch.expect(sum(file.size for file in files))
        results = []
        for file in files:
            results.append(self._send(file, room, watch))
            watch.finished(file.size)
            each(results[-1])
        return results

    def download(
        self,
        uid: int,
        folder: Path,
        *,
        progress: Progress | None = None,
        cancel: threading.Event | None = None,
    ) -> Path:
        """Fetch one file into ``folder`` and return where it lies; it overwrites nothing.

        Its name there is a safe form of the one it has, numbered where that is taken.
        """
        watch = Watch(progress, cancel)
        return Downloading(self._pool, self.token, uid, folder, watch, self._patience).run()

    def download_folder(
        self,
        path: str,
        folder: Path,
        *,
        room: str | None = None,
        progress: Progress | None = None,
        cancel: threading.Event | None = None,
        each: Callable[[Received], object] = _nothing,
    ) -> ReceivedFiles:
        """Fetch the folder (or file) ``path`` into ``folder``; an empty path is everything.

        Where two files have the same name the newer one is fetched. ``each`` hears of every file at
        once; return what became of all of them, none when there is nothing of that name.
        """
        above = path.rpartition("/")[0]
        found = {info.full_name: info for info in self.list(room) if _is_below(info, path)}
        watch = Watch(progress, cancel)
        watch.expect(sum(info.size or 0 for info in found.values()))
        results = []
        for info in found.values():
            parts = safe_local_path(info.path[len(above) :], info.filename)
            results.append(self._receive(info, folder.joinpath(*parts), watch))
            watch.finished(info.size or 0)
            each(results[-1])
        return results

    def _send(self, file: LocalFile, room: str | None, watch: Watch) -> Sent:
        if file.error is not None:
            return Sent(file.full_name, file.size, error=file.error)
        try:
            uid = Uploading(self._pool, self.token, file, room, watch, self._patience).run()
            return Sent(file.full_name, file.size, uid=uid)
        except Exception as error:
            return Sent(file.full_name, file.size, error=_bearable(error))

    def _receive(self, info: FileInfo, target: Path, watch: Watch) -> Received:
        size = info.size or 0
        try:
            folder = target if info.is_folder else target.parent
            folder.mkdir(parents=True, exist_ok=True)
            if not info.is_folder:
                transfer = Downloading(
                    self._pool, self.token, info.uid, folder, watch, self._patience
                )
                target = transfer.run()
            return Received(info.uid, info.full_name, size, path=target)
        except Exception as error:
            return Received(info.uid, info.full_name, size, error=_bearable(error))


def _is_below(info: FileInfo, path: str) -> bool:
    return not path or f"{info.full_name}/".startswith(f"{path}/")


def _bearable(error: Exception) -> CourseError:
    """Return an error that concerns one file; raise one that concerns all of them."""
    if isinstance(error, OSError):
        return CannotSend(str(error))
    hopeless = (ConnectionLost, TransferCancelled)
    if not isinstance(error, CourseError) or isinstance(error, hopeless):
        raise error
    if isinstance(error, Refused) and error.status == Status.NOT_LOGGED_IN:
        raise error
    return error
