"""What a person can do with files: by button, key or menu."""

import tkinter as tk
from collections.abc import Callable, Sequence
from pathlib import Path

from stage3_auth.ui.observers import Observers
from stage3_auth.ui.window import WindowParts
from stage4_rooms.ui.dialog import ConfirmDialog

from .download_folder import DownloadFolder
from .file_dialogs import FileDialogs
from .file_menu import FileMenu
from .file_tree import Entry, Folder
from .files_desk import FilesDesk, files_of, shown_name
from .transfer_desk import TransferDesk

Selected = Sequence[Entry]


class FileActions:
    """Carries out what a person chose, after asking where that is needed.

    ``commands`` are what a button can do with what is selected. ``target_changed`` is there to
    follow.
    """

    def __init__(
        self,
        owner: tk.Misc,
        parts: WindowParts,
        desk: FilesDesk,
        moves: TransferDesk,
        dialogs: FileDialogs,
        target: DownloadFolder,
    ) -> None:
        self._owner, self._parts = owner, parts
        self._desk, self._moves, self._dialogs, self._target = desk, moves, dialogs, target
        self._menu = FileMenu(owner, parts)
        self.target_changed = Observers()
        self.commands: dict[str, Callable[[Selected], object]] = {
            "delete": self.delete,
            "show_in_folder": lambda entries: self._with_copy(entries, desk.show_in_folder),
            "open": lambda entries: self._with_copy(entries, desk.open),
            "download": self.download,
        }

    @property
    def target(self) -> Path:
        """The folder in which downloads lie."""
        return self._target.path

    def copy_of(self, entries: Selected) -> Path | None:
        """Return where the one file that is selected lies here, if it does."""
        return self._desk.copy_of(entries[0]) if len(entries) == 1 else None

    # --- uploads -------------------------------------------------------------------------------

    def upload_files(self) -> None:
        """Ask for files and send them."""
        title = self._parts.catalog.text("files.choose_files")
        self._moves.upload(self._dialogs.files_to_send(self._owner, title), self._desk.room)

    def upload_folder(self) -> None:
        """Ask for a folder and send it."""
        title = self._parts.catalog.text("files.choose_folder")
        folder = self._dialogs.folder_to_send(self._owner, title)
        if folder is not None:
            self._moves.upload([folder], self._desk.room)

    # --- downloads -----------------------------------------------------------------------------

    def open_or_download(self, entry: Entry) -> None:
        """Open a file if it is here, else fetch it."""
        copy = self._desk.copy_of(entry)
        if copy is not None:
            self._desk.open(copy)
        else:
            self.download([entry])

    def download(self, entries: Selected) -> None:
        """Fetch what is selected into the download folder."""
        if entries:
            self._moves.download(entries, self._desk.room, self._target.path)

    def download_to(self, entries: Selected) -> None:
        """Fetch what is selected into a folder that the person chooses."""
        folder = self._ask_target()
        if folder is not None:
            self._moves.download(entries, self._desk.room, folder)

    def change_target(self) -> None:
        """Ask for another download folder."""
        folder = self._ask_target()
        if folder is not None:
            self._target.choose(folder)
            self.target_changed.notify()

    def _ask_target(self) -> Path | None:
        title = self._parts.catalog.text("files.choose_target")
        return self._dialogs.folder_to_fill(self._owner, title)

    # --- the rest ------------------------------------------------------------------------------

    def delete(self, entries: Selected) -> None:
        """Ask, then delete what is selected."""
        if not self._desk.may_delete(entries):
            return
        one = entries[0] if len(entries) == 1 else None
        question = "files.delete_many"
        if one is not None:
            question = "files.delete_folder" if isinstance(one, Folder) else "files.delete_one"
        ConfirmDialog(
            self._owner,
            self._parts,
            title="files.delete_title",
            question=question,
            confirm="files.delete",
            cancel="files.keep",
            on_confirm=lambda: self._desk.delete(entries),
            name=shown_name(entries[0]),
            count=sum(not info.is_folder for info in files_of(entries)),
        )

    def show_menu(self, entries: Selected, x: int, y: int) -> None:
        """Show all that can be done with what is selected, at a place of the screen."""
        here = self.copy_of(entries) is not None
        commands = self.commands
        self._menu.show(
            x,
            y,
            (
                ("files.open", lambda: commands["open"](entries), here),
                ("files.show_in_folder", lambda: commands["show_in_folder"](entries), here),
                ("files.download", lambda: self.download(entries), bool(entries)),
                ("files.download_to", lambda: self.download_to(entries), bool(entries)),
                ("files.copy_name", lambda: self._copy_name(entries), len(entries) == 1),
                ("files.delete", lambda: self.delete(entries), self._desk.may_delete(entries)),
            ),
        )

    def _copy_name(self, entries: Selected) -> None:
        self._owner.clipboard_clear()
        self._owner.clipboard_append(shown_name(entries[0]))

    def _with_copy(self, entries: Selected, act: Callable[[Path], object]) -> None:
        copy = self.copy_of(entries)
        if copy is not None:
            act(copy)
