"""Sending a verification code to a phone: one small interface, several providers."""

import json
import logging
import os
import threading
from pathlib import Path
from typing import Protocol

from stage1_echo import LOG

from .errors import AuthError, SmsFailed

# What the console provider's line begins with, for whoever shows it to the user.
SMS_MARK = "SMS to"


class SmsProvider(Protocol):
    """Whatever can bring a code to a phone."""

    def send(self, phone: str, code: str, purpose: str) -> None:
        """Send ``code``; raises SmsFailed when it could not be sent."""


class ConsoleSms:
    """Writes the code into the server's log: the default, for a classroom without a provider.

    On a terminal it stands in a frame, where a person finds it among the other lines.
    """

    def send(self, phone: str, code: str, purpose: str) -> None:
        """Log the code."""
        from rich.logging import RichHandler  # takes time to load; only who uses it waits for it
        from rich.panel import Panel
        from rich.text import Text

        title, text = f"{SMS_MARK} {phone}", f"your code to {purpose} is {code}"
        terminals = [log.console for log in LOG.handlers if isinstance(log, RichHandler)]
        if not terminals:
            LOG.info("%s: %s", title, text)
        elif LOG.isEnabledFor(logging.INFO):
            for terminal in terminals:
                terminal.print(Panel(Text(text), title=title, expand=False, border_style="cyan"))


class FileSms:
    """Appends a JSON line a code to a file: for tests and graders."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()

    def send(self, phone: str, code: str, purpose: str) -> None:
        """Append the line, whole, in one write."""
        line = json.dumps({"phone": phone, "code": code, "purpose": purpose}) + "\n"
        try:
            with self._lock, self._path.open("a", encoding="utf-8") as file:
                file.write(line)
        except OSError as error:
            raise SmsFailed(f"cannot append to {self._path}: {error.strerror}") from error


def open_provider(spec: str) -> SmsProvider:
    """Return the provider that ``--sms`` names; raises AuthError for anything else."""
    kind, _, path = spec.partition(":")
    if kind == "console" and not path:
        return ConsoleSms()
    if kind == "file" and path:
        return FileSms(Path(path))
    if kind == "netease" and not path:
        from .netease import NeteaseSms  # requests takes its time; only who uses it waits for it

        return NeteaseSms.from_environment(os.environ)
    raise AuthError(f"got --sms {spec}; allowed are console, file:PATH and netease")
