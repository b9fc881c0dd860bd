"""What one file, one user and the disk can take. The rule: docs/stage5.md, the contract."""

import hashlib
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from tests.kit import check
from tests.kit.deadlines import eventually
from tests.kit.fixtures import Launcher
from tests.kit.match import ABSENT
from tests.kit.plugin import leave_out
from tests.kit.programs import Program, Server
from tests.kit.wire_codec import Message

from .world import (
    CANCEL,
    DELETE,
    FETCH,
    FINISH,
    HELLO,
    OFFER,
    PASSWORD,
    PING,
    SEND,
    User,
    World,
    md5_of,
    pattern,
)


@pytest.fixture
def ann(one_world: World, shared_server: Callable[..., Server]) -> User:
    """A user of a file server with small limits."""
    flags = one_world.ground.file_flags("small store")
    small = ("--max-size", "1000", "--quota", "2500")
    return one_world.user(shared_server("stage5.server", *flags, *small))


@pytest.mark.task("5.9", hint="When is the size of a file known?")
@pytest.mark.points(1)
@pytest.mark.needs("5.2", "5.3", "5.4")
def test_a_file_over_the_size_limit_is_refused_when_it_is_offered(ann: User) -> None:
    limits = ann.connection.request(HELLO)["data"]["limits"]
    check.equal(limits["file"], 1000, "the limit that HELLO tells")
    ann.store("large.bin", b"x" * 1000)
    reply = ann.ask(OFFER, test=2, filename="larger.bin", size=1001)
    check.matches(reply, {"field": "size"}, "the refusal")


@pytest.mark.task("5.9", hint="Which uploads count before they have arrived?")
@pytest.mark.points(1)
@pytest.mark.needs("5.2", "5.3", "5.4", "5.7")
def test_uploads_count_by_their_announced_size(ann: User) -> None:
    first, _second = ann.offer("first.bin", 1000), ann.offer("second.bin", 1000)
    ann.ask(OFFER, test=2, filename="third.bin", size=501)
    ann.offer("small.bin", 500)
    ann.ask(OFFER, test=2, filename="drop.bin", size=1)
    ann.ask(CANCEL, upload=first)
    ann.offer("third.bin", 1000)


@pytest.mark.task("5.9", hint="What gives room back?")
@pytest.mark.points(1)
@pytest.mark.needs("5.2", "5.3", "5.4", "5.7", "5.8")
def test_files_count_until_they_are_deleted_and_shared_content_counts_once(ann: User) -> None:
    content = pattern(1000)
    uid = ann.store("first.bin", content)
    ann.store("second.bin", b"y" * 1000)
    copy: Message = {"filename": "copy.bin", "size": 1000, "md5": md5_of(content)}
    copied = ann.ask(OFFER, data={"uid": int, "upload": ABSENT}, **copy)["data"]["uid"]
    ann.ask(OFFER, test=2, filename="third.bin", size=501)
    ann.ask(DELETE, uid=uid)
    ann.ask(OFFER, test=2, filename="third.bin", size=501)
    ann.ask(DELETE, uid=copied)
    ann.store("third.bin", b"z" * 1000)


@pytest.mark.task("5.9", hint="Whose quota is it?")
@pytest.mark.points(0.5)
@pytest.mark.needs("5.2", "5.3", "5.4")
def test_one_user_does_not_use_up_what_another_has(ann: User) -> None:
    other = ann.world.user(ann.connection.server)
    for number in range(2):
        ann.offer(f"{number}.bin", 1000)
    other.store("fine.bin", b"x" * 1000)


@pytest.mark.task("5.9", hint="Does a discarded upload still take room?")
@pytest.mark.needs("5.2", "5.3", "5.4", "5.7")
def test_a_discarded_upload_gives_its_room_back(ann: User) -> None:
    for _ in range(3):
        upload = ann.offer("damaged.bin", 1000)
        ann.send(upload, b"x" * 1000)
        ann.ask(FINISH, test=1, upload=upload, md5=md5_of(b"other"))


