"""The files as one frame: what is there, and what is being moved.

Whoever embeds it passes the file client, words, looks and bridge, and tells the rooms one is in.
The widgets that tests and later windows find by name: ``files_place`` (for everybody, or a room),
``files_search``, ``clear_search``, ``upload_file``, ``upload_folder``, ``refresh``, ``files_list``,
``download``, ``open``, ``show_in_folder``, ``delete``, ``files_status``, ``download_folder``,
``change_folder``; beside the list ``details_name`` and the others of ``details.py``; for each
transfer a row ``transfer1`` … with the widgets of ``transfer_row.py``, and above them those of
``transfer_list.py``; ``confirm`` and ``cancel`` in the dialog that asks before files are deleted.
"""

import tkinter as tk
from collections.abc import Callable, Sequence
from pathlib import Path

from stage3_auth import Session
from stage3_auth.ui.bindings import bind_while
from stage3_auth.ui.focus import program_has_focus
from stage3_auth.ui.login_errors import Trouble
from stage3_auth.ui.window import WindowParts
from stage4_rooms.ui.window_widgets import Content, Hairline

from ..file_client import FileClient
from ..file_info import FileInfo
from ..memory import memory_file
from .details import Details
from .download_folder import DownloadFolder
from .empty_note import EmptyNote
from .file_actions import FileActions
from .file_dialogs import FileDialogs
from .file_rows import FileRows
from .file_tree import Entry
from .file_words import counted, size_text
from .files_desk import FilesDesk, files_of
from .files_foot import FilesFoot
from .files_head import FilesHead
from .files_list import FilesList
from .list_pictures import ListPictures
from .transfer_desk import TransferDesk
from .transfer_list import TransferList

_LOOK_MS = 1000
_GATHER_MS = 50
_ROOMY = 900  # pixels at 100 %: below that there is no room for the details


