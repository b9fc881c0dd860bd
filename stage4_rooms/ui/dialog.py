"""A small window over the window: something is asked, and Escape is always an answer."""

import tkinter as tk
from collections.abc import Callable
from tkinter import ttk

from stage3_auth.ui.window import WindowParts


class Dialog(tk.Toplevel):
    """A modal window with a title and a ``body`` to fill; ``closed()`` is called at its end.

    Make the content, then call ``open``.
    """

    def __init__(self, master: tk.Misc, parts: WindowParts, *, name: str, title: str) -> None:
        super().__init__(master, name=name)
        self.withdraw()
        self.parts = parts
        self.resizable(False, False)
        px = parts.look.theme.px
        self.body = ttk.Frame(self, padding=px(22))
        self.body.pack(fill="both", expand=True, padx=1, pady=1)  # leaves a thin edge
        parts.look.changed.connect(self._dress, owner=self)
        self._dress()
        self.body.columnconfigure(0, weight=1)
        parts.catalog.follow(self, lambda: self.title(parts.catalog.text(title)))
        heading = ttk.Label(self.body, style="Subtitle.TLabel")
        parts.catalog.label(heading, title)
        heading.grid(row=0, column=0, sticky="w", pady=(0, px(12)))
        self.bind("<Escape>", lambda _event: self.destroy())

    def _dress(self) -> None:
        self.configure(background=self.parts.look.theme.field_edge)

    def open(self, first: tk.Misc) -> None:
        """Show it in the middle of its window, with the focus on ``first``."""
        window = self.master.winfo_toplevel()
        self.transient(window)
        self.update_idletasks()
        x = window.winfo_rootx() + (window.winfo_width() - self.winfo_reqwidth()) // 2
        y = window.winfo_rooty() + (window.winfo_height() - self.winfo_reqheight()) // 3
        self.geometry(f"+{max(0, x)}+{max(0, y)}")
        # A window that is not shown yet cannot hold the grab.
        self.bind("<Visibility>", self._grab)
        self.deiconify()
        first.focus_set()

    def destroy(self) -> None:
        """End it; the focus goes back to the window below while it is still ours to give.

        Where there is no window manager, the focus of a window that is gone goes nowhere.
        """
        held = str(self.tk.call("focus", "-displayof", str(self)))
        if held == str(self) or held.startswith(f"{self}."):
            below = str(self.master.winfo_toplevel())
            self.tk.call("focus", self.tk.call("focus", "-lastfor", below))
        super().destroy()

    def _grab(self, event: "tk.Event[tk.Misc]") -> None:
        if event.widget is self:
            self.unbind("<Visibility>")
            self.grab_set()


class ConfirmDialog(Dialog):
    """Asks before something that cannot be undone. Buttons: ``confirm`` and ``cancel``."""

    def __init__(
        self,
        master: tk.Misc,
        parts: WindowParts,
        *,
        title: str,
        question: str,
        confirm: str,
        cancel: str,
        on_confirm: Callable[[], object],
        **values: object,
    ) -> None:
        super().__init__(master, parts, name="confirmation", title=title)
        px, label = parts.look.theme.px, parts.catalog.label
        self._on_confirm = on_confirm
        words = ttk.Label(self.body, wraplength=px(380), justify="left", name="question")
        label(words, question, **values)
        words.grid(row=1, column=0, sticky="w", pady=(0, px(18)))
        buttons = ttk.Frame(self.body)
        buttons.grid(row=2, column=0, sticky="e")
        no = ttk.Button(buttons, name="cancel", command=self.destroy)
        label(no, cancel)
        no.grid(row=0, column=0, padx=(0, px(8)))
        yes = ttk.Button(buttons, name="confirm", style="Accent.TButton", command=self._confirm)
        label(yes, confirm)
        yes.grid(row=0, column=1)
        for button in (no, yes):
            button.bind("<Return>", lambda event: event.widget.invoke())
        self.open(no)

    def _confirm(self) -> None:
        self.destroy()
        self._on_confirm()
