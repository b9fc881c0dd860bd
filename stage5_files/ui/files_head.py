"""Above the list: which place one looks at, the search, and the two ways to upload."""

import tkinter as tk
from collections.abc import Callable, Sequence
from tkinter import ttk

from stage1_echo import safe_text
from stage3_auth.ui.window import WindowParts
from stage4_rooms.ui.window_widgets import icon_button

from .search_box import SearchBox

_ROOMY = 700  # pixels at 100 %: below that the search has a row of its own


class FilesHead(ttk.Frame):
    """``files_place``, ``refresh``, ``search`` (a SearchBox), ``upload_folder``, ``upload_file``.

    ``on_place(room)`` is called with a room, or None for the files for everybody.
    """

    def __init__(
        self,
        master: tk.Misc,
        parts: WindowParts,
        *,
        on_place: Callable[[str | None], object],
        on_refresh: Callable[[], object],
        on_search: Callable[[str], object],
        on_leave_search: Callable[[], object],
        on_upload_files: Callable[[], object],
        on_upload_folder: Callable[[], object],
    ) -> None:
        px = parts.look.theme.px
        super().__init__(master, padding=(px(16), px(10), px(16), px(10)))
        self._parts, self._on_place = parts, on_place
        self._rooms: list[str] = []
        self._room: str | None = None
        self.columnconfigure(2, weight=1)
        self._place = ttk.Combobox(self, name="files_place", state="readonly", width=15)
        self._place.bind("<<ComboboxSelected>>", lambda _event: self._choose())
        self._place.grid(row=0, column=0)
        refresh = icon_button(self, parts, "refresh", "files.refresh", on_refresh, name="refresh")
        refresh.grid(row=0, column=1, padx=px(6))
        self.search = SearchBox(self, parts, on_search, on_leave_search)
        uploads = (
            ("upload_folder", on_upload_folder, "TButton"),
            ("upload_file", on_upload_files, "Accent.TButton"),
        )
        for column, (name, command, style) in enumerate(uploads, start=3):
            button = ttk.Button(self, name=name, style=style, command=command, cursor="hand2")
            parts.catalog.label(button, f"files.{name}")
            button.grid(row=0, column=column, padx=(px(8), 0))
        self._fit(0)
        self.bind("<Configure>", lambda event: self._fit(event.width))
        parts.catalog.follow(self, self._write)

    def show(self, rooms: Sequence[str], room: str | None) -> None:
        """Offer these rooms beside the place for everybody, ``room`` being the one shown."""
        self._rooms, self._room = list(rooms), room
        self._write()

    def _choose(self) -> None:
        at = self._place.current()
        self._place.selection_clear()
        self._on_place(None if at < 1 else self._rooms[at - 1])

    def _write(self) -> None:
        words = self._parts.catalog.text
        names = [words("files.room", name=safe_text(room)) for room in self._rooms]
        self._place.configure(values=[words("files.everybody"), *names])
        self._place.current(0 if self._room is None else self._rooms.index(self._room) + 1)

    def _fit(self, width: int) -> None:
        px = self._parts.look.theme.px
        if width < px(_ROOMY):
            self.search.grid(row=1, column=0, columnspan=5, sticky="ew", pady=(px(8), 0))
        else:
            self.search.grid(row=0, column=2, columnspan=1, sticky="ew", pady=0)
