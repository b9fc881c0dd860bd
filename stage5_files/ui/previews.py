"""Small pictures of the pictures in a place: fetched and drawn on another thread, one at a time."""

import tempfile
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Protocol

from PIL import Image

from stage3_auth.ui.tk_bridge import Task, TkBridge

from ..file_info import FileInfo
from ..watch import Progress
from .file_words import kind_of
from .thumbnails import NoPreview, small_picture

# Larger ones are not fetched only to be looked at, but shown when they have been downloaded.
MOST_BYTES = 4_000_000
KEPT = 60  # pictures; with a side of 480 pixels some 0.7 MB each
TRY_AGAIN_SECONDS = 10.0


class Fetch(Protocol):
    """Fetches one file into a folder, as ``FileClient.download`` does."""

    def __call__(
        self,
        uid: int,
        folder: Path,
        *,
        progress: Progress | None = None,
        cancel: threading.Event | None = None,
    ) -> Path: ...


class Previews:
    """Pictures by file, with no side over ``side`` pixels; Tk thread only.

    ``copy_of(info)`` tells where a file lies here, if it was downloaded. ``on_ready(info)`` is
    called when a picture has come, or when it is known that none will.
    """

    def __init__(
        self,
        fetch: Fetch,
        bridge: TkBridge,
        side: int,
        *,
        copy_of: Callable[[FileInfo], Path | None],
        on_ready: Callable[[FileInfo], object],
    ) -> None:
        self._fetch, self._bridge, self._side = fetch, bridge, side
        self._copy_of, self._on_ready = copy_of, on_ready
        self._pictures: OrderedDict[int, Image.Image] = OrderedDict()
        self._none: set[int] = set()  # no picture will come of these
        self._not_before: dict[int, float] = {}
        self._wanted: list[FileInfo] = []
        self._task: Task | None = None
        self._cancel = threading.Event()

    def get(self, info: FileInfo) -> Image.Image | None:
        """Return the picture of a file if it is here."""
        picture = self._pictures.get(info.uid)
        if picture is not None:
            self._pictures.move_to_end(info.uid)
        return picture

    def is_possible(self, info: FileInfo) -> bool:
        """Tell whether there is a picture of this file, or may still come one."""
        if kind_of(info.lx) != "image" or info.uid in self._none:
            return False
        return bool(info.size) and (self._is_small(info) or self._copy_of(info) is not None)

    def want(self, infos: Iterable[FileInfo]) -> None:
        """Fetch the pictures of these files, the first ones first, and of no others."""
        self._wanted = [info for info in infos if self.is_possible(info)]
        self._next()

    def is_none(self, info: FileInfo) -> bool:
        """Tell whether it was found out that there can be no picture of this file."""
        return info.uid in self._none

    def forget_none(self, info: FileInfo) -> None:
        """Try a file again: it lies here now."""
        self._none.discard(info.uid)

    def close(self) -> None:
        """Fetch no more."""
        self._wanted = []
        self._cancel.set()
        if self._task is not None:
            self._task.cancel()

    def _is_small(self, info: FileInfo) -> bool:
        return info.size is not None and info.size <= MOST_BYTES

    def _next(self) -> None:
        if self._task is not None and self._task.live:
            return
        now = time.monotonic()
        while self._wanted:
            info = self._wanted.pop(0)
            known = info.uid in self._pictures or info.uid in self._none
            if not known and now >= self._not_before.get(info.uid, now):
                self._task = self._bridge.run(
                    partial(self._draw, info, self._copy_of(info)),
                    done=partial(self._drawn, info),
                    failed=partial(self._failed, info),
                )
                return

    def _draw(self, info: FileInfo, copy: Path | None) -> Image.Image:
        """Return the picture; on another thread."""
        if copy is not None and copy.is_file():
            return small_picture(copy, self._side)
        if not self._is_small(info):
            raise NoPreview("the copy is gone, and the file is too large to be fetched for this")
        with tempfile.TemporaryDirectory(prefix="preview-") as folder:
            path = self._fetch(
                info.uid, Path(folder), progress=self._watch_size, cancel=self._cancel
            )
            return small_picture(path, self._side)

    def _watch_size(self, done: int, _total: int) -> None:
        # The list told a size; a hostile server may send another.
        if done > MOST_BYTES:
            raise NoPreview("more bytes came than the list told")

    def _drawn(self, info: FileInfo, picture: Image.Image) -> None:
        self._pictures[info.uid] = picture
        while len(self._pictures) > KEPT:
            self._pictures.popitem(last=False)
        self._on_ready(info)
        self._next()

    def _failed(self, info: FileInfo, error: Exception) -> None:
        if isinstance(error, NoPreview):
            self._none.add(info.uid)
            self._on_ready(info)
        else:  # the server is away, say
            self._not_before[info.uid] = time.monotonic() + TRY_AGAIN_SECONDS
        self._next()