class FilesFrame(Content):
    """One person's files. ``on_ended(reason)`` is called when the server ends the session.

    ``server`` is host and port of the file server. ``data`` is the folder in which transfers and
    the download folder are remembered; ``download_dir`` is used instead of the one remembered. Call
    ``close`` before destroying it.
    """

    def __init__(
        self,
        master: tk.Misc,
        parts: WindowParts,
        *,
        server: tuple[str, int],
        session: Session,
        dialogs: FileDialogs,
        data: Path,
        download_dir: Path | None = None,
        on_ended: Callable[[str], object],
    ) -> None:
        super().__init__(master, name="files")
        self._parts = parts
        self._client = client = FileClient(*server, session.token)
        self._rooms: list[str] = []
        self._news: tuple[Trouble, bool] | None = None
        self._words = ""  # what is searched
        self._selected_last: list[Entry] = []
        self._timer = self._look_timer = self._moves_timer = ""
        bridge = parts.bridge
        self._desk = FilesDesk(
            client, bridge, session.user_name, on_ended=on_ended, on_news=self._tell_news
        )
        memory = memory_file(data, *server, session.user_name)
        self._moves = TransferDesk(client, memory, bridge, self._desk, self._tell_news)
        self._pictures = ListPictures(
            self,
            parts,
            client.download,
            copy_of=self._desk.copy_of,
            on_ready=self._picture_ready,
        )
        target = DownloadFolder(data, download_dir)
        self._actions = FileActions(self, parts, self._desk, self._moves, dialogs, target)
        self._build()
        self._desk.changed.connect(self._refresh, owner=self)
        self._moves.changed.connect(self._transfers_changed, owner=self)
        self._actions.target_changed.connect(self._write_target, owner=self)
        parts.catalog.follow(self, self._refresh)
        parts.look.changed.connect(self._refresh, owner=self)
        self._refresh_transfers()
        self._keep_fresh()
        self._desk.refresh()

    def show_rooms(self, rooms: Sequence[str]) -> None:
        """Offer these rooms beside the place for everybody."""
        self._rooms = list(rooms)
        if self._desk.room is not None and self._desk.room not in self._rooms:
            self._choose_place(None)
        self._head.show(self._rooms, self._desk.room)

    def close(self, then: Callable[[], object]) -> None:
        """Stop all transfers; ``then`` is called after."""
        for timer in filter(None, (self._timer, self._look_timer, self._moves_timer)):
            self.after_cancel(timer)
        self._desk.close()
        self._pictures.large.close()

        def end() -> None:
            self._moves.close()
            self._client.close()

        def ended(_any: object) -> None:
            then()

        self._parts.bridge.run(end, done=ended, failed=ended)

    # --- building ------------------------------------------------------------------------------

    def _build(self) -> None:
        self.columnconfigure(0, weight=1)
        self.rowconfigure(2, weight=1)
        parts, look, actions = self._parts, self._parts.look, self._actions
        self._head = FilesHead(
            self,
            parts,
            on_place=self._choose_place,
            on_refresh=self._desk.refresh,
            on_search=self._search,
            on_leave_search=lambda: self._list.take_focus(),
            on_upload_files=actions.upload_files,
            on_upload_folder=actions.upload_folder,
        )
        self._head.grid(row=0, column=0, columnspan=3, sticky="ew")
        Hairline(self, look).grid(row=1, column=0, columnspan=3, sticky="ew")
        self._list = FilesList(
            self,
            parts,
            FileRows(parts, self._pictures.small),
            on_select=self._selected,
            on_open=actions.open_or_download,
            on_menu=lambda x, y: actions.show_menu(self._list.selected, x, y),
            on_view=self._look_soon,
        )
        self._list.grid(row=2, column=0, sticky="nsew")
        self._note = EmptyNote(self._list.tree, parts)
        self._line = Hairline(self, look, upright=True)
        self._line.grid(row=2, column=1, rowspan=4, sticky="ns")
        self._details = Details(self, parts, self._pictures.large, self._desk.copy_of)
        self._details.grid(row=2, column=2, rowspan=4, sticky="ns")
        Hairline(self, look).grid(row=3, column=0, sticky="ew")
        self._transfers = TransferList(self, parts, self._moves)
        commands = {name: self._command(name) for name in actions.commands}
        self._foot = FilesFoot(self, parts, commands, actions.change_target)
        self._foot.grid(row=4, column=0, sticky="ew")
        self._write_target()
        self.bind("<Configure>", self._fit)
        for key in ("<Control-f>", "<Command-f>"):
            self._bind_key(key, self._head.search.entry.focus_set)
        self._bind_key("<F5>", self._desk.refresh)
        self._list.tree.bind("<Delete>", lambda _event: self._command("delete")())

    def _command(self, name: str) -> Callable[[], object]:
        return lambda: self._actions.commands[name](self._list.selected)

    def _bind_key(self, key: str, act: Callable[[], object]) -> None:
        """Have a key work while this page is the one that is shown."""
        if "Command" in key and self.tk.call("tk", "windowingsystem") != "aqua":
            return
        bind_while(self, self.winfo_toplevel(), key, lambda _event: self.winfo_viewable() and act())

    def _fit(self, event: "tk.Event[tk.Misc]") -> None:
        if event.widget is not self:
            return
        roomy = event.width >= self._parts.look.theme.px(_ROOMY)
        for part in (self._line, self._details):
            if roomy:
                part.grid()
            else:
                part.grid_remove()
        self._refresh_transfers()

    # --- what the person does ------------------------------------------------------------------

    def _choose_place(self, room: str | None) -> None:
        if room != self._desk.room:
            self._news = None
            self._desk.choose(room)
            self._head.show(self._rooms, room)

    def _search(self, words: str) -> None:
        self._words, self._news = words, None
        self._list.search(words)
        self._note.show(self._desk, self._words, is_empty=not self._list.count)
        self._judge()

    def _selected(self) -> None:
        selected = self._list.selected
        if selected and selected != self._selected_last:  # not a list that was written anew
            self._selected_last = selected
            self._news = None  # what has been selected is what counts now
        self._details.show(selected)
        self._judge()
        self._look_soon()

    # --- pictures ------------------------------------------------------------------------------

    def _look_soon(self) -> None:
        """Fetch the pictures of what is in sight, a moment after it came in sight."""
        if not (self._look_timer or self._desk.is_closed):
            self._look_timer = self.after(150, self._look_for_pictures)

    def _look_for_pictures(self) -> None:
        self._look_timer = ""
        if not self.winfo_viewable():
            return
        selected = [entry for entry in self._list.selected[:1] if isinstance(entry, FileInfo)]
        self._pictures.want(selected, self._list.in_sight())

    def _picture_ready(self, info: FileInfo) -> None:
        self._list.redraw(info)
        if info in self._list.selected:
            self._details.show(self._list.selected)

    # --- what is shown -------------------------------------------------------------------------

    def _keep_fresh(self) -> None:
        """Ask for the list from time to time, while somebody looks at it."""
        if self.winfo_viewable() and program_has_focus(self):
            self._desk.refresh_if_old()
            self._look_soon()
        self._moves.tidy()
        self._timer = self.after(_LOOK_MS, self._keep_fresh)

    def _refresh(self) -> None:
        self._list.show(self._desk.top)
        self._note.show(self._desk, self._words, is_empty=not self._list.count)
        self._details.show(self._list.selected)
        self._judge()
        self._look_soon()

    def _transfers_changed(self) -> None:
        if not (self._moves_timer or self._desk.is_closed):  # many may change at the same time
            self._moves_timer = self.after(_GATHER_MS, self._refresh_transfers)

    def _refresh_transfers(self) -> None:
        self._moves_timer = ""
        jobs = self._moves.jobs
        if jobs:
            self._transfers.show(jobs, self.winfo_height())
            self._transfers.grid(row=5, column=0, sticky="ew")
        else:
            self._transfers.grid_remove()

    def _judge(self) -> None:
        """Show what can be done with what is selected, and what there is."""
        selected = self._list.selected
        self._foot.allow(
            delete=self._desk.may_delete(selected),
            download=bool(selected),
            is_here=self._actions.copy_of(selected) is not None,
        )
        words = self._parts.catalog.text
        if self._news is not None:
            trouble, is_error = self._news
            self._foot.say(words(trouble.key, **trouble.values), is_error=is_error)
        elif self._desk.trouble is not None and self._list.count:
            trouble = self._desk.trouble
            self._foot.say(words(trouble.key, **trouble.values), is_error=True)
        elif not self._desk.loaded:
            self._foot.say("")
        elif self._words and not selected:
            self._foot.say(counted(words, "files.found", self._list.count))
        else:
            self._foot.say(self._sum(selected))

    def _sum(self, selected: Sequence[Entry]) -> str:
        words, top = self._parts.catalog.text, self._desk.top
        if not selected:
            return counted(words, "files.count", top.count, size=size_text(top.size))
        files = files_of(selected)
        size = size_text(sum(info.size or 0 for info in files))
        return words("files.selected", count=sum(not info.is_folder for info in files), size=size)

    def _tell_news(self, trouble: Trouble, is_error: bool) -> None:
        self._news = (trouble, is_error)
        self._judge()

    def _write_target(self) -> None:
        self._foot.show_target(self._actions.target)
