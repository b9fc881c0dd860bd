"""The box to search in: a line with a magnifying glass, and a cross that empties it."""

import tkinter as tk
from collections.abc import Callable
from tkinter import ttk

from stage3_auth.ui.entry import LineEntry
from stage3_auth.ui.window import WindowParts
from stage4_rooms.ui.window_widgets import icon_button

_PAUSE_MS = 120  # so long nobody has typed: then it is searched


class SearchBox(ttk.Frame):
    """The entry is ``files_search``, the cross ``clear_search``; Escape empties it, too.

    ``on_search(words)`` is called soon after each change, ``on_leave()`` when the person turns to
    what was found (Return, Down) or wants no search any more (Escape).
    """

    def __init__(
        self,
        master: tk.Misc,
        parts: WindowParts,
        on_search: Callable[[str], object],
        on_leave: Callable[[], object],
    ) -> None:
        px = parts.look.theme.px
        super().__init__(master, style="Field.TFrame", padding=(px(9), px(3), px(3), px(3)))
        self._parts, self._on_search, self._on_leave = parts, on_search, on_leave
        self._timer = ""
        self.columnconfigure(1, weight=1)
        self.rowconfigure(0, minsize=px(26))
        self._glass = tk.Label(self, borderwidth=0)
        self._glass.grid(row=0, column=0, padx=(0, px(6)))
        self.entry = LineEntry(self, parts.look, name="files_search", limit=100)
        self.entry.grid(row=0, column=1, sticky="ew")
        self._cross = icon_button(
            self,
            parts,
            "close",
            "files.clear_search",
            self.clear,
            name="clear_search",
            style="Inside.Icon.TButton",
        )
        self._cross.grid(row=0, column=2)
        self._cross.grid_remove()
        self._bind_keys()
        parts.catalog.follow(
            self, lambda: self.entry.set_placeholder(parts.catalog.text("files.search"))
        )
        parts.look.changed.connect(self._dress, owner=self)
        self._dress()
        self.bind("<Destroy>", lambda _event: self._stop(), add=True)

    def clear(self) -> None:
        """Empty it, and go back to the list."""
        self.entry.value = ""
        self._search()
        self._on_leave()

    def _bind_keys(self) -> None:
        entry = self.entry
        for widget in (self, self._glass):
            widget.bind("<Button-1>", lambda _event: entry.focus_set())
        entry.bind("<FocusIn>", lambda _event: self.state(["focus"]), add=True)
        entry.bind("<FocusOut>", lambda _event: self.state(["!focus"]), add=True)
        entry.bind("<<Changed>>", lambda _event: self._changed(), add=True)
        entry.bind("<Escape>", lambda _event: self.clear())
        for key in ("<<Submit>>", "<Down>"):
            entry.bind(key, lambda _event: self._leave())

    def _changed(self) -> None:
        self._stop()
        self._timer = self.after(_PAUSE_MS, self._search)

    def _leave(self) -> str:
        self._search()
        self._on_leave()
        return "break"

    def _search(self) -> None:
        self._stop()
        words = self.entry.value.strip()
        if words:
            self._cross.grid()
        else:
            self._cross.grid_remove()
        self._on_search(words)

    def _stop(self) -> None:
        if self._timer:
            self.after_cancel(self._timer)
            self._timer = ""

    def _dress(self) -> None:
        theme = self._parts.look.theme
        self._glass.configure(
            image=self._parts.look.skin.icon("files.search", theme, 16),
            background=theme.field,
        )
