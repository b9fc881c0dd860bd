"""A small language to say what a JSON value should look like.

A plain value must be equal (and of the same type: 1 is not true, 1 is not 1.0). A type (``int``,
``str``, ``float``, ``bool``, ``list``, ``dict``) stands for any value of it; a compiled regular
expression for a text it matches whole; ANYTHING, ABSENT and OneOf(...) for what they say. A dict
names the fields that must match and lets others stand, because unknown fields are ignored in the
protocol; Only({...}) allows no others. A list must match item by item.
"""

import re
from typing import Final

from .failure import Difference
from .view import show_value


class _Word:
    def __init__(self, text: str) -> None:
        self._text = text

    def __repr__(self) -> str:
        return self._text


ANYTHING: Final = _Word("anything")
ABSENT: Final = _Word("absent")


class OneOf:
    """Matches what one of its patterns matches."""

    def __init__(self, *patterns: object) -> None:
        self.patterns = patterns

    def __repr__(self) -> str:
        return " or ".join(_name(pattern) for pattern in self.patterns)


class Only:
    """Matches an object with exactly these fields."""

    def __init__(self, fields: dict[str, object]) -> None:
        self.fields = fields

    def __repr__(self) -> str:
        return f"only {self.fields!r}"


def differences(expected: object, received: object, path: str = "") -> list[Difference]:
    """Return every place where ``received`` does not match the pattern ``expected``."""
    if isinstance(expected, Only):
        inner = {**expected.fields}
        if isinstance(received, dict):
            inner |= {key: ABSENT for key in received if key not in inner}
        return differences(inner, received, path)
    if isinstance(expected, dict):
        return _in_object(expected, received, path)
    if isinstance(expected, list | tuple):
        return _in_list(list(expected), received, path)
    if _matches(expected, received):
        return []
    return [Difference(path or "(all)", _name(expected), show_value(received, 200))]


def _in_object(expected: dict[str, object], received: object, path: str) -> list[Difference]:
    if not isinstance(received, dict):
        return [Difference(path or "(all)", "an object", show_value(received, 200))]
    found = []
    for key, pattern in expected.items():
        where = f"{path}.{key}" if path else str(key)
        if key in received:
            found += differences(pattern, received[key], where)
        elif not _may_be_absent(pattern):
            found.append(Difference(where, _name(pattern), "absent"))
    return found


def _may_be_absent(pattern: object) -> bool:
    return pattern is ABSENT or (isinstance(pattern, OneOf) and ABSENT in pattern.patterns)


def _in_list(expected: list[object], received: object, path: str) -> list[Difference]:
    if not isinstance(received, list | tuple):
        return [Difference(path or "(all)", "a list", show_value(received, 200))]
    found = []
    if len(expected) != len(received):
        found.append(
            Difference(f"{path} (length)", f"{len(expected)} items", f"{len(received)} items")
        )
    for index, (pattern, item) in enumerate(zip(expected, received, strict=False)):
        found += differences(pattern, item, f"{path}[{index}]")
    return found


def _matches(expected: object, received: object) -> bool:
    if expected is ANYTHING:
        return True
    if expected is ABSENT:
        return False
    if isinstance(expected, OneOf):
        return any(not differences(pattern, received) for pattern in expected.patterns)
    if isinstance(expected, re.Pattern):
        return isinstance(received, str) and expected.fullmatch(received) is not None
    if isinstance(expected, type):
        # In JSON true is no integer, and 3 is a fine value for a time.
        kinds = (int, float) if expected is float else (expected,)
        return isinstance(received, kinds) and (expected is bool or not isinstance(received, bool))
    return type(expected) is type(received) and expected == received


def _name(pattern: object) -> str:
    if isinstance(pattern, type):
        return f"any {pattern.__name__}"
    if isinstance(pattern, re.Pattern):
        return f"a text that matches {pattern.pattern}"
    if isinstance(pattern, _Word | OneOf | Only):
        return repr(pattern)
    return show_value(pattern, 200)
