"""What stands between the file client's calls and the widgets: the list, and what moves.

Everything here runs in the Tk thread; what blocks goes through the bridge.
"""

import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Protocol, TypeVar

from stage1_echo import safe_text
from stage2_protocol import Refused, Status
from stage3_auth.ui.login_errors import Trouble
from stage3_auth.ui.observers import Observers
from stage3_auth.ui.tk_bridge import TkBridge

from ..file_info import FileInfo
from .file_tree import Entry, Folder, as_tree
from .file_words import file_trouble, list_trouble
from .open_local import NotHere, is_program, open_file, show_in_folder

EVERY_SECONDS = 5.0  # the list is asked for again so often while somebody looks at it
_SPARE = 20  # but the answer may take this part of the time at most

T = TypeVar("T")
Files = list[FileInfo]  # said here because inside the class ``list`` is its own method


class FileCalls(Protocol):
    """The calls on a file server; ``FileClient`` has them. All but ``close`` block."""

    def close(self) -> None: ...
    def list(self, room: str | None = None) -> Files: ...
    def delete(self, uid: int) -> None: ...


class FilesDesk:
    """One person's view of a place: ``top`` is what is in it, ``changed`` is there to follow.

    ``on_news(trouble, is_error)`` is told of what deserves a word; ``copies`` holds where
    downloaded files lie here, by uid.
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
        self._files: Files = []
        self.top = Folder("")
        self.loaded = False
        self.trouble: Trouble | None = None  # why there is no list
        self.room: str | None = None  # None: the files for everybody
        self.copies: dict[int, Path] = {}
        self.is_closed = self._asking = self._stale = False
        self._ask_again_at = 0.0

    def close(self) -> None:
        """Take no more answers."""
        self.is_closed = True

    # --- the list ------------------------------------------------------------------------------

    def choose(self, room: str | None) -> None:
        """Look into a room, or with None at the files for everybody."""
        self.room, self._files, self.top = room, [], Folder("")
        self.loaded, self.trouble = False, None
        self.changed.notify()
        self.refresh()

    def refresh(self) -> None:
        """Ask for the list."""
        if self._asking:
            self._stale = True  # what is being answered may be older than what is wanted
            return
        self._asking, self._stale = True, False
        room, asked_at = self.room, time.monotonic()

        known, top = self._files, self.top

        def ask() -> tuple[Files, Folder]:  # a long list is also compared and sorted out there
            files = self._client.list(room)
            return (known, top) if files == known else (files, as_tree(files))

        self.run(
            ask,
            done=lambda answer: self._listed(*answer, room, asked_at),
            failed=lambda error: self._not_listed(error, room, asked_at),
        )

    def refresh_if_old(self) -> None:
        """Ask for the list if some time has passed since the last answer."""
        if time.monotonic() >= self._ask_again_at:
            self.refresh()

    def _listed(self, files: Files, top: Folder, room: str | None, asked_at: float) -> None:
        self._answered(asked_at)
        if room != self.room:
            return
        if files is not self._files or not self.loaded or self.trouble is not None:
            self._files, self.top, self.loaded, self.trouble = files, top, True, None
            self.changed.notify()

    def _not_listed(self, error: Exception, room: str | None, asked_at: float) -> None:
        self._answered(asked_at)
        if _is_end(error):
            self._on_ended(str(error))
        elif room == self.room and self.trouble != (trouble := list_trouble(error)):
            self.trouble = trouble
            self.changed.notify()

    def _answered(self, asked_at: float) -> None:
        self._asking = False
        now = time.monotonic()
        self._ask_again_at = now + max(EVERY_SECONDS, _SPARE * (now - asked_at))
        if self._stale:
            self.refresh()

    # --- what a person does with what is there -------------------------------------------------

    def may_delete(self, entries: Sequence[Entry]) -> bool:
        """Tell whether all of this is the person's own."""
        return bool(entries) and all(info.own == self.user_name for info in files_of(entries))

    def delete(self, entries: Sequence[Entry]) -> None:
        """Delete files and folders of one's own, for good."""
        infos = files_of(entries)

        def delete_all() -> None:
            for info in infos:
                self._client.delete(info.uid)

        def deleted(_nothing: object) -> None:
            if len(entries) == 1:
                self._on_news(Trouble("files.deleted", {"name": shown_name(entries[0])}), False)
            else:
                self._on_news(Trouble("files.deleted_many", {"count": len(entries)}), False)
            self.refresh()

        def failed(error: Exception) -> None:
            self.tell(error)
            self.refresh()

        self.run(delete_all, done=deleted, failed=failed)

    def open(self, path: Path) -> None:
        """Open a downloaded file; what could be carried out is only shown in its folder."""
        if is_program(path):
            self._on_news(Trouble("files.not_opened", {"name": safe_text(path.name)}), True)
            self.show_in_folder(path)
        else:
            self.run(partial(open_file, path), failed=partial(self._not_opened, path))

    def show_in_folder(self, path: Path) -> None:
        """Show a downloaded file in its folder."""
        self.run(partial(show_in_folder, path), failed=partial(self._not_opened, path))

    def _not_opened(self, path: Path, error: Exception) -> None:
        if isinstance(error, NotHere):
            self.copies = {uid: copy for uid, copy in self.copies.items() if copy != path}
            self.changed.notify()
        self.tell(error)

    def copy_of(self, entry: Entry) -> Path | None:
        """Return where a downloaded file lies here."""
        return self.copies.get(entry.uid) if isinstance(entry, FileInfo) else None

    # --- calls ---------------------------------------------------------------------------------

    def tell(self, error: Exception) -> None:
        """Tell the person what went wrong; the end of the session is told to the owner."""
        if _is_end(error):
            self._on_ended(str(error))
        else:
            self._on_news(file_trouble(error), True)

    def run(
        self,
        function: Callable[[], T],
        *,
        done: Callable[[T], object] | None = None,
        failed: Callable[[Exception], object],
    ) -> None:
        """Call a function off the Tk thread; results that come after the end are dropped."""

        def answered(result: T) -> None:
            if not self.is_closed and done is not None:
                done(result)

        def went_wrong(error: Exception) -> None:
            if not self.is_closed:
                failed(error)

        self._bridge.run(function, done=answered, failed=went_wrong)


def files_of(entries: Sequence[Entry]) -> list[FileInfo]:
    """Return the files among these, and all that are in the folders among them."""
    return [
        info
        for entry in entries
        for info in (entry.everything() if isinstance(entry, Folder) else [entry])
    ]


def shown_name(entry: Entry) -> str:
    """Return what to call an entry in a sentence."""
    return safe_text(entry.name if isinstance(entry, Folder) else entry.filename)


def _is_end(error: Exception) -> bool:
    return isinstance(error, Refused) and error.status == Status.NOT_LOGGED_IN
