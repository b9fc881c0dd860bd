"""The client's queue: pause, go on, several at once, and what outlives the client and the server.

The queue lives in the probe's child; a slow proxy lets the test look in the middle of a transfer.
"""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.kit import check
from tests.kit.deadlines import eventually
from tests.kit.probe import Probe, ProbeObject
from tests.kit.proxy.events import Direction, Passed

from .world import User, World, md5_of, pattern

Proxy = Callable[..., Any]

SIZE = 16_000_000
CONTENT = pattern(SIZE)
# All of it takes some seconds so; a test looks long before that, also on a busy machine.
SLOW = {"split": 64 * 1024, "gap_ms": 10}
pytestmark = [pytest.mark.functions]


class Desk:
    """A client with its queue, as a window has them; a new one is the client started again."""

    def __init__(self, probe: Probe, server: Any, user: User, memory: Path | None = None) -> None:
        where = (server.host, server.port)
        kept = None
        if memory is not None:
            kept = probe.new("pathlib:Path", str(memory))
        self.client = probe.new("stage5_files:FileClient", *where, user.token)
        self.queue = probe.new("stage5_files:TransferQueue", self.client, at_once=2, memory=kept)
        self.probe = probe

    def job(self, method: str, *args: Any) -> ProbeObject:
        """Begin a job."""
        paths = [self.probe.new("pathlib:Path", str(a)) if isinstance(a, Path) else a for a in args]
        return self.queue.keep(method, *paths)

    def leave(self) -> None:
        """End the client in good order."""
        self.queue.call("close")
        self.client.call("close")


def wait_until(job: ProbeObject, *states: str) -> None:
    """Wait until the job is in one of these states."""
    eventually(lambda: job.get("state") in states, why=f"the job to be {states}", seconds=20)


