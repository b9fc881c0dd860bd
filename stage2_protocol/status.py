"""The status codes of replies that mean the same for every op; 0 to 9 belong to each op itself."""

from enum import IntEnum


class Status(IntEnum):
    """``test`` of a reply: 0 is success, everything else a failure with an ``error`` text."""

    OK = 0
    BAD_REQUEST = 100
    UNKNOWN_OP = 101
    NOT_LOGGED_IN = 102
    FORBIDDEN = 103
    NOT_FOUND = 104
    TOO_MANY_REQUESTS = 105
    TOO_LARGE = 106
    INTERNAL_ERROR = 108
    STORAGE_UNAVAILABLE = 109
