"""Stage 2's errors, split by whose fault it is.

ProtocolError
├── FrameLengthError   the peer announced a frame we do not accept: the stream cannot go on
├── MessageError       one frame was not a sound message: the connection lives
├── Refused            a request was understood and answered with a failure
└── ConnectionLost     the connection is gone, or never came about
    └── RequestTimeout no answer came in time
"""

from typing import Any

from stage1_echo import CourseError

MAX_ERROR_LENGTH = 1000  # characters of an error text that travel


class ProtocolError(CourseError):
    """Something went wrong between two ends that speak frames."""


class FrameLengthError(ProtocolError):
    """A frame announced a length of 0 or one over the limit; nothing of it was read."""

    def __init__(self, length: int, limit: int) -> None:
        super().__init__(f"got a frame of {length} bytes, allowed are 1 to {limit}")
        self.length = length
        self.limit = limit


class MessageError(ProtocolError):
    """A frame does not hold a sound message; ``op``, ``id`` and ``body`` could still be read."""

    def __init__(
        self,
        reason: str,
        op: int | None = None,
        id: str | int | None = None,
        body: int | None = None,
    ) -> None:
        super().__init__(reason)
        self.op = op
        self.id = id
        self.body = body


class Refused(ProtocolError):
    """A request is answered with a failure.

    A verb raises it on the server, ``ClientConnection.request`` raises it on the client. ``status``
    is the reply's ``test``; ``field`` names the argument at fault; ``retry_after`` is in seconds.
    """

    def __init__(
        self,
        status: int,
        message: str,
        *,
        field: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.status = int(status)
        self.message = message
        self.field = field
        self.retry_after = retry_after

    def to_wire(self) -> dict[str, Any]:
        """Return the reply fields of this failure: test, error and what else applies.

        A text may quote what a stranger sent: it is cut, and made Unicode, so that it always fits.
        """
        text = self.message[:MAX_ERROR_LENGTH].encode("utf-8", "replace").decode("utf-8")
        fields: dict[str, Any] = {"test": self.status, "error": text}
        if self.field is not None:
            fields["field"] = self.field
        if self.retry_after is not None:
            fields["retry_after"] = self.retry_after
        return fields


class ConnectionLost(ProtocolError):
    """The other end cannot be reached, or the connection broke."""


class RequestTimeout(ConnectionLost):
    """No answer came within the time allowed; whether the request was carried out is unknown."""