@pytest.fixture
def tiny(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    """A file system of 8 MB, where one may be mounted."""
    folder = tmp_path / "tiny"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(folder)]
    try:
        done = subprocess.run(mount, capture_output=True, encoding="utf-8", check=False)
    except FileNotFoundError:
        leave_out(request.node, "no small file system: there is no mount command")
    if done.returncode:
        leave_out(request.node, "no small file system: this user may not mount one")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.mark.task("5.9", hint="The disk is full in the middle of a SEND. Who hears what?")
@pytest.mark.needs("5.2", "5.3", "5.4", "5.6", "5.8")
def test_a_full_disk_is_told_and_loses_nothing(
    one_world: World, launch: Launcher, tiny: Path
) -> None:
    server = launch("stage5.server", *one_world.ground.file_flags(str(tiny / "store")))
    ann, content = one_world.user(server), pattern(5_000_000)
    kept = ann.store("kept.bin", content[:1_000_000])
    ann.ask(OFFER, test=109, filename="too large.bin", size=50_000_000)
    first, second = ann.offer("first.bin", len(content)), ann.offer("second.bin", len(content))
    ann.send(first, content)
    offset, refused = 0, False
    while not refused:
        piece = content[offset : offset + 50_000]
        check.that(piece, "8 MB are full before 5 MB have come twice")
        reply = ann.send(second, piece, offset=offset, test=None)
        refused = reply["test"] == 109
        check.that(refused or reply["test"] == 0, f"a piece was answered with {reply}")
        again: Message = {"filename": "second.bin", "size": len(content), "upload": second}
        offset = int(ann.ask(OFFER, **again)["data"]["offset"])
    check.that(1_000_000 < offset < 2_500_000, f"the disk took {offset} bytes of the second file")
    ann.connection.request(PING)
    check.equal(ann.fetch(kept)[1], content[:1_000_000], "what was there before")
    uid = ann.ask(FINISH, upload=first, md5=md5_of(content))["data"]["uid"]
    ann.ask(DELETE, uid=uid)

    def room_again() -> bool:
        reply = ann.send(second, content[offset : offset + 50_000], offset=offset, test=None)
        return bool(reply["test"] == 0)

    eventually(room_again, why="room for the rest", seconds=5)
    ann.send(second, content[offset + 50_000 :], offset=offset + 50_000)
    uid = ann.ask(FINISH, upload=second, md5=md5_of(content))["data"]["uid"]
    check.equal(ann.fetch(uid)[1], content, "the file that had to wait")


@pytest.mark.task("5.11", hint="What is left of a download for which there was no room?")
@pytest.mark.needs("5.1", "5.2", "5.3", "5.4")
def test_a_download_onto_a_full_disk_is_refused_and_leaves_nothing(
    one_world: World, launch: Launcher, tiny: Path
) -> None:
    ann = one_world.user()
    uid = ann.store("large.bin", pattern(9_000_000))
    program = launch(*client(one_world, ann, "get", str(uid), str(tiny)), **how(one_world))
    program.wait_exit(code=1, seconds=15)
    said = program.stdout.tail()
    check.that("free" in said or "space" in said.lower(), f"the client says why: {said}")
    check.equal(list(tiny.iterdir()), [], "what is left in the folder")


def client(world: World, user: User, *words: str) -> tuple[str, ...]:
    """Return a program and its flags: the terminal client with one command."""
    auth = world.auth
    return "stage5.client", "--auth", f"{auth.host}:{auth.port}", "--user", user.name, *words


def how(world: World) -> dict[str, object]:
    """Return how to start it: with the password in the environment."""
    return {"to": world.files, "env": {"CHAT_PASSWORD": PASSWORD}}


@pytest.mark.task("5.9", hint="Twenty senders send a byte now and then. Who waits for them?")
@pytest.mark.points(0.5)
@pytest.mark.needs("5.2", "5.3", "5.4")
def test_trickling_uploads_do_not_hold_up_others(one_world: World) -> None:
    slow, quick = one_world.user(), one_world.user()
    senders = []
    for number in range(20):
        upload = slow.offer(f"slow{number}.bin", 3)
        sender = slow.again(name=f"slow sender {number}")
        args: Message = {"token": slow.token, "upload": upload, "offset": 0}
        asked = sender.connection.ask(SEND, args, body=3)
        sender.connection.send_body(b"a")
        senders.append((sender, upload, asked))
    content = pattern(2_000_000)
    check.equal(quick.fetch(quick.store("quick.bin", content))[1], content, "the others' file")
    for sender, upload, asked in senders:
        sender.connection.send_body(b"bc")
        sender.connection.expect_reply(asked, SEND, data={"received": 3})
        slow.ask(FINISH, upload=upload, md5=md5_of(b"abc"))


