"""The folder in which downloads lie, remembered from one start to the next."""

import contextlib
import json
from pathlib import Path

import platformdirs

FILE_NAME = "downloads.json"


class DownloadFolder:
    """``path`` is the folder: the one given, else the one remembered, else the desktop's.

    ``data`` is the folder in which it is remembered; None: nowhere.
    """

    def __init__(self, data: Path | None = None, given: Path | None = None) -> None:
        self._data = data
        self.path = given or self._remembered() or platformdirs.user_downloads_path()

    def choose(self, path: Path) -> None:
        """Take another folder; that it cannot be remembered is no reason to fail."""
        self.path = path
        if self._data is not None:
            with contextlib.suppress(OSError):
                self._data.mkdir(parents=True, exist_ok=True)
                text = json.dumps({"folder": str(path)})
                (self._data / FILE_NAME).write_text(text, "utf-8")

    def _remembered(self) -> Path | None:
        if self._data is None:
            return None
        try:
            found = json.loads((self._data / FILE_NAME).read_text("utf-8"))
            folder = Path(found["folder"])
            return folder if folder.is_absolute() else None
        except (OSError, ValueError, KeyError, TypeError):
            return None  # never chosen, or unsound
