"""The foot of the login card: the server's state, and the switches of language, look, motion."""

import tkinter as tk
from collections.abc import Callable
from tkinter import ttk

from .animation import Animator
from .login_parts import Tools
from .preferences import Memory
from .server_status import ServerStatus
from .tooltip import Tooltip


class LoginFooter(ttk.Frame):
    """The status ``server`` to the left; ``language``, ``theme`` and ``motion`` to the right.

    With a ``memory`` other servers may be chosen, which ``on_choose`` does, and the switch of
    motion is remembered.
    """

    def __init__(
        self,
        master: tk.Misc,
        tools: Tools,
        animator: Animator,
        *,
        memory: Memory | None,
        on_choose: Callable[[], object],
    ) -> None:
        super().__init__(master)
        self._tools, self._animator, self._memory = tools, animator, memory
        self.columnconfigure(0, weight=1)
        px = tools.look.theme.px
        self._hairline = tk.Frame(self, height=max(1, px(1)))
        self._hairline.grid(row=0, column=0, columnspan=4, sticky="ew", pady=(0, px(6)))
        self.status = ServerStatus(self, tools, on_choose if memory is not None else None)
        self.status.grid(row=1, column=0, sticky="w")
        self._add_language()
        self._theme = self._add_switch("theme", tools.look.toggle, lambda: "app.theme.tip")
        self._motion = self._add_switch("motion", self._switch_motion, self._motion_tip)
        for column, button in enumerate((self._language, self._theme, self._motion), start=1):
            button.grid(row=1, column=column)
        tools.look.changed.connect(self._draw, owner=self)
        self._draw()

    def _add_language(self) -> None:
        tools = self._tools
        self._language = ttk.Button(
            self,
            style="Ghost.TButton",
            name="language",
            cursor="hand2",
            command=self._switch_language,
        )
        tools.catalog.label(self._language, "app.language")
        Tooltip(self._language, tools.look, lambda: tools.catalog.text("app.language.tip"))

    def _add_switch(
        self, name: str, command: Callable[[], object], tip: Callable[[], str]
    ) -> ttk.Button:
        button = ttk.Button(self, style="Icon.TButton", name=name, cursor="hand2", command=command)
        Tooltip(button, self._tools.look, lambda: self._tools.catalog.text(tip()))
        return button

    def _draw(self) -> None:
        icon, theme = self._tools.look.skin.icon, self._tools.look.theme
        self._hairline.configure(background=theme.edge)
        self._theme.configure(image=icon("sun" if theme.mode == "dark" else "moon", theme))
        self._motion.configure(image=icon("play" if self._animator.reduced else "pause", theme))

    def _switch_language(self) -> None:
        tools = self._tools
        language = "en" if tools.catalog.language == "zh" else "zh"
        tools.look.use_language(language)
        tools.catalog.use(language)

    def _switch_motion(self) -> None:
        self._animator.reduced = not self._animator.reduced
        if self._memory is not None:
            self._memory.set_reduced_motion(self._animator.reduced)
        self._draw()

    def _motion_tip(self) -> str:
        return f"app.motion.{'start' if self._animator.reduced else 'stop'}.tip"
