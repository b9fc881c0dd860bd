"""The transfers under way and lately over: a row each, with a bar, figures and a way to stop."""

import time
import tkinter as tk
from collections.abc import Callable, Sequence
from tkinter import ttk

from stage3_auth.ui.window import WindowParts
from stage4_rooms.ui.window_widgets import icon_button

from .file_words import duration_text, size_text
from .moving import Moving, Pace

LOOK_MS = 100
_MOST_ROWS = 4  # more would take the room of the list


class TransferRow(ttk.Frame):
    """One transfer: ``transfer_name``, ``transfer_text``, ``progress``, ``cancel_transfer``."""

    def __init__(
        self,
        master: tk.Misc,
        parts: WindowParts,
        moving: Moving,
        on_cancel: Callable[[Moving], object],
    ) -> None:
        px = parts.look.theme.px
        super().__init__(master, name=f"transfer{moving.number}", padding=(0, px(4)))
        self._parts, self._moving = parts, moving
        self._pace = Pace()
        self.columnconfigure(1, weight=1)
        sign = ttk.Label(self)
        sign.grid(row=0, column=0, rowspan=2, padx=(0, px(10)))
        self._sign = sign
        name = ttk.Label(self, name="transfer_name", text=moving.name, width=1)
        name.grid(row=0, column=1, sticky="ew")
        self._text = ttk.Label(self, name="transfer_text", style="Muted.TLabel")
        self._text.grid(row=0, column=2, sticky="e", padx=(px(8), 0))
        self._bar = ttk.Progressbar(self, name="progress", maximum=1.0)
        self._bar.grid(row=1, column=1, columnspan=2, sticky="ew", pady=(px(3), 0))
        self.bind(
            "<Configure>", lambda event: self._text.configure(wraplength=event.width * 4 // 5)
        )
        stop = icon_button(
            self, parts, "close", "files.cancel", lambda: on_cancel(moving), name="cancel_transfer"
        )
        stop.grid(row=0, column=3, rowspan=2, padx=(px(8), 0))
        self.look()

    def look(self) -> None:
        """Show how far the transfer is now."""
        moving = self._moving
        icon = "up" if moving.is_upload else "down"
        theme = self._parts.look.theme
        self._sign.configure(image=self._parts.look.skin.icon(icon, theme))
        self._bar.configure(value=moving.share)
        failed = moving.state == "failed"
        self._text.configure(text=self._words(), style="Error.TLabel" if failed else "Muted.TLabel")
        if failed and self._bar.winfo_manager():  # the words take the place of the bar
            self._bar.grid_remove()
            self._text.grid(row=1, column=1, columnspan=2, sticky="w", padx=0)

    def _words(self) -> str:
        moving, words = self._moving, self._parts.catalog.text
        done, total = size_text(moving.done), size_text(moving.total)
        if moving.state == "failed" and moving.trouble is not None:
            return words(moving.trouble.key, **moving.trouble.values)
        if moving.state == "waiting":
            return words("files.waiting")
        if moving.state == "done":
            return words("files.done", total=total)
        pace = self._pace.look(moving.done, moving.total, time.monotonic())
        if pace is None:
            return words("files.moving", done=done, total=total)
        speed, left = pace
        return words(
            "files.speed",
            done=done,
            total=total,
            speed=size_text(round(speed)),
            left=duration_text(left, words),
        )


class TransferList(ttk.Frame):
    """Shows the latest transfers and looks at them again and again while one is under way."""

    def __init__(
        self, master: tk.Misc, parts: WindowParts, on_cancel: Callable[[Moving], object]
    ) -> None:
        super().__init__(master, name="transfers")
        self._parts, self._on_cancel = parts, on_cancel
        self._rows: dict[int, TransferRow] = {}
        self._movings: Sequence[Moving] = ()
        self._timer: str | None = None
        self.columnconfigure(0, weight=1)
        self.bind("<Destroy>", lambda _event: self._stop(), add=True)
        parts.catalog.changed.connect(self._look, owner=self)
        parts.look.changed.connect(self._look, owner=self)

    def show(self, movings: Sequence[Moving]) -> None:
        """Show these transfers: those under way first, then what is over."""
        self._movings = sorted(movings, key=lambda moving: (moving.is_over, -moving.number))
        shown = self._movings[:_MOST_ROWS]
        numbers = {moving.number for moving in shown}
        for number in [number for number in self._rows if number not in numbers]:
            self._rows.pop(number).destroy()
        for place, moving in enumerate(shown):
            row = self._rows.get(moving.number)
            if row is None:
                row = TransferRow(self, self._parts, moving, self._on_cancel)
                self._rows[moving.number] = row
            row.grid(row=place, column=0, sticky="ew")
        self._look()

    def _look(self) -> None:
        self._stop()
        for row in self._rows.values():
            row.look()
        if any(not moving.is_over for moving in self._movings):
            self._timer = self.after(LOOK_MS, self._look)

    def _stop(self) -> None:
        if self._timer is not None:
            self.after_cancel(self._timer)
            self._timer = None
