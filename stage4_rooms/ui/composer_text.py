"""The many-line input of the composer: sound Unicode only, emoji as pictures where Tk has none.

A picture stands for its emoji as one character: the cursor steps over it, one key deletes it.
"""

import tkinter as tk
from typing import Any

from stage3_auth.ui.entry import clean_line
from stage3_auth.ui.text_guard import TextGuard
from stage3_auth.ui.theme import Look, style_text

from ..places import TEXT_LENGTH
from .emoji import split_emoji
from .emoji_pictures import EmojiPictures

_MOST_LINES = 6
_SLACK = 2000  # so much more than can be sent is taken, to be cut by whoever pasted it
# What follows an emoji to change it: how it is shown, the colour of a skin.
_ENDINGS = ("\ufe0f", *map(chr, range(0x1F3FB, 0x1F400)))
_HERE = "here"  # a mark: where the next part of what is being inserted goes


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
        self._emoji = EmojiPictures(look)
        self._pictured: dict[str, str] = {}  # the name of a picture in the text -> its emoji
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
        self.bind("<<Copy>>", lambda _event: self._copy())
        self.bind("<<Cut>>", lambda _event: self._copy(cut=True))
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

    def get(self, index1: Any, index2: Any = None) -> str:
        """Return what stands between two places, emoji that are pictures included."""
        last = f"{self.index(index1)} + 1 chars" if index2 is None else index2
        parts = self.dump(index1, last, text=True, image=True)
        return "".join(self._pictured[v] if kind == "image" else v for kind, v, _at in parts)

    def put(self, words: str) -> None:
        """Insert words where the cursor is."""
        self._insert("insert", words)
        self.see("insert")

    def set_placeholder(self, text: str) -> None:
        """Show ``text`` faintly as long as nothing is written."""
        self._placeholder.configure(text=text)
        self._show_placeholder()

    def _insert(self, index: str, words: str) -> None:
        room = TEXT_LENGTH + _SLACK - len(self.get("1.0", "end-1c"))
        self.mark_set(_HERE, index)
        before = self.get(f"{_HERE} - 1 chars", _HERE)
        if before in self._pictured.values() and words[:1] in _ENDINGS:
            self._guard.delete(f"{_HERE} - 1 chars")
            words = before + words  # a skin that was typed behind a hand, say
        for part, is_emoji in split_emoji(clean_text(words[: max(0, room)])):
            picture = self._emoji.picture(part) if is_emoji else None
            if picture is None:
                self._guard.insert(_HERE, part)
            else:
                self._pictured[str(self.image_create(_HERE, image=picture))] = part
                self.edit_reset()  # Tk's undo knows nothing of pictures and would miscount
                self.edit_modified(True)

    def _delete(self, first: str, last: str | None = None) -> None:
        self._guard.delete(first, last)
        shown = self.get("1.0", "end-1c")
        if shown != (clean := clean_text(shown)):  # half an emoji was left behind
            cursor = self.index("insert")
            self._guard.delete("1.0", "end")
            self._insert("1.0", clean)
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
        self.put(words)
        return "break"

    def _copy(self, *, cut: bool = False) -> str:
        if self.tag_ranges("sel"):
            self.clipboard_clear()
            self.clipboard_append(self.get("sel.first", "sel.last"))
            if cut:
                self._delete("sel.first", "sel.last")
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
