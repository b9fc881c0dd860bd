"""Reading the arguments of a request: the right kind, or a refusal that names the field."""

from typing import Any

from .errors import Refused
from .messages import kind
from .status import Status


class Args:
    """The ``args`` of one request. Every reader raises Refused (100, with ``field``).

    An optional field that is null counts as absent. true and false are no integers.
    """

    def __init__(self, values: dict[str, Any]) -> None:
        self._values = values

    def text(self, name: str) -> str:
        """Return a field that must be there and be text."""
        value = self._values.get(name)
        if not isinstance(value, str):
            raise self._wrong(name, "text", value)
        return value

    def optional_text(self, name: str) -> str | None:
        """Return a text field, or None when it is absent."""
        return None if self._values.get(name) is None else self.text(name)

    def integer(self, name: str) -> int:
        """Return a field that must be there and be an integer."""
        value = self._values.get(name)
        if not isinstance(value, int) or isinstance(value, bool):
            raise self._wrong(name, "an integer", value)
        return value

    def optional_integer(self, name: str) -> int | None:
        """Return an integer field, or None when it is absent."""
        return None if self._values.get(name) is None else self.integer(name)

    def flag(self, name: str) -> bool:
        """Return a field that is true or false; absent means false."""
        value = self._values.get(name)
        if value is not None and not isinstance(value, bool):
            raise self._wrong(name, "true or false", value)
        return value is True

    def page_size(self, largest: int) -> int:
        """Return ``limit``, the rows asked for: at least 1, at most and by default ``largest``."""
        asked = self.optional_integer("limit")
        if asked is None:
            return largest
        if asked < 1:
            raise Refused(
                Status.BAD_REQUEST, f"limit must be 1 or more, got {asked}", field="limit"
            )
        return min(asked, largest)

    @staticmethod
    def _wrong(name: str, wanted: str, value: object) -> Refused:
        return Refused(
            Status.BAD_REQUEST, f"{name} must be {wanted}, got {kind(value)}", field=name
        )
