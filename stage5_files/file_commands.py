"""The terminal commands about files, a table that a client adds to its own."""

import glob
import threading
from collections.abc import Callable
from fnmatch import fnmatchcase
from pathlib import Path

from stage1_echo import CourseError, print_event
from stage2_protocol import Command, CommandLine, ConnectionLost
from stage3_auth import AccountCommands

from .errors import FileError, TransferPaused
from .file_client import FileClient, is_below
from .file_info import FileInfo, Received, Sent
from .memory import Notes, TransferMemory, memory_file
from .progress_bar import with_progress
from .transfer_job import Task
from .watch import Progress

_PATTERN = frozenset("*?[")
UID_DIGITS = 19  # of the largest; what is longer is a name

Move = Callable[[Progress, threading.Event, Notes], object]


class FileCommands:
    """The commands about files, for whoever is logged in with ``accounts``.

    In the folder ``state`` it remembers what was cut off: the same command goes on from there. With
    None it remembers nothing. ``failures`` counts the files that did not arrive.
    """

    def __init__(
        self, accounts: AccountCommands, host: str, port: int, *, state: Path | None = None
    ) -> None:
        self._accounts = accounts
        self._address = (host, port)
        self._state = state
        self._client: FileClient | None = None
        self._memory = TransferMemory()
        self.failures = 0

    def add_to(self, line: CommandLine) -> None:
        """Add the commands to a command line."""
        for name, (usage, help, run) in self.table().items():
            line.add(name, Command(usage, help, run))

    def table(self) -> dict[str, tuple[str, str, Callable[..., object]]]:
        """Return the commands: what to write behind the name, what it does, the function."""
        return {
            "put": ("PATH [ROOM]", "send files or folders (* and ? allowed)", self.put),
            "get": ("UID|NAME [FOLDER] [ROOM]", "fetch files or a folder (* and ?)", self.get),
            "ls": ("[ROOM]", "list the files for everyone, or of a room", self.ls),
            "rm": ("UID|NAME [ROOM]", "delete files of yours (* and ?), or a folder", self.rm),
        }

    def put(self, path: str, room: str | None = None) -> None:
        """Send a file or a folder, or all that a pattern fits."""
        client = self._files()
        for source in _local_paths(path):
            task = Task("upload", str(source.absolute()), source.name, room=room)

            def send(
                progress: Progress, pause: threading.Event, notes: Notes, source: Path = source
            ) -> None:
                client.upload(
                    source, room=room, progress=progress, pause=pause, notes=notes, each=self._say
                )

            self._move(task, send)

    def get(self, name: str, folder: str = ".", room: str | None = None) -> None:
        """Fetch a file by number or name, a folder by its path, or all that a pattern fits."""
        client, target = self._files(), Path(folder).expanduser()
        if _is_number(name):
            self._get_one(client, int(name), target)
            return
        names = [name.strip("/")]
        if _PATTERN & set(name):
            found = [info.full_name for info in client.list(room)]
            names = sorted({each for each in found if _fits(each, name)} - set(names)) or names
        for each in names:
            task = Task("download_folder", each, each, str(target.absolute()), room)

            def fetch(
                progress: Progress, pause: threading.Event, notes: Notes, each: str = each
            ) -> None:
                if not client.download_folder(
                    each,
                    target,
                    room=room,
                    progress=progress,
                    pause=pause,
                    notes=notes,
                    each=self._say,
                ):
                    raise FileError(f"there is no file and no folder {each}")

            self._move(task, fetch)

    def ls(self, room: str | None = None) -> None:
        """List files."""
        for info in self._files().list(room):
            print_event(_listed(info))

    def rm(self, name: str, room: str | None = None) -> None:
        """Delete files of one's own: by number, name or pattern, or all in a folder."""
        client = self._files()
        if _is_number(name):
            uids = [int(name)]
        else:
            found = [info for info in client.list(room) if self._is_mine(info)]
            folder = name.strip("/")
            uids = [
                info.uid
                for info in found
                if _fits(info.full_name, name) or (folder and is_below(info, folder))
            ]
            if not uids:
                raise FileError(f"got {name}: no file of yours is called so; /ls shows them")
        for uid in uids:
            client.delete(uid)
            print_event(f"deleted {uid}")

    def close(self) -> None:
        """Close the connections."""
        if self._client is not None:
            self._client.close()
        self._memory.close()

    def _get_one(self, client: FileClient, uid: int, target: Path) -> None:
        task = Task("download", str(uid), str(uid), str(target.absolute()))

        def fetch(progress: Progress, pause: threading.Event, notes: Notes) -> None:
            path = client.download(uid, target, progress=progress, pause=pause, notes=notes)
            print_event(f"downloaded {uid}: {path}")

        self._move(task, fetch)

    def _move(self, task: Task, move: Move) -> None:
        """Move something with a bar; if it is cut off, the notes on it stay for the next time."""
        known = (n for n, job in self._memory.jobs().items() if job.get("task") == task.as_data())
        number = next(known, None) or self._memory.begin({"task": task.as_data()})
        notes = self._memory.notes(number)
        try:
            with_progress(task.name, lambda report, pause: move(report, pause, notes))
        except TransferPaused as error:
            raise FileError("stopped; the same command goes on from there") from error
        except ConnectionLost:
            raise
        except CourseError:
            self._memory.forget(number)
            raise
        self._memory.forget(number)

    def _say(self, result: Sent | Received) -> None:
        """Print what became of a file."""
        if result.error is not None:
            self.failures += 1
            name = "" if isinstance(result, Sent) else f"{result.name}: "
            print_event(f"error: {name}{result.error}")
        elif isinstance(result, Sent):
            print_event(f"uploaded {result.uid}: {result.name} ({result.size} bytes)")
        else:
            print_event(f"downloaded {result.uid}: {result.path}")

    def _is_mine(self, info: FileInfo) -> bool:
        session = self._accounts.session
        return session is not None and info.own == session.user_name

    def _files(self) -> FileClient:
        """Return a client for whoever is logged in now; raises Refused (102)."""
        token = self._accounts.token()
        if self._client is None or self._client.token != token:
            self.close()
            self._client = FileClient(*self._address, token)
            session = self._accounts.session
            path = None
            if self._state is not None and session is not None:
                path = memory_file(self._state, *self._address, session.user_name)
            self._memory = TransferMemory(path)
        return self._client


def _local_paths(text: str) -> list[Path]:
    """Return the path that ``text`` names, or those it fits when it is a pattern."""
    path = Path(text).expanduser()
    if path.exists() or not _PATTERN & set(text):
        return [path]
    found = sorted(glob.glob(str(path)))  # noqa: PTH207 - a pattern may be absolute
    if not found:
        raise FileError(f"{text}: no file fits this pattern")
    return [Path(name) for name in found]


def _fits(full_name: str, pattern: str) -> bool:
    """Tell whether a name fits a pattern; one without / is for the last part of the name."""
    name = full_name if "/" in pattern else full_name.rpartition("/")[2]
    return name == pattern or fnmatchcase(name, pattern)


def _listed(info: FileInfo) -> str:
    size = "?" if info.size is None else info.size
    return f"{info.uid}  {size} bytes  {info.lx}  {info.own}  {info.data}  {info.full_name}"


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= UID_DIGITS
