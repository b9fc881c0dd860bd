"""Other people's servers that deliver messages to many, as far as they are installed.

None of them writes a message to a disk; the chat does, before anybody sees it.
"""

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from .speaker import Count, lines

START_SECONDS = 10.0
TALK = "bench"


@dataclass(frozen=True)
class Peer:
    """A server, how it is started, and what its clients say.

    ``{port}``, ``{number}`` and ``{text}`` stand for the values; ``answers`` is the number of lines
    that ``speaker`` is answered with, or 0 when it is not waited for.
    """

    name: str
    program: str
    command: tuple[str, ...]
    reader: str
    message: str
    speaker: str = ""
    answers: int = 0
    config: str = ""
    count: Count = lines

    @property
    def path(self) -> str | None:
        """Where its program is, if it is installed."""
        return shutil.which(self.program) or shutil.which(f"/usr/sbin/{self.program}")

    def encode(self, text: str) -> bytes:
        """Return what says one message."""
        return self.message.format(text=text, size=len(text)).encode()

    def greeting(self, number: int) -> bytes:
        """Return what one reader says when it has connected."""
        return self.reader.format(number=number).encode()

    @contextmanager
    def running(self, folder: Path) -> Iterator[tuple[str, int]]:
        """Run it; give its address."""
        port = _free_port()
        config = folder / f"{self.program}.conf"
        config.write_text(self.config.format(port=port), encoding="utf-8")
        words = [word.format(port=port, config=config, folder=folder) for word in self.command]
        assert self.path is not None, "only what is installed is run"
        with subprocess.Popen(
            [self.path, *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=folder
        ) as process:
            try:
                _wait_until_it_listens(port, process)
                yield "127.0.0.1", port
            finally:
                process.terminate()


REDIS = Peer(
    name="Redis pub/sub",
    program="redis-server",
    command=("--port", "{port}", "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"),
    reader=f"SUBSCRIBE {TALK}\r\n",
    message=f"PUBLISH {TALK} {{text}}\r\n",
)
NATS = Peer(
    name="NATS",
    program="nats-server",
    command=("-a", "127.0.0.1", "-p", "{port}"),
    reader=f'CONNECT {{{{"verbose":false}}}}\r\nSUB {TALK} 1\r\n',
    message=f"PUB {TALK} {{size}}\r\n{{text}}\r\n",
    speaker='CONNECT {"verbose":true}\r\n',
    answers=2,  # INFO, +OK
)
NGIRCD = Peer(
    name="ngIRCd",
    program="ngircd",
    command=("-n", "-f", "{config}"),
    reader=f"NICK r{{number}}\r\nUSER r 0 * :r\r\nJOIN #{TALK}\r\n",
    message=f"PRIVMSG #{TALK} :{{text}}\r\nPING x\r\n",
    speaker=f"NICK speaker\r\nUSER s 0 * :s\r\nJOIN #{TALK}\r\n",
    config="""[Global]
Name = bench.local
Listen = 127.0.0.1
Ports = {port}
ServerUID = root
ServerGID = root
[Limits]
MaxConnections = 0
MaxConnectionsIP = 0
MaxJoins = 0
MaxPenaltyTime = 0
[Options]
DNS = no
Ident = no
PAM = no
""",
)
PEERS = (REDIS, NATS, NGIRCD)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as sock:
        return int(sock.getsockname()[1])


def _wait_until_it_listens(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError(f"{process.args!r} does not listen on port {port}")
