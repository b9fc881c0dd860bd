"""What stage 3 shows after a login: who one is, and a way out. Later stages chat instead."""

import time
import tkinter as tk
from collections.abc import Callable
from tkinter import ttk

from .login_parts import Tools
from .sessions import Session


class WelcomePanel(ttk.Frame):
    """Shows a session; the button ends it on the server and calls ``on_logout``."""

    def __init__(
        self, master: tk.Misc, tools: Tools, session: Session, on_logout: Callable[[], object]
    ) -> None:
        super().__init__(master, name="welcome", padding=tools.look.theme.px(40))
        self._tools, self._session, self._on_logout = tools, session, on_logout
        self.columnconfigure(0, weight=1)
        until = time.strftime("%Y-%m-%d %H:%M", time.localtime(session.expires_at))
        title = ttk.Label(self, style="Title.TLabel", name="welcome_title")
        tools.catalog.label(title, "welcome.title", name=session.user_name)
        title.grid(row=0, column=0, pady=(tools.look.theme.px(80), 0))
        line = ttk.Label(self, justify="center", name="welcome_text")
        tools.catalog.label(line, "welcome.text", uid=session.uid, until=until)
        line.grid(row=1, column=0, pady=tools.look.theme.px(16))
        line.configure(wraplength=tools.look.theme.px(420))
        self._button = ttk.Button(self, name="log_out", command=self._log_out)
        tools.catalog.label(self._button, "welcome.log_out")
        self._button.grid(row=2, column=0)
        self._button.focus_set()

    def _log_out(self) -> None:
        self._button.state(["disabled"])
        self._tools.bridge.run(
            self._tools.auth.logout,
            self._session.token,
            done=lambda _nothing: self._on_logout(),
            # The server is gone or has ended the session itself: here it is over in any case.
            failed=lambda _error: self._on_logout(),
        )
