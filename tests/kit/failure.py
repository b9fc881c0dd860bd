"""What a failed check knows: data first; ``report.py`` makes text of it, the grader HTML.

CheckFailed            a program under test did something wrong: the submission's fault
    ProgramFailed      it did not start, died, or did not end
    ProbeFailed        a function under test raised, hung, or gave something that cannot be shown
HarnessError           the test or the machine is at fault, never the submission
"""

from dataclasses import dataclass
from typing import Final

from .json_types import Json, JsonObject
from .view import first_difference, hex_window, jsonable, show_byte, show_value

# Bytes of one side that travel in a report; around the first difference, never the whole 50 MB.
KEPT = 4096


class _NotGiven:
    def __repr__(self) -> str:
        return "not given"


# None is a value like others, which a program may return; this says that there is none to show.
NOT_GIVEN: Final = _NotGiven()


@dataclass(frozen=True, slots=True)
class Difference:
    """One place where a received value is not what was expected; ``path`` is like ``data.uid``."""

    path: str
    expected: str
    received: str

    def as_data(self) -> JsonObject:
        """Return the difference as JSON."""
        return {"path": self.path, "expected": self.expected, "received": self.received}


class CheckFailed(AssertionError):
    """A program under test did something else than it should.

    ``message`` is one sentence; ``expected`` and ``received`` are whatever was compared (bytes are
    shown as hex with a caret), NOT_GIVEN where there is nothing to show; ``differences`` are the
    fields that differ; ``lines`` is further evidence as text.
    """

    def __init__(
        self,
        message: str,
        *,
        expected: object = NOT_GIVEN,
        received: object = NOT_GIVEN,
        differences: list[Difference] | None = None,
        lines: list[str] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.expected = expected
        self.received = received
        self.differences = differences or []
        self.lines = lines or []

    def __str__(self) -> str:
        return self.message

    def as_data(self) -> JsonObject:
        """Return everything the failure knows as JSON; a report is rendered from this alone."""
        data: JsonObject = {
            "kind": type(self).__name__,
            "message": self.message,
            "differences": [difference.as_data() for difference in self.differences],
            "lines": list[Json](self.lines),
        }
        if isinstance(self.expected, bytes) and isinstance(self.received, bytes):
            data["bytes"] = _compared_bytes(self.expected, self.received)
            return data
        for side, value in (("expected", self.expected), ("received", self.received)):
            if value is not NOT_GIVEN:
                # In a report null says that there is no such side.
                data[side] = show_value(None) if value is None else jsonable(value)
        return data


class ProgramFailed(CheckFailed):
    """A program under test did not start, died, or did not end when it should."""


class ProbeFailed(CheckFailed):
    """A function under test raised an error, took too long, or gave what cannot be shown."""


class HarnessError(Exception):
    """The test asks for the impossible, or the machine lacks it: not the submission's fault."""


def _compared_bytes(expected: bytes, received: bytes) -> JsonObject:
    index = first_difference(expected, received)
    if index is None:
        index = 0
    start = max(0, index - KEPT // 2) // 16 * 16
    return {
        "first_wrong": index,
        "expected_total": len(expected),
        "received_total": len(received),
        "start": start,
        "expected": expected[start : start + KEPT].hex(),
        "received": received[start : start + KEPT].hex(),
        "expected_byte": show_byte(expected, index),
        "received_byte": show_byte(received, index),
        "expected_hex": hex_window(expected, index),
        "received_hex": hex_window(received, index),
    }
