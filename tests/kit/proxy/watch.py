"""Events as lines for people: what passed, in which direction, and what it means.

Values go in, lines come out; whoever prints them stands elsewhere. Everything that came over the
wire is escaped.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from rich.text import Text

from ..view import ROW, decode_text, hex_row, shorten, show_value
from .events import (
    Closed,
    Direction,
    Ended,
    Event,
    Opened,
    Passed,
    Reset,
    Unreachable,
    WasCut,
)
from .frames import BadHeader, Body, Frame, Item, Loose, StreamReader
from .ops import BODY_OPS, FIRST_PUSH, code_name, op_name
from .payload import explain_header, show_payload

ARROWS = {Direction.TO_SERVER: "client → server", Direction.TO_CLIENT: "client ← server"}
COLOURS = {Direction.TO_SERVER: "cyan", Direction.TO_CLIENT: "green"}
TROUBLE = "bold red"
QUIET = "dim"
# Bytes that are no frames are shown up to so many a piece.
RAW_ROWS = 8
LOOSE_ROWS = 1
# So long may a frame be half here before it is said.
HALF_SECONDS = 1.0
# The pieces of a frame are written out up to so many.
MOST_PIECES = 12


def local_clock(seconds: float) -> str:
    """Return a moment as the wall clock shows it, with milliseconds."""
    return f"{time.strftime('%H:%M:%S', time.localtime(seconds))}.{int(seconds * 1000) % 1000:03}"


@dataclass(slots=True)
class _Stream:
    """One direction of a connection as far as it has passed."""

    reader: StreamReader = field(default_factory=StreamReader)
    passed: int = 0
    last: float = 0.0
    half_told: bool = True


class Watch:
    """Turns events into lines; ``raw`` shows bytes as they passed and looks for no frames.

    ``clock`` turns Unix seconds into the first column.
    """

    def __init__(self, *, raw: bool = False, clock: Callable[[float], str] = local_clock) -> None:
        self._raw = raw
        self._clock = clock
        self._streams: dict[tuple[int, Direction], _Stream] = {}
        self.connections = 0
        self.totals = dict.fromkeys(Direction, 0)

    def lines(self, event: Event) -> list[Text]:
        """Return what there is to say about an event; nothing while a frame is half here."""
        match event:
            case Opened(client=client, server=server):
                self.connections += 1
                return [self._line(event, None, f"open, from {client} to {server}", QUIET)]
            case Unreachable(server=server, reason=reason):
                words = f"cannot connect to {server}: {reason}; the client is reset"
                return [self._line(event, None, words, TROUBLE)]
            case Passed(direction=direction, data=data):
                return self._passed(event, direction, data)
            case Ended(direction=direction):
                return [self._line(event, direction, self._cut_off("end (FIN)", event, direction))]
            case Reset(direction=direction):
                words = self._cut_off("reset (RST)", event, direction)
                return [self._line(event, direction, words, TROUBLE)]
            case WasCut(how=how):
                return [self._line(event, None, f"cut here: {how}", TROUBLE)]
            case Closed(lost=lost):
                return [self._closed(event, lost)]
        return []

    def half_frames(self, now: float) -> list[Text]:
        """Return a line for each frame that began a while ago and still lacks its rest."""
        told = []
        for (connection, direction), stream in self._streams.items():
            if stream.half_told or now < stream.last + HALF_SECONDS:
                continue
            stream.half_told = True
            if unfinished := stream.reader.unfinished:
                words = f"waiting: only {unfinished} so far"
                told.append(self._line(Event(now, connection), direction, words, TROUBLE))
        return told

    def summary(self) -> str:
        """Return what passed in all, in one line."""
        there, back = (self.totals[way] for way in (Direction.TO_SERVER, Direction.TO_CLIENT))
        unit = "connection" if self.connections == 1 else "connections"
        return f"{self.connections:,} {unit}: {there:,} bytes to the server, {back:,} to the client"

    # --- pieces ---

    def _passed(self, event: Event, direction: Direction, data: bytes) -> list[Text]:
        stream = self._stream(event, direction)
        stream.passed += len(data)
        self.totals[direction] += len(data)
        if self._raw:
            return self._bytes(event, direction, data, "", RAW_ROWS)
        stream.last, stream.half_told = event.time, False
        lines = []
        for item in stream.reader.feed(data):
            lines += self._item(event, direction, item)
        return lines

    def _item(self, event: Event, direction: Direction, item: Item) -> list[Text]:
        match item:
            case Frame():
                return self._frame(event, direction, item)
            case Body(size=size):
                return [self._line(event, direction, f"body: all {size:,} bytes have passed")]
            case BadHeader(header=header, length=length):
                words = f"{header.hex(' ')}  no frame: it would have {length:,} bytes; "
                words += explain_header(header)
                return [self._line(event, direction, words, TROUBLE)]
            case Loose(data=data):
                return self._bytes(event, direction, data, ", outside of any frame", LOOSE_ROWS)

    def _frame(self, event: Event, direction: Direction, frame: Frame) -> list[Text]:
        words = f"{frame.header.hex(' ')}  {_count(len(frame.payload))}  {_meaning(frame)}"
        lines = [self._line(event, direction, words + _pieces(frame))]
        if problem := _problem(frame):
            lines.append(_below(f"bad: {problem}", TROUBLE))
        shown = show_payload(frame.payload, frame.content.message)
        return lines + [_below(line, COLOURS[direction]) for line in shown]

    def _bytes(
        self, event: Event, direction: Direction, data: bytes, what: str, most_rows: int
    ) -> list[Text]:
        words = f"{_count(len(data))}{what}: {shorten(decode_text(data[:200]), 100)}"
        lines = [self._line(event, direction, words)]
        rows = (len(data) + ROW - 1) // ROW
        lines += [_below(hex_row(data, row), QUIET) for row in range(min(rows, most_rows))]
        if rows > most_rows:
            lines.append(_below(f"… {len(data) - most_rows * ROW:,} bytes more", QUIET))
        return lines

    # --- ends ---

    def _cut_off(self, words: str, event: Event, direction: Direction) -> str:
        unfinished = self._stream(event, direction).reader.unfinished
        return f"{words} in the middle: only {unfinished}" if unfinished else words

    def _closed(self, event: Event, lost: int) -> Text:
        there = self._streams.pop((event.connection, Direction.TO_SERVER), _Stream())
        back = self._streams.pop((event.connection, Direction.TO_CLIENT), _Stream())
        words = f"closed: {there.passed:,} bytes to the server, {back.passed:,} to the client"
        words += f", {lost:,} that came were not passed" if lost else ""
        return self._line(event, None, words, QUIET)

    # --- lines ---

    def _stream(self, event: Event, direction: Direction) -> _Stream:
        return self._streams.setdefault((event.connection, direction), _Stream())

    def _line(self, event: Event, direction: Direction | None, words: str, style: str = "") -> Text:
        line = Text().append(f"{self._clock(event.time)}  #{event.connection:<3}", QUIET)
        if direction is not None:
            line.append(f" {ARROWS[direction]} ", COLOURS[direction])
        return line.append(f" {words}", style)


def _below(words: str, style: str) -> Text:
    return Text(f"{'':18}{words}", style)


def _count(size: int) -> str:
    return f"{size:,} {'byte' if size == 1 else 'bytes'}"


def _meaning(frame: Frame) -> str:
    """Return what kind of message a frame carries: a request, a reply with its status, a push."""
    message = frame.content.message
    if message is None:
        return "no message"
    op, test = message.get("op"), message.get("test")
    number = "" if message.get("id") is None else f", id {show_value(message['id'], 40)}"
    body = f", {frame.body:,} bytes of body follow" if frame.body else ""
    if "test" in message:
        status = code_name(test) if type(test) is int else "no status"
        return f"reply to {op_name(op)}{number}: {status}{body}"
    if type(op) is int and op >= FIRST_PUSH:
        return f"push {op_name(op)}{body}"
    return f"request {op_name(op)}{number}{body}"


def _problem(frame: Frame) -> str:
    message = frame.content.message
    if frame.content.problem or message is None:
        return frame.content.problem
    if type(message.get("op")) is not int and "test" not in message:
        return "without an op"
    if message.get("body") is not None and message.get("op") not in BODY_OPS:
        return "announces a body, which only ops 31 and 32 may"
    return ""


def _pieces(frame: Frame) -> str:
    words = "; in one piece with what came before it" if frame.joined else ""
    if len(frame.pieces) > 1:
        sizes = " + ".join(map(str, frame.pieces[:MOST_PIECES]))
        more = " + …" if len(frame.pieces) > MOST_PIECES else ""
        words += f"; in {len(frame.pieces):,} pieces: {sizes}{more}"
    return words
