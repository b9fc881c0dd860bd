"""``kit.py wire``: stand between client and server, show what passes, disturb it on demand."""

import argparse
import io
import os
import random
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from ..proxy.engine import Proxy
from ..proxy.events import Cut, Direction, Event
from ..proxy.faults import Faults
from ..proxy.link import Address, at
from ..proxy.player import Player
from ..proxy.recording import Recorder, RecordingError, read_recording
from ..proxy.watch import Watch
from . import ENDING

DESCRIPTION = """\
Start it between a client and a server; give the client the port of the wire. It prints a READY line
with that port, then what passes, until Ctrl-C. Without faults every byte passes as it came."""
EXAMPLES = """\
examples:
  kit.py wire --listen 9999 --to 8888                      show frames
  kit.py wire --listen 9999 --to 8888 --raw                show bytes (stage 1)
  kit.py wire --listen 9999 --to 8888 --split 1            one byte at a time
  kit.py wire --listen 9999 --to 8888 --cut-after-frames 3 --first 1
  kit.py wire --listen 9999 --to 8888 --record talk.jsonl
  kit.py wire --replay talk.jsonl --to 8888                the same again, without the client
(--to 8888 is short for --to 127.0.0.1:8888)"""

LOOK_SECONDS = 0.25
# So many events may wait to be shown; then the streams wait for the screen.
MOST_WAITING = 256
# What is raised when nobody reads our output any more: by the system, and by rich in its place.
READER_GONE = (BrokenPipeError, SystemExit)


def main(argv: list[str]) -> int:
    """Run the command until Ctrl-C; returns its exit code (2: options that make no sense)."""
    options = read_options(argv)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    ending = Ending()
    try:
        return replay(options, ending) if options.replay else stand_between(options, ending)
    except (OSError, RecordingError) as error:
        print(f"kit.py wire: {error}", file=sys.stderr)
        return 1


# --- options ---


def read_options(argv: list[str]) -> argparse.Namespace:
    """Return the options, ``faults`` among them; exits with 2 and a sentence if they are wrong."""
    parser = make_parser()
    options = parser.parse_args(argv)
    wants_seed = options.split == "random" and options.seed is None
    options.seed = random.randrange(10_000) if wants_seed else options.seed or 0
    try:
        options.faults = Faults(**{name: getattr(options, name) for name in FAULTS})
    except ValueError as error:
        parser.error(str(error))
    if not (options.to or options.replay):
        parser.error("--to [HOST:]PORT says where the server is")
    if options.replay and (options.faults.is_any or options.record or options.listen):
        parser.error("--replay goes with --to and --raw only: the recording says all else")
    if options.raw and options.cut_after_frames is not None:
        parser.error("--raw knows no frames: use --cut-after-bytes")
    return options


FAULTS = (
    "split", "gap_ms", "join_ms", "delay_ms", "cut_after_bytes", "cut_after_frames", "cut",
    "direction", "first", "seed",
)  # fmt: skip


