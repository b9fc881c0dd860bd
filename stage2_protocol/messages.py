"""Messages: what may stand in a frame. Strict on what comes in, exact on what goes out.

A request is ``{"op": int, "id": …, "args": {…}}``; a reply repeats op and id and adds ``test``; a
push has an op of 100 or more and no id. The rules, one by one: docs/protocol.md.
"""

import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .errors import MessageError
from .frames import encode_frame

MAX_DEPTH = 32  # the frame's own object is level 1
MAX_DIGITS = 4300
MAX_ID_LENGTH = 64
MAX_ID = 2**53
FIRST_PUSH_OP = 100

Id = str | int | None

_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False)


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it was read: ``body`` is the number of raw bytes that follow it, or None."""

    op: int
    id: Id
    args: dict[str, Any]
    body: int | None = None


def encode_message(message: dict[str, Any]) -> bytes:
    """Return ``message`` as a frame of compact UTF-8 JSON; raises FrameLengthError if too large."""
    text = _ENCODER.encode(message)
    return encode_frame(text.encode("utf-8"))


def encode_reply(op: int | None, id: Id, fields: dict[str, Any]) -> bytes:
    """Return a reply frame; ``fields`` holds test, and data or error."""
    head: dict[str, Any] = {"op": op} if id is None else {"op": op, "id": id}
    return encode_message(head | fields)


def encode_push(op: int, data: dict[str, Any]) -> bytes:
    """Return a push frame, to be encoded once and sent to any number of peers."""
    return encode_message({"op": op, "data": data})


def parse_request(payload: bytes) -> Request:
    """Read a request from a frame's payload; raises MessageError with what could be read of it."""
    # BEGIN SOLUTION 2.2
    message, fault = _parse_object(payload)
    op, id = _integer(message.get("op")), message.get("id")
    id_is_sound = _is_sound_id(id)
    readable_id = id if id_is_sound else None
    if fault is None and op is None:
        fault = f"op must be an integer, got {kind(message.get('op'))}"
    if fault is None and not id_is_sound:
        fault = (
            f"id must be text of at most {MAX_ID_LENGTH} characters or an integer within ±2^53, "
            f"got {kind(id)}"
        )
    args = message.get("args")
    args = {} if args is None else args
    if fault is None and not isinstance(args, dict):
        fault = f"args must be an object, got {kind(args)}"
    body = _integer(message.get("body"))
    if fault is not None or op is None:
        raise MessageError(fault or "no op", op, readable_id, body)
    return Request(op, readable_id, args, body)
    # END SOLUTION


def parse_message(payload: bytes) -> dict[str, Any]:
    """Read any one message, as a client does with replies and pushes; raises MessageError."""
    # BEGIN SOLUTION 2.2
    message, fault = _parse_object(payload)
    if fault is not None:
        raise MessageError(fault)
    return message
    # END SOLUTION


def kind(value: object) -> str:
    """Name the JSON kind of a value for an error text: "null", "a boolean", "text" …"""
    if value is None:
        return "null"
    kinds: list[tuple[type, str]] = [
        (bool, "a boolean"),  # before int: in Python, True is an int
        (int, "an integer"),
        (float, "a number with fraction or exponent"),
        (str, "text"),
        (list, "an array"),
        (dict, "an object"),
    ]
    return next(name for type_, name in kinds if isinstance(value, type_))


class _Faults:
    """Collects what strict reading refuses and Python's json would let through.

    Reading goes on behind the fault, so that op and id are still known for the reply.
    """

    def __init__(self) -> None:
        # BEGIN SOLUTION 2.2
        self.first: str | None = None
        # END SOLUTION

    def note(self, reason: str) -> None:
        # BEGIN SOLUTION 2.2
        self.first = self.first or reason
        # END SOLUTION

    # BEGIN SOLUTION 2.2
    def constant(self, text: str) -> float:
        self.note(f"{text} is not JSON")
        return 0.0

    def integer(self, text: str) -> int | None:
        if len(text.lstrip("-")) > MAX_DIGITS:
            self.note(f"got an integer of over {MAX_DIGITS} digits")
            return None
        return int(text)

    def number(self, text: str) -> float:
        value = float(text)
        if math.isinf(value):
            self.note("got a number that overflows to infinity")
        return value

    # END SOLUTION


# BEGIN SOLUTION 2.2
def _parse_object(payload: bytes) -> tuple[dict[str, Any], str | None]:
    """Return the object in ``payload`` and the first fault in it, if any.

    A payload that is no JSON object at all raises MessageError.
    """
    if payload.startswith(b"\xef\xbb\xbf"):
        raise MessageError("a byte order mark is not allowed")
    try:
        text = payload.decode("utf-8")
    except UnicodeDecodeError as error:
        raise MessageError(f"not UTF-8: {error.reason} at byte {error.start}") from None
    faults = _Faults()
    try:
        message = _decoder(faults)(text)
    except json.JSONDecodeError as error:
        raise MessageError(f"not JSON: {error.msg} at character {error.pos}") from None
    except RecursionError:
        raise MessageError(f"nested deeper than {MAX_DEPTH} levels") from None
    if not isinstance(message, dict):
        raise MessageError(f"a message must be an object, got {kind(message)}")
    _check_tree(message, faults)
    return message, faults.first


def _decoder(faults: _Faults) -> Callable[[str], Any]:
    return json.JSONDecoder(
        parse_constant=faults.constant, parse_int=faults.integer, parse_float=faults.number
    ).decode


# END SOLUTION


def _check_tree(root: dict[str, Any], faults: _Faults) -> None:
    """Note nesting that is too deep and text with a lone surrogate (``"\\ud800"`` in JSON)."""
    level: list[Any] = [root]
    for _ in range(MAX_DEPTH):
        level = _one_level_down(level, faults)
        if not level:
            return
    faults.note(f"nested deeper than {MAX_DEPTH} levels")


def _one_level_down(containers: list[Any], faults: _Faults) -> list[Any]:
    found: list[Any] = []
    for container in containers:
        if isinstance(container, dict):
            for key in container:
                _check_text(key, faults)
        for value in container.values() if isinstance(container, dict) else container:
            if isinstance(value, str):
                _check_text(value, faults)
            elif isinstance(value, (dict, list)):
                found.append(value)
    return found


def _check_text(text: str, faults: _Faults) -> None:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        faults.note("text holds a lone surrogate")


# BEGIN SOLUTION 2.2
def _integer(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _is_sound_id(id: object) -> bool:
    if isinstance(id, str):
        return len(id) <= MAX_ID_LENGTH and not any("\ud800" <= c <= "\udfff" for c in id)
    number = _integer(id)
    return id is None or (number is not None and -MAX_ID <= number <= MAX_ID)


# END SOLUTION
