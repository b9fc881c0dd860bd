"""One quiet line at the foot of the card: whether the server answers."""

import tkinter as tk
from tkinter import ttk

from .login_parts import Tools
from .tk_bridge import Task

_ASK_AGAIN_SECONDS = 5.0  # while nobody answers
_STILL_THERE_SECONDS = 20.0  # else; also well below the time after which servers drop the silent


class ServerStatus(ttk.Frame):
    """A dot and a line: whether the server answers. Keeps asking."""

    def __init__(self, master: tk.Misc, tools: Tools) -> None:
        super().__init__(master, name="server")
        self._tools = tools
        self._key = "server.asking"
        self._task: Task | None = None
        self._timer: str | None = None
        self._dot = tk.Label(self, text="●", borderwidth=0, padx=0, pady=0)
        self._dot.grid(row=0, column=0, padx=(0, tools.look.theme.px(6)))
        self._line = ttk.Label(self, style="Muted.TLabel", name="server_line")
        self._line.grid(row=0, column=1)
        tools.catalog.follow(self, self._write)
        tools.look.changed.connect(self._write, owner=self)
        self.bind("<Destroy>", self._stop, add=True)
        self._ask()

    def _ask(self) -> None:
        self._timer = None
        self._task = self._tools.bridge.run(
            self._tools.auth.hello, done=self._found, failed=self._lost
        )

    def _found(self, _hello: object) -> None:
        self._key = "server.found"
        self._write()
        self._timer = self.after(round(_STILL_THERE_SECONDS * 1000), self._ask)

    def _lost(self, _error: Exception) -> None:
        self._key = "server.lost"
        self._write()
        self._timer = self.after(round(_ASK_AGAIN_SECONDS * 1000), self._ask)

    def _write(self) -> None:
        theme, tools = self._tools.look.theme, self._tools
        colours = {"server.found": theme.success, "server.lost": theme.error}
        self._dot.configure(
            foreground=colours.get(self._key, theme.faint),
            background=theme.background,
            font=theme.small,
        )
        self._line.configure(text=tools.catalog.text(self._key, address=tools.address))

    def _stop(self, event: "tk.Event[tk.Misc]") -> None:
        if event.widget is self:
            if self._timer is not None:
                self.after_cancel(self._timer)
            if self._task is not None:
                self._task.cancel()
