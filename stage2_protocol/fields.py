"""Reading what a server answers: the right kind, or an error that names the field.

The client's counterpart of ``Args``. A server may be faulty or hostile; what it sends becomes a
MessageError here, at one place, and never a KeyError somewhere in a user interface.
"""

from typing import Any

from .errors import MessageError
from .messages import kind

# 9999-01-01: what lies behind it is no date that a program can show.
_LATEST = 253_370_764_800.0


class Fields:
    """The data of one reply or push, or one row of it; ``what`` names it in error texts.

    Every reader raises MessageError.
    """

    def __init__(self, values: object, what: str) -> None:
        if not isinstance(values, dict):
            raise MessageError(f"{what} must be an object, got {kind(values)}")
        self._values: dict[str, Any] = values
        self._what = what

    def __contains__(self, name: str) -> bool:
        """Whether the field is there and not null."""
        return self._values.get(name) is not None

    def text(self, name: str) -> str:
        """Return a text."""
        value = self._values.get(name)
        if not isinstance(value, str):
            raise self._wrong(name, "text", value)
        return value

    def integer(self, name: str, least: int = 0) -> int:
        """Return an integer of at least ``least``."""
        value = self._values.get(name)
        if not isinstance(value, int) or isinstance(value, bool):
            raise self._wrong(name, "an integer", value)
        if value < least:
            raise MessageError(f"{self._what}: {name} must be {least} or more, got {value}")
        return value

    def moment(self, name: str) -> float:
        """Return a time in Unix seconds, from 1970 to the year 9998."""
        value = self._values.get(name)
        if not isinstance(value, (int, float)) or isinstance(value, bool):
            raise self._wrong(name, "a number", value)
        if not 0 <= value < _LATEST:
            raise MessageError(f"{self._what}: {name} is not a time in Unix seconds")
        return float(value)

    def flag(self, name: str, default: bool | None = None) -> bool:
        """Return true or false; ``default`` where the field is absent."""
        value = self._values.get(name)
        if value is None and default is not None:
            return default
        if not isinstance(value, bool):
            raise self._wrong(name, "true or false", value)
        return value

    def texts(self, name: str) -> list[str]:
        """Return an array of texts."""
        values = self._array(name)
        if not all(isinstance(value, str) for value in values):
            raise MessageError(f"{self._what}: {name} must hold texts only")
        return values

    def rows(self, name: str) -> list["Fields"]:
        """Return an array of objects."""
        return [Fields(value, f"{self._what}: an entry of {name}") for value in self._array(name)]

    def _array(self, name: str) -> list[Any]:
        value = self._values.get(name)
        if not isinstance(value, list):
            raise self._wrong(name, "an array", value)
        return value

    def _wrong(self, name: str, wanted: str, value: object) -> MessageError:
        return MessageError(f"{self._what}: {name} must be {wanted}, got {kind(value)}")