def wait_for_bytes(job: ProbeObject, count: int) -> None:
    """Wait until so many bytes have moved; a job that fails will not move them."""

    def look() -> bool:
        check.that(job.get("state") != "failed", f"the job failed: {job.get('error')!r}")
        return bool(job.get("done") >= count)

    eventually(look, why=f"{count} bytes", seconds=20, poll=0.001)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A file that takes a while behind the slow proxy."""
    path = tmp_path / "large.bin"
    path.write_bytes(CONTENT)
    return path


@pytest.mark.task("5.12", hint="Which bytes are sent again after a pause?")
@pytest.mark.points(0.5)
@pytest.mark.needs("5.1", "5.2", "5.3", "5.4", "5.5", "5.6", "5.7", "5.8", "5.9", "5.10", "5.11")
def test_a_paused_upload_goes_on_from_the_byte_it_reached(
    one_world: World, probe: Probe, proxy: Proxy, source: Path
) -> None:
    ann = one_world.user()
    proxied = proxy(one_world.files, **SLOW)
    desk = Desk(probe, proxied, ann)
    job = desk.job("upload", source)
    wait_for_bytes(job, 6_000_000)
    desk.queue.call("pause", job)
    check.equal(job.get("state"), "paused", "the state at once")
    check.equal(ann.listed_own(), [], "what is listed while it stands still")
    proxied.use()
    desk.queue.call("resume", job)
    wait_until(job, "done", "failed")
    check.equal(job.get("error"), None, "the error")
    (uid,) = ann.listed_own()
    check.equal(md5_of(ann.fetch(uid)[1]), md5_of(CONTENT), "the content")
    check.equal(job.get("done"), SIZE, "the bytes done")
    resumed = [e for e in sent_to(proxied) if e.connection > 1]
    # What the old connection still had under way arrives behind the new one's OFFER: then up to
    # three pieces are refused, and sent again from the byte that was reached.
    total = sum(len(event.data) for event in resumed)
    check.that(total < SIZE - 3_000_000, f"{total} of {SIZE} bytes were sent after the pause")


@pytest.mark.task("5.12", hint="Where is it written which upload a file has on the server?")
@pytest.mark.needs("5.1", "5.2", "5.3", "5.4", "5.5", "5.6", "5.7", "5.8", "5.9", "5.10", "5.11")
def test_an_upload_goes_on_after_client_and_server_were_started_again(
    one_apart: World, probe: Probe, proxy: Proxy, source: Path, tmp_path: Path
) -> None:
    ann, memory = one_apart.user(), tmp_path / "memory.db"
    others = set(one_apart.ground.store.rglob("*.part"))
    desk = Desk(probe, proxy(one_apart.files, **SLOW), ann, memory)
    wait_for_bytes(desk.job("upload", source), 2_000_000)
    desk.leave()
    one_apart.kill()
    server = one_apart.files
    ann = ann.again(server)
    desk = Desk(probe, server, ann, memory)
    job = first_job(desk)
    check.equal((job.get("state"), job.get("was_cut")), ("paused", True), "the job after a restart")
    parts = list(set(one_apart.ground.store.rglob("*.part")) - others)
    check.equal(len(parts), 1, "the uploads on the server")
    kept = parts[0].stat().st_size
    check.that(kept >= 1_500_000, f"the server should have kept the bytes, it has {kept}")
    desk.queue.call("resume", job)
    wait_until(job, "done", "failed")
    check.equal(job.get("error"), None, "the error")
    check.equal(len(ann.listed_own()), 1, "the files that are listed")
    check.equal(md5_of(ann.fetch(ann.listed_own()[0])[1]), md5_of(CONTENT), "the content")
    names = {path.name for path in parts[0].parent.parent.joinpath("content").iterdir()}
    check.that(parts[0].stem in names, "the upload that was begun should be the one that was ended")
    desk.leave()
    check.equal(len(Desk(probe, server, ann, memory).queue.call("jobs")), 0, "what is remembered")


@pytest.mark.task("5.12", hint="What does a download leave behind that can be used again?")
@pytest.mark.points(0.5)
@pytest.mark.needs("5.1", "5.2", "5.3", "5.4", "5.5", "5.6", "5.7", "5.8", "5.9", "5.10", "5.11")
def test_a_download_goes_on_after_the_client_was_started_again(
    one_world: World, probe: Probe, proxy: Proxy, tmp_path: Path
) -> None:
    ann, memory = one_world.user(), tmp_path / "memory.db"
    uid = ann.store("large.bin", CONTENT)
    info = one_info(probe, ann, uid)
    desk = Desk(probe, proxy(one_world.files, direction="to-client", **SLOW), ann, memory)
    down = tmp_path / "down"
    job = desk.job("download", info, down)
    wait_for_bytes(job, 2_000_000)
    desk.leave()
    (part,) = down.iterdir()
    kept = part.stat().st_size
    check.that(part.name != "large.bin" and kept >= 2_000_000, f"{part.name} has {kept} bytes")
    passed = proxy(one_world.files)
    desk = Desk(probe, passed, ann, memory)
    desk.queue.call("resume", first_job(desk))
    eventually(lambda: [p.name for p in down.iterdir()] == ["large.bin"], why="the file")
    check.equal(md5_of((down / "large.bin").read_bytes()), md5_of(CONTENT), "its md5")
    asked = b"".join(event.data for event in sent_to(passed))
    offsets = re.findall(rb'"offset":(\d+)', asked)
    check.equal(offsets, [str(kept).encode()], "the offsets that were asked for")
    desk.leave()


@pytest.mark.task("5.12", hint="Who clears up what nobody wants any more?")
@pytest.mark.needs("5.1", "5.2", "5.3", "5.4", "5.5", "5.6", "5.7", "5.8", "5.9", "5.10", "5.11")
def test_a_cancelled_job_leaves_nothing_here_or_on_the_server(
    one_world: World, probe: Probe, proxy: Proxy, source: Path, tmp_path: Path
) -> None:
    server, ann, store = one_world.files, one_world.user(), one_world.ground.store
    others = set(store.rglob("*.part"))
    uid = ann.store("down.bin", CONTENT)
    info = one_info(probe, ann, uid)
    down = tmp_path / "down"
    slow = proxy(server, **SLOW)
    desk = Desk(probe, slow, ann)
    jobs = [desk.job("upload", source), desk.job("download", info, down)]
    waiting = desk.job("upload", source)
    check.equal(waiting.get("state"), "waiting", "a third job where two may move")
    desk.queue.call("cancel", waiting)
    wait_for_bytes(jobs[0], 1_000_000)
    desk.queue.call("pause", jobs[0])
    for job in jobs:
        desk.queue.call("cancel", job)
        check.equal(job.get("state"), "cancelled", "the state at once")
    eventually(lambda: not set(store.rglob("*.part")) - others, why="the upload to be gone")
    eventually(lambda: not any(down.glob("*.part")), why="the begun download to be gone")
    slow.use()
    desk.queue.call("retry", jobs[0])
    wait_until(jobs[0], "done", "failed")
    check.equal(len(ann.listed_own()), 2, "the files after the second try")
    desk.leave()


@pytest.mark.task("5.12", hint="Which files of a folder are sent when it is tried again?")
@pytest.mark.needs("5.1", "5.2", "5.3", "5.4", "5.5", "5.6", "5.7", "5.8", "5.9", "5.10", "5.11")
def test_a_folder_that_failed_in_part_is_sent_in_part_again(
    one_world: World, probe: Probe, tmp_path: Path
) -> None:
    ann, top = one_world.user(), tmp_path / "many"
    top.mkdir()
    for number in range(150):
        (top / f"{number}.txt").write_text(f"number {number}", "utf-8")
    (top / "link").symlink_to(top / "1.txt")
    desk = Desk(probe, one_world.files, ann)
    job = desk.job("upload", top)
    wait_until(job, "failed")
    check.equal((job.get("files_done"), job.get("files_total")), (150, 151), "the files")
    (top / "link").unlink()
    (top / "link").write_text("a file now", "utf-8")
    desk.queue.call("retry", job)
    wait_until(job, "done", "failed")
    check.equal(job.get("state"), "done", "the state")
    names = [entry["filename"] for entry in ann.listed() if entry["own"] == ann.name]
    check.equal(len(names), 151, "the number of files on the server")
    check.equal(len(set(names)), 151, "the number of different ones")
    desk.leave()


def sent_to(proxied: Any) -> list[Passed]:
    """Return what has passed to the server, piece by piece."""
    to_server = (e for e in proxied.events if isinstance(e, Passed))
    return [event for event in to_server if event.direction == Direction.TO_SERVER]


def first_job(desk: Desk) -> ProbeObject:
    """Return the job that the last run left."""
    jobs = desk.queue.keep("jobs")
    return jobs.keep("__getitem__", 0)


def one_info(probe: Probe, user: User, uid: int) -> ProbeObject:
    """Return what the client knows of a file."""
    entry = next(entry for entry in user.listed() if entry["uid"] == uid)
    return probe.new("stage5_files.file_info:FileInfo.from_data", entry)
