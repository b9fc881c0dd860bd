"""One line to type in, made from ``Text``.

Why not ``tk.Entry``: on Tk 8.6 an emoji and a few editing keys crash the whole process, and
``ttk.Entry`` hands out broken surrogates. ``Text`` bears both; what it lacks of an entry is here.
"""

import re
import tkinter as tk
from typing import Any

from .text_guard import TextGuard
from .theme import Look, style_text

BULLET = "\u25cf"

_BREAKS = re.compile(r"[\t\r\n\v\f\x85\u2028\u2029]+")
# Other controls, and surrogates: Tk 8.6 keeps an emoji as two halves and may lose one of them.
_DROPPED = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


def clean_line(text: str) -> str:
    """Return ``text`` as one line of sound Unicode: breaks are spaces, controls are left out.

    Halves of a surrogate pair that stand side by side are joined; lone ones are dropped.
    """
    joined = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
    return _DROPPED.sub("", _BREAKS.sub(" ", joined.strip("\r\n")))


class LineEntry(tk.Text):
    """A one-line input. Read and set it by ``value``; ``get`` gives what is shown.

    Return sends ``<<Submit>>``, every change ``<<Changed>>``; Tab and Shift-Tab move the focus.
    With ``secret`` it shows bullets (see ``masked``), and gives nothing to the clipboard.
    ``limit`` is the most characters it takes, so that a mad paste cannot freeze the window.
    """

    def __init__(
        self,
        master: tk.Misc,
        look: Look,
        *,
        name: str | None = None,
        secret: bool = False,
        limit: int = 200,
    ) -> None:
        options: dict[str, Any] = {"name": name} if name else {}
        super().__init__(
            master,
            height=1,
            width=10,
            wrap="none",
            undo=not secret,  # an undo of bullets would bring back bullets, not what was meant
            exportselection=not secret,
            **options,
        )
        self._look = look
        self._limit = limit
        self._secret: str | None = "" if secret else None  # what the bullets stand for
        self._shown = not secret
        self._guard = TextGuard(self, self._insert, self._delete)
        self._placeholder = tk.Label(self, cursor="xterm", borderwidth=0, padx=0, pady=0)
        self._placeholder.bind("<Button-1>", lambda _event: self.focus_set())
        self._bind_keys()
        self._dress()
        look.changed.connect(self._dress, owner=self)

    # --- the value -----------------------------------------------------------------------------

    @property
    def value(self) -> str:
        """What was typed: one line, no controls, no lone surrogates."""
        if self._secret is not None:
            return self._secret
        return clean_line(self.get("1.0", "end-1c"))

    @value.setter
    def value(self, text: str) -> None:
        enabled = self.enabled
        self.configure(state="normal")  # a disabled Text refuses the program, too
        self._delete("1.0", "end")
        self._insert("1.0", text)
        self.edit_reset()
        self.configure(state="normal" if enabled else "disabled")

    @property
    def masked(self) -> bool:
        """Whether bullets stand for the value; only a secret entry can be masked."""
        return not self._shown

    @masked.setter
    def masked(self, masked: bool) -> None:
        if self._secret is None or masked != self._shown:
            return
        self._shown = not masked
        cursor = self._offset("insert")
        self._guard.delete("1.0", "end")
        self._show("1.0", self._secret)
        self.mark_set("insert", f"1.0 + {cursor} chars")

    def set_placeholder(self, text: str) -> None:
        """Show ``text`` faintly as long as nothing is typed."""
        self._placeholder.configure(text=text)
        self._show_placeholder()

    @property
    def enabled(self) -> bool:
        """Whether it takes input and the focus."""
        return str(self.cget("state")) == "normal"

    @enabled.setter
    def enabled(self, enabled: bool) -> None:
        self.configure(state="normal" if enabled else "disabled", takefocus=enabled)
        if not enabled:
            self.tag_remove("sel", "1.0", "end")  # it would shine through, as if it had the focus
        self._dress()

    # --- changes -------------------------------------------------------------------------------

    def _insert(self, index: str, words: str) -> None:
        value = self.value
        words = clean_line(words)[: max(0, self._limit - len(value))]
        if self._secret is not None:
            at = self._offset(index)
            self._secret = value[:at] + words + value[at:]
        self._show(index, words)

    def _delete(self, first: str, last: str | None = None) -> None:
        if self._secret is not None:
            start = self._offset(first)
            end = start + 1 if last is None else self._offset(last)
            self._secret = self._secret[:start] + self._secret[max(start, end) :]
        self._guard.delete(first, last)
        if self._secret is None:
            self._repair()

    def _repair(self) -> None:
        """Remove half an emoji that a deletion left behind."""
        shown = self.get("1.0", "end-1c")
        if shown != (clean := clean_line(shown)):
            cursor = self.index("insert")
            self._guard.delete("1.0", "end")
            self._guard.insert("1.0", clean)
            self.mark_set("insert", cursor)

    def _show(self, index: str, words: str) -> None:
        if self._shown:
            self._guard.insert(index, words)
        else:
            self._guard.insert(index, BULLET * len(words), "bullet")

    def _offset(self, index: str) -> int:
        """Return how many characters of the value stand before an index of the widget.

        Tk 8.6 counts an emoji as two; the text before it, read back as a string, counts right.
        """
        return len(clean_line(self.get("1.0", index)))

    # --- keys and looks ------------------------------------------------------------------------

    def _bind_keys(self) -> None:
        self.bind("<Return>", self._submit)
        self.bind("<KP_Enter>", self._submit)
        self.bind("<Tab>", lambda _event: self._leave_to(self.tk_focusNext()))
        self.bind("<Shift-Tab>", lambda _event: self._leave_to(self.tk_focusPrev()))
        self.bind("<<PrevWindow>>", lambda _event: self._leave_to(self.tk_focusPrev()))
        self.bind("<<TraverseIn>>", lambda _event: self.select_all())
        self.bind("<<Paste>>", self._paste)
        self.bind("<<Modified>>", self._modified)
        for key in ("<Control-o>", "<Control-i>", "<MouseWheel>", "<Button-4>", "<Button-5>"):
            self.bind(key, lambda _event: "break")  # open a line, insert a tab, scroll the line
        if self._windowing != "aqua":
            self.bind("<Control-a>", lambda _event: self.select_all())
        for key in ("<<Copy>>", "<<Cut>>"):
            self.bind(key, lambda _event: "break" if self.masked else None)

    @property
    def _windowing(self) -> str:
        return str(self.tk.call("tk", "windowingsystem"))

    def select_all(self) -> str:
        """Select everything and put the cursor at the end."""
        self.tag_add("sel", "1.0", "end-1c")
        self.mark_set("insert", "end-1c")
        return "break"

    def _submit(self, _event: "tk.Event[tk.Misc]") -> str:
        self.event_generate("<<Submit>>")
        return "break"

    def _leave_to(self, target: tk.Misc | None) -> str:
        if target is not None:
            self.tag_remove("sel", "1.0", "end")
            self.tk.call("tk::TabToWindow", target)  # tells the target, so that it can select all
        return "break"

    def _paste(self, _event: "tk.Event[tk.Misc]") -> str:
        """Paste over the selection; on X11 Text would leave the selection standing."""
        try:
            words = self.clipboard_get()
        except tk.TclError:  # the clipboard is empty or holds no text
            return "break"
        if self.enabled:
            if self.tag_ranges("sel"):
                self._delete("sel.first", "sel.last")
            self._insert("insert", words)
            self.see("insert")
        return "break"

    def _modified(self, _event: "tk.Event[tk.Misc]") -> None:
        if self.edit_modified():
            self.edit_modified(False)
            self._show_placeholder()
            self.event_generate("<<Changed>>")

    def _show_placeholder(self) -> None:
        if self._placeholder.cget("text") and self.get("1.0", "end-1c") == "":
            beside_the_cursor = self._look.theme.px(3)
            self._placeholder.place(x=beside_the_cursor, rely=0.5, anchor="w")
        else:
            self._placeholder.place_forget()

    def _dress(self) -> None:
        theme = self._look.theme
        style_text(self, theme)
        ground = theme.field if self.enabled else theme.hover
        self.configure(padx=0, pady=theme.px(1), background=ground)
        self.configure(foreground=theme.text if self.enabled else theme.muted)
        self.tag_configure("bullet", font=theme.small)
        self._placeholder.configure(foreground=theme.faint, background=ground, font=theme.body)
