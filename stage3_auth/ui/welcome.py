"""What stage 3 shows after a login: who one is, and a way out. Later stages chat instead."""

import time
import tkinter as tk
from collections.abc import Callable
from tkinter import ttk

from ..sessions import Session
from .card import BackdropCard
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
    ) -> None:
        super().__init__(master, tools.look, name="welcome", reduced_motion=reduced_motion)
        self._tools, self._session, self._on_logout = tools, session, on_logout
        px, catalog = tools.look.theme.px, tools.catalog
        until = time.strftime("%Y-%m-%d %H:%M", time.localtime(session.expires_at))
        title = ttk.Label(self.card, style="Title.TLabel", name="welcome_title")
        catalog.label(title, "welcome.title", name=session.user_name)
        title.grid(row=0, column=0, sticky="w")
        line = ttk.Label(self.card, name="welcome_text", wraplength=px(400))
        catalog.label(line, "welcome.text", uid=session.uid, until=until)
        line.grid(row=1, column=0, sticky="w", pady=(px(8), px(20)))
        self._button = PaletteButton(self.card, tools.look, self._log_out, name="log_out")
        catalog.label(self._button, "welcome.log_out")
        self._button.grid(row=2, column=0, sticky="ew")
        self._button.focus_set()

    def _log_out(self) -> None:
        self._button.busy = True
        self._tools.bridge.run(
            self._tools.auth.logout,
            self._session.token,
            done=lambda _nothing: self._on_logout(),
            # The server is gone or has ended the session itself: here it is over in any case.
            failed=lambda _error: self._on_logout(),
        )
