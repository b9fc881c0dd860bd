"""The terminal client, driven through pipes; against the server, and against one that lies."""

import contextlib
import filecmp
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.kit import check
from tests.kit.deadlines import eventually
from tests.kit.fixtures import Launcher
from tests.kit.listening import Listening
from tests.kit.programs import Program, Server
from tests.kit.wire import WireClient

from .world import (
    CANCEL,
    FETCH,
    FINISH,
    HELLO,
    LIST,
    OFFER,
    PASSWORD,
    PING,
    SEND,
    World,
    md5_of,
    pattern,
)

Listen = Callable[..., Listening[Any]]


class Terminal:
    """Somebody at the terminal client, logged in; ``home`` is where downloads go."""

    def __init__(self, launch: Launcher, world: World, server: Server, home: Path) -> None:
        self.name = world.user().name
        self.home = home
        auth = world.auth
        self.program: Program = launch(
            "stage5.client", "--auth", f"{auth.host}:{auth.port}", to=server
        )
        self.do(f"/login {self.name} {PASSWORD}", "logged in")

    def do(self, line: str, expected: str, seconds: float = 10) -> re.Match[str]:
        """Type a line and wait for what it prints."""
        self.program.send_line(line)
        return self.program.expect_line(expected, seconds=seconds)

    def leave(self) -> None:
        """End the input; the client must end by itself with exit code 0."""
        self.program.close_stdin()
        self.program.wait_exit(code=0, seconds=10)


def make_folder(top: Path) -> None:
    """Put files of many kinds into a folder: real ones, empty ones, odd names, a larger one."""
    for source in Path(json.__file__).parent.glob("*.py"):
        (top / "json" / "deep").mkdir(parents=True, exist_ok=True)
        (top / "json" / "deep" / source.name).write_bytes(source.read_bytes())
    (top / "empty folder" / "inside").mkdir(parents=True)
    (top / "nothing.txt").touch()
    (top / "你好 👨‍👩‍👧 [bold].txt").write_text("hello", "utf-8")
    (top / "large.bin").write_bytes(pattern(5_000_000))


def entries(top: Path) -> list[str]:
    """Return everything below a folder, as paths."""
    return sorted(path.relative_to(top).as_posix() for path in top.rglob("*"))


@pytest.mark.task("5.12", hint="What belongs to a folder besides the bytes of its files?")
@pytest.mark.points(1.5)
@pytest.mark.needs("5.1", "5.2", "5.3", "5.4", "5.5", "5.6", "5.7", "5.8", "5.9", "5.10", "5.11")
def test_a_folder_goes_up_and_comes_down_byte_identical(
    world: World, launch: Launcher, tmp_path: Path
) -> None:
    top = tmp_path / f"folder of {world.database.kind}"
    make_folder(top)
    home = tmp_path / "down"
    home.mkdir()
    terminal = Terminal(launch, world, world.files, home)
    terminal.do(f'/put "{top}"', "uploaded .*你好")
    terminal.do(f'/get "{top.name}" "{home}"', "downloaded .*你好")
    terminal.leave()
    got = home / top.name
    check.equal(entries(got), entries(top), "what came down")
    files = [name for name in entries(top) if (top / name).is_file()]
    _same, different, odd = filecmp.cmpfiles(top, got, files, shallow=False)
    check.equal(different + odd, [], "the files whose bytes differ")


