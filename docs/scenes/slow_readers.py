"""The scenes of docs/stage4.md with toy rooms: what a slow reader does to three designs."""

import re
import socket
import sys
import threading

from tests.kit import deadlines
from tests.kit.check import equal, that
from tests.kit.docs.stage import Stage
from tests.kit.docs.terminal import Terminal

LINE = b"x" * 1999 + b"\n"
ROUNDS, LINES = 200, 100


def one_lock(stage: Stage) -> str:
    """Design 1: one reader does not read, and nobody hears anything any more."""
    play = _Play(_room(stage, "room_one_lock"))
    heard = play.speak()
    that(0 < heard < ROUNDS * LINES * 0.9, f"Ben heard {heard} lines before he heard nothing")
    lines = ["Ben hears a part of them, and then nothing any more"]
    play.let_cleo_read()
    equal(heard + play.speak(heard), ROUNDS * LINES, "what Ben heard in the end")
    lines += ["Cleo reads", f"Ben hears the rest, {ROUNDS * LINES:,} lines"]
    return _told(stage, play, lines)


def queues(stage: Stage) -> str:
    """Design 2: everybody hears, and what waits for the slow one grows."""
    play = _Play(_room(stage, "room_queues"))
    equal(play.speak(), ROUNDS * LINES, "what Ben heard")
    play.room.wait_for(f"{ROUNDS * LINES:,} lines were said; the longest queue has .*\n")
    longest = int(re.findall(r"queue has ([\d,]+)", play.room.text)[-1].replace(",", ""))
    that(longest > ROUNDS * LINES / 2, f"the longest queue has {longest} lines")
    play.room.text = re.sub(r"(?m)^([\d,]+ lines were said).*$", r"\1", play.room.text)
    play.room.text = play.room.text.replace(
        f"{ROUNDS * LINES:,} lines were said",
        f"{ROUNDS * LINES:,} lines were said; the longest queue has over {ROUNDS * LINES // 2:,}",
    ).replace("10,000 lines were said\r\n", "")
    return _told(stage, play, [f"Ben hears {ROUNDS * LINES:,} lines"])


def bounded(stage: Stage) -> str:
    """Design 3: everybody hears, and the slow one is dropped."""
    play = _Play(_room(stage, "room_bounded"))
    equal(play.speak(), ROUNDS * LINES, "what Ben heard")
    play.room.wait_for("it is dropped")
    return _told(stage, play, [f"Ben hears {ROUNDS * LINES:,} lines"])


class _Play:
    """Ann, who says everything; Ben, who reads; Cleo, who does not."""

    def __init__(self, room: Terminal) -> None:
        room.wait_for(r"open at port \d+\r?\n")
        self.room = room
        port = int(re.findall(r"port (\d+)", room.text)[-1])
        self._cleo = socket.socket()
        self._cleo.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        self._cleo.connect(("127.0.0.1", port))
        self._ben, self._ann = (socket.create_connection(("127.0.0.1", port)) for _ in range(2))
        for each in (self._cleo, self._ben, self._ann):
            each.settimeout(deadlines.within(10))
        for each in (self._cleo, self._ben):  # who is heard is in the room
            each.sendall(LINE)
            self._hear(each, 1)
        self._ann.sendall(LINE)
        self._hear(self._ann, 1)
        self._hear(self._ben, 1)
        self._drain(self._ann)

    def speak(self, heard: int = 0) -> int:
        """Let Ann speak until all is said or Ben hears nothing; return how much he heard."""
        first = heard
        self._ben.settimeout(1.0 if not first else deadlines.within(10))
        try:
            for number in range(first // LINES, ROUNDS):
                if number > first // LINES or not first:  # what was said once is on its way
                    self._ann.sendall(LINE * LINES)
                self._hear(self._ben, LINES - heard % LINES)
                heard += LINES - heard % LINES
        except TimeoutError:
            heard += self._rest // len(LINE)
        return heard - first

    def let_cleo_read(self) -> None:
        """Read what waits for Cleo, from now on."""
        self._drain(self._cleo)

    def close(self) -> None:
        """Leave."""
        for each in (self._cleo, self._ben, self._ann):
            each.close()

    def _hear(self, member: socket.socket, lines: int) -> None:
        self._rest = 0
        while self._rest < lines * len(LINE):
            self._rest += len(member.recv(lines * len(LINE) - self._rest))

    @staticmethod
    def _drain(member: socket.socket) -> None:
        def read() -> None:
            while True:
                try:
                    if not member.recv(1 << 20):
                        return
                except TimeoutError:
                    continue
                except OSError:
                    return

        threading.Thread(target=read, daemon=True).start()


def _room(stage: Stage, name: str) -> Terminal:
    path = f"docs/lab/{name}.py"
    return stage.terminal(f"python {path}", [sys.executable, path])


def _told(stage: Stage, play: _Play, lines: list[str]) -> str:
    play.close()
    shown = stage.show(play.room).removesuffix("\n```")
    shown = re.sub(r"(?<=open at port )\d+", "9000", shown)
    return "\n".join(
        [shown, "", f"Ann says {ROUNDS * LINES:,} lines; Cleo does not read", *lines, "```"]
    )
