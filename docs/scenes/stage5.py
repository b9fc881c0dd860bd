"""The scenes of docs/stage5.md: sizes, names, cuts, a kill, two files of one md5."""

import json
import re
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.kit.accounts import PASSWORD, Accounts, Sms
from tests.kit.byte_client import ByteClient
from tests.kit.databases import SqliteDatabase
from tests.kit.deadlines import eventually
from tests.kit.docs import diagrams
from tests.kit.docs.stage import Stage
from tests.kit.docs.terminal import Terminal
from tests.kit.wire import WireClient
from tests.kit.wire_codec import HEADER, Message, encode

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
LAB = "docs/lab/two_files.py"
OFFER, SEND, FETCH, LIST, DELETE, FINISH = 30, 31, 32, 33, 34, 36
MOMENT = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\+00:00")
CONTENT = b"0123456789" * 10_000


def a_name_and_its_bytes(stage: Stage) -> str:
    """Two sends, one recv: where does the name end?"""
    you = stage.python()
    stage.types(
        you,
        r"""
        import socket
        here, there = socket.socketpair()
        here.sendall(b"song.mp3"); here.sendall(b"ID3\x04\x00\n\n\x00song")
        there.recv(1000)
        """,
    )
    return stage.show(you)


def names_that_lead_out(stage: Stage) -> str:
    """What a path makes of a stranger's name, and what the reference makes of it."""
    you = stage.python()
    stage.types(
        you,
        r"""
        from pathlib import PurePosixPath, PureWindowsPath
        PurePosixPath("/home/ann/downloads") / "../.bashrc"
        PurePosixPath("/home/ann/downloads") / "/etc/passwd"
        PureWindowsPath("D:/downloads") / "C:setup.exe"
        from stage5_files import safe_local_name
        [safe_local_name(n) for n in ("../.bashrc", "C:setup.exe", "con.txt", "a.", "你好.txt")]
        safe_local_name("photo_\u202egnp.exe")
        """,
    )
    return stage.show(you)


def two_files_one_md5(stage: Stage) -> str:
    """The lab: a pair of files whose md5 is one."""
    you = stage.terminal(f"python {LAB} .", [sys.executable, LAB, str(stage.folder)])
    you.wait_exit()
    return stage.show(you)


def a_file_for_another(stage: Stage) -> str:
    """Ann has the one file; she offers the other, and the server knows its md5 already."""
    two_files_one_md5(stage)
    servers = _servers(stage)
    client = ByteClient(servers.files, "Ann")
    one, other = ((stage.folder / name).read_bytes() for name in ("one.bin", "other.bin"))
    digest = _md5(one)
    token = servers.token("ann")
    uid = _store(client, token, "one.bin", one, digest)
    args = {"filename": "other.bin", "size": len(other), "md5": digest}
    shown = [_asked(OFFER, args)]
    reply = _ask(client, OFFER, {"token": token, **args})
    second = reply["data"]["uid"]
    shown += [_answer(reply), "", _asked(FETCH, {"uid": second})]
    reply = _ask(client, FETCH, {"token": token, "uid": second})
    body = client.recv_exactly(int(reply["body"]))
    assert uid != second and body == one != other, "the demonstration has failed"
    shown += [_answer(reply), f"   behind it {len(body)} bytes: those of one.bin, not of other.bin"]
    return stage.block(_evened("\n".join(shown)))


def up_and_down(stage: Stage) -> str:
    """Three servers are not needed: accounts, files, and a terminal client."""
    servers = _servers(stage)
    servers.token("ann")
    home = stage.folder / "you"
    (home / "notes").mkdir()
    (home / "notes" / "monday.txt").write_text("buy milk\n", "utf-8")
    (home / "song.bin").write_bytes(CONTENT)
    you = _client(stage, servers)
    lines = [
        f"/login ann {PASSWORD}",
        f"/put {home}/song.bin",
        f"/put {home}/notes",
        "/ls",
        f"/get song.bin {home}",
        "/rm song.bin",
        "/get 99",
    ]
    for line in lines:
        you.type(line)
    you.end_input()
    you.wait_exit()
    servers.files.wait_for("#1 closed")
    servers.files.interrupt()
    servers.files.wait_exit()
    shown = f"{stage.show(servers.files, caption='Terminal 1:')}\n\n"
    shown += stage.show(
        you, caption="Terminal 2 (stage 3's account server runs, too, with the same --db):"
    )
    return _evened(re.sub(r"\n\n(?=> |error)", "\n", shown))  # where the bar was