@pytest.mark.task("5.12", hint="What does each command print for a script to read?")
@pytest.mark.needs("5.1", "5.2", "5.3", "5.4", "5.5", "5.6", "5.7", "5.8", "5.9", "5.10", "5.11")
def test_each_command_prints_one_event_a_line(
    one_world: World, launch: Launcher, tmp_path: Path
) -> None:
    (tmp_path / "note.txt").write_text("hello", "utf-8")
    terminal = Terminal(launch, one_world, one_world.files, tmp_path)
    match = terminal.do(f'/put "{tmp_path / "note.txt"}"', r"^uploaded (\d+): note.txt \(5 bytes\)")
    uid = match[1]
    terminal.do("/ls", rf"^{uid}  5 bytes  text/plain  {terminal.name}  .*  note.txt$")
    terminal.do(f'/get {uid} "{tmp_path}"', rf"^downloaded {uid}: .*note \(2\).txt$")
    check.equal((tmp_path / "note (2).txt").read_text("utf-8"), "hello", "the download")
    terminal.do(f"/rm {uid}", f"^deleted {uid}$")
    terminal.do(f"/rm {uid}", "^error 104")
    terminal.do("/rm one", "^error: got one: no file of yours is called so")
    terminal.do("/get nothing-of-this-name", "^error: there is no file")
    for command in ("get", "rm"):  # more digits than Python reads as a number
        terminal.do(f"/{command} {'9' * 5000}", "^error: ")
    terminal.do(f'/put "{tmp_path / "missing"}"', "^error: missing: cannot be read")
    terminal.do("/put", "^error: usage: /put PATH")
    terminal.do("/ls nowhere", "^error 104")
    terminal.do("/logout", "logged out")
    terminal.do("/ls", "^error 102")
    terminal.leave()


@pytest.mark.task("5.11", hint="What does the client do when the server dies in the middle?")
@pytest.mark.points(1)
@pytest.mark.needs("5.1", "5.2", "5.3", "5.4", "5.5", "5.6", "5.7", "5.10")
def test_a_file_arrives_whole_although_the_server_is_killed_twice(
    one_world: World, launch: Launcher, tmp_path: Path
) -> None:
    store = one_world.ground.folder / "store of the killed"
    server = launch("stage5.server", *one_world.ground.file_flags(store.name))
    content = pattern(40_000_000)
    (tmp_path / "large.bin").write_bytes(content)
    (tmp_path / "down").mkdir()
    terminal = Terminal(launch, one_world, server, tmp_path / "down")
    terminal.program.send_line(f'/put "{tmp_path / "large.bin"}"')
    eventually(lambda: largest(store) > 10_000_000, why="a part of the upload", poll=0.001)
    server.kill()
    server = launch.again(server)
    uid = terminal.program.expect_line(r"uploaded (\d+): large.bin", seconds=20)[1]
    terminal.program.send_line(f'/get {uid} "{tmp_path / "down"}"')
    eventually(
        lambda: largest(tmp_path / "down") > 10_000_000, why="a part of the file", poll=0.001
    )
    server.kill()
    launch.again(server)
    terminal.program.expect_line(f"downloaded {uid}: ", seconds=20)
    terminal.leave()
    check.equal(entries(tmp_path / "down"), ["large.bin"], "the folder of the download")
    got = (tmp_path / "down" / "large.bin").read_bytes()
    check.equal(md5_of(got), md5_of(content), "the md5 of the download")


def largest(folder: Path) -> int:
    """Return the size of the largest file in a folder, whole or not yet."""
    sizes = [0]
    for path in folder.rglob("*"):
        with contextlib.suppress(FileNotFoundError):  # renamed since it was found
            sizes.append(path.stat().st_size)
    return max(sizes)


