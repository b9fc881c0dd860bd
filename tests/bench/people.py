"""People for benchmarks: registered and logged in at a real account server, members of one room."""

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .children import Server
from .engine import frame

LOGIN, SEND_CODE, REGISTER, ENTER, CREATE, JOIN = 0, 1, 2, 10, 12, 13
PASSWORD = "abc123"


class Asker:
    """One connection that asks and waits."""

    def __init__(self, address: tuple[str, int]) -> None:
        self._socket = socket.create_connection(address)
        self._file = self._socket.makefile("rb")

    def ask(self, op: int, **args: object) -> dict[str, Any]:
        """Return the data of the answer; raises RuntimeError when it is a failure."""
        self._socket.sendall(frame({"op": op, "id": 1, "args": args}))
        while True:
            length = int.from_bytes(self._file.read(4), "big")
            reply = json.loads(self._file.read(length))
            if "id" in reply:  # else a push
                break
        if reply["test"]:
            raise RuntimeError(f"op {op} was refused: {reply}")
        data: dict[str, Any] = reply.get("data", {})
        return data

    def close(self) -> None:
        """Close the connection."""
        self._file.close()
        self._socket.close()


@contextmanager
def asking(address: tuple[str, int]) -> Iterator[Asker]:
    """Give a connection that asks."""
    asker = Asker(address)
    try:
        yield asker
    finally:
        asker.close()


def register(folder: Path, url: str, count: int) -> list[str]:
    """Register so many users and log them in; return their tokens."""
    codes = folder / "codes.jsonl"
    flags = ("--port", "0", "--db", url, "--sms", f"file:{codes}", "--limits", "off")
    with (
        Server("stage3_auth.server", *flags, "--log-level", "warning") as server,
        asking(server.address) as asker,
    ):
        return [_login(asker, codes, number) for number in range(count)]


def join(address: tuple[str, int], tokens: list[str], room: str) -> None:
    """Make them the members of a new room; the first one owns it."""
    for number, token in enumerate(tokens):
        with asking(address) as asker:
            asker.ask(ENTER, token=token)
            asker.ask(JOIN if number else CREATE, room=room)


def _login(asker: Asker, codes: Path, number: int) -> str:
    phone, name = f"139{number:08}", f"u{number:05}"
    asker.ask(SEND_CODE, phone=phone)
    code = json.loads(codes.read_text(encoding="utf-8").splitlines()[-1])["code"]
    asker.ask(REGISTER, user_name=name, user_pwd=PASSWORD, phone=phone, code=code)
    return str(asker.ask(LOGIN, user_name=name, user_pwd=PASSWORD)["token"])