def a_piece_as_bytes(stage: Stage) -> str:
    """One SEND: a frame, and raw bytes right behind it."""
    servers = _servers(stage)
    client = ByteClient(servers.files, "Ann")
    token = servers.token("ann")
    offer = {"token": token, "filename": "hi.txt", "size": 5}
    upload = _ask(client, OFFER, offer)["data"]["upload"]
    message = {"op": SEND, "id": 2, "args": {"token": token, "upload": upload, "offset": 0}}
    sent = encode({**message, "body": 5})
    client.send_bytes(sent + b"\x00\xffhi\n")
    received = encode(json.loads(_next(client)))
    shown = {"token": "Tq5xW0" * 7 + "A", "upload": "9f3c" * 8, "offset": 0}
    frame = encode({**message, "args": shown, "body": 5})
    assert len(frame) == len(sent), "what differs each time is as long"
    parts = [f"client → server, {len(sent)} bytes and 5 more"]
    parts += [diagrams.frame(frame), "", "00 ff 68 69 0a   the body: 5 raw bytes, no header", ""]
    parts += [f"server → client, {len(received)} bytes", diagrams.frame(received)]
    return stage.block("\n".join(parts))


def cut_and_resumed(stage: Stage) -> str:
    """The connection breaks in the middle of a piece; another one goes on behind the last byte."""
    servers = _servers(stage)
    token = servers.token("ann")
    first, second = (ByteClient(servers.files, name) for name in ("first", "second"))
    offer = {"filename": "song.bin", "size": len(CONTENT)}
    lines = ["the first connection:", _asked(OFFER, offer)]
    reply = _ask(first, OFFER, {"token": token, **offer})
    upload = reply["data"]["upload"]
    piece = {"upload": upload, "offset": 0}
    lines += [_answer(reply), _asked(SEND, piece, len(CONTENT))]
    sent = {"op": SEND, "args": {"token": token, **piece}, "body": len(CONTENT)}
    first.send_bytes(encode(sent) + CONTENT[:31_415])
    first.half_close()
    lines += ["   31415 bytes, then the connection breaks", "", "the second connection:"]
    again = {**offer, "upload": upload}

    def resumed() -> Message:
        answer = _ask(second, OFFER, {"token": token, **again})
        return answer if answer["data"]["offset"] == 31_415 else {}

    lines += [_asked(OFFER, again), _answer(eventually(resumed, why="the bytes of the piece"))]
    for offset in (0, 31_415):
        rest = {"upload": upload, "offset": offset}
        length = len(CONTENT) - 31_415
        lines.append(_asked(SEND, rest, length))
        sent = {"op": SEND, "args": {"token": token, **rest}, "body": length}
        body = CONTENT[31_415:] if offset else b"x" * length
        second.send_bytes(encode(sent) + body)
        reply = json.loads(_next(second))
        lines.append(_answer(reply))
        if reply["test"]:
            lines.append(
                "   (those bytes are dropped; they were too many, so this connection ends)"
            )
            second = ByteClient(servers.files, "third")
    finish = {"upload": upload, "md5": _md5(CONTENT)}
    lines += [_asked(FINISH, finish), _answer(_ask(second, FINISH, {"token": token, **finish}))]
    return stage.block(_evened("\n".join(lines)))


def killed_in_the_middle(stage: Stage) -> str:
    """SIGKILL while a piece is on its way: what is on the disk, and what LIST shows then."""
    servers = _servers(stage)
    token = servers.token("ann")
    client = ByteClient(servers.files, "Ann")
    _store(client, token, "hi.txt", b"hello", _md5(b"hello"))
    offer = {"token": token, "filename": "song.bin", "size": len(CONTENT)}
    upload = _ask(client, OFFER, offer)["data"]["upload"]
    args = {"token": token, "upload": upload, "offset": 0}
    client.send_bytes(encode({"op": SEND, "args": args, "body": len(CONTENT)}) + CONTENT[:60_000])
    store = stage.folder / "store"
    part = store / "incoming" / f"{upload}.part"
    eventually(
        lambda: part.exists() and part.stat().st_size == 60_000, why="the bytes of the piece"
    )
    servers.files.dispose()
    lines = ["$ kill -9 …          # the file server, in the middle of a SEND", "$ ls -s store/*"]
    for folder in ("content", "incoming"):
        lines.append(f"store/{folder}:")
        for number, path in enumerate(sorted((store / folder).iterdir())):
            shown = f"{'0f5e9c'[number:]}…{path.suffix}"
            lines.append(f"{path.stat().st_size:>7} bytes  {shown}")
    files = _file_server(stage)
    again = ByteClient(files, "Ann again")
    lines += ["", "and when the server has been started again:", _asked(LIST, {})]
    names = [e["filename"] for e in _ask(again, LIST, {"token": token})["data"]["files"]]
    lines.append(f"← the files {names}")
    resumed = {**offer, "upload": upload}
    shown_args = {k: v for k, v in resumed.items() if k != "token"}
    lines += ["", _asked(OFFER, shown_args), _answer(_ask(again, OFFER, resumed))]
    return stage.block(_evened("\n".join(lines)))


