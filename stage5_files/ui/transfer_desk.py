"""A person's transfers, as the window has them: what became of them, and what can be done."""

import contextlib
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from stage1_echo import safe_text
from stage3_auth.ui.login_errors import Trouble
from stage3_auth.ui.observers import Observers
from stage3_auth.ui.tk_bridge import TkBridge

from ..file_client import FileClient
from ..file_info import Received
from ..names import safe_local_path
from ..transfer_job import TransferJob
from ..transfer_queue import TransferQueue
from .file_tree import Entry, Folder
from .files_desk import FilesDesk

SHOWN_SECONDS = 20.0  # so long a transfer that went well stays in sight
CLOSE_SECONDS = 2.0  # so long may transfers take to stop


class TransferDesk:
    """Follows the queue; ``changed`` is there to follow. Tk thread only.

    ``memory`` is the file in which the queue remembers what is not over.
    """

    def __init__(
        self,
        client: FileClient,
        memory: Path,
        bridge: TkBridge,
        desk: FilesDesk,
        on_news: Callable[[Trouble, bool], object],
    ) -> None:
        self._bridge, self._desk, self._on_news = bridge, desk, on_news
        self.changed = Observers()
        self._told: dict[int, str] = {}  # the state of each job that was told last
        self._over_at: dict[int, float] = {}
        with contextlib.suppress(OSError):  # then nothing is remembered
            memory.parent.mkdir(parents=True, exist_ok=True)
        self.queue = TransferQueue(
            client, memory=memory, on_change=lambda job: bridge.post(self._heard, job)
        )
        for job in self.queue.jobs():
            self._told[job.number] = job.state
            if job.state == "paused" and job.was_cut:
                self.queue.resume(job)

    @property
    def jobs(self) -> list[TransferJob]:
        """The transfers that a person should see, the oldest first."""
        return [job for job in self.queue.jobs() if job.state != "cancelled"]

    # --- what the person does ------------------------------------------------------------------

    def upload(self, paths: Sequence[Path], room: str | None) -> None:
        """Send files and folders to a place."""

        def add() -> None:
            for path in paths:
                self.queue.upload(path, room=room)

        self._away(add)

    def download(self, entries: Sequence[Entry], room: str | None, folder: Path) -> None:
        """Fetch files and folders; what was sent in a folder lies in that folder again."""

        def add() -> None:
            for entry in entries:
                path = entry.path.rpartition("/")[0] if isinstance(entry, Folder) else entry.path
                target = folder.joinpath(*safe_local_path(path, "any name")).parent
                if isinstance(entry, Folder):
                    self.queue.download_folder(entry.path, target, room=room)
                else:
                    self.queue.download(entry, target)

        self._away(add)

    def pause_or_go_on(self) -> None:
        """Pause all that moves or waits; if nothing does, let all that is paused go on."""
        jobs = self.jobs
        active = [job for job in jobs if is_active(job)]
        self._each(self.queue.pause if active else self.queue.resume, active or jobs)

    def pause(self, job: TransferJob) -> None:
        """Hold a transfer; it keeps all its bytes."""
        self.queue.pause(job)
        self.changed.notify()

    def resume(self, job: TransferJob) -> None:
        """Let a transfer go on."""
        self.queue.resume(job)
        self.changed.notify()

    def retry(self, job: TransferJob) -> None:
        """Try a transfer that failed once more."""
        self.queue.retry(job)
        self.changed.notify()

    def cancel(self, job: TransferJob) -> None:
        """Stop a transfer; one that is over goes out of sight."""
        act = self.queue.remove if is_over(job) else self.queue.cancel
        act(job)
        self.changed.notify()

    def open(self, job: TransferJob) -> None:
        """Open what was downloaded."""
        if job.path is not None:
            self._desk.open(job.path)

    def show(self, job: TransferJob) -> None:
        """Show what was downloaded in its folder."""
        if job.path is not None:
            self._desk.show_in_folder(job.path)

    def put_away(self) -> None:
        """Put away all that is over."""
        self._each(self.queue.remove, [job for job in self.jobs if is_over(job)])

    def tidy(self) -> None:
        """Put away the transfers that went well, or were cancelled, some time ago."""
        old = time.monotonic() - SHOWN_SECONDS
        over = [job for job in self.queue.jobs() if job.state in ("done", "cancelled")]
        self._each(
            self.queue.remove, [job for job in over if self._over_at.get(job.number, old) <= old]
        )

    def close(self) -> None:
        """Stop all transfers, so that they can go on another time; blocks for a moment."""
        self.queue.close(CLOSE_SECONDS)

    # --- what became of them -------------------------------------------------------------------

    def _each(self, act: Callable[[TransferJob], object], jobs: Sequence[TransferJob]) -> None:
        if jobs:
            self._away(lambda: [act(job) for job in jobs])

    def _away(self, act: Callable[[], object]) -> None:
        """Do on another thread what may be thousands of jobs: each is written down at once."""
        self._desk.run(act, done=lambda _any: self.changed.notify(), failed=self._desk.tell)

    def _heard(self, job: TransferJob) -> None:
        state = job.state
        if self._desk.is_closed or self._told.get(job.number) == state:
            return  # told twice, and it had changed by the first time already
        self._told[job.number] = state
        if state == "done":
            self._done(job)
        elif state == "failed":
            self._failed(job)
        elif state == "cancelled":
            self._over_at[job.number] = time.monotonic()
            self._desk.refresh()
        self.changed.notify()

    def _done(self, job: TransferJob) -> None:
        self._over_at[job.number] = time.monotonic()
        if job.is_upload:
            self._on_news(Trouble("files.uploaded", {"name": safe_text(job.name)}), False)
            self._desk.refresh()
            return
        self._note_copies(job)
        self._on_news(Trouble("files.downloaded", {"path": safe_text(str(job.path))}), False)
        self._desk.changed.notify()

    def _failed(self, job: TransferJob) -> None:
        if not job.is_upload:
            self._note_copies(job)
        if job.error is not None:
            self._desk.tell(job.error)
        self._desk.refresh()

    def _note_copies(self, job: TransferJob) -> None:
        for result in job.results:
            if isinstance(result, Received) and result.path is not None:
                self._desk.copies[result.uid] = result.path


def is_active(job: TransferJob) -> bool:
    """Tell whether a transfer moves, or waits for its turn."""
    return job.state in ("waiting", "moving")


def is_over(job: TransferJob) -> bool:
    """Tell whether nothing more happens to a transfer by itself."""
    return job.state in ("done", "failed", "cancelled")
