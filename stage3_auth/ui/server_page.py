"""The page of the login window on which one turns to another server."""

import tkinter as tk
from collections.abc import Callable
from functools import partial
from tkinter import ttk

from ..flags import PORT
from .addresses import Address, parse_address, show_address
from .login_errors import Trouble, server_trouble
from .login_form import Page
from .login_parts import Tools
from .preferences import Memory
from .tooltip import Tooltip


class ServerPage(Page):
    """An address to type, and the servers used before; ``on_chosen`` is called once one answers.

    The rows are named ``server_row_0``, ``server_row_1`` …, the last server used first;
    ``server_forget_0`` … take them off the list.
    """

    def __init__(
        self, master: tk.Misc, tools: Tools, memory: Memory, on_chosen: Callable[[], object]
    ) -> None:
        super().__init__(master, tools, name="server", button="connect", message="server_message")
        self._memory, self._on_chosen = memory, on_chosen
        self.address = self.field("server_address", check_address)
        self.arguments = {"address": self.address}
        self.lay_out(self.address)
        self.message.grid_remove()  # nearly all there is to say stands at the field
        self._list = ttk.Frame(self, name="server_list")
        self._list.columnconfigure(0, weight=1)
        self._list.grid(row=3, column=0, sticky="ew")
        tools.look.changed.connect(self._write_list, owner=self)
        self._write_list()

    def focus_first(self) -> None:
        """Begin anew: an empty field, and the list as it is now."""
        self.address.reset()
        self.message.clear()
        self.message.grid_remove()
        self._write_list()
        self.address.entry.focus_set()

    def submit(self) -> None:
        """Turn to the server that was typed in."""
        if not self.busy and self.all_well():
            self._turn_to(parse_address(self.address.value, PORT))

    def trouble(self, trouble: Trouble) -> None:
        """Make room for what does not stand at the field."""
        if trouble.argument is None:
            self.message.grid()

    def _turn_to(self, server: Address) -> None:
        def done(_nothing: None) -> None:
            self._memory.used(server)
            self._on_chosen()

        def failed(error: Exception) -> Trouble:
            return server_trouble(error, server)

        use = self._tools.auth.use
        self.call(use, *server, done=done, translate=failed)

    # --- the servers used before ---------------------------------------------------------------

    def _write_list(self) -> None:
        for child in self._list.winfo_children():
            child.destroy()
        if not self._memory.servers:
            return
        px = self._tools.look.theme.px
        caption = ttk.Label(self._list, style="Muted.TLabel")
        self._tools.catalog.label(caption, "server.before")
        caption.grid(row=0, column=0, sticky="w", pady=(px(16), px(4)))
        for number, server in enumerate(self._memory.servers):
            self._add_row(number, server)

    def _add_row(self, number: int, server: Address) -> None:
        icon, theme = self._tools.look.skin.icon, self._tools.look.theme
        in_use = server == self._tools.auth.address
        name, tone = ("check", "accent") if in_use else ("server", "muted")
        row = ttk.Button(
            self._list,
            name=f"server_row_{number}",
            style="Row.TButton",
            cursor="hand2",
            compound="left",
            image=icon(name, theme, tone=tone),
            text=f" {shortened(show_address(server), 38)}",
            command=partial(self._choose, server),
        )
        row.grid(row=number + 1, column=0, sticky="ew")
        forget = ttk.Button(
            self._list,
            name=f"server_forget_{number}",
            style="Icon.TButton",
            cursor="hand2",
            image=icon("cross", theme, size=16),
            command=partial(self._forget, server),
        )
        forget.grid(row=number + 1, column=1)
        Tooltip(forget, self._tools.look, lambda: self._tools.catalog.text("server.forget.tip"))

    def _choose(self, server: Address) -> None:
        if not self.busy:
            self.address.reset(show_address(server))
            self._turn_to(server)

    def _forget(self, server: Address) -> None:
        self._memory.forget(server)
        self._write_list()
        self.address.entry.focus_set()


def check_address(text: str) -> str | None:
    """Return the reason key of what is wrong with an address, or None."""
    try:
        parse_address(text, PORT)
    except ValueError as error:
        return f"server.{error}"
    return None


def shortened(text: str, longest: int) -> str:
    """Return ``text``, its middle left out when it is longer than ``longest`` characters."""
    if len(text) <= longest:
        return text
    half = (longest - 1) // 2
    return f"{text[:half]}…{text[-half:]}"
