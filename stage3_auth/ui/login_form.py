"""What every page of the login window is: fields, one button, one call of the server, a message.

A page checks its fields, makes one call on another thread, and puts what the server has against it
beside the field it is about. While a call is under way the page is busy; Escape gives up waiting.
"""

import tkinter as tk
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from tkinter import ttk
from typing import TypeVar

from .field import Field
from .login_errors import Trouble
from .login_parts import MessageLine, Tools
from .palette_button import PaletteButton
from .tk_bridge import Task

T = TypeVar("T")


class Page(ttk.Frame, ABC):
    """A column of fields, a button and a message; the subclasses say what the button does.

    ``arguments`` maps the wire's names of arguments to fields, for errors that name one.
    """

    def __init__(self, master: tk.Misc, tools: Tools, *, name: str, button: str, message: str):
        super().__init__(master, name=f"{name}_page")
        self._tools = tools
        self._task: Task | None = None
        self._fields: list[Field] = []
        self._submitted: list[str] = []  # the values of the fields at the last call
        self.arguments: Mapping[str, Field] = {}
        self._texts = name  # of "login.button", "login.busy", "login.done"
        self.columnconfigure(0, weight=1)
        self.button = PaletteButton(self, tools.look, self.submit, name=button)
        self.message = MessageLine(self, tools, name=message)
        tools.catalog.follow(self, self._write_button)
        self.bind("<Destroy>", lambda _event: self._forget_task(), add=True)

    def lay_out(self, *fields: Field) -> None:
        """Stack the fields, then the button and the message."""
        px = self._tools.look.theme.px
        self._fields = list(fields)
        for row, field in enumerate(fields):
            field.grid(row=row, column=0, sticky="ew")
            field.entry.bind("<<Submit>>", lambda _event: self.submit(), add=True)
            field.entry.bind("<<Changed>>", lambda _event: self._typed(), add=True)
        self.button.grid(row=len(fields), column=0, sticky="ew", pady=(px(4), 0))
        self.message.grid(row=len(fields) + 1, column=0, sticky="ew", pady=(px(8), 0))
        self.button.lift()  # last in the order of Tab, too

    @property
    def busy(self) -> bool:
        """Whether a call is under way."""
        return self._task is not None and self._task.live

    def focus_first(self) -> None:
        """Put the focus into the first field that is empty."""
        for field in self._fields:
            if not field.value:
                field.entry.focus_set()
                return
        self.button.focus_set()

    @abstractmethod
    def submit(self) -> None:
        """Do what the page is for."""

    def cancel(self) -> None:
        """Give up waiting for the call under way, if there is one."""
        self._forget_task()
        self._set_busy(None)

    # --- for the subclasses --------------------------------------------------------------------

    def field(self, key: str, check: Callable[[str], str | None], *, secret: bool = False) -> Field:
        """Make a field; ``key`` is its widget name and the key of its texts."""
        tools = self._tools
        return Field(
            self,
            tools.look,
            tools.catalog,
            name=key,
            key=key,
            secret=secret,
            check=check,
            reason_text=tools.reason_text,
        )

    def all_well(self) -> bool:
        """Show what is wrong with the fields and go to the first such; return whether none is."""
        wrong = [field for field in self._fields if not field.reveal()]
        if wrong:
            wrong[0].entry.focus_set()
        return not wrong

    def call(
        self,
        function: Callable[..., T],
        *args: object,
        done: Callable[[T], object],
        translate: Callable[[Exception], Trouble],
        button: PaletteButton | None = None,
    ) -> None:
        """Run a call of the server off the Tk thread; errors go to their field or the message."""
        pressed = button or self.button

        def finished(result: T) -> None:
            self._set_busy(None)
            done(result)

        def failed(error: Exception) -> None:
            self._set_busy(None)
            self._show(translate(error))

        self.message.clear()
        self._submitted = self._values()
        self._task = self._tools.bridge.run(function, *args, done=finished, failed=failed)
        self._set_busy(pressed)

    def trouble(self, trouble: Trouble) -> None:
        """A hook: something went wrong that a page may want to know about."""

    # --- inside --------------------------------------------------------------------------------

    def _show(self, trouble: Trouble) -> None:
        def words() -> str:
            return self._tools.catalog.text(trouble.key, **trouble.values)

        def words_to_wait(seconds: float) -> str:
            return self._tools.catalog.text("error.wait", time=self._tools.duration(seconds))

        field = self.arguments.get(trouble.argument or "")
        if field is not None:
            field.reject(words)
            field.entry.focus_set()
        elif trouble.retry_after is not None:
            self.message.count_down(words_to_wait, trouble.retry_after)
            self.focus_first()
        else:
            self.message.say("error", words)
            self.focus_first()
        self.trouble(trouble)

    def _forget_task(self) -> None:
        if self._task is not None:
            self._task.cancel()

    def _set_busy(self, button: PaletteButton | None) -> None:
        for field in self._fields:
            field.enabled = button is None
        self.button.busy = button is self.button
        self._write_button()

    def _values(self) -> list[str]:
        return [field.value for field in self._fields]

    def _typed(self) -> None:
        # Tk tells of a change a moment later: perhaps when the answer to it has come already.
        if not self.busy and self._values() != self._submitted:
            self.message.clear_error()

    def _write_button(self) -> None:
        which = "busy" if self.button.busy else "button"
        self.button.configure(text=self._tools.catalog.text(f"{self._texts}.{which}"))
