"""One download, from this side: fetched to a temporary file, verified, then given its name."""

import contextlib
import itertools
import secrets
import shutil
from collections.abc import Callable
from pathlib import Path

from stage2_protocol import ConnectionLost, Data, MessageError, Refused, Status

from .errors import DownloadFailed, TransferPaused
from .file_info import FileInfo
from .hashing import FollowingMd5
from .memory import Notes
from .names import numbered_name, safe_local_path
from .pool import ConnectionPool
from .service import FETCH
from .watch import FileWatch, Patience


class Downloading:
    """Fetches one file into ``folder``, under ``name`` or a safe form of the one that it has.

    ``notes`` tell of what an earlier run has fetched of it: it goes on behind those bytes.
    """

    def __init__(
        self,
        pool: ConnectionPool,
        token: str,
        uid: int,
        folder: Path,
        watch: FileWatch,
        patience: float,
        notes: Notes,
        name: str | None = None,
    ) -> None:
        self._pool = pool
        self._token = token
        self._uid = uid
        self._folder = folder
        self._watch = watch
        self._patience = Patience(patience)
        self._notes = notes
        self._name = name
        self._promised: tuple[int | None, str | None] | None = None  # size and md5
        self._received = 0

    def run(self) -> Path:
        """Fetch the file; return where it lies.

        Raises DownloadFailed, Refused, ConnectionLost, TransferCancelled, TransferPaused. Whatever
        happens, nothing that is there already is overwritten, and no unverified file has the file's
        name. After a lost connection or a pause the bytes so far are kept.
        """
        try:
            temporary = self._begin()
            try:
                info = self._fetch(temporary)
                path = self._keep(temporary, info)
            except (ConnectionLost, TransferPaused):
                raise  # it may go on later
            except BaseException as error:
                if not (isinstance(error, Refused) and error.status == Status.NOT_LOGGED_IN):
                    temporary.unlink(missing_ok=True)
                    self._note({})
                raise
        except OSError as error:
            reason = error.strerror or error
            raise DownloadFailed(f"cannot store it in {self._folder}: {reason}") from error
        self._note({"path": str(path)})
        return path

    def _begin(self) -> Path:
        """Return the file for the bytes: the one of an earlier run, or a new one."""
        note = self._notes.read(str(self._uid))
        if (name := note.get("part")) is not None:
            temporary = self._folder / str(name)
            with contextlib.suppress(FileNotFoundError):
                self._received = temporary.stat().st_size
                if "md5" in note:  # else it was cut off before it heard what it would get
                    self._promised = note["size"], note["md5"]
                return temporary
        temporary = self._folder / f".{secrets.token_hex(8)}.part"
        temporary.open("xb").close()
        self._note(self._where(temporary))
        return temporary

    def _where(self, temporary: Path) -> Data:
        return {"folder": str(self._folder), "part": temporary.name}

    def _keep(self, temporary: Path, info: FileInfo) -> Path:
        """Give what has arrived, and is verified, its place and its name.

        An empty folder becomes a folder.
        """
        # BEGIN SOLUTION 5.11
        name = self._name or safe_local_path("", info.filename)[0]
        if not info.is_folder:
            return place(temporary, self._folder, name)
        temporary.unlink()
        (self._folder / name).mkdir(exist_ok=True)
        return self._folder / name
        # END SOLUTION

    def _note(self, note: Data) -> None:
        self._notes.write(str(self._uid), note)

    def _fetch(self, temporary: Path) -> FileInfo:
        """Fetch all bytes, in as many tries as it takes, and verify them; raises DownloadFailed."""
        # BEGIN SOLUTION 5.11
        md5 = FollowingMd5(temporary)
        self._watch.moved_to(self._received)
        md5.grown_to(self._received)
        while True:
            self._watch.check()
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
        # END SOLUTION

    def _attempt(self, temporary: Path, md5: FollowingMd5) -> FileInfo:
        """Fetch what is still missing; a cut keeps every byte that arrived."""
        # BEGIN SOLUTION 5.11
        with temporary.open("ab", buffering=0) as file:

            def sink(data: Data) -> Callable[[memoryview], object]:
                self._expect(data, temporary)
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
        return self._expect(data, temporary)
        # END SOLUTION

    def _expect(self, data: Data, temporary: Path) -> FileInfo:
        """Take what the server says of the file; it must not change between two tries."""
        try:
            info = FileInfo.from_data(data, self._uid)
        except MessageError as error:
            raise DownloadFailed(f"the server's answer makes no sense: {error}") from error
        promised = info.size, info.md5
        if self._promised not in (None, promised):
            raise DownloadFailed("the file on the server is another one now")
        if self._promised is None:
            self._promised = promised
            self._check_space(info.size or 0)
            self._note({**self._where(temporary), "size": info.size, "md5": info.md5})
        self._watch.expect_at_least(info.size or 0)
        return info

    def _check_space(self, size: int) -> None:
        free = shutil.disk_usage(self._folder).free
        if size > free:
            raise DownloadFailed(f"it has {size} bytes, {self._folder} has {free} free")

    def _count(self, count: int) -> None:
        """Count bytes that are about to be written; more than promised: DownloadFailed."""
        # BEGIN SOLUTION 5.11
        size = self._promised[0] if self._promised is not None else None
        if size is None or self._received + count > size:
            raise DownloadFailed(f"more bytes arrived than the {size} that were promised")
        self._received += count
        self._patience.progressed()
        self._watch.moved_to(self._received)
        # END SOLUTION


def place(temporary: Path, folder: Path, name: str) -> Path:
    """Give a finished file its name, or a numbered one where that is taken; return where it lies.

    Making the name first, exclusively, lets nobody slip in between the look and the move.
    """
    # BEGIN SOLUTION 5.11
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
    # END SOLUTION
