"""Pages: long lists travel in parts, and no part may exceed what a frame can hold."""

import json
from collections.abc import Sequence

from .frames import LIMIT
from .service import Data

# Left for the frame around a page's rows: op, id (64 characters of up to 12 bytes), more, commas.
ROOM_AROUND = 2048


def fit_page(rows: Sequence[Data], *, keep_last: bool = False) -> list[Data]:
    """Return as many of ``rows`` as fit one frame: the first ones, or with ``keep_last`` the last.

    At least one row is returned when there are any; a single row always fits.
    """
    left = LIMIT - ROOM_AROUND
    kept: list[Data] = []
    for row in reversed(rows) if keep_last else rows:
        left -= len(json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode()) + 1
        if left < 0 and kept:
            break
        kept.append(row)
    return kept[::-1] if keep_last else kept
