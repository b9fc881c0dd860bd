"""The files as one frame: what is there, and what is being moved.

Whoever embeds it passes the file client, words, looks and bridge, and tells the rooms one is in.
The widgets that tests and later windows find by name: ``files_place`` (for everybody, or a room),
``upload_file``, ``upload_folder``, ``files_list`` (its items are uids), ``download``, ``delete``,
``refresh``, ``files_status``; for each transfer a row with ``progress``, ``transfer_name``,
``transfer_text`` and ``cancel_transfer``; ``confirm`` and ``cancel`` in the dialog that asks before
files are deleted.
"""

import tkinter as tk
from collections.abc import Callable, Sequence
from pathlib import Path
from tkinter import ttk

from stage1_echo import safe_text
from stage3_auth.ui.focus import program_has_focus
from stage3_auth.ui.login_errors import Trouble
from stage3_auth.ui.window import WindowParts
from stage4_rooms.ui.dialog import ConfirmDialog
from stage4_rooms.ui.window_widgets import Content, Hairline, icon_button

from .file_dialogs import FileDialogs
from .file_words import size_text
from .files_desk import FileCalls, FilesDesk
from .files_list import FilesList
from .transfer_list import TransferList

_LOOK_MS = 1000


class FilesFrame(Content):
    """One person's files. ``on_ended(reason)`` is called when the server ends the session.

    ``download_dir`` None asks where to save. Call ``close`` before destroying it.
    """

    def __init__(
        self,
        master: tk.Misc,
        parts: WindowParts,
        *,
        client: FileCalls,
        user_name: str,
        dialogs: FileDialogs,
        download_dir: Path | None = None,
        on_ended: Callable[[str], object],
    ) -> None:
        super().__init__(master, name="files")
        self._parts, self._dialogs, self._download_dir = parts, dialogs, download_dir
        self._rooms: list[str] = []
        self._news: tuple[Trouble, bool] | None = None
        self._timer = ""
        self._desk = FilesDesk(
            client,
            parts.bridge,
            user_name,
            on_ended=on_ended,
            on_news=self._tell_news,
        )
        self._build()
        self._desk.changed.connect(self._refresh, owner=self)
        parts.catalog.follow(self, self._write_texts)
        parts.look.changed.connect(self._refresh, owner=self)
        self._keep_fresh()
        self._desk.refresh()

    def show_rooms(self, rooms: Sequence[str]) -> None:
        """Offer these rooms beside the place for everybody."""
        self._rooms = list(rooms)
        if self._desk.room is not None and self._desk.room not in self._rooms:
            self._desk.choose(None)
        self._write_places()

    def close(self, then: Callable[[], object]) -> None:
        """Stop all transfers; ``then`` is called after."""
        self.after_cancel(self._timer)
        self._desk.close(then)

    # --- building ------------------------------------------------------------------------------

    def _build(self) -> None:
        self.columnconfigure(0, weight=1)
        self.rowconfigure(2, weight=1)
        look = self._parts.look
        self._build_head().grid(row=0, column=0, sticky="ew")
        Hairline(self, look).grid(row=1, column=0, sticky="ew")
        self._list = FilesList(self, self._parts, on_select=self._selected, on_open=self._download)
        self._list.grid(row=2, column=0, sticky="nsew")
        self._empty = ttk.Label(self._list.tree, name="files_empty", style="Muted.TLabel")
        Hairline(self, look).grid(row=3, column=0, sticky="ew")
        self._transfers = TransferList(self, self._parts, self._desk.cancel)
        self._build_foot().grid(row=5, column=0, sticky="ew")

    def _build_head(self) -> ttk.Frame:
        px = self._parts.look.theme.px
        head = ttk.Frame(self, padding=(px(16), px(10)))
        head.columnconfigure(1, weight=1)
        self._place = ttk.Combobox(head, name="files_place", state="readonly", width=16)
        self._place.bind("<<ComboboxSelected>>", lambda _event: self._choose_place())
        self._place.grid(row=0, column=0)
        icon_button(
            head, self._parts, "refresh", "files.refresh", self._desk.refresh, name="refresh"
        ).grid(row=0, column=1, sticky="w", padx=px(6))
        for column, (name, command, style) in enumerate(
            (
                ("upload_folder", self._upload_folder, "TButton"),
                ("upload_file", self._upload_files, "Accent.TButton"),
            ),
            start=2,
        ):
            button = self._button(head, name, command, style)
            button.grid(row=0, column=column, padx=(px(8), 0))
        return head

    def _build_foot(self) -> ttk.Frame:
        px = self._parts.look.theme.px
        foot = ttk.Frame(self, padding=(px(16), px(9)))
        foot.columnconfigure(0, weight=1)
        self._status = ttk.Label(foot, name="files_status", style="Muted.TLabel", width=1)
        self._status.grid(row=0, column=0, sticky="ew")
        self._delete_button = self._button(foot, "delete", self._delete)
        self._delete_button.grid(row=0, column=1, padx=(px(8), 0))
        self._download_button = self._button(foot, "download", self._download)
        self._download_button.grid(row=0, column=2, padx=(px(8), 0))
        return foot

    def _button(
        self,
        master: tk.Misc,
        name: str,
        command: Callable[[], object],
        style: str = "TButton",
    ) -> ttk.Button:
        button = ttk.Button(master, name=name, style=style, command=command, cursor="hand2")
        self._parts.catalog.label(button, f"files.{name}")
        return button

    # --- what the person does ------------------------------------------------------------------

    def _upload_files(self) -> None:
        title = self._parts.catalog.text("files.choose_files")
        self._desk.upload(self._dialogs.files_to_send(self, title))

    def _upload_folder(self) -> None:
        title = self._parts.catalog.text("files.choose_folder")
        folder = self._dialogs.folder_to_send(self, title)
        if folder is not None:
            self._desk.upload([folder])

    def _download(self) -> None:
        files = [info for info in self._list.selected if not info.is_folder]
        if not files:
            return
        target = self._download_dir
        if target is None:
            title = self._parts.catalog.text("files.choose_target")
            target = self._dialogs.folder_to_fill(self, title)
        if target is not None:
            self._desk.download(files, target)

    def _delete(self) -> None:
        files = self._list.selected
        if not files:
            return
        ConfirmDialog(
            self,
            self._parts,
            title="files.delete_title",
            question="files.delete_one" if len(files) == 1 else "files.delete_many",
            confirm="files.delete",
            cancel="files.keep",
            on_confirm=lambda: self._desk.delete(files),
            name=safe_text(files[0].filename),
            count=len(files),
        )

    def _selected(self) -> None:
        if self._list.selected:
            self._news = None  # what has been selected is what counts now
        self._judge()

    def _choose_place(self) -> None:
        at = self._place.current()
        self._place.selection_clear()
        room = None if at < 1 else self._rooms[at - 1]
        if room != self._desk.room:
            self._news = None
            self._desk.choose(room)

    # --- what is shown -------------------------------------------------------------------------

    def _keep_fresh(self) -> None:
        """Ask for the list from time to time, while somebody looks at it."""
        if self.winfo_viewable() and program_has_focus(self):
            self._desk.refresh_if_old()
        self._desk.tidy()
        self._timer = self.after(_LOOK_MS, self._keep_fresh)

    def _refresh(self) -> None:
        self._list.show(self._desk.files)
        self._transfers.show(self._desk.movings)
        if self._desk.movings:
            px = self._parts.look.theme.px
            self._transfers.grid(row=4, column=0, sticky="ew", padx=px(16), pady=(px(8), 0))
        else:
            self._transfers.grid_remove()
        words, theme = self._parts.catalog.text, self._parts.look.theme
        key = "files.empty" if self._desk.loaded else "files.loading"
        self._empty.configure(text=words(key), background=theme.field)
        if self._desk.files:
            self._empty.place_forget()
        else:
            self._empty.place(relx=0.5, rely=0.5, anchor="center")
        self._judge()

    def _judge(self) -> None:
        """Show what can be done with what is selected, and what there is."""
        selected = self._list.selected
        whole = [info for info in selected if not info.is_folder]
        own = [info for info in selected if info.own == self._desk.user_name]
        for button, can in (
            (self._download_button, bool(whole)),
            (self._delete_button, bool(selected) and len(own) == len(selected)),
        ):
            button.state(["!disabled" if can else "disabled"])
        words = self._parts.catalog.text
        if self._news is not None:
            trouble, is_error = self._news
            text = words(trouble.key, **trouble.values)
            self._status.configure(text=text, style="Error.TLabel" if is_error else "Muted.TLabel")
            return
        files = selected or self._desk.files
        key = "files.selected" if selected else "files.count"
        size = size_text(sum(info.size or 0 for info in files))
        text = words(key, count=len(files), size=size) if self._desk.loaded else ""
        self._status.configure(text=text, style="Muted.TLabel")

    def _tell_news(self, trouble: Trouble, is_error: bool) -> None:
        self._news = (trouble, is_error)
        self._judge()

    def _write_texts(self) -> None:
        self._write_places()
        self._refresh()

    def _write_places(self) -> None:
        words = self._parts.catalog.text
        names = [words("files.room", name=safe_text(room)) for room in self._rooms]
        self._place.configure(values=[words("files.everybody"), *names])
        room = self._desk.room
        self._place.current(0 if room is None else self._rooms.index(room) + 1)
