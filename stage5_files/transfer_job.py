"""One job of a transfer queue, as a window or a terminal shows it."""

import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from stage2_protocol import Data

from .file_info import Received, Sent
from .pace import Pace

State = Literal["waiting", "moving", "paused", "done", "failed", "cancelled"]
Kind = Literal["upload", "download", "download_folder"]


@dataclass(frozen=True)
class Task:
    """What a job is to do: ``source`` is a local path, a uid, or a folder on the server.

    ``folder`` is where downloads go; ``room`` is None for what everyone sees.
    """

    kind: Kind
    source: str
    name: str
    folder: str = ""
    room: str | None = None

    def as_data(self) -> Data:
        """Return the task as JSON values."""
        return dict(self.__dict__)

    @classmethod
    def from_data(cls, data: Data) -> "Task":
        """Return the task that ``as_data`` made; raises TypeError for anything else."""
        return cls(**data)


@dataclass(eq=False)
class TransferJob:
    """One upload or download of a queue. Attributes are written by its threads, read by anybody.

    ``done`` and ``total`` are bytes, ``files_done`` and ``files_total`` files. ``was_cut`` tells
    that the end of the last run stopped it, not a person. ``error`` is why it failed; ``results``
    tell what became of each file. ``path`` is the local file or folder.
    """

    number: int
    task: Task
    state: State = "waiting"
    was_cut: bool = False
    done: int = 0
    total: int = 0
    files_done: int = 0
    files_total: int = 0
    error: Exception | None = None
    results: list[Sent | Received] = field(default_factory=list)
    path: Path | None = None
    cancel: threading.Event = field(default_factory=threading.Event, repr=False)
    pause: threading.Event = field(default_factory=threading.Event, repr=False)
    _pace: Pace = field(default_factory=Pace, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    @property
    def name(self) -> str:
        """What the file or folder is called; of a download a stranger may have chosen it."""
        return self.task.name

    @property
    def room(self) -> str | None:
        """The room it goes to or comes from; None: everyone."""
        return self.task.room

    @property
    def is_upload(self) -> bool:
        """Whether bytes go from here to the server."""
        return self.task.kind == "upload"

    @property
    def is_over(self) -> bool:
        """Whether nothing more happens by itself."""
        return self.state in ("done", "failed", "cancelled")

    @property
    def speed(self) -> float | None:
        """Bytes a second, None while that cannot be known."""
        pace = self._look()
        return None if pace is None else pace[0]

    @property
    def seconds_left(self) -> float | None:
        """How long it will still take, None while that cannot be known."""
        pace = self._look()
        return None if pace is None else pace[1]

    def progress(self, done: int, total: int) -> None:
        """Take note of how far it is."""
        self.done, self.total = done, total

    def begin(self) -> None:
        """Begin to move (again): earlier speeds tell nothing any more."""
        self.cancel.clear()
        self.pause.clear()
        self.error, self.was_cut = None, False
        self.results, self.files_done = [], 0
        with self._lock:
            self._pace = Pace()

    def _look(self) -> tuple[float, float] | None:
        if self.state != "moving":
            return None
        with self._lock:
            return self._pace.look(self.done, self.total, time.monotonic())
