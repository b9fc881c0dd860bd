"""The window's content after the login: pages, one at a time, and the tabs that turn them."""

import tkinter as tk
from collections.abc import Callable
from tkinter import ttk

from stage3_auth.ui.window import WindowParts
from stage4_rooms.ui.window_widgets import Content


class MainFrame(Content):
    """Holds named pages; their tabs, ``tab_<name>``, stand in ``bar``."""

    def __init__(self, master: tk.Misc, parts: WindowParts, bar: tk.Misc) -> None:
        super().__init__(master, name="main")
        self._parts = parts
        self._pages: dict[str, Content] = {}
        self._tabs: dict[str, ttk.Button] = {}
        self._unread = 0
        self.columnconfigure(0, weight=1)
        self.rowconfigure(0, weight=1)
        self._row = ttk.Frame(bar, style="Segments.TFrame", padding=parts.look.theme.px(3))
        self._row.grid(row=0, column=0)
        parts.catalog.changed.connect(self._write_tabs, owner=self)

    def add(self, name: str, page: Content) -> None:
        """Add a page, made as a child of this frame; the first one is shown."""
        tab = ttk.Button(
            self._row,
            name=f"tab_{name}",
            style="Segment.TButton",
            cursor="hand2",
            command=lambda: self.show(name),
        )
        tab.grid(row=0, column=len(self._tabs))
        self._tabs[name], self._pages[name] = tab, page
        self._write_tabs()
        if len(self._pages) == 1:
            self.show(name)

    def show(self, name: str) -> None:
        """Turn to a page."""
        for other, page in self._pages.items():
            self._tabs[other].state(["selected" if other == name else "!selected"])
            if other == name:
                page.grid(row=0, column=0, sticky="nsew")
            else:
                page.grid_remove()

    def show_unread(self, count: int) -> None:
        """Show on the chat's tab how many messages wait."""
        self._unread = count
        self._write_tabs()

    def close(self, then: Callable[[], object]) -> None:
        """Close all pages; ``then`` is called when the last one has done so."""
        waiting = set(self._pages)

        def closed(name: str) -> None:
            waiting.discard(name)
            if not waiting:
                then()

        for name, page in self._pages.items():
            page.close(lambda name=name: closed(name))  # type: ignore[misc]

    def _write_tabs(self) -> None:
        for name, tab in self._tabs.items():
            unread = self._unread if name == "chat" else 0
            key = f"tab.{name}.unread" if unread else f"tab.{name}"
            tab.configure(text=self._parts.catalog.text(key, count=unread))
