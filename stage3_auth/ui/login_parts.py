"""What the pages of the login window are given, and the two small parts they share."""

import math
import time
import tkinter as tk
from collections.abc import Callable
from dataclasses import dataclass
from tkinter import ttk
from typing import Literal, Protocol

from ..sessions import Session
from ..validation import REASONS
from .addresses import Address, show_address
from .catalog import Catalog
from .palette_button import PaletteButton
from .theme import Look
from .tk_bridge import TkBridge

Tone = Literal["error", "success"]


class AuthCalls(Protocol):
    """The calls the window makes; ``AuthClient`` has them. All block, all raise CourseError."""

    address: Address

    def use(self, host: str, port: int) -> None: ...
    def hello(self) -> object: ...
    def send_code(self, phone: str, purpose: str = "register") -> None: ...
    def register(
        self, user_name: str, user_pwd: str, phone: str, code: str, email: str = ""
    ) -> int: ...
    def login(self, user_name: str, user_pwd: str) -> Session: ...
    def logout(self, token: str) -> None: ...
    def reset_password(self, phone: str, code: str, new_pwd: str) -> None: ...


@dataclass(frozen=True)
class Tools:
    """What every page needs: the server's calls, words, looks, and the bridge to other threads."""

    auth: AuthCalls
    catalog: Catalog
    look: Look
    bridge: TkBridge

    @property
    def address(self) -> str:
        """The server's address as people write it."""
        return show_address(self.auth.address)

    def duration(self, seconds: float) -> str:
        """Return a time to wait in words, rounded up: seconds, then minutes, then hours."""
        for unit, length, most in (("seconds", 1, 120), ("minutes", 60, 120 * 60)):
            if seconds <= most:
                return self.catalog.text(f"time.{unit}", count=math.ceil(seconds / length))
        return self.catalog.text("time.hours", count=math.ceil(seconds / 3600))

    def reason_text(self, reason: str) -> str:
        """Return the words for a reason key of ``validation``."""
        key = f"reason.{reason}"
        return self.catalog.text(key) if self.catalog.has(key) else REASONS.get(reason, reason)


class MessageLine(ttk.Label):
    """One line for what happened, in the language in force; it keeps its height when empty."""

    def __init__(self, master: tk.Misc, tools: Tools, *, name: str) -> None:
        super().__init__(master, name=name, compound="left", justify="left")
        self._look = tools.look
        self._tone: Tone | None = None
        self._words: Callable[[], str] = str
        self._tick: str | None = None
        self.bind("<Destroy>", lambda _event: self._stop_counting(), add=True)
        tools.catalog.follow(self, self._write)
        tools.look.changed.connect(self._write, owner=self)
        room = tools.look.theme.px(44)  # beside the icon and the padding
        self.bind("<Configure>", lambda event: self.configure(wraplength=event.width - room))

    def say(self, tone: Tone, words: Callable[[], str]) -> None:
        """Show ``words()``, and again after each change of language."""
        self._stop_counting()
        self._tone, self._words = tone, words
        self._write()

    def count_down(self, words: Callable[[float], str], seconds: float) -> None:
        """Show ``words(seconds left)`` as an error, each second anew, and nothing at the end."""
        end = time.monotonic() + seconds
        self.say("error", lambda: words(end - time.monotonic()))

        def tick() -> None:
            left = end - time.monotonic()
            if left <= 0:
                self.clear()
                return
            self._write()
            self._tick = self.after(_until_next_second(left), tick)

        tick()

    def clear(self) -> None:
        """Show nothing."""
        self._stop_counting()
        self._tone, self._words = None, str
        self._write()

    def clear_error(self) -> None:
        """Show nothing, if what is shown is an error: good news may stay."""
        if self._tone == "error":
            self.clear()

    def _stop_counting(self) -> None:
        if self._tick is not None:
            self.after_cancel(self._tick)
            self._tick = None

    def _write(self) -> None:
        text = self._words()
        if self._tone is None:
            self.configure(text=text, image="", style="EmptyNotice.TLabel")
            return
        name = "alert" if self._tone == "error" else "check"
        icon = self._look.skin.icon(name, self._look.theme, size=16, tone=self._tone)
        style = f"{self._tone.title()}Notice.TLabel"
        self.configure(text=text, image=icon, style=style)


class CodeButton(PaletteButton):
    """Asks for a verification code; counts down until the same phone may have another one.

    The server allows one code a minute to a phone: another number need not wait.
    """

    def __init__(
        self,
        master: tk.Misc,
        tools: Tools,
        command: Callable[[], object],
        *,
        name: str,
        phone: Callable[[], str],
    ) -> None:
        super().__init__(master, tools.look, command, name=name, height=34)
        self._tools, self._catalog = tools, tools.catalog
        self._phone = phone
        self._ready_at: dict[str, float] = {}  # phone -> time.monotonic()
        self._tick: str | None = None
        self.widen(tools.look.theme.px(128))
        self.bind("<Destroy>", lambda _event: self._cancel_tick(), add=True)
        tools.catalog.follow(self, self.refresh)

    def wait(self, phone: str, seconds: float) -> None:
        """Count down before ``phone`` may be sent another code."""
        self._ready_at[phone] = time.monotonic() + seconds
        self.refresh()

    def refresh(self) -> None:
        """Show how things stand for the phone that is typed in now."""
        self._cancel_tick()
        left = self._ready_at.get(self._phone(), 0.0) - time.monotonic()
        if self.busy:
            self.configure(text=self._catalog.text("code.busy"))
        elif left > 0:
            time_left = self._tools.duration(left)
            self.configure(text=self._catalog.text("code.wait", time=time_left))
            self._tick = self.after(_until_next_second(left), self.refresh)
        else:
            self.configure(text=self._catalog.text("code.send"))
        if self.enabled != (left <= 0):
            self.enabled = left <= 0

    def _cancel_tick(self) -> None:
        if self._tick is not None:
            self.after_cancel(self._tick)
            self._tick = None


def _until_next_second(left: float) -> int:
    """Return the milliseconds after which a countdown shows another number."""
    return int(left % 1 * 1000) + 10