def what_is_refused(stage: Stage) -> str:
    """Names, sizes, offsets, digests, strangers: what each is answered."""
    servers = _servers(stage)
    ann, ben = servers.token("ann"), servers.token("ben")
    client = ByteClient(servers.files, "Ann")
    upload = _ask(client, OFFER, {"token": ann, "filename": "a.txt", "size": 5})["data"]["upload"]
    sent = {"op": SEND, "args": {"token": ann, "upload": upload, "offset": 0}, "body": 3}
    client.send_bytes(encode(sent) + b"abc")
    _next(client)
    uid = _store(client, ann, "b.txt", b"hello", _md5(b"hello"))
    lines = []
    for token, op, args in (
        (ann, OFFER, {"filename": "../.bashrc", "size": 5}),
        (ann, OFFER, {"filename": "a.txt", "path": "x/../y", "size": 5}),
        (ann, OFFER, {"filename": "a.txt", "size": -1}),
        (ann, FINISH, {"upload": upload, "md5": _md5(b"abc")}),
        (ben, FINISH, {"upload": upload, "md5": _md5(b"abc")}),
        (ben, DELETE, {"uid": uid}),
        (ben, FETCH, {"uid": uid, "offset": 6}),
        (ann, OFFER, {"filename": "a.txt", "size": 5, "room": "nowhere"}),
    ):
        reply = _ask(client, op, {"token": token, **args})
        who = "Ben" if token == ben else "Ann"
        lines += [f"{who} {_asked(op, args)}", _answer(reply), ""]
    return stage.block(_evened("\n".join(lines)))


def start(stage: Stage) -> str:
    """A folder of one's own, which stands on the reference's earlier stages."""
    return stage.block(stage.kit("start", "stage5", "--catch-up"))


def first_win(stage: Stage) -> str:
    """Task 5.1 on the first attempt at names."""
    stage.kit("start", "stage5")
    first = HERE / "first_win5" / "stage5_files" / "names.py"
    shutil.copy(first, stage.folder / "mine" / "stage5_files")
    return stage.block(stage.kit("check", "stage5", "--task=5.1"))


def part_of_the_suite(stage: Stage) -> str:
    """One task, on the reference."""
    return stage.block(stage.suite("stage5", "--task=5.2"))


# The servers, and how they are asked


@dataclass
class Servers:
    """The account server and the file server of a scene."""

    accounts: Accounts
    files: Terminal

    def token(self, name: str) -> str:
        """Register somebody and log in; return the token."""
        client = WireClient(self.accounts.server, name)
        return self.accounts.new_user(client, name).token


def _servers(stage: Stage) -> Servers:
    sms = Sms(stage.folder / "codes.jsonl")
    url = f"sqlite:///{stage.folder}/chat.db"
    flags = ("--db", url, *sms.flags, "--limits", "off")
    auth = stage.server("stage3_auth.server", *flags, shown_port=8889)
    accounts = Accounts(auth, SqliteDatabase(stage.folder / "chat.db"), sms)
    return Servers(accounts, _file_server(stage))


def _file_server(stage: Stage) -> Terminal:
    flags = ("--db", f"sqlite:///{stage.folder}/chat.db", "--store", f"{stage.folder}/store")
    stage.call("sqlite:////chat.db", "sqlite:///chat.db")  # the folder's name is gone by then
    stage.call("--store /store", "--store store")
    return stage.server("stage5_files.server", *flags, shown_port=8891)


def _client(stage: Stage, servers: Servers) -> Terminal:
    auth, files = servers.accounts.server, servers.files
    argv = [sys.executable, "-m", "stage5_files.client", "--port", str(files.port)]
    argv += ["--auth", f"{auth.host}:{auth.port}", "--state", str(stage.folder / "state")]
    started = stage.terminal("python -m stage5_files.client", argv, "> ")
    started.wait_for("> ")
    return started


def _ask(client: ByteClient, op: int, args: dict[str, Any]) -> Message:
    client.send_bytes(encode({"op": op, "args": args}))
    reply: Message = json.loads(_next(client))
    return reply


def _next(client: ByteClient) -> str:
    (length,) = HEADER.unpack(client.recv_exactly(HEADER.size))
    return client.recv_exactly(length).decode()


def _store(client: ByteClient, token: str, name: str, content: bytes, md5: str) -> int:
    offer = {"token": token, "filename": name, "size": len(content)}
    upload = _ask(client, OFFER, offer)["data"]["upload"]
    args = {"token": token, "upload": upload, "offset": 0}
    client.send_bytes(encode({"op": SEND, "args": args, "body": len(content)}) + content)
    _next(client)
    return int(_ask(client, FINISH, {"token": token, "upload": upload, "md5": md5})["data"]["uid"])


def _md5(content: bytes) -> str:
    import hashlib

    return hashlib.md5(content, usedforsecurity=False).hexdigest()


def _asked(op: int, args: dict[str, Any], body: int | None = None) -> str:
    """Return a request as text, without the token."""
    whole = {"op": op, "args": args} if body is None else {"op": op, "args": args, "body": body}
    return f"→ {json.dumps(whole, ensure_ascii=False, separators=(',', ':'))}"


def _answer(reply: Message) -> str:
    return f"← {json.dumps(reply, ensure_ascii=False, separators=(',', ':'))}"


def _evened(text: str) -> str:
    """Return text in which uploads and times are always the same; digests stay as they are."""
    text = re.sub(r'("upload":")[0-9a-f]{32}"', r'\g<1>9f3c…"', text)
    return MOMENT.sub("2026-05-01 12:00:00+00:00", text)
