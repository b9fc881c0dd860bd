"""Seals on the events of a graded run: what a submission writes is never taken for a verdict.

The test process writes a line for each event (``events.py``) into a file that no program of the
submission sees. At a weaker level they may see it; so each line carries a keyed hash of its number
and its text. ``sealed.py`` writes them.
"""

import hashlib
import hmac
import json
from collections.abc import Iterable, Iterator
from typing import Any

KEY_BYTES = 32


class Forged(Exception):
    """A line that the test process did not write; the text says where."""


def seal(key: bytes, number: int, text: str) -> str:
    """Return the seal of a line."""
    return hmac.new(key, f"{number} {text}".encode(), hashlib.sha256).hexdigest()


def opened(lines: Iterable[bytes], key: bytes) -> Iterator[dict[str, Any]]:
    """Yield the events of sealed lines; raises Forged at the first that is not sealed."""
    for number, line in enumerate(lines):
        given, _, text = line.decode("utf-8", "replace").rstrip("\n").partition(" ")
        if not hmac.compare_digest(given.encode(), seal(key, number, text).encode()):
            raise Forged(f"line {number + 1} of the run's events was not written by the tests")
        yield json.loads(text)
