"""One quiet line at the foot of the card: whether the server answers; a click chooses another."""

import tkinter as tk
from collections.abc import Callable
from tkinter import ttk

from .login_parts import Tools
from .server_page import shortened
from .tk_bridge import Task
from .tooltip import Tooltip

_ASK_AGAIN_SECONDS = 5.0  # while nobody answers
_STILL_THERE_SECONDS = 20.0  # else; also well below the time after which servers drop the silent
_ROOM = 24  # characters of an address: what fits beside the buttons


class ServerStatus(ttk.Frame):
    """A dot and a line, ``server_line``: whether the server answers. Keeps asking.

    With ``on_choose`` the line is a button that calls it.
    """

    def __init__(
        self, master: tk.Misc, tools: Tools, on_choose: Callable[[], object] | None = None
    ) -> None:
        super().__init__(master, name="server")
        self._tools = tools
        self._key = "server.asking"
        self._task: Task | None = None
        self._timer: str | None = None
        self._dot = tk.Label(self, text="●", borderwidth=0, padx=0, pady=0)
        self._dot.grid(row=0, column=0, padx=(0, tools.look.theme.px(2 if on_choose else 6)))
        self._line = self._add_line(on_choose)
        self._line.grid(row=0, column=1)
        tools.catalog.follow(self, self._write)
        tools.look.changed.connect(self._write, owner=self)
        self.bind("<Destroy>", self._destroyed, add=True)
        self.ask()

    def ask(self) -> None:
        """Ask the server whether it is there, and again from time to time."""
        self._stop()
        self._task = self._tools.bridge.run(
            self._tools.auth.hello, done=self._found, failed=self._lost
        )

    def _add_line(self, on_choose: Callable[[], object] | None) -> ttk.Label | ttk.Button:
        if on_choose is None:
            return ttk.Label(self, style="Muted.TLabel", name="server_line")
        line = ttk.Button(
            self,
            name="server_line",
            style="Status.TButton",
            compound="right",
            cursor="hand2",
            command=on_choose,
        )
        words = self._tools.catalog.text
        Tooltip(line, self._tools.look, lambda: words("server.choose.tip"))
        return line

    def _found(self, _hello: object) -> None:
        self._tell("server.found", _STILL_THERE_SECONDS)

    def _lost(self, _error: Exception) -> None:
        self._tell("server.lost", _ASK_AGAIN_SECONDS)

    def _tell(self, key: str, again: float) -> None:
        self._key = key
        self._write()
        self._timer = self.after(round(again * 1000), self.ask)

    def _write(self) -> None:
        theme, tools = self._tools.look.theme, self._tools
        colours = {"server.found": theme.success, "server.lost": theme.error}
        self._dot.configure(
            foreground=colours.get(self._key, theme.faint),
            background=theme.background,
            font=theme.small,
        )
        address = shortened(tools.address, _ROOM)
        self._line.configure(text=tools.catalog.text(self._key, address=address))
        if isinstance(self._line, ttk.Button):
            self._line.configure(image=tools.look.skin.icon("chevron", theme, size=12))

    def _stop(self) -> None:
        if self._timer is not None:
            self.after_cancel(self._timer)
            self._timer = None
        if self._task is not None:
            self._task.cancel()

    def _destroyed(self, event: "tk.Event[tk.Misc]") -> None:
        if event.widget is self:
            self._stop()