@pytest.mark.task("5.12", hint="What does a script see of a command that failed?")
@pytest.mark.needs("5.1", "5.2", "5.3", "5.4", "5.5", "5.6", "5.7", "5.8", "5.9", "5.10", "5.11")
def test_one_command_behind_the_flags_tells_by_its_exit_code(
    one_world: World, launch: Launcher, count: Callable[[int, int], int], tmp_path: Path
) -> None:
    ann, auth = one_world.user(), one_world.auth
    for name in ("one.txt", "two.txt", "three.md"):
        (tmp_path / name).write_text(name, "utf-8")

    def run(*words: str, code: int = 0, password: str = PASSWORD) -> str:
        flags = ("--auth", f"{auth.host}:{auth.port}", "--user", ann.name, *words)
        environment = {"CHAT_PASSWORD": password}
        program = launch("stage5.client", *flags, to=one_world.files, env=environment)
        program.wait_exit(code=code, seconds=15)
        return program.stdout.tail()

    said = run("put", str(tmp_path / "*.*"))
    check.equal(len(re.findall("(?m)^uploaded ", said)), 3, f"what was sent: {said}")
    said = run("get", "*.txt", str(tmp_path / "down"))
    check.that("one.txt" in said and "two.txt" in said and "three" not in said, said)
    check.equal((tmp_path / "down" / "two.txt").read_text("utf-8"), "two.txt", "what came down")
    folder = tmp_path / "papers"
    (folder / "deep").mkdir(parents=True)
    (folder / "deep" / "four.txt").write_text("four", "utf-8")
    run("put", str(folder))
    run("rm", "papers")
    run("rm", "*.txt")
    names = [entry["filename"] for entry in ann.listed() if entry["own"] == ann.name]
    check.equal(names, ["three.md"], "what is left")
    run("get", "one.txt", code=1)
    for words, code in ((["dance"], 2), (["ls"], 1))[: count(1, 2)]:
        run(*words, code=code, password="wrong1")


@pytest.mark.task("5.12", hint="What must a client write down before it is killed?")
@pytest.mark.points(0.5)
@pytest.mark.needs("5.1", "5.2", "5.3", "5.4", "5.5", "5.6", "5.7", "5.8", "5.9", "5.10", "5.11")
def test_a_killed_client_goes_on_with_the_same_command(
    one_world: World, launch: Launcher, proxy: Callable[..., Any], tmp_path: Path
) -> None:
    store = one_world.ground.folder / "store of the killed client"
    server = launch("stage5.server", *one_world.ground.file_flags(store.name))
    ann, auth, content = one_world.user(server), one_world.auth, pattern(16_000_000)
    (tmp_path / "large.bin").write_bytes(content)
    state = ("--auth", f"{auth.host}:{auth.port}", "--state", str(tmp_path / "state"))
    slow = proxy(server, split=64 * 1024, gap_ms=2)
    first = launch("stage5.client", *state, to=slow)
    second = launch("stage5.client", *state, to=slow)
    for terminal in (first, second):
        terminal.send_line(f"/login {ann.name} {PASSWORD}")
        terminal.expect_line("logged in")
    first.send_line(f'/put "{tmp_path / "large.bin"}"')
    eventually(lambda: largest(store) > 2_000_000, why="a part of the upload", poll=0.001)
    (part,) = store.rglob("*.part")
    first.kill()
    second.send_line(f'/put "{tmp_path / "large.bin"}"')
    uid = int(second.expect_line(r"^uploaded (\d+)", seconds=30)[1])
    second.close_stdin()
    second.wait_exit(code=0, seconds=10)
    check.that((store / "content" / part.stem).exists(), "the upload that was begun is the file")
    check.equal(list(store.rglob("*.part")), [], "no second upload was begun")
    check.equal(md5_of(ann.fetch(uid)[1]), md5_of(content), "the content")


# A server that lies: the test itself.


class Liar:
    """Answers a client with what it is told; ``files`` is what LIST shows."""

    def __init__(self, connection: WireClient) -> None:
        self.connection = connection

    def expect(self, op: int) -> dict[str, Any]:
        """Return the next request, which must be ``op``; answers the small talk before it."""
        while True:
            request = self.connection.recv_message()
            if request["op"] == op:
                return request
            check.that(request["op"] in (PING, HELLO), f"expected op {op}, got {request['op']}")
            self.answer(request, {"time": 0.0})

    def answer(self, request: dict[str, Any], data: dict[str, Any], body: bytes = b"") -> None:
        """Answer a request; with ``body`` raw bytes follow."""
        reply = {"op": request["op"], "id": request["id"], "test": 0, "data": data}
        if request["op"] == FETCH:
            reply["body"] = len(body)
        self.connection.send_frame(reply)
        if body:
            self.connection.send_body(body)


