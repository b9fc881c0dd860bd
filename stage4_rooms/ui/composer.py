"""Where one writes: Return sends, Shift-Return breaks the line; it grows with what is written."""

import tkinter as tk
from collections.abc import Callable
from tkinter import ttk

from stage3_auth.ui.catalog import Catalog
from stage3_auth.ui.entry import clean_line
from stage3_auth.ui.text_guard import TextGuard
from stage3_auth.ui.theme import Look, style_text
from stage3_auth.ui.tooltip import Tooltip

from ..places import TEXT_LENGTH
from .chat_pictures import ChatPictures

_SEND_STYLE = "Send.Inside.Icon.TButton"
_MOST_LINES = 6
_SLACK = 2000  # so much more than can be sent is taken, to be cut by whoever pasted it
_WARN = 500  # characters left when the counter appears


def clean_text(text: str) -> str:
    """Return ``text`` as lines of sound Unicode: no controls but line breaks, tabs as spaces.

    Halves of a surrogate pair that stand side by side are joined; lone ones are dropped.
    """
    return "\n".join(map(clean_line, text.replace("\r\n", "\n").expandtabs(4).split("\n")))


class ComposerText(tk.Text):
    """The many-line input. ``<<Submit>>`` comes with Return, ``<<Changed>>`` with every change."""

    def __init__(self, master: tk.Misc, look: Look) -> None:
        super().__init__(master, name="composer", height=1, width=1, wrap="word", undo=True)
        self._look = look
        self._guard = TextGuard(self, self._insert, self._delete)
        self._placeholder = tk.Label(self, cursor="xterm", borderwidth=0, padx=0, pady=0)
        self._placeholder.bind("<Button-1>", lambda _event: self.focus_set())
        for key in ("<Return>", "<KP_Enter>"):
            self.bind(key, self._submit)
        self.bind("<Shift-Return>", lambda _event: None)  # Text's own: a line break
        self.bind("<Tab>", lambda _event: self._leave_to(self.tk_focusNext()))
        self.bind("<Shift-Tab>", lambda _event: self._leave_to(self.tk_focusPrev()))
        self.bind("<<PrevWindow>>", lambda _event: self._leave_to(self.tk_focusPrev()))
        self.bind("<<Paste>>", self._paste)
        self.bind("<<Modified>>", self._modified)
        self.bind("<Configure>", lambda _event: self._fit())
        if str(self.tk.call("tk", "windowingsystem")) != "aqua":
            self.bind("<Control-a>", lambda _event: self._select_all())
        self._dress()
        look.changed.connect(self._dress, owner=self)

    @property
    def value(self) -> str:
        """What was written: lines without controls or lone surrogates."""
        return clean_text(self.get("1.0", "end-1c"))

    @value.setter
    def value(self, text: str) -> None:
        self._guard.delete("1.0", "end")
        self._insert("1.0", text)
        self.mark_set("insert", "end")
        self.edit_reset()

    def set_placeholder(self, text: str) -> None:
        """Show ``text`` faintly as long as nothing is written."""
        self._placeholder.configure(text=text)
        self._show_placeholder()

    def _insert(self, index: str, words: str) -> None:
        room = TEXT_LENGTH + _SLACK - len(self.get("1.0", "end-1c"))
        self._guard.insert(index, clean_text(words[: max(0, room)]))

    def _delete(self, first: str, last: str | None = None) -> None:
        self._guard.delete(first, last)
        shown = self.get("1.0", "end-1c")
        if shown != (clean := clean_text(shown)):  # half an emoji was left behind
            cursor = self.index("insert")
            self._guard.delete("1.0", "end")
            self._guard.insert("1.0", clean)
            self.mark_set("insert", cursor)

    def _submit(self, _event: "tk.Event[tk.Misc]") -> str:
        self.event_generate("<<Submit>>")
        return "break"

    def _paste(self, _event: "tk.Event[tk.Misc]") -> str:
        """Paste over the selection; on X11 Text would leave the selection standing."""
        try:
            words = self.clipboard_get()
        except tk.TclError:  # the clipboard is empty or holds no text
            return "break"
        if self.tag_ranges("sel"):
            self._delete("sel.first", "sel.last")
        self._insert("insert", words)
        self.see("insert")
        return "break"

    def _select_all(self) -> str:
        self.tag_add("sel", "1.0", "end-1c")
        return "break"

    def _leave_to(self, target: tk.Misc | None) -> str:
        if target is not None:
            self.tk.call("tk::TabToWindow", target)
        return "break"

    def _modified(self, _event: "tk.Event[tk.Misc]") -> None:
        if self.edit_modified():
            self.edit_modified(False)
            self._show_placeholder()
            self._fit()
            self.event_generate("<<Changed>>")

    def _fit(self) -> None:
        """Be as high as what is written, within limits."""
        found = self.tk.call(self, "count", "-update", "-displaylines", "1.0", "end")
        self.configure(height=max(1, min(_MOST_LINES, int(found or 1))))

    def _show_placeholder(self) -> None:
        if self.get("1.0", "end-1c") == "":
            self._placeholder.place(x=self._look.theme.px(2), y=self._look.theme.px(1))
        else:
            self._placeholder.place_forget()

    def _dress(self) -> None:
        theme = self._look.theme
        style_text(self, theme)
        self.configure(padx=0, pady=theme.px(1))
        self._placeholder.configure(foreground=theme.faint, background=theme.field, font=theme.body)


class Composer(ttk.Frame):
    """The input in its box, with the button that sends and a counter near the limit.

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
        self._send.grid(row=0, column=1, sticky="s", padx=(px(8), 0))
        self._counter = ttk.Label(self, name="counter", style="Error.TLabel", anchor="e")
        box.bind("<Button-1>", lambda _event: self.text.focus_set())
        self.text.bind("<FocusIn>", lambda _event: box.state(["focus"]), add=True)
        self.text.bind("<FocusOut>", lambda _event: box.state(["!focus"]), add=True)
        self.text.bind("<<Submit>>", lambda _event: self._submit())
        self.text.bind("<<Changed>>", lambda _event: self._judge())
        Tooltip(self._send, look, lambda: catalog.text("composer.send"))
        look.changed.connect(self._judge, owner=self)
        catalog.follow(self, self._judge)

    def _submit(self) -> None:
        text = self.text.value.strip("\n")
        if text.strip() and len(text) <= TEXT_LENGTH:
            self.text.value = ""
            self._on_send(text)

    def _judge(self) -> None:
        """Show whether what is written can be sent."""
        text = self.text.value
        left = TEXT_LENGTH - len(text)
        can_send = bool(text.strip()) and left >= 0
        theme = self._look.theme
        # With a picture of its own for "disabled" ttk does not dot the usual one.
        ready, idle = (self._pictures.icon("send", 20, c) for c in (theme.accent, theme.faint))
        ttk.Style(self).map(_SEND_STYLE, background=[("disabled", theme.field)])
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
