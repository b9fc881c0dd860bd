"""Several transfers at once, which may be paused, and go on after a restart of the client.

A job is in ``_running`` while a thread works for it; its ``state`` is what a person wants it to be
or sees. So a pause shows at once, and the thread lets go a moment later; a resumed job begins when
it has.
"""

import contextlib
import itertools
import threading
import time
from collections.abc import Callable
from pathlib import Path

from stage1_echo import CourseError

from .errors import DownloadFailed, FileError
from .file_client import FileClient
from .file_info import FileInfo, Received, Sent
from .memory import Notes, TransferMemory
from .names import safe_local_path
from .transfer_job import State, Task, TransferJob

OnChange = Callable[[TransferJob], object]


def _nothing(_job: TransferJob) -> None:
    """Hear of a change and do nothing."""


class TransferQueue:
    """Moves files for one user; ``at_once`` jobs at the same time, the others wait in line.

    ``memory`` is the file in which it remembers what is not over; with None it remembers nothing.
    What the last run left is among ``jobs()``, paused. ``on_change(job)`` is called after every
    change of a state, on any thread. Calls never wait for the network, and do nothing when the
    job's state does not fit.
    """

    def __init__(
        self,
        client: FileClient,
        *,
        at_once: int = 3,
        memory: Path | None = None,
        on_change: OnChange = _nothing,
    ) -> None:
        self._client = client
        self._at_once = at_once
        self._on_change = on_change
        self._memory = TransferMemory(memory)
        self._lock = threading.Lock()
        self._let_go = threading.Condition(self._lock)
        self._numbers = itertools.count(1)
        self._jobs: list[TransferJob] = []  # guarded by _lock, as all below
        self._kept: dict[TransferJob, tuple[int, Notes]] = {}  # number in the memory, and notes
        self._running: set[TransferJob] = set()
        self._is_closed = False
        for number, data in self._memory.jobs().items():
            self._restore(number, data)

    # What to move

    def upload(self, path: Path, room: str | None = None) -> TransferJob:
        """Send a file or a folder, to everyone or to a room."""
        path = path.absolute()
        job = self._new(Task("upload", str(path), path.name, room=room))
        with contextlib.suppress(OSError):
            job.total = path.stat().st_size if path.is_file() else 0
        return self._add(job)

    def download(self, info: FileInfo, folder: Path) -> TransferJob:
        """Fetch one file into a folder, which is made when it is missing."""
        task = Task("download", str(info.uid), info.filename, str(folder.absolute()))
        job = self._new(task)
        job.total = info.size or 0
        return self._add(job)

    def download_folder(self, path: str, folder: Path, room: str | None = None) -> TransferJob:
        """Fetch all files below a path; an empty path is everything."""
        name = path.rpartition("/")[2]
        task = Task("download_folder", path, name, str(folder.absolute()), room)
        return self._add(self._new(task))

    # What is there

    def jobs(self) -> list[TransferJob]:
        """Return all jobs, oldest first."""
        with self._lock:
            return list(self._jobs)

    def totals(self) -> tuple[int, int, float | None, float | None]:
        """Return bytes done and in all, bytes a second, seconds left of what waits and moves."""
        busy = [job for job in self.jobs() if job.state in ("waiting", "moving")]
        done, total = sum(job.done for job in busy), sum(job.total for job in busy)
        speed = sum(job.speed or 0.0 for job in busy)
        return (done, total, speed, (total - done) / speed) if speed else (done, total, None, None)

    # What a person does

    def pause(self, job: TransferJob) -> None:
        """Let a job stand still; every byte is kept on both sides."""
        if self._turn(job, "paused", "waiting", "moving"):
            job.pause.set()

    def resume(self, job: TransferJob) -> None:
        """Let a paused job go on from the byte it reached."""
        if self._turn(job, "waiting", "paused"):
            self._start_some()

    def retry(self, job: TransferJob) -> None:
        """Try again what failed or was cancelled; what has arrived is not sent again."""
        if self._turn(job, "waiting", "failed", "cancelled"):
            self._start_some()

    def cancel(self, job: TransferJob) -> None:
        """End a job and remove the bytes so far, here and on the server."""
        if self._turn(job, "cancelled", "waiting", "moving", "paused", "failed"):
            job.cancel.set()
            self._start_some()

    def remove(self, job: TransferJob) -> None:
        """Forget a job that is over."""
        if job.state == "failed":
            self.cancel(job)  # what it left behind goes with it
        with self._lock:
            if job.is_over and job in self._jobs:
                self._jobs.remove(job)

    def close(self, seconds: float = 2.0) -> None:
        """Stop everything, and wait so long for it; the next run can go on. The client stays."""
        deadline = time.monotonic() + seconds
        with self._let_go:
            self._is_closed = True
            for job in self._running:
                job.pause.set()
            while self._running and (left := deadline - time.monotonic()) > 0:
                self._let_go.wait(left)
        self._memory.close()

    # The inside

    def _new(self, task: Task) -> TransferJob:
        return TransferJob(next(self._numbers), task)

    def _add(self, job: TransferJob) -> TransferJob:
        with self._lock:
            self._jobs.append(job)
            self._remember(job)
        self._start_some()
        return job

    def _restore(self, number: int, data: dict[str, object]) -> None:
        paused, task = data.get("paused"), data.get("task")
        try:
            job = self._new(Task.from_data(task if isinstance(task, dict) else {}))
        except TypeError:  # of another version
            self._memory.forget(number)
            return
        job.state, job.was_cut = "paused", not paused
        self._jobs.append(job)
        self._kept[job] = number, self._memory.notes(number)

    def _turn(self, job: TransferJob, state: State, *allowed: State) -> bool:
        """Change the state of a job if it is an allowed one; tell whether it was."""
        with self._lock:
            if job.state not in allowed:
                return False
            job.state = state
            self._remember(job)
        self._on_change(job)
        return True

    def _remember(self, job: TransferJob) -> None:
        number = self._kept[job][0] if job in self._kept else None
        data = {"task": job.task.as_data(), "paused": job.state not in ("waiting", "moving")}
        if number is not None:
            self._memory.change(number, data)
        elif job.state in ("waiting", "moving"):
            number = self._memory.begin(data)
            self._kept[job] = number, self._memory.notes(number)

    def _start_some(self) -> None:
        """Give threads to jobs: to those that wait, and to cancelled ones that left something."""
        begun = []
        with self._lock:
            for job in () if self._is_closed else self._jobs:
                busy = sum(other.state == "moving" for other in self._running)
                if job in self._running:
                    continue
                if job.state == "waiting" and busy < self._at_once:
                    job.begin()
                    job.state = "moving"
                elif not (job.state == "cancelled" and job in self._kept):
                    continue
                self._remember(job)
                self._running.add(job)
                begun.append(job)
        for job in begun:
            self._on_change(job)
            threading.Thread(target=self._run, args=[job], name="job", daemon=True).start()

    def _run(self, job: TransferJob) -> None:
        state: State = "done"
        error: Exception | None = None
        try:
            if job.state == "moving":
                self._carry_out(job)
        except OSError as why:
            state, error = "failed", DownloadFailed(f"cannot store it: {why.strerror or why}")
            error.__cause__ = why
        except Exception as why:
            state, error = "failed", why
        if job.state == "cancelled":
            self._clear_up(job)
        with self._let_go:
            changed = job.state == "moving" and not (self._is_closed and state == "failed")
            if changed:
                job.state, job.error = state, error
                self._remember(job)
            elif state == "done" and job.state in ("paused", "waiting"):  # it was too late to stop
                changed, job.state = True, "done"
            if job.state == "done":
                self._memory.forget(self._kept.pop(job)[0])
            self._running.discard(job)
            self._let_go.notify_all()
        if changed:
            self._on_change(job)
        self._start_some()

    def _clear_up(self, job: TransferJob) -> None:
        with self._lock:
            number, notes = self._kept.pop(job)
        with contextlib.suppress(CourseError):  # not now: it is remembered until the next start
            self._client.abandon(notes)
            self._memory.forget(number)

    def _carry_out(self, job: TransferJob) -> None:
        """Do what a job is for; raises whatever the client raises."""
        task, client, notes = job.task, self._client, self._kept[job][1]
        folder = Path(task.folder)

        def count(files: int) -> None:
            job.files_total = files

        def each(result: Sent | Received) -> None:
            job.results.append(result)
            job.files_done += result.error is None

        if task.kind == "upload":
            job.path = Path(task.source)
            client.upload(
                job.path,
                room=task.room,
                progress=job.progress,
                cancel=job.cancel,
                pause=job.pause,
                notes=notes,
                count=count,
                each=each,
            )
        elif task.kind == "download_folder":
            folder.mkdir(parents=True, exist_ok=True)
            job.path = folder / safe_local_path("", task.name)[0] if task.name else folder
            found = client.download_folder(
                task.source,
                folder,
                room=task.room,
                progress=job.progress,
                cancel=job.cancel,
                pause=job.pause,
                notes=notes,
                count=count,
                each=each,
            )
            if not found:
                raise FileError(f"there is no file and no folder {task.source}")
        else:
            folder.mkdir(parents=True, exist_ok=True)
            count(1)
            job.path = client.download(
                int(task.source),
                folder,
                progress=job.progress,
                cancel=job.cancel,
                pause=job.pause,
                notes=notes,
            )
            each(Received(int(task.source), task.name, job.total, path=job.path))
        errors = [result.error for result in job.results if result.error is not None]
        if errors:
            raise errors[0]
