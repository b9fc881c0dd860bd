"""Pages: long lists travel in parts, and no part may exceed what a frame can hold."""

import json
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from .errors import MessageError
from .frames import LIMIT

# Left for the frame around a page's rows: op, id (64 characters of up to 12 bytes), more, commas.
ROOM_AROUND = 2048
# A client asks for so many pages of one list; a server that has always one more gets no further.
MOST_PAGES = 2000

Row = TypeVar("Row")
Key = TypeVar("Key", int, str)


def fit_page(rows: Sequence[Row], *, keep_last: bool = False) -> list[Row]:
    """Return as many of ``rows`` (JSON values) as fit one frame: the first, or the last.

    At least one row is returned when there are any; a single row always fits.
    """
    left = LIMIT - ROOM_AROUND
    kept: list[Row] = []
    for row in reversed(rows) if keep_last else rows:
        left -= len(json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode()) + 1
        if left < 0 and kept:
            break
        kept.append(row)
    return kept[::-1] if keep_last else kept


def all_rows(
    fetch: Callable[[Key | None], tuple[Sequence[Row], bool]],
    key: Callable[[Row], Key],
    after: Key | None = None,
) -> Iterator[Row]:
    """Yield the rows of a list that comes in pages, from behind ``after`` to its end.

    ``fetch(after)`` returns a page and whether there are more. Raises MessageError when a page does
    not lead on, or the list does not end within MOST_PAGES: a faulty server must not keep a client
    busy for ever.
    """
    for _ in range(MOST_PAGES):
        rows, more = fetch(after)
        if rows:
            last = key(rows[-1])
            if after is not None and last <= after:
                raise MessageError("a page of a list does not go on behind the one before")
            after = last
        yield from rows
        if not more:
            return
        if not rows:
            raise MessageError("an empty page of a list says that there is more")
    raise MessageError(f"a list does not end within {MOST_PAGES} pages")
