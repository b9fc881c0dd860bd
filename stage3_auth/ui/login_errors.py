"""What went wrong, in the words of the person at the window, and beside which field.

Pure: an error goes in, a ``Trouble`` comes out. Its text is a key with values, so that it can be
written again when the language changes.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from stage1_echo import CourseError, safe_text
from stage2_protocol import ConnectionLost, Refused, RequestTimeout, Status

from .addresses import Address, show_address

_LONGEST = 200  # characters of a server's own words


@dataclass(frozen=True)
class Trouble:
    """A text key with its values; ``argument`` is the wire argument at fault, if one is."""

    key: str
    values: Mapping[str, object] = field(default_factory=dict)
    argument: str | None = None
    retry_after: float | None = None


# For each request: its own status codes (docs/protocol.md) -> text, and the argument it is about.
Answers = Mapping[int, tuple[str, str | None]]
_LOGIN: Answers = {1: ("error.login", None)}
_CODE: Answers = {
    1: ("error.sms", "code"),
    2: ("reason.phone.format", "phone"),
    3: ("error.phone_taken", "phone"),
}
_REGISTER: Answers = {
    1: ("error.code", "code"),
    3: ("error.name_taken", "user_name"),
    4: ("error.phone_taken", "phone"),
}
_RESET: Answers = {1: ("error.code", "code")}


def login_trouble(error: Exception) -> Trouble:
    """Translate an error of a login."""
    return trouble_of(error, _LOGIN)


def code_trouble(error: Exception) -> Trouble:
    """Translate an error of a request for a code."""
    return trouble_of(error, _CODE)


def register_trouble(error: Exception) -> Trouble:
    """Translate an error of a registration."""
    return trouble_of(error, _REGISTER)


def reset_trouble(error: Exception) -> Trouble:
    """Translate an error of a new password by code."""
    return trouble_of(error, _RESET)


def server_trouble(error: Exception, server: Address) -> Trouble:
    """Translate an error of turning to another server."""
    values = {"address": show_address(server)}
    if isinstance(error, RequestTimeout | ConnectionLost):
        return Trouble("error.no_server", values, argument="address")
    if isinstance(error, CourseError):  # somebody answers, but not as an account server does
        return Trouble("error.other_server", values, argument="address")
    return trouble_of(error, {})


def trouble_of(error: Exception, answers: Answers) -> Trouble:
    """Translate an error of a request; ``answers`` are those of its op."""
    if isinstance(error, RequestTimeout):
        return Trouble("error.timeout")
    if isinstance(error, ConnectionLost):
        return Trouble("error.unreachable")
    if isinstance(error, Refused):
        return _refusal(error, answers)
    return Trouble("error.unknown", {"message": _words(error)})


def _refusal(error: Refused, answers: Answers) -> Trouble:
    if error.status in answers:
        key, argument = answers[error.status]
        return Trouble(key, argument=argument)
    if error.status == Status.TOO_MANY_REQUESTS:
        if error.retry_after is None:
            return Trouble("error.too_many_later")
        seconds = max(1, math.ceil(error.retry_after))
        return Trouble("error.too_many", {"seconds": seconds}, retry_after=error.retry_after)
    if error.status == Status.STORAGE_UNAVAILABLE:
        return Trouble("error.storage")
    if error.status == Status.INTERNAL_ERROR:
        return Trouble("error.internal")
    return Trouble("error.server", {"message": _words(error)}, argument=error.field)


def _words(error: Exception) -> str:
    """Return an error's own text, made safe and short: a stranger may have written it."""
    text = safe_text(str(error)) or type(error).__name__
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"