MEGABYTE = 1024 * 1024


@pytest.mark.task("5.9", hint="Where are the bytes of a file while it moves?")
@pytest.mark.points(1)
@pytest.mark.needs("5.2", "5.3", "5.4")
@pytest.mark.timeout(900)
def test_the_servers_memory_does_not_grow_with_the_size_of_a_file(
    one_world: World, launch: Launcher, count: Callable[[int, int], int]
) -> None:
    server = launch("stage5.server", *one_world.ground.file_flags("store of the large"))
    ann, large = one_world.user(server), count(45, 4096)
    there_and_back(ann, 5)
    before = peak(server.pid)
    there_and_back(ann, large)
    check_grown("the server", before, peak(server.pid), large)


def there_and_back(user: User, megabytes: int) -> None:
    """Send so many megabytes of zeros, and fetch them again; never more than one is here."""
    piece, digest = bytes(MEGABYTE), hashlib.md5(usedforsecurity=False)
    upload = user.offer(f"{megabytes}.bin", megabytes * MEGABYTE)
    for number in range(megabytes):
        user.send(upload, piece, offset=number * MEGABYTE)
        digest.update(piece)
    uid = user.ask(FINISH, upload=upload, md5=digest.hexdigest())["data"]["uid"]
    user.ask(FETCH, uid=uid)
    for _ in range(megabytes):
        check.that(user.connection.recv_body(MEGABYTE) == piece, "other bytes came back")


@pytest.mark.task("5.11", hint="Which line holds bytes, and how many at most?")
@pytest.mark.points(0.5)
@pytest.mark.needs("5.1", "5.2", "5.3", "5.4")
@pytest.mark.timeout(900)
def test_the_clients_memory_does_not_grow_with_the_size_of_a_file(
    one_world: World, launch: Launcher, count: Callable[[int, int], int], tmp_path: Path
) -> None:
    size = count(45, 4096) * MEGABYTE
    for name, length in (("small.bin", 5 * MEGABYTE), ("large.bin", size)):
        with (tmp_path / name).open("wb") as file:
            file.truncate(length)  # sparse: it takes no room here
    ann, auth = one_world.user(), one_world.auth
    terminal = launch("stage5.client", "--auth", f"{auth.host}:{auth.port}", to=one_world.files)
    terminal.send_line(f"/login {ann.name} {PASSWORD}")
    seconds = count(20, 300)
    before = moved(terminal, tmp_path, "small.bin", seconds)
    after = moved(terminal, tmp_path, "large.bin", seconds)
    check_grown("the client", before, after, size // MEGABYTE)
    terminal.close_stdin()
    terminal.wait_exit(code=0, seconds=10)


def check_grown(who: str, before: int, after: int, megabytes: int) -> None:
    grown = (after - before) / MEGABYTE
    check.that(grown < 30, f"{who} grew by {grown:.0f} MB for {megabytes} MB")


def moved(terminal: Program, folder: Path, name: str, seconds: float) -> int:
    """Send a file and fetch it again; return the most memory that the client has had."""
    terminal.send_line(f'/put "{folder / name}"')
    said = terminal.expect_line(rf"^(uploaded (\d+): {name}|error)", seconds=seconds)
    check.that(said[2], "the client says that the file is uploaded, not an error")
    terminal.send_line(f'/get {said[2]} "{folder}"')
    said = terminal.expect_line(rf"^(downloaded ({said[2]})|error)", seconds=seconds)
    check.that(said[2], "the client says that the file is downloaded, not an error")
    return peak(terminal.pid)


def peak(pid: int) -> int:
    """Return the most memory a process has had, in bytes; its present memory where nobody tells."""
    try:
        status = Path(f"/proc/{pid}/status").read_text("utf-8")
    except OSError:
        found = psutil.Process(pid).memory_info()
        return int(getattr(found, "peak_wset", found.rss))
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024
