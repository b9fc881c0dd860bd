"""The servers that a file server lives with, and users of it who know how to ask."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from tests.kit.databases import Database
from tests.kit.deadlines import eventually
from tests.kit.match import ANYTHING
from tests.kit.programs import Program, Server
from tests.kit.wire import WireClient
from tests.kit.wire_codec import Message

LOGIN, SEND_CODE, REGISTER, LOGOUT = 0, 1, 2, 3
ENTER, CREATE, JOIN, LEAVE = 10, 12, 13, 14
OFFER, SEND, FETCH, LIST, DELETE, CANCEL, FINISH = 30, 31, 32, 33, 34, 35, 36
HELLO, PING = 90, 91
PASSWORD = "abc123"

# The table of files as the model makes it; {name} is how it spells the name of a file.
MODEL = {
    "mariadb": """CREATE TABLE file (
        uid int unsigned NOT NULL AUTO_INCREMENT,
        {name} varchar(20) NOT NULL,
        own char(36) NOT NULL,
        data char(50) NOT NULL,
        lx char(32) DEFAULT NULL,
        PRIMARY KEY (uid)
    ) ENGINE=InnoDB AUTO_INCREMENT=1 DEFAULT CHARSET=utf8""",
    "sqlite": """CREATE TABLE file (
        uid integer PRIMARY KEY AUTOINCREMENT,
        {name} varchar(20) NOT NULL,
        own char(36) NOT NULL,
        data char(50) NOT NULL,
        lx char(32) DEFAULT NULL
    )""",
}
# Each spelling on one kind of database: both on both would only take longer.
SPELLING = {"mariadb": "fliename", "sqlite": "filename"}

Connect = Callable[..., WireClient]
Serve = Callable[..., Server]


def md5_of(content: bytes) -> str:
    """Return the md5 that the protocol wants: lower-case hexadecimal digits."""
    return hashlib.md5(content).hexdigest()


def pattern(size: int) -> bytes:
    """Return bytes in which every block of 4 KB is another one: a wrong offset shows."""
    blocks = (f"{number:08}".encode() * 512 for number in range(size // 4096 + 1))
    return b"".join(blocks)[:size]


@dataclass
class Ground:
    """What the tests on one kind of database share: the database, the store, the codes."""

    database: Database
    folder: Path
    numbers: "count[int]" = field(default_factory=lambda: count(1))
    stores: int = 1
    shared: Server | None = None  # the file server that most tests share

    @property
    def store(self) -> Path:
        """The folder of the file server that most tests share."""
        return self.folder / f"store{self.stores}"

    @property
    def sms(self) -> Path:
        """The file with the codes."""
        return self.folder / "sms.jsonl"

    def file_flags(self, store: str = "") -> tuple[str, ...]:
        """Return the flags of a file server with the store of this name, or with the shared one."""
        folder = self.folder / store if store else self.store
        return ("--db", self.database.url, "--store", str(folder))


class World:
    """The three servers on one database; they are started when they are first needed."""

    def __init__(self, ground: Ground, serve: Serve, connect: Connect) -> None:
        self.ground = ground
        self.database = ground.database
        self._serve = serve
        self._connect = connect

    @property
    def auth(self) -> Server:
        """The account server."""
        sms = f"file:{self.ground.sms}"
        flags = ("--db", self.database.url, "--sms", sms, "--limits", "off")
        return self._serve("stage3.server", *flags)

    @property
    def chat(self) -> Server:
        """The chat server: for rooms."""
        return self._serve("stage4.server", "--db", self.database.url, "--limits", "off")

    @property
    def files(self) -> Server:
        """The file server under test that most tests share.

        After a failure it is another one, with a new store: what the old one left half done would
        make the next test fail for a reason that is not its own.
        """
        if getattr(self.ground.shared, "exit_code", None) is not None:
            self.ground.stores += 1
        self.ground.shared = self._serve("stage5.server", *self.ground.file_flags())
        return self.ground.shared

    def kill(self) -> None:
        """Kill that server; ``files`` starts another one in the same store."""
        self._given_up().kill()

    def end(self) -> None:
        """End that server in good order; ``files`` starts another one in the same store."""
        self._given_up().end()

    def _given_up(self) -> Program:
        server, self.ground.shared = self.files, None
        assert isinstance(server, Program), "an attached server has no flags of ours"
        return server

    def user(self, server: Server | None = None) -> "User":
        """Register somebody new, log in, connect to ``server`` (or the shared file server)."""
        number = next(self.ground.numbers)
        name, phone = f"u{number}", f"139{number:08}"
        auth = self._connect(self.auth, f"{name} at the account server")
        auth.request(SEND_CODE, {"phone": phone})
        code = self._code_for(phone)
        account = {"user_name": name, "user_pwd": PASSWORD}
        auth.request(REGISTER, {**account, "phone": phone, "code": code})
        token = auth.request(LOGIN, account)["data"]["token"]
        return User(self, name, token, self._connect(server or self.files, name))

    def dial(self, server: Server, name: str) -> WireClient:
        """Open another connection."""
        return self._connect(server, name)

    def _code_for(self, phone: str) -> str:
        def newest() -> str:
            lines = self.ground.sms.read_text("utf-8").splitlines()
            sent = map(json.loads, reversed(lines))
            return next((str(s["code"]) for s in sent if s["phone"] == phone), "")

        return eventually(newest, why=f"a code for {phone} in the SMS file")


class User:
    """Somebody who is logged in, with a connection to a file server."""

    def __init__(self, world: World, name: str, token: str, connection: WireClient) -> None:
        self.world = world
        self.name = name
        self.token = token
        self.connection = connection

    def again(self, server: Server | None = None, name: str = "") -> "User":
        """Return the same user on another connection."""
        where = server or self.connection.server
        dialled = self.world.dial(where, name or f"{self.name}, another connection")
        return User(self.world, self.name, self.token, dialled)

    def ask(
        self,
        op: int,
        test: int | None = 0,
        data: object = ANYTHING,
        body: bytes | None = None,
        **args: Any,
    ) -> Message:
        """Ask with this user's token and check the reply; return all of it."""
        args = {"token": self.token, **args}
        return self.connection.request(op, args, test=test, data=data, body=body)

    def offer(self, filename: str, size: int, **more: Any) -> str:
        """Offer a file; return the upload."""
        reply = self.ask(OFFER, filename=filename, size=size, **more)
        return str(reply["data"]["upload"])

    def send(self, upload: str, content: bytes, offset: int = 0, **more: Any) -> Message:
        """Send a piece; return the reply."""
        return self.ask(SEND, upload=upload, offset=offset, body=content, **more)

    def store(self, filename: str, content: bytes, **more: Any) -> int:
        """Upload a whole file; return its uid."""
        upload = self.offer(filename, len(content), **more)
        if content:
            self.send(upload, content)
        return int(self.ask(FINISH, upload=upload, md5=md5_of(content))["data"]["uid"])

    def store_and_lose(self, filename: str, content: bytes) -> int:
        """Upload a whole file, then take its content off the store's disk; return its uid."""
        upload = self.offer(filename, len(content))
        self.send(upload, content)
        uid = int(self.ask(FINISH, upload=upload, md5=md5_of(content))["data"]["uid"])
        (self.world.ground.store / "content" / upload).unlink()
        return uid

    def fetch(self, uid: int, **more: Any) -> tuple[Message, bytes]:
        """Fetch a file; return its data and the body."""
        reply = self.ask(FETCH, uid=uid, **more)
        return reply["data"], self.connection.recv_body()

    def listed(self, **more: Any) -> list[Message]:
        """Return all files that LIST shows to this user, page after page."""
        files: list[Message] = []
        while True:
            after = files[-1]["uid"] if files else 0
            page = self.ask(LIST, after=after, **more)["data"]
            files += page["files"]
            if not page["more"]:
                return files

    def sees(self, uid: int, **more: Any) -> bool:
        """Tell whether LIST shows a file to this user."""
        return any(entry["uid"] == uid for entry in self.listed(**more))

    def listed_own(self) -> list[int]:
        """Return the uids of this user's files for everyone."""
        return [int(entry["uid"]) for entry in self.listed() if entry["own"] == self.name]

    def in_chat(self) -> WireClient:
        """Return a connection to the chat server that has entered."""
        chat = self.world.dial(self.world.chat, f"{self.name} in the chat")
        chat.request(ENTER, {"token": self.token})
        return chat