def entry(uid: int, filename: str, path: str = "", content: bytes = b"evil") -> dict[str, Any]:
    """Return an entry of LIST."""
    return {
        "uid": uid,
        "filename": filename,
        "path": path,
        "size": len(content),
        "md5": md5_of(content),
        "lx": "text/plain",
        "own": "liar",
        "data": "now",
    }


@pytest.mark.task("5.11", hint="Where may the names that a server sends lead?")
@pytest.mark.points(2)
@pytest.mark.needs("5.1", "5.3")
def test_names_from_a_hostile_server_stay_in_the_folder(
    one_world: World, launch: Launcher, listen: Listen, tmp_path: Path
) -> None:
    inner = tmp_path / "a" / "b" / "down"
    inner.mkdir(parents=True)
    listening = listen(WireClient, "a hostile server")
    terminal = Terminal(launch, one_world, listening, inner)
    names = [
        ("../../escaped", ""),
        ("escaped", "../../.."),
        ("..", "x/.."),
        ("..\\..\\escaped", ""),
        ("a\nb", "\u202e"),
        ("con", "aux"),
        ("", ""),
    ]
    files = [entry(uid, *name) for uid, name in enumerate(names, 1)]
    terminal.program.send_line(f'/get "" "{inner}"')
    liar = Liar(listening.accept(seconds=10))
    liar.answer(liar.expect(LIST), {"files": files, "more": False})
    for file in files:
        liar.answer(liar.expect(FETCH), file, b"evil")
        terminal.program.expect_line(f"^downloaded {file['uid']}: ")
    terminal.leave()
    outside = [name for name in entries(tmp_path) if not name.startswith("a/b/down/")]
    check.equal(outside, ["a", "a/b", "a/b/down"], "what stands outside the folder")
    found = [path for path in inner.rglob("*") if path.is_file()]
    check.equal(len(found), len(files), "the number of files in the folder")


@pytest.mark.task("5.11", hint="Who checks that what arrived is what was sent?")
@pytest.mark.points(1.5)
@pytest.mark.needs("5.1", "5.3")
def test_a_download_with_other_bytes_than_promised_is_not_kept(
    one_world: World, launch: Launcher, listen: Listen, tmp_path: Path
) -> None:
    listening = listen(WireClient, "a damaged server")
    terminal = Terminal(launch, one_world, listening, tmp_path)
    promised = entry(1, "file.txt", content=b"x" * 50)
    liar = None
    for body in (b"y" * 50, b"short", b"x" * 51):
        terminal.program.send_line(f'/get 1 "{tmp_path}"')
        liar = liar or Liar(listening.accept(seconds=10))
        liar.answer(liar.expect(FETCH), promised, body)
        terminal.program.expect_line("^error: ")
        check.equal(entries(tmp_path), [], "what is left in the folder")
    terminal.leave()


@pytest.mark.task("5.11", hint="What is inode/directory, with no bytes?")
@pytest.mark.needs("5.1", "5.3")
def test_an_empty_folder_that_is_fetched_alone_becomes_a_folder(
    one_world: World, launch: Launcher, listen: Listen, tmp_path: Path
) -> None:
    listening = listen(WireClient, "a server with a folder")
    terminal = Terminal(launch, one_world, listening, tmp_path)
    terminal.program.send_line(f'/get 1 "{tmp_path}"')
    liar = Liar(listening.accept(seconds=10))
    folder = entry(1, "empty", content=b"")
    liar.answer(liar.expect(FETCH), {**folder, "lx": "inode/directory"})
    terminal.program.expect_line("^downloaded 1: ")
    check.equal([path.name for path in tmp_path.iterdir() if path.is_dir()], ["empty"], "folders")
    check.equal(entries(tmp_path), ["empty"], "what is there")
    terminal.leave()


