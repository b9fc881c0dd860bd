"""The terminal commands about files, a table that a client adds to its own."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from pathlib import Path

from stage1_echo import is_interactive, print_event, safe_text
from stage2_protocol import Command, CommandLine
from stage3_auth import AccountCommands

from .errors import FileError
from .file_client import FileClient
from .file_info import FileInfo, Received, Sent
from .watch import Progress


class FileCommands:
    """The commands about files, for whoever is logged in with ``accounts``."""

    def __init__(self, accounts: AccountCommands, host: str, port: int) -> None:
        self._accounts = accounts
        self._address = (host, port)
        self._client: FileClient | None = None

    def add_to(self, line: CommandLine) -> None:
        """Add the commands to a command line."""
        for name, usage, help, run in (
            ("put", "PATH [ROOM]", "send a file or a folder, to everyone or to a room", self.put),
            ("get", "UID|NAME [FOLDER] [ROOM]", "fetch a file or a folder", self.get),
            ("ls", "[ROOM]", "list the files for everyone, or of a room", self.ls),
            ("rm", "UID", "delete a file of yours", self.rm),
        ):
            line.add(name, Command(usage, help, run))

    def put(self, path: str, room: str | None = None) -> None:
        """Send a file or a folder."""
        client, source = self._files(), Path(path).expanduser()

        def send(report: Progress, cancel: threading.Event) -> None:
            client.upload(source, room=room, progress=report, cancel=cancel, each=_say_sent)

        _with_progress(source.name, send)

    def get(self, name: str, folder: str = ".", room: str | None = None) -> None:
        """Fetch a file by number or name, or a folder by its path."""
        client, target = self._files(), Path(folder).expanduser()

        def fetch(report: Progress, cancel: threading.Event) -> None:
            if _is_number(name):
                path = client.download(int(name), target, progress=report, cancel=cancel)
                print_event(f"downloaded {int(name)}: {path}")
                return
            found = client.download_folder(
                name.strip("/"),
                target,
                room=room,
                progress=report,
                cancel=cancel,
                each=_say_received,
            )
            if not found:
                raise FileError(f"there is no file and no folder {name}")

        _with_progress(name, fetch)

    def ls(self, room: str | None = None) -> None:
        """List files."""
        for info in self._files().list(room):
            print_event(_listed(info))

    def rm(self, uid: str) -> None:
        """Delete a file."""
        if not _is_number(uid):
            raise FileError(f"got {uid}, a uid is a number; /ls shows them")
        self._files().delete(int(uid))
        print_event(f"deleted {int(uid)}")

    def close(self) -> None:
        """Close the connections."""
        if self._client is not None:
            self._client.close()

    def _files(self) -> FileClient:
        """Return a client for whoever is logged in now; raises Refused (102)."""
        token = self._accounts.token()
        if self._client is None or self._client.token != token:
            self.close()
            self._client = FileClient(*self._address, token)
        return self._client


def _listed(info: FileInfo) -> str:
    size = "?" if info.size is None else info.size
    return f"{info.uid}  {size} bytes  {info.lx}  {info.own}  {info.data}  {info.full_name}"


def _say_sent(sent: Sent) -> None:
    if sent.error is None:
        print_event(f"uploaded {sent.uid}: {sent.name} ({sent.size} bytes)")
    else:
        print_event(f"error: {sent.error}")


def _say_received(received: Received) -> None:
    if received.error is None:
        print_event(f"downloaded {received.uid}: {received.path}")
    else:
        print_event(f"error: {received.name}: {received.error}")


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal()


def _with_progress(title: str, work: Callable[[Progress, threading.Event], None]) -> None:
    """Run ``work(report, cancel)``; show a bar when a person sits there; Ctrl-C cancels."""
    cancel = threading.Event()
    with _bar(title) as report, ThreadPoolExecutor(1) as executor:
        future = executor.submit(work, report, cancel)
        while True:
            try:
                # In short waits: on Windows a long one would not let Ctrl-C through.
                while not wait([future], timeout=0.2).done:
                    pass
                return future.result()
            except KeyboardInterrupt:
                cancel.set()


@contextmanager
def _bar(title: str) -> Iterator[Progress]:
    """Show a progress bar on standard error while a person waits; a script sees none."""
    if not is_interactive():
        yield lambda _done, _total: None
        return
    # Only here: it costs every other program that imports this stage 50 ms of its start.
    from rich import progress
    from rich.console import Console
    from rich.markup import escape

    columns = (
        progress.TextColumn("{task.description}"),
        progress.BarColumn(),
        progress.DownloadColumn(),
        progress.TransferSpeedColumn(),
        progress.TimeRemainingColumn(),
    )
    console = Console(stderr=True)
    with progress.Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(escape(safe_text(title)), total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