def make_parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = argparse.ArgumentParser(
        prog="kit.py wire",
        description=DESCRIPTION,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add = parser.add_argument
    place = "[HOST:]PORT"
    add("--to", type=address, metavar=place, help="where the server listens")
    add("--listen", type=address, metavar=place, help="where the wire listens (default: any port)")
    add("--raw", action="store_true", help="show bytes, look for no frames (stage 1, TLS)")
    add_faults(parser.add_argument_group("faults, for each connection and both directions"))
    group = parser.add_argument_group("recordings (they hold passwords too)")
    group.add_argument("--record", metavar="FILE", type=Path, help="write down what passes")
    group.add_argument(
        "--replay",
        metavar="FILE",
        type=Path,
        help="send again what the clients sent, to the server --to; without --to only show it",
    )
    return parser


def add_faults(group: argparse._ArgumentGroup) -> None:
    """Add the options that say what to do to the streams; they are the fields of Faults."""

    def add(name: str, kind: Callable[[str], object], unit: str, words: str, **more: Any) -> None:
        group.add_argument(name, type=kind, metavar=unit, help=words, **more)

    def add_time(name: str, words: str, default: float = 0.0) -> None:
        add(f"--{name}", float, "MS", words, dest=f"{name}_ms", default=default)

    add("--split", split_size, "N|random", "pass at most N bytes at a time, or random pieces")
    add_time("gap", "the pause between such pieces: they are read one by one (default: 1)", 1.0)
    add_time("join", "gather what comes within MS, pass it as one piece")
    add_time("delay", "pass everything MS later")
    add("--cut-after-bytes", int, "N", "cut the connection when N bytes have passed one way")
    add("--cut-after-frames", int, "N", "cut the connection when N frames have passed one way")
    group.add_argument(
        "--cut",
        choices=list(map(str, Cut)),
        default=str(Cut.RESET),
        help="how: like a crash, in order, or like a pulled cable (default: reset)",
    )
    group.add_argument(
        "--direction", choices=list(map(str, Direction)), help="only what goes this way"
    )
    add("--first", int, "K", "only the first K connections")
    add("--seed", int, "S", "the same S: the same random pieces (default: drawn, and told)")


def address(text: str) -> Address:
    """Read "8888", "host:8888" or "[::1]:8888"."""
    host, _, port = text.rpartition(":")
    if not port.isdecimal() or int(port) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not [HOST:]PORT")
    return host.strip("[]") or "127.0.0.1", int(port)


def split_size(text: str) -> int | str:
    """Read "random" or a number."""
    return text if text == "random" else int(text)


# --- what it does ---


class Screen:
    """Prints events as lines: coloured on a terminal, plain elsewhere; records them if asked to."""

    def __init__(self, raw: bool, recorder: Recorder | None = None) -> None:
        self._watch = Watch(raw=raw)
        self._recorder = recorder
        self._console = Console(highlight=False, markup=False, emoji=False)

    def show(self, event: Event) -> None:
        """Show one event."""
        if self._recorder is not None:
            self._recorder.note(event)
        for line in self._watch.lines(event):
            self.say(line)

    def show_half_frames(self) -> None:
        """Say which frames wait for their rest."""
        for line in self._watch.half_frames(time.time()):
            self.say(line)

    def say(self, line: str | Text) -> None:
        """Print one line; it is not wrapped."""
        self._console.print(line, soft_wrap=True)

    def close(self) -> None:
        """Print what passed in all, and end the recording."""
        if self._recorder is not None:
            self._recorder.close()
        self.say(self._watch.summary())


class Feed:
    """Hands events from the proxy's thread to the one that prints; `put` waits while it is full."""

    def __init__(self) -> None:
        self._events: deque[Event] = deque()
        self._change = threading.Condition()
        self._is_open = True

    def put(self, event: Event) -> None:
        """Add an event."""
        with self._change:
            self._change.wait_for(lambda: len(self._events) < MOST_WAITING or not self._is_open)
            self._events.append(event)
            self._change.notify_all()

    def get(self, seconds: float) -> Event | None:
        """Return the next event, None if there is none in time."""
        with self._change:
            self._change.wait_for(lambda: self._events, seconds)
            event = self._events.popleft() if self._events else None
            self._change.notify_all()
            return event

    def open_wide(self) -> None:
        """Let nobody wait any more: the proxy has to come to its end."""
        with self._change:
            self._is_open = False
            self._change.notify_all()


class Ending:
    """Notes that Ctrl-C was pressed, or the program asked to end.

    It does not interrupt: half a line would be printed, or one twice. The second time it does, for
    then something is stuck (a pager that nobody pages, say).
    """

    def __init__(self) -> None:
        self.is_asked = False
        for number in ENDING:
            signal.signal(number, self._note)

    def _note(self, number: int, frame: object) -> None:
        if self.is_asked:
            raise KeyboardInterrupt
        self.is_asked = True


def stand_between(options: argparse.Namespace, ending: Ending) -> int:
    """Be the proxy until it is asked to end."""
    faults: Faults = options.faults
    feed = Feed()
    recorder = Recorder(options.record, str(faults)) if options.record else None
    screen = Screen(options.raw, recorder)
    listen = options.listen or ("127.0.0.1", 0)
    try:
        proxy = Proxy(options.to, faults, listen=listen, observer=feed.put)
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else error
        raise OSError(f"cannot listen on {at(listen)}: {reason}; see --listen") from error
    try:
        screen.say(f"READY wire {proxy.host} {proxy.port}")
        screen.say(f"to {at(options.to)}; {faults}; Ctrl-C ends")
        look_at = 0.0
        while not ending.is_asked:
            if event := feed.get(LOOK_SECONDS):
                screen.show(event)
            if time.monotonic() >= look_at:
                screen.show_half_frames()
                look_at = time.monotonic() + LOOK_SECONDS
    except READER_GONE:
        pass
    finally:
        feed.open_wide()
        proxy.close()
    while event := feed.get(0):
        screen.show(event)
    screen.close()
    return 0


def replay(options: argparse.Namespace, ending: Ending) -> int:
    """Show a recording, or play it to a server and show what happens now."""
    screen = Screen(options.raw)

    def show(event: Event) -> None:
        screen.show(event)
        if ending.is_asked:
            raise KeyboardInterrupt

    try:
        if options.to:
            Player(options.to, show, raw=options.raw).play(read_recording(options.replay))
        else:
            for event in read_recording(options.replay):
                show(event)
    except (KeyboardInterrupt, *READER_GONE):
        pass
    screen.close()
    return 0
