"""Python values as JSON and back, for the pipe between the harness and its children.

What JSON has no word for is an object with the key "$". What cannot travel arrives as ``Opaque``,
with its type and its repr: a test then sees that, and compares it with nothing by mistake.
"""

import base64
import dataclasses
import datetime
import decimal
import enum
import math
import pathlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

DEEPEST = 60
TAG = "$"


@dataclasses.dataclass(frozen=True)
class Opaque:
    """A value that cannot travel: only its type and its repr did."""

    type: str
    text: str

    def __repr__(self) -> str:
        return f"<an object of type {self.type} that cannot be shown as a value: {self.text}>"


@dataclasses.dataclass(frozen=True)
class Record:
    """A dataclass, named tuple or enum member of the code under test: its type and its fields."""

    type: str
    fields: dict[str, Any]

    def __getattr__(self, name: str) -> Any:
        try:
            return self.fields[name]
        except KeyError:
            raise AttributeError(f"{self.type} has no field {name}") from None

    def __repr__(self) -> str:
        inner = ", ".join(f"{name}={value!r}" for name, value in self.fields.items())
        return f"{self.type}({inner})"


@dataclasses.dataclass(frozen=True)
class Reference:
    """An object that stays in the child (by number), or a name to be looked up there."""

    number: int = 0
    name: str = ""


def encode(value: object, depth: int = 0) -> Any:
    """Return ``value`` as something ``json.dumps`` takes."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, enum.Enum) and not isinstance(value, int | str):
        return _record(value, {"name": value.name, "value": value.value}, depth)
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, int):
        # Python's own limit on digits of decimal text does not hold for hexadecimal.
        return int(value) if -(2**63) <= value < 2**63 else {TAG: "int", "v": hex(value)}
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else {TAG: "float", "v": repr(float(value))}
    if depth > DEEPEST:
        return _opaque(value)
    if isinstance(value, bytes | bytearray | memoryview):
        return {TAG: "bytes", "v": base64.b64encode(bytes(value)).decode("ascii")}
    if dataclasses.is_dataclass(value) and not isinstance(value, type | Opaque | Reference):
        if isinstance(value, Record):
            return {TAG: "record", "type": value.type, "v": encode(value.fields, depth + 1)}
        names = [field.name for field in dataclasses.fields(value)]
        return _record(value, {name: getattr(value, name, None) for name in names}, depth)
    return _encode_container(value, depth)


def _encode_container(value: object, depth: int) -> Any:
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return _record(value, dict(value._asdict()), depth)
    for kind, name in ((tuple, "tuple"), (set, "set"), (frozenset, "frozenset")):
        if isinstance(value, kind):
            return {TAG: name, "v": [encode(item, depth + 1) for item in value]}
    if isinstance(value, list):
        return [encode(item, depth + 1) for item in value]
    if isinstance(value, Mapping):
        if all(type(key) is str and key != TAG for key in value):
            return {key: encode(item, depth + 1) for key, item in value.items()}
        pairs = [[encode(k, depth + 1), encode(v, depth + 1)] for k, v in value.items()]
        return {TAG: "dict", "v": pairs}
    if isinstance(value, Iterator):
        return [encode(item, depth + 1) for item in value]
    return _encode_rest(value)


def _encode_rest(value: object) -> Any:
    if isinstance(value, Reference):
        return {TAG: "reference", "number": value.number, "name": value.name}
    if isinstance(value, datetime.timedelta):
        return {TAG: "timedelta", "v": [value.days, value.seconds, value.microseconds]}
    for kind in (datetime.datetime, datetime.date, datetime.time):  # datetime is a date: first
        if isinstance(value, kind):
            return {TAG: kind.__name__, "v": value.isoformat()}
    if isinstance(value, decimal.Decimal):
        return {TAG: "decimal", "v": str(value)}
    if isinstance(value, pathlib.PurePath):
        return {TAG: "path", "v": str(value)}
    if isinstance(value, Opaque):
        return {TAG: "opaque", "type": value.type, "text": value.text}
    return _opaque(value)


def _opaque(value: object) -> dict[str, Any]:
    try:
        text = repr(value)[:500]
    except Exception as error:  # the object is the code under test's: its repr may do anything
        text = f"(its repr raises {type(error).__name__})"
    return {TAG: "opaque", "type": type_name(type(value)), "text": text}


def _record(value: object, fields: dict[str, Any], depth: int) -> dict[str, Any]:
    return {TAG: "record", "type": type(value).__name__, "v": encode(fields, depth + 1)}


def type_name(kind: type) -> str:
    """Return how a type is called in reports: with its module unless it is built in."""
    module = kind.__module__
    return kind.__qualname__ if module == "builtins" else f"{module}.{kind.__qualname__}"


def decode(data: Any, look_up: Callable[[Reference], object] | None = None) -> Any:
    """Return the value that ``encode`` made ``data`` of; ``look_up`` finds references."""

    def inner(part: Any) -> Any:
        return decode(part, look_up)

    if isinstance(data, list):
        return [inner(item) for item in data]
    if not isinstance(data, dict):
        return data
    if TAG not in data:
        return {key: inner(item) for key, item in data.items()}
    kind, value = data[TAG], data.get("v")
    if kind == "reference":
        reference = Reference(data["number"], data["name"])
        return look_up(reference) if look_up else reference
    if kind == "opaque":
        return Opaque(data["type"], data["text"])
    if kind == "record":
        return Record(data["type"], inner(value))
    if kind == "dict":
        return {_hashable(inner(key)): inner(item) for key, item in data["v"]}
    if kind == "tuple":
        return tuple(inner(item) for item in data["v"])
    if kind in ("set", "frozenset"):
        items = [_hashable(inner(item)) for item in data["v"]]
        return set(items) if kind == "set" else frozenset(items)
    return _MAKERS[kind](value)


def _hashable(value: Any) -> Any:
    try:
        hash(value)
    except TypeError:
        return Opaque(type(value).__name__, repr(value)[:500])
    return value


_MAKERS: dict[str, Callable[[Any], Any]] = {
    "bytes": base64.b64decode,
    "int": lambda text: int(text, 16),
    "float": float,
    "timedelta": lambda parts: datetime.timedelta(*parts),
    "datetime": datetime.datetime.fromisoformat,
    "date": datetime.date.fromisoformat,
    "time": datetime.time.fromisoformat,
    "decimal": decimal.Decimal,
    "path": pathlib.Path,
}
