"""A word of explanation beside a widget that shows only a picture."""

import tkinter as tk
from collections.abc import Callable

from .theme import Look

_DELAY_MS = 500


class Tooltip:
    """Shows ``text()`` under ``widget`` when the pointer rests on it or the focus comes to it."""

    def __init__(self, widget: tk.Widget, look: Look, text: Callable[[], str]) -> None:
        self._widget, self._look, self._text = widget, look, text
        self._timer: str | None = None
        self._window: tk.Toplevel | None = None
        for event in ("<Enter>", "<FocusIn>"):
            widget.bind(event, lambda _event: self._wait(), add=True)
        for event in ("<Leave>", "<FocusOut>", "<Button-1>", "<Key>", "<Unmap>", "<Destroy>"):
            widget.bind(event, lambda _event: self._hide(), add=True)

    def _wait(self) -> None:
        self._hide()
        self._timer = self._widget.after(_DELAY_MS, self._show)

    def _show(self) -> None:
        self._timer = None
        theme = self._look.theme
        self._window = window = tk.Toplevel(self._widget, background=theme.edge)
        window.overrideredirect(True)
        label = tk.Label(
            window,
            text=self._text(),
            font=theme.small,
            foreground=theme.text,
            background=theme.field,
            padx=theme.px(8),
            pady=theme.px(4),
        )
        label.pack(padx=1, pady=1)
        window.update_idletasks()
        widget = self._widget
        x = widget.winfo_rootx() + (widget.winfo_width() - window.winfo_reqwidth()) // 2
        x = max(0, min(x, widget.winfo_screenwidth() - window.winfo_reqwidth()))
        window.geometry(f"+{x}+{widget.winfo_rooty() + widget.winfo_height() + theme.px(4)}")

    def _hide(self) -> None:
        if self._timer is not None:
            self._widget.after_cancel(self._timer)
            self._timer = None
        if self._window is not None:
            self._window.destroy()
            self._window = None
