"""One download, from this side: fetched to a temporary file, verified, then given its name."""

import itertools
import secrets
from collections.abc import Callable
from pathlib import Path

from stage2_protocol import ConnectionLost, Data, MessageError

from .errors import DownloadFailed
from .file_info import FileInfo
from .hashing import FollowingMd5
from .names import numbered_name, safe_local_name
from .pool import ConnectionPool
from .service import FETCH
from .watch import Patience, Watch


class Downloading:
    """Fetches one file into ``folder``, under a name of its own that is safe there."""

    def __init__(
        self,
        pool: ConnectionPool,
        token: str,
        uid: int,
        folder: Path,
        watch: Watch,
        patience: float,
    ) -> None:
        self._pool = pool
        self._token = token
        self._uid = uid
        self._folder = folder
        self._watch = watch
        self._patience = Patience(patience)
        self._info: FileInfo | None = None
        self._received = 0

    def run(self) -> Path:
        """Fetch the file; return where it lies.

        Raises DownloadFailed, Refused, ConnectionLost, TransferCancelled. Whatever happens, nothing
        that is there already is overwritten, and no unverified file has the file's name.
        """
        temporary = self._folder / f".{secrets.token_hex(8)}.part"
        try:
            temporary.open("xb").close()
            try:
                info = self._fetch(temporary)
                name = safe_local_name(info.filename)
                if info.is_folder:
                    (self._folder / name).mkdir(exist_ok=True)
                    return self._folder / name
                return place(temporary, self._folder, name)
            finally:
                temporary.unlink(missing_ok=True)
        except OSError as error:
            reason = error.strerror or error
            raise DownloadFailed(f"cannot store it in {self._folder}: {reason}") from error

    def _fetch(self, temporary: Path) -> FileInfo:
        md5 = FollowingMd5(temporary)
        while True:
            try:
                info = self._attempt(temporary, md5)
                break
            except ConnectionLost as error:
                self._patience.wait(error, self._watch)
        if self._received != info.size:
            raise DownloadFailed(f"got {self._received} bytes, promised were {info.size}")
        if (found := md5.hexdigest()) != info.md5:
            raise DownloadFailed(f"the md5 of what arrived is {found}, it should be {info.md5}")
        return info

    def _attempt(self, temporary: Path, md5: FollowingMd5) -> FileInfo:
        """Fetch what is still missing; a cut keeps every byte that arrived."""
        with temporary.open("ab", buffering=0) as file:

            def sink(data: Data) -> Callable[[memoryview], object]:
                self._expect(data)
                return write

            def write(chunk: memoryview) -> None:
                self._watch.check()
                self._count(len(chunk))
                while chunk:
                    chunk = chunk[file.write(chunk) :]
                md5.grown_to(self._received)

            args = {"token": self._token, "uid": self._uid, "offset": self._received}
            with self._pool.connection() as connection:
                data = connection.request(FETCH, args, sink=sink, timeout=None)
        return self._expect(data)

    def _expect(self, data: Data) -> FileInfo:
        """Take what the server says of the file; it must not change between two tries."""
        try:
            info = FileInfo.from_data(data, self._uid)
        except MessageError as error:
            raise DownloadFailed(f"the server's answer makes no sense: {error}") from error
        if self._info is not None and (info.size, info.md5) != (self._info.size, self._info.md5):
            raise DownloadFailed("the file on the server is another one now")
        self._info = info
        self._watch.expect_at_least(info.size or 0)
        return info

    def _count(self, count: int) -> None:
        size = self._info.size if self._info is not None else None
        if size is None or self._received + count > size:
            raise DownloadFailed(f"more bytes arrived than the {size} that were promised")
        self._received += count
        self._patience.progressed()
        self._watch.moved_to(self._received)


def place(temporary: Path, folder: Path, name: str) -> Path:
    """Give a finished file its name, or a numbered one where that is taken; return where it lies.

    Making the name first, exclusively, lets nobody slip in between the look and the move.
    """
    for number in itertools.count(1):
        target = folder / (name if number == 1 else numbered_name(name, number))
        try:
            target.open("xb").close()
        except FileExistsError:
            continue
        try:
            temporary.replace(target)
        except OSError:
            target.unlink()
            raise
        return target
    raise AssertionError("there are always more numbers")
