"""How a talk becomes lines: days, senders, messages, notices. Pure: entries in, blocks out.

Messages of one sender that follow each other within minutes stand under one name.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

from stage1_echo import safe_text

from ..events import Message
from .emoji import is_large, split_emoji
from .talk import Entry, Notice, Pending

TOGETHER_SECONDS = 300
_CHINESE = "，。；：！？、（）【】《》“”"
# A web address up to what is more likely to belong to the sentence around it.
_LINK = re.compile(rf"https?://[^\s<>\"'\\{_CHINESE}]*[^\s<>\"'\\.,;:!?()\[\]{{}}{_CHINESE}]")

Words = Callable[..., str]  # Catalog.text


class Piece(NamedTuple):
    """Text in one style; ``about`` is the sender of a name, the cid of a command, or the link.

    ``emoji`` is 1 for a single emoji, 2 when it is to be large.
    """

    text: str
    style: str
    about: str = ""
    emoji: int = 0


@dataclass(frozen=True)
class Line:
    """One paragraph of the transcript; ``avatar`` is the user name of the picture before it."""

    pieces: tuple[Piece, ...]
    avatar: str | None = None


@dataclass(frozen=True)
class Block:
    """What one entry becomes; ``body`` is the index of the line where the entry itself begins."""

    lines: tuple[Line, ...]
    body: int
    entry: Entry | Pending | None = None


def lay_out(
    entries: Iterable[Entry],
    words: Words,
    *,
    after: Entry | None = None,
    first_unread: int | None = None,
) -> Iterator[Block]:
    """Yield a block for each entry; ``after`` is the entry that stands before the first one."""
    before = after
    for entry in entries:
        lines = []
        if before is None or day_of(before.time) != day_of(entry.time):
            lines.append(_line(day_text(day_of(entry.time), date.today(), words), "day"))
        if isinstance(entry, Notice):
            key = "notice.joined" if entry.joined else "notice.left"
            text = words(key, name=safe_text(entry.user_name))
            yield Block((*lines, _line(text, "notice")), len(lines), entry)
        else:
            is_new = entry.seq == first_unread
            if is_new:
                lines.append(_line(words("transcript.new"), "new"))
            if lines or not _together(before, entry):
                lines.append(_head(entry.sender, entry.time))
            yield Block((*lines, Line(_written(entry.text, "body"))), len(lines), entry)
        before = entry


def lay_out_pending(
    pending: Iterable[Pending], own_name: str, words: Words, *, after: Entry | None
) -> Iterator[Block]:
    """Yield a block for each message of one's own that is not in the talk yet."""
    together = isinstance(after, Message) and after.sender == own_name
    for one in pending:
        head = () if together else (_head(own_name, one.time),)
        if one.reason is not None:
            text = Line(_written(one.text, "refused"))
            yield Block((*head, text, _fate(one, words)), len(head), one)
        else:
            text = Line(_written(one.text, "body" if one.seq else "pending"))
            yield Block((*head, text), len(head), one)
        together = True


def shown_text(text: str) -> str:
    """Return what somebody wrote as it may be shown: lines, no controls, no reordering."""
    return safe_text(text.replace("\r\n", "\n").expandtabs(4), keep="\n")


def day_of(seconds: float) -> date:
    """Return the local day of a Unix time."""
    return datetime.fromtimestamp(seconds).date()


def clock_text(seconds: float) -> str:
    """Return hours and minutes, local time."""
    return datetime.fromtimestamp(seconds).strftime("%H:%M")


def day_text(day: date, today: date, words: Words) -> str:
    """Return a day in words: today, yesterday, or the date."""
    if day == today:
        return words("day.today")
    if day == today - timedelta(days=1):
        return words("day.yesterday")
    return words(
        "day.date",
        weekday=words(f"day.weekday.{day.weekday()}"),
        day=day.day,
        month=words(f"day.month.{day.month}"),
        year=day.year,
    )


def _together(before: Entry | None, message: Message) -> bool:
    return (
        isinstance(before, Message)
        and before.sender == message.sender
        and 0 <= message.time - before.time < TOGETHER_SECONDS
    )


@lru_cache(maxsize=1000)  # what is drawn is drawn again when one turns back to it
def _written(text: str, style: str) -> tuple[Piece, ...]:
    """Return what somebody wrote as pieces: words, links, emoji."""
    size = 2 if is_large(text) else 1
    pieces: list[Piece] = []
    for part, is_emoji in split_emoji(text):
        if is_emoji:
            pieces.append(Piece(part, style, emoji=size))
        else:
            pieces += _with_links(shown_text(part), style)
    return tuple(pieces)


def _with_links(text: str, style: str) -> Iterator[Piece]:
    end = 0
    for found in _LINK.finditer(text):
        if found.start() > end:
            yield Piece(text[end : found.start()], style)
        yield Piece(found[0], "link", found[0])
        end = found.end()
    if end < len(text) or not text:
        yield Piece(text[end:], style)


def _line(text: str, style: str) -> Line:
    return Line((Piece(text, style),))


def _head(sender: str, time: float) -> Line:
    name = Piece(safe_text(sender), "sender", sender)
    return Line((name, Piece("   ", "time"), Piece(clock_text(time), "time")), avatar=sender)


def _fate(one: Pending, words: Words) -> Line:
    """Return the line below a refused message: why, and what can be done."""
    return Line(
        (
            Piece(words("pending.failed", reason=safe_text(one.reason or "")), "failed"),
            Piece("   ", "failed"),
            Piece(words("pending.again"), "again", one.cid),
            Piece("   ", "failed"),
            Piece(words("pending.discard"), "discard", one.cid),
        )
    )
