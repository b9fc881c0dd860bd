"""What windows remember from one start to the next: language, look, motion, servers.

``Preferences`` is a value, ``Memory`` keeps it in a folder of the user's data. Later stages may
keep more in the same file: what this stage does not know stays as it is.
"""

import contextlib
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from .addresses import Address, parse_address, show_address
from .catalog import LANGUAGES, Catalog
from .theme import Look, Mode

FILE_NAME = "app.json"
MOST_SERVERS = 5


@dataclass(frozen=True)
class Preferences:
    """What the person chose last; None: as the desktop. ``servers``: the last one used first."""

    lang: str | None = None
    theme: Mode | None = None
    reduced_motion: bool = False
    servers: tuple[str, ...] = ()


def load_preferences(folder: Path) -> Preferences:
    """Read the preferences in a data folder; what is missing or unsound is as if never chosen."""
    data = _read(folder)
    servers = data.get("servers")
    return Preferences(
        lang=data["lang"] if data.get("lang") in tuple(LANGUAGES) else None,
        theme=data["theme"] if data.get("theme") in ("light", "dark") else None,
        reduced_motion=data.get("reduced_motion") is True,
        servers=_sound(servers) if isinstance(servers, list) else (),
    )


def save_preferences(folder: Path, preferences: Preferences) -> None:
    """Write the preferences; that they cannot be kept is no reason to fail."""
    path = folder / FILE_NAME
    fresh = path.with_suffix(f".{os.getpid()}")  # never a half-written file under the real name
    whole = {**_read(folder), **asdict(preferences)}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        fresh.write_text(json.dumps(whole, ensure_ascii=False, indent=1), "utf-8")
        fresh.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            fresh.unlink(missing_ok=True)


def _read(folder: Path) -> Mapping[str, Any]:
    try:
        data = json.loads((folder / FILE_NAME).read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return data if isinstance(data, dict) else {}


def _sound(servers: list[object]) -> tuple[str, ...]:
    found = []
    for server in servers:
        with contextlib.suppress(ValueError):
            if isinstance(server, str):
                # Its port is there: a default would mean another server in another program.
                found.append(show_address(parse_address(server, 0)))
    return tuple(dict.fromkeys(s for s in found if not s.endswith(":0")))[:MOST_SERVERS]


class Memory:
    """The preferences of one person; each change is written down at once. Tk thread only."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.preferences = load_preferences(folder)

    @property
    def servers(self) -> list[Address]:
        """The servers used before, the last one first."""
        return [parse_address(server, 0) for server in self.preferences.servers]

    def used(self, server: Address) -> None:
        """Put a server first in the list."""
        text = show_address(server)
        others = [other for other in self.preferences.servers if other != text]
        self._change(servers=(text, *others)[:MOST_SERVERS])

    def forget(self, server: Address) -> None:
        """Take a server off the list."""
        text = show_address(server)
        self._change(servers=tuple(s for s in self.preferences.servers if s != text))

    def set_reduced_motion(self, reduced: bool) -> None:
        """Remember whether things may move."""
        self._change(reduced_motion=reduced)

    def follow(self, catalog: Catalog, look: Look) -> None:
        """Remember each change of language and of light and dark from now on."""
        catalog.changed.connect(lambda: self._change(lang=catalog.language))
        look.changed.connect(lambda: self._change(theme=look.theme.mode))

    def _change(self, **changes: Any) -> None:
        changed = replace(self.preferences, **changes)
        if changed != self.preferences:
            self.preferences = changed
            save_preferences(self._folder, changed)
