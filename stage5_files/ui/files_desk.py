"""What stands between the file client's calls and the widgets: the list, and what moves.

Everything here runs in the Tk thread; what blocks goes through the bridge.
"""

import itertools
import threading
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Protocol, TypeVar

from stage1_echo import safe_text
from stage2_protocol import Refused, Status
from stage3_auth.ui.login_errors import Trouble
from stage3_auth.ui.observers import Observers
from stage3_auth.ui.tk_bridge import TkBridge

from ..file_info import FileInfo, Sent
from ..names import safe_local_path
from ..watch import Progress
from .file_words import file_trouble
from .moving import Moving

AT_ONCE = 3  # transfers; more of them only get in each other's way
EVERY_SECONDS = 5.0  # the list is asked for again so often while somebody looks at it
SHOWN_SECONDS = 10.0  # so long a transfer that went well stays in sight
CLOSE_SECONDS = 2.0  # so long may transfers take to stop
_SPARE = 20  # but the answer may take this part of the time at most

T = TypeVar("T")
# Said here because inside the class ``list`` is its own method.
Files = list[FileInfo]
Uploaded = list[Sent]


class FileCalls(Protocol):
    """The calls on a file server; ``FileClient`` has them. All but ``close`` block."""

    def close(self) -> None: ...
    def list(self, room: str | None = None) -> Files: ...
    def delete(self, uid: int) -> None: ...
    def upload(
        self,
        path: Path,
        *,
        room: str | None = None,
        progress: Progress | None = None,
        cancel: threading.Event | None = None,
    ) -> Uploaded: ...
    def download(
        self,
        uid: int,
        folder: Path,
        *,
        progress: Progress | None = None,
        cancel: threading.Event | None = None,
    ) -> Path: ...


