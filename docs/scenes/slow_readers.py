"""The scenes of docs/stage4.md with toy rooms: what a slow reader does to three designs."""

import re
import sys

from tests.kit import deadlines
from tests.kit.check import that
from tests.kit.docs.stage import Stage
from tests.kit.docs.terminal import Terminal

LINES = 20_000
ALL_OF_THEM = rf"Ben hears {LINES:,} lines\r?\n"
# So long Ben hears nothing before he says so; where he should hear all he has more patience.
SILENCE_SECONDS, LONG_SILENCE_SECONDS = 2.0, 20.0
PORT = 9000


def one_lock(stage: Stage) -> str:
    """Design 1: one reader does not read, and nobody hears anything any more."""
    room = _room(stage, "room_one_lock")
    last = rf"then nothing any more(?s:.*)the rest, {LINES:,} lines"
    people = _people(stage, room, last, SILENCE_SECONDS)
    return _told(stage, room, people)


def queues(stage: Stage) -> str:
    """Design 2: everybody hears, and what waits for the slow one grows."""
    room = _room(stage, "room_queues")
    people = _people(stage, room, ALL_OF_THEM)
    room.wait_for(f"{LINES:,} lines were said; the longest queue has .*\n")
    # How long it was differs from run to run; how long it was at least is told.
    told = r"([\d,]+) lines were said; the longest queue has ([\d,]+)"
    room.text = re.sub(told, _at_least, room.text)
    return _told(stage, room, people)


def bounded(stage: Stage) -> str:
    """Design 3: everybody hears, and the slow one is dropped."""
    room = _room(stage, "room_bounded")
    people = _people(stage, room, ALL_OF_THEM)
    room.wait_for("it is dropped")
    return _told(stage, room, people)


def _at_least(found: re.Match[str]) -> str:
    said, longest = (int(number.replace(",", "")) for number in found.groups())
    that(longest > said / 2, f"the longest queue has {longest} of {said} lines")
    return f"{said:,} lines were said; the longest queue has over {said // 2:,}"


def _room(stage: Stage, name: str) -> Terminal:
    path = f"docs/lab/{name}.py"
    room = stage.terminal(f"python {path} {PORT}", [sys.executable, path])
    room.wait_for(r"open at port \d+\r?\n")
    return room


def _people(
    stage: Stage, room: Terminal, last: str, seconds: float = LONG_SILENCE_SECONDS
) -> Terminal:
    """Let the three enter, and wait for what is told last of them."""
    port = re.findall(r"open at port (\d+)", room.text)[-1]
    stage.call_port(int(port), PORT)
    path, silence = "docs/lab/three_people.py", deadlines.within(seconds)
    argv = [sys.executable, path, port, f"{silence:.1f}"]
    people = stage.terminal(f"python {path} {PORT}", argv)
    people.wait_for(last)
    people.wait_exit()
    return people


def _told(stage: Stage, room: Terminal, people: Terminal) -> str:
    shown = (stage.show(room, caption="Terminal 1:"), stage.show(people, caption="Terminal 2:"))
    return "\n\n".join(shown)
