"""The line below the composer: whether the chat server is there, and the latest news."""

import tkinter as tk
from collections.abc import Callable
from tkinter import font as tkfont
from tkinter import ttk

from stage3_auth.ui.window import WindowParts

_NEWS_MS = 6000


class StatusLine(ttk.Frame):
    """A dot and words (``status``); to the right the news (``news``), for some seconds."""

    def __init__(self, master: tk.Misc, parts: WindowParts, hint: str) -> None:
        super().__init__(master)
        self._parts, self._hint = parts, hint
        self._connected: bool | None = None
        self._words: Callable[[], str] | None = None
        self._is_error = False
        self._timer: str | None = None
        self.columnconfigure(2, weight=1)
        self._dot = tk.Label(self, text="●", borderwidth=0, padx=0, pady=0)
        self._dot.grid(row=0, column=0, padx=(0, parts.look.theme.px(6)))
        self._status = ttk.Label(self, name="status", style="Muted.TLabel")
        self._status.grid(row=0, column=1, sticky="w")
        self._news = ttk.Label(self, name="news", style="Muted.TLabel", anchor="e", width=1)
        self._news.grid(row=0, column=2, sticky="ew", padx=(parts.look.theme.px(12), 0))
        self.bind("<Configure>", lambda _event: self._write())
        self.bind("<Destroy>", lambda _event: self._stop_timer(), add=True)
        parts.look.changed.connect(self._write, owner=self)
        parts.catalog.follow(self, self._write)

    def show(self, connected: bool | None) -> None:
        """Show whether the server is there; None while that is not known."""
        self._connected = connected
        self._write()

    def say(self, words: Callable[[], str], *, is_error: bool = False) -> None:
        """Show ``words()`` for some seconds."""
        self._stop_timer()
        self._words, self._is_error = words, is_error
        self._timer = self.after(_NEWS_MS, self._forget)
        self._write()

    def _forget(self) -> None:
        self._timer = self._words = None
        self._write()

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self.after_cancel(self._timer)
            self._timer = None

    def _write(self) -> None:
        theme, words = self._parts.look.theme, self._parts.catalog.text
        key, colour, style = {
            None: ("status.connecting", theme.faint, "Muted.TLabel"),
            True: ("status.connected", theme.success, "Muted.TLabel"),
            False: ("status.lost", theme.error, "Error.TLabel"),
        }[self._connected]
        self._dot.configure(foreground=colour, background=theme.background, font=theme.small)
        self._status.configure(text=words(key), style=style)
        news = self._fitting_hint() if self._words is None else self._words()
        is_error = self._words is not None and self._is_error
        self._news.configure(text=news, style="Error.TLabel" if is_error else "Muted.TLabel")

    def _fitting_hint(self) -> str:
        """Return the hint if there is room for all of it: half of one helps nobody."""
        hint, theme = self._parts.catalog.text(self._hint), self._parts.look.theme
        needed = tkfont.nametofont(theme.small, self).measure(hint)
        used = self._dot.winfo_reqwidth() + self._status.winfo_reqwidth() + theme.px(24)
        return hint if needed <= self.winfo_width() - used else ""