class FilesDesk:
    """One person's files: ``files`` in the place chosen, ``movings``, and ``changed`` to follow.

    ``on_news(trouble, is_error)`` is told of what deserves a word.
    """

    def __init__(
        self,
        client: FileCalls,
        bridge: TkBridge,
        user_name: str,
        *,
        on_ended: Callable[[str], object],
        on_news: Callable[[Trouble, bool], object],
    ) -> None:
        self._client, self._bridge = client, bridge
        self.user_name = user_name
        self._on_ended, self._on_news = on_ended, on_news
        self.changed = Observers()
        self.files: list[FileInfo] = []
        self.loaded = False
        self.room: str | None = None  # None: the files for everybody
        self.movings: list[Moving] = []
        self._waiting: list[tuple[Moving, Callable[[], object]]] = []
        self._numbers = itertools.count(1)
        self._closed = self._asking = self._stale = False
        self._ask_again_at = 0.0

    # --- the list ------------------------------------------------------------------------------

    def choose(self, room: str | None) -> None:
        """Look into a room, or with None at the files for everybody."""
        self.room, self.files, self.loaded = room, [], False
        self.changed.notify()
        self.refresh()

    def refresh(self) -> None:
        """Ask for the list."""
        if self._asking:
            self._stale = True  # what is being answered may be older than what is wanted
            return
        self._asking, self._stale = True, False
        room, asked_at = self.room, time.monotonic()
        self._run(
            partial(self._client.list, room),
            done=lambda files: self._listed(files, room, asked_at),
            failed=lambda error: self._not_listed(error, asked_at),
        )

    def refresh_if_old(self) -> None:
        """Ask for the list if some time has passed since the last answer."""
        if time.monotonic() >= self._ask_again_at:
            self.refresh()

    def _listed(self, files: list[FileInfo], room: str | None, asked_at: float) -> None:
        self._answered(asked_at)
        if room == self.room and (files != self.files or not self.loaded):
            self.files, self.loaded = files, True
            self.changed.notify()

    def _not_listed(self, error: Exception, asked_at: float) -> None:
        self._answered(asked_at)
        self._tell(error)

    def _answered(self, asked_at: float) -> None:
        self._asking = False
        now = time.monotonic()
        self._ask_again_at = now + max(EVERY_SECONDS, _SPARE * (now - asked_at))
        if self._stale:
            self.refresh()

    # --- what a person does --------------------------------------------------------------------

    def upload(self, paths: Sequence[Path]) -> None:
        """Send files and folders to the place chosen."""
        for path in paths:
            moving = self._new(path.name, is_upload=True)
            call = partial(
                self._client.upload,
                path,
                room=self.room,
                progress=moving.progress,
                cancel=moving.cancel,
            )
            self._waiting.append((moving, call))
        self._start_some()

    def download(self, files: Sequence[FileInfo], folder: Path) -> None:
        """Fetch files into a folder; what was sent in a folder lies in that folder again."""
        for info in files:
            moving = self._new(info.filename, is_upload=False)
            target = folder.joinpath(*safe_local_path(info.path, info.filename)).parent
            self._waiting.append((moving, partial(self._fetch, info.uid, target, moving)))
        self._start_some()

    def delete(self, files: Sequence[FileInfo]) -> None:
        """Delete files of one's own, for good."""

        def delete_all() -> None:
            for info in files:
                self._client.delete(info.uid)

        def deleted(_nothing: object) -> None:
            names = ", ".join(safe_text(info.filename) for info in files[:3])
            self._on_news(Trouble("files.deleted", {"name": names}), False)
            self.refresh()

        def failed(error: Exception) -> None:
            self._tell(error)
            self.refresh()

        self._run(delete_all, done=deleted, failed=failed)

    def cancel(self, moving: Moving) -> None:
        """Stop a transfer; one that is over goes out of sight."""
        if moving.is_over:
            self.movings.remove(moving)
        elif moving.state == "waiting":
            self._waiting = [(each, call) for each, call in self._waiting if each is not moving]
            self.movings.remove(moving)
        else:
            moving.cancel.set()
        self.changed.notify()

    def tidy(self) -> None:
        """Put away the transfers that went well some time ago."""
        old = time.monotonic() - SHOWN_SECONDS
        kept = [each for each in self.movings if each.state != "done" or each.over_at > old]
        if len(kept) < len(self.movings):
            self.movings = kept
            self.changed.notify()

    def close(self, then: Callable[[], object]) -> None:
        """Stop all transfers, so that they can clear up behind them, and close the connections."""
        self._closed = True
        under_way = [moving for moving in self.movings if moving.state == "moving"]
        for moving in under_way:
            moving.cancel.set()

        def wait() -> None:
            end = time.monotonic() + CLOSE_SECONDS
            for moving in under_way:
                moving.ended.wait(max(0.0, end - time.monotonic()))
            self._client.close()

        self._bridge.run(wait, done=lambda _nothing: then())

    # --- transfers -----------------------------------------------------------------------------

    def _new(self, name: str, *, is_upload: bool) -> Moving:
        moving = Moving(next(self._numbers), safe_text(name), is_upload)
        self.movings.append(moving)
        return moving

    def _fetch(self, uid: int, folder: Path, moving: Moving) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        progress, cancel = moving.progress, moving.cancel
        return self._client.download(uid, folder, progress=progress, cancel=cancel)

    def _start_some(self) -> None:
        busy = sum(moving.state == "moving" for moving in self.movings)
        while self._waiting and busy < AT_ONCE:
            moving, call = self._waiting.pop(0)
            moving.state = "moving"
            busy += 1
            self._run(
                partial(_carry_out, moving, call),
                done=partial(self._moved, moving),
                failed=partial(self._not_moved, moving),
            )
        self.changed.notify()

    def _moved(self, moving: Moving, result: Any) -> None:
        """Take in what came of a transfer: a path, or what became of each file of an upload."""
        failures = [sent.error for sent in result if sent.error] if moving.is_upload else []
        if failures:
            self._not_moved(moving, failures[0])
            return
        moving.state, moving.over_at = "done", time.monotonic()
        if moving.is_upload:
            self._on_news(Trouble("files.uploaded", {"name": moving.name}), False)
        else:
            moving.where = safe_text(str(result))
            self._on_news(Trouble("files.downloaded", {"path": moving.where}), False)
        self._over()

    def _not_moved(self, moving: Moving, error: Exception) -> None:
        moving.state, moving.trouble = "failed", file_trouble(error)
        self._tell(error)
        self._over()

    def _over(self) -> None:
        self._start_some()
        self.refresh()

    # --- calls ---------------------------------------------------------------------------------

    def _tell(self, error: Exception) -> None:
        if isinstance(error, Refused) and error.status == Status.NOT_LOGGED_IN:
            self._on_ended(str(error))
        else:
            self._on_news(file_trouble(error), True)

    def _run(
        self,
        function: Callable[[], T],
        *,
        done: Callable[[T], object],
        failed: Callable[[Exception], object],
    ) -> None:
        """Call a function off the Tk thread; results that come after the end are dropped."""

        def unless_closed(callback: Callable[[Any], object], value: Any) -> None:
            if not self._closed:
                callback(value)

        self._bridge.run(
            function, done=partial(unless_closed, done), failed=partial(unless_closed, failed)
        )


def _carry_out(moving: Moving, call: Callable[[], T]) -> T:
    try:
        return call()
    finally:
        moving.ended.set()