@pytest.mark.task("5.11", hint="The connection breaks in the middle of a piece. What next?")
@pytest.mark.points(1.5)
@pytest.mark.needs("5.3")
def test_an_upload_goes_on_where_the_server_says_after_a_cut(
    one_world: World, launch: Launcher, listen: Listen, tmp_path: Path
) -> None:
    content = pattern(1_000_000)
    (tmp_path / "cut.bin").write_bytes(content)
    listening = listen(WireClient, "a server behind a bad network")
    terminal = Terminal(launch, one_world, listening, tmp_path)
    terminal.program.send_line(f'/put "{tmp_path / "cut.bin"}"')
    liar = Liar(listening.accept(seconds=10))
    offer = liar.expect(OFFER)
    check.matches(offer["args"], {"filename": "cut.bin", "size": len(content)}, "the offer")
    liar.answer(offer, {"upload": "one", "offset": 0})
    piece = liar.expect(SEND)
    check.matches(piece["args"], {"upload": "one", "offset": 0}, "the first piece")
    check.equal(liar.connection.recv_body(100_000), content[:100_000], "its beginning")
    liar.connection.reset()
    liar = Liar(listening.accept(seconds=10))
    offer = liar.expect(OFFER)
    check.matches(offer["args"], {"upload": "one", "size": len(content)}, "the second offer")
    liar.answer(offer, {"upload": "one", "offset": 90_000})
    received = bytearray(content[:90_000])
    while len(received) < len(content):
        piece = liar.expect(SEND)
        check.equal(piece["args"]["offset"], len(received), "the offset of the next piece")
        received += liar.connection.recv_body()
        liar.answer(piece, {"received": len(received)})
    check.equal(bytes(received), content, "what arrived")
    finish = liar.expect(FINISH)
    check.equal(finish["args"]["md5"], md5_of(content), "the md5 of the whole file")
    liar.answer(finish, {"uid": 7})
    terminal.program.expect_line("^uploaded 7: cut.bin")
    terminal.leave()


SOUND = {OFFER: {"upload": "one", "offset": 0}, SEND: {"received": 5}, FINISH: {"uid": 1}}
NONSENSE: list[tuple[int, dict[str, Any]]] = [
    (OFFER, {}),
    (OFFER, {"uid": "one"}),
    (OFFER, {"upload": "one", "offset": "one"}),
    (OFFER, {"upload": "one", "offset": 6}),
    (SEND, {"received": None}),
    (SEND, {"received": -1}),
    (FINISH, {}),
    (FINISH, {"uid": 10**400}),
]


@pytest.mark.task("5.11", hint="What if there is no uid in the answer to FINISH?")
@pytest.mark.needs("5.1", "5.3")
def test_an_answer_that_makes_no_sense_costs_the_file_and_not_the_client(
    one_world: World, launch: Launcher, listen: Listen, tmp_path: Path
) -> None:
    (tmp_path / "five.txt").write_bytes(b"12345")
    listening = listen(WireClient, "a server that talks nonsense")
    terminal = Terminal(launch, one_world, listening, tmp_path)
    liar = None
    for last, nonsense in NONSENSE:
        terminal.program.send_line(f'/put "{tmp_path / "five.txt"}"')
        liar = liar or Liar(listening.accept(seconds=10))
        for op in (OFFER, SEND, FINISH):
            request = liar.expect(op)
            if op == SEND:
                liar.connection.recv_body()
            liar.answer(request, nonsense if op == last else SOUND[op])
            if op == last:
                break
        liar = None  # a connection on which something went wrong is not used again
        if last != OFFER or "upload" in nonsense:
            liar = Liar(listening.accept(seconds=10))
            liar.answer(liar.expect(CANCEL), {})
        terminal.program.expect_line("^error: ")
    terminal.program.send_line("/ls")
    assert liar is not None, "the connection that cancelled the last one"
    huge = {**entry(1, "huge.bin"), "size": 10**400}  # no float holds it, no bar can show it
    liar.answer(liar.expect(LIST), {"files": [huge], "more": False})
    terminal.program.expect_line("^error: ")
    terminal.leave()
