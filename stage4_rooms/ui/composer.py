"""Where one writes: the input in its box, with buttons for emoji and for sending."""

import tkinter as tk
from collections.abc import Callable
from tkinter import ttk

from stage3_auth.ui.catalog import Catalog
from stage3_auth.ui.theme import Look
from stage3_auth.ui.tooltip import Tooltip

from ..places import TEXT_LENGTH
from .chat_pictures import ChatPictures
from .composer_text import ComposerText
from .emoji_picker import EmojiPicker

_SEND_STYLE = "Send.Inside.Icon.TButton"
_WARN = 500  # characters left when the counter appears


class Composer(ttk.Frame):
    """The input in its box, buttons ``emoji`` and ``send``, and a counter near the limit.

    ``on_send(text)`` gets what was written, never empty and never too long.
    """

    def __init__(
        self, master: tk.Misc, catalog: Catalog, look: Look, on_send: Callable[[str], object]
    ) -> None:
        super().__init__(master)
        self._catalog, self._look, self._on_send = catalog, look, on_send
        self._pictures = ChatPictures(look)
        px = look.theme.px
        self.columnconfigure(0, weight=1)
        box = ttk.Frame(self, style="Field.TFrame", padding=(px(12), px(7), px(5), px(5)))
        box.grid(row=0, column=0, sticky="ew")
        box.columnconfigure(0, weight=1)
        self.text = ComposerText(box, look)
        self.text.grid(row=0, column=0, sticky="ew", pady=(0, px(2)))
        self._send = ttk.Button(
            box, name="send", style=_SEND_STYLE, cursor="hand2", command=self._submit
        )
        self._send.grid(row=0, column=2, sticky="s")
        self._smile = ttk.Button(
            box, name="emoji", style="Inside.Icon.TButton", cursor="hand2", command=self._pick
        )
        self._smile.grid(row=0, column=1, sticky="s", padx=(px(8), 0))
        self._picker: EmojiPicker | None = None
        self._counter = ttk.Label(self, name="counter", style="Error.TLabel", anchor="e")
        box.bind("<Button-1>", lambda _event: self.text.focus_set())
        self.text.bind("<FocusIn>", lambda _event: box.state(["focus"]), add=True)
        self.text.bind("<FocusOut>", lambda _event: box.state(["!focus"]), add=True)
        self.text.bind("<<Submit>>", lambda _event: self._submit())
        self.text.bind("<<Changed>>", lambda _event: self._judge())
        Tooltip(self._send, look, lambda: catalog.text("composer.send"))
        Tooltip(self._smile, look, lambda: catalog.text("composer.emoji"))
        look.changed.connect(self._judge, owner=self)
        catalog.follow(self, self._judge)

    def _submit(self) -> None:
        text = self.text.value.strip("\n")
        if text.strip() and len(text) <= TEXT_LENGTH:
            self.text.value = ""
            self._on_send(text)

    def _pick(self) -> None:
        """Open the emoji above the box, or put them away."""
        if self._picker is not None and self._picker.winfo_exists():
            self._picker.close()
            return
        self._picker = EmojiPicker(
            self.winfo_toplevel(), self._look, on_choose=self.text.put, on_close=self.text.focus_set
        )
        self._picker.open_above(self)

    def _judge(self) -> None:
        """Show whether what is written can be sent."""
        text = self.text.value
        left = TEXT_LENGTH - len(text)
        can_send = bool(text.strip()) and left >= 0
        theme = self._look.theme
        # With a picture of its own for "disabled" ttk does not dot the usual one.
        ready, idle = (self._pictures.icon("send", 20, c) for c in (theme.accent, theme.faint))
        ttk.Style(self).map(_SEND_STYLE, background=[("disabled", theme.field)])
        self._smile.configure(image=self._pictures.icon("smile", 20))
        self._send.configure({"image": (ready, "disabled", idle)})
        self._send.state(["!disabled" if can_send else "disabled"])
        if left < _WARN:
            key = "composer.left" if left >= 0 else "composer.too_long"
            self._counter.configure(
                text=self._catalog.text(key, count=abs(left)),
                style="Muted.TLabel" if left >= 0 else "Error.TLabel",
            )
            self._counter.grid(row=1, column=0, sticky="e", pady=(theme.px(3), 0))
        else:
            self._counter.grid_remove()
