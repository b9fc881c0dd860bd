"""A labelled input: caption above, box around, a line below for a hint or for what is wrong."""

import tkinter as tk
from collections.abc import Callable
from tkinter import ttk
from typing import Literal

from .catalog import Catalog
from .entry import LineEntry
from .theme import Look

Tone = Literal["hint", "error"]

_CAPS_LOCK = 0x2  # in the state of a key event: X11's LockMask, and so in Tk everywhere


class Field(ttk.Frame):
    """A ``LineEntry`` with all that stands around it.

    ``name`` becomes the widget name of the entry, ``<name>_line`` that of the line below, and
    ``<name>_show`` that of the switch that shows a secret. Its texts are ``field.<key>`` (caption)
    and, if the catalog has them, ``field.<key>.hint`` and ``field.<key>.placeholder``. ``check``
    returns None or a reason key; its text appears while the person types, and turns into an error
    when they leave the field.
    """

    def __init__(
        self,
        master: tk.Misc,
        look: Look,
        catalog: Catalog,
        *,
        name: str,
        key: str,
        secret: bool = False,
        check: Callable[[str], str | None] = lambda _text: None,
        reason_text: Callable[[str], str] = str,
    ) -> None:
        super().__init__(master)
        self._look, self._catalog, self._key = look, catalog, key
        self._check, self._reason_text = check, reason_text
        self._server_text: Callable[[], str] | None = None
        self._rejected = ""  # the value that the server has something against
        self._caps_lock = False  # noticed at the last key in a secret
        self._left = False  # whether the person has been here and gone: errors may be shown
        self.entry = self._build(name, secret)
        self.columnconfigure(0, weight=1)
        catalog.follow(self, self._write_texts)

    def _build(self, name: str, secret: bool) -> LineEntry:
        px = self._look.theme.px
        caption = ttk.Label(self, style="Caption.TLabel")
        self._catalog.label(caption, f"field.{self._key}")
        caption.grid(row=0, column=0, sticky="w", pady=(0, px(2)))
        self.box = ttk.Frame(self, style="Field.TFrame", padding=(px(11), px(5), px(5), px(5)))
        self.box.grid(row=1, column=0, sticky="ew")
        self.box.columnconfigure(0, weight=1)
        self.box.rowconfigure(0, weight=1, minsize=px(24))
        entry = LineEntry(self.box, self._look, name=name, secret=secret)
        entry.grid(row=0, column=0, sticky="ew", padx=(0, px(6)))
        self._line = ttk.Label(self, style="Muted.TLabel", name=f"{name}_line")
        self._line.grid(row=2, column=0, columnspan=2, sticky="ew", pady=(px(1), px(7)))
        caption.bind("<Button-1>", lambda _event: entry.focus_set())
        self.box.bind("<Button-1>", lambda _event: entry.focus_set())
        entry.bind("<FocusIn>", lambda _event: self.box.state(["focus"]), add=True)
        entry.bind("<FocusOut>", self._focus_left, add=True)
        entry.bind("<<Changed>>", self._changed, add=True)
        self.bind("<Configure>", lambda event: self._line.configure(wraplength=event.width))
        self._eye = self._add_eye(entry) if secret else None
        if secret:
            entry.bind("<KeyPress>", self._notice_caps_lock, add=True)
        return entry

    def _add_eye(self, entry: LineEntry) -> ttk.Button:
        """Put a switch beside a secret entry that shows what was typed."""
        eye = ttk.Button(
            self.box, style="Inside.Icon.TButton", name=f"{entry.winfo_name()}_show", cursor="hand2"
        )

        def draw() -> None:
            name = "eye" if entry.masked else "eye_off"
            eye.configure(image=self._look.skin.icon(name, self._look.theme))

        def switch() -> None:
            entry.masked = not entry.masked
            draw()

        eye.configure(command=switch)
        eye.grid(row=0, column=1)
        draw()
        self._look.changed.connect(draw, owner=eye)
        return eye

    def put_beside(self, widget: tk.Widget) -> None:
        """Place a widget, made as a child of this field, to the right of the box."""
        widget.grid(row=1, column=1, in_=self, padx=(self._look.theme.px(8), 0))

    def put_above(self, widget: tk.Widget) -> None:
        """Place a widget to the right of the caption; its parent is the parent of this field."""
        widget.grid(row=0, column=0, columnspan=2, in_=self, sticky="e")
        widget.lift()

    # --- value and state -----------------------------------------------------------------------

    @property
    def value(self) -> str:
        """The cleaned value of the entry."""
        return self.entry.value

    @property
    def reason(self) -> str | None:
        """The reason key of the rule that the value breaks, or None."""
        return self._check(self.value)

    @property
    def enabled(self) -> bool:
        """Whether the field can be typed in."""
        return self.entry.enabled

    @enabled.setter
    def enabled(self, enabled: bool) -> None:
        self.entry.enabled = enabled
        state = "!disabled" if enabled else "disabled"
        self.box.state([state])
        if self._eye is not None:
            # ttk draws the picture of what is disabled through a grey grid.
            self._eye.state(["!readonly" if enabled else "readonly"])

    def reject(self, text: Callable[[], str]) -> None:
        """Show what the server has against the value, until the value changes."""
        self._server_text, self._rejected = text, self.value
        self._write_line()

    def reveal(self) -> bool:
        """Show the reason as an error even if nothing was typed; return whether all is well."""
        self._left = True
        self._write_line()
        return self.reason is None

    def reset(self, value: str = "") -> None:
        """Start anew with a value nobody has judged yet."""
        self.entry.value = value
        self._left = False
        self._server_text = None
        self._write_line()

    # --- what is shown -------------------------------------------------------------------------

    def _changed(self, _event: "tk.Event[tk.Misc]") -> None:
        # Tk tells of a change a moment later: perhaps when the server has judged it already.
        if self.value != self._rejected:
            self._server_text = None
        self._write_line()

    def _notice_caps_lock(self, event: "tk.Event[tk.Misc]") -> None:
        locked = bool(int(event.state) & _CAPS_LOCK) and event.keysym != "Caps_Lock"
        if locked != self._caps_lock:
            self._caps_lock = locked
            self._write_line()

    def _focus_left(self, _event: "tk.Event[tk.Misc]") -> None:
        self.box.state(["!focus"])
        self._caps_lock = False
        self._left = self._left or bool(self.value)
        self._write_line()

    def _write_texts(self) -> None:
        placeholder = f"field.{self._key}.placeholder"
        if self._catalog.has(placeholder):
            self.entry.set_placeholder(self._catalog.text(placeholder))
        self._write_line()

    def _write_line(self) -> None:
        reason = self.reason
        if self._server_text is not None:
            self._say("error", self._server_text())
        elif self._caps_lock:
            self._say("hint", self._catalog.text("field.caps_lock"))
        elif reason is not None and (self.value or self._left):
            self._say("error" if self._left else "hint", self._reason_text(reason))
        else:
            hint = f"field.{self._key}.hint"
            self._say("hint", self._catalog.text(hint) if self._catalog.has(hint) else "")

    def _say(self, tone: Tone, text: str) -> None:
        self._line.configure(text=text, style="Error.TLabel" if tone == "error" else "Muted.TLabel")
        self.box.state(["invalid" if tone == "error" else "!invalid"])
