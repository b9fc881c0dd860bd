"""The pictures of the files in a list: a small one for each row, a larger one for the details."""

import tkinter as tk
from collections.abc import Callable, Iterable
from pathlib import Path

from PIL import ImageTk

from stage3_auth.ui.window import WindowParts

from ..file_info import FileInfo
from .file_pictures import thumbnail
from .file_rows import PICTURE_SIDE
from .previews import Fetch, Previews

_LARGE_SIDE = 228  # pixels at 100 %
_MOST_SMALL = 1000  # more would only fill the memory


class ListPictures:
    """``large`` are those for the details; ``small`` returns that of a row, if it has come.

    ``on_ready(info)`` is called when there is something new to show of a file.
    """

    def __init__(
        self,
        owner: tk.Misc,
        parts: WindowParts,
        fetch: Fetch,
        *,
        copy_of: Callable[[FileInfo], Path | None],
        on_ready: Callable[[FileInfo], object],
    ) -> None:
        self._owner, self._parts, self._on_ready = owner, parts, on_ready
        self._small: dict[int, ImageTk.PhotoImage] = {}
        side = parts.look.theme.px(_LARGE_SIDE)
        self.large = Previews(fetch, parts.bridge, side, copy_of=copy_of, on_ready=self._ready)

    def small(self, info: FileInfo) -> tk.PhotoImage | None:
        """Return the picture for a file's row."""
        found = self._small.get(info.uid)
        return found  # type: ignore[return-value]  # Pillow's are photo images to Tk

    def want(self, selected: Iterable[FileInfo], in_sight: Iterable[FileInfo]) -> None:
        """Fetch what is missing of what is selected, then of what is in sight."""
        wanted = [info for info in selected if self.large.get(info) is None]
        if len(self._small) < _MOST_SMALL:
            wanted += [info for info in in_sight if info.uid not in self._small]
        self.large.want(wanted)

    def _ready(self, info: FileInfo) -> None:
        picture = self.large.get(info)
        if picture is not None and info.uid not in self._small:
            side = self._parts.look.theme.px(PICTURE_SIDE)
            small = thumbnail(picture, side)
            self._small[info.uid] = ImageTk.PhotoImage(small, master=self._owner)
        self._on_ready(info)
