"""What stage 3 shows after a login: who one is, and a way out. Later stages chat instead."""

import random
import time
import tkinter as tk
from collections.abc import Callable
from tkinter import ttk

from PIL import ImageTk

from ..sessions import Session
from .card import BackdropCard
from .drawing import mark
from .login_parts import Tools
from .palette_button import PaletteButton


class WelcomePanel(BackdropCard):
    """Shows a session; the button ends it on the server and calls ``on_logout``."""

    def __init__(
        self,
        master: tk.Misc,
        tools: Tools,
        session: Session,
        on_logout: Callable[[], object],
        *,
        reduced_motion: bool = False,
        chance: random.Random | None = None,
    ) -> None:
        super().__init__(
            master, tools.look, name="welcome", reduced_motion=reduced_motion, chance=chance
        )
        self._tools, self._session, self._on_logout = tools, session, on_logout
        px, catalog = tools.look.theme.px, tools.catalog
        until = time.strftime("%Y-%m-%d %H:%M", time.localtime(session.expires_at))
        self._mark = ImageTk.PhotoImage(mark(px(64)), master=self)
        ttk.Label(self.card, image=self._mark).grid(row=0, column=0, pady=(px(8), px(12)))
        self._title = tk.Label(self.card, borderwidth=0, padx=0, pady=0, name="welcome_title")
        catalog.label(self._title, "welcome.title", name=session.user_name)
        self._title.grid(row=1, column=0)
        line = ttk.Label(
            self.card,
            name="welcome_text",
            style="Muted.TLabel",
            justify="center",
            wraplength=px(400),
        )
        catalog.label(line, "welcome.text", uid=session.uid, until=until)
        line.grid(row=2, column=0, pady=(px(6), px(22)))
        self._button = PaletteButton(self.card, tools.look, self._log_out, name="log_out")
        catalog.label(self._button, "welcome.log_out")
        self._button.grid(row=3, column=0, sticky="ew")
        tools.look.changed.connect(self._dress, owner=self)
        self._dress()
        self.drift(self._title, lambda colour: self._title.configure(foreground=colour.hex))
        self.drift(self._button, self._button.paint)
        self._button.focus_set()

    def _dress(self) -> None:
        theme = self._look.theme
        self._title.configure(background=theme.background, font=theme.title)

    def _log_out(self) -> None:
        self._button.busy = True
        self._tools.bridge.run(
            self._tools.auth.logout,
            self._session.token,
            done=lambda _nothing: self._on_logout(),
            # The server is gone or has ended the session itself: here it is over in any case.
            failed=lambda _error: self._on_logout(),
        )
