"""What the app remembers from one start to the next: language and look."""

import contextlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path

FILE_NAME = "app.json"


@dataclass(frozen=True)
class Preferences:
    """What the person chose last; None: as the desktop."""

    lang: str | None = None
    theme: str | None = None


def load_preferences(folder: Path) -> Preferences:
    """Read the preferences in a data folder; what is missing or unsound is as if never chosen."""
    try:
        data = json.loads((folder / FILE_NAME).read_text("utf-8"))
    except (OSError, ValueError):
        return Preferences()
    if not isinstance(data, dict):
        return Preferences()
    return Preferences(
        lang=data["lang"] if data.get("lang") in ("en", "zh") else None,
        theme=data["theme"] if data.get("theme") in ("light", "dark") else None,
    )


def save_preferences(folder: Path, preferences: Preferences) -> None:
    """Write the preferences; that they cannot be kept is no reason to fail."""
    with contextlib.suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / FILE_NAME).write_text(json.dumps(asdict(preferences)), "utf-8")
