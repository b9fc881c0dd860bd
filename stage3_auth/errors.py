"""Stage 3's errors: what accounts, codes, sessions and the database may refuse.

AuthError
├── NameTaken, PhoneTaken   somebody registered first
├── WrongCode               not the code that was sent
├── SmsFailed               a provider could not send
└── StorageUnavailable      the database is away; also a Refused, so that a request that meets it is
    └── StorageBusy         answered with 109 wherever it happens
"""

from stage1_echo import CourseError
from stage2_protocol import Refused, Status


class AuthError(CourseError):
    """Stage 3 could not do what was asked."""


class NameTaken(AuthError):
    """Another user has this name, or one that only looks different."""


class PhoneTaken(AuthError):
    """Another user has this phone number."""


class WrongCode(AuthError):
    """The code is wrong, expired, used up, or was never sent."""


class SmsFailed(AuthError):
    """The provider did not take the message; ``told`` is what the user reads about it."""

    def __init__(self, reason: str, told: str = "the message could not be sent") -> None:
        super().__init__(reason)
        self.told = told


class DatabaseUrlError(AuthError):
    """A --db URL names no database that we can open."""


class StorageUnavailable(AuthError, Refused):
    """The database does not answer now; the same request may work a moment later."""

    def __init__(self, reason: str) -> None:
        text = "the database does not answer now; try again in a moment"
        Refused.__init__(self, Status.STORAGE_UNAVAILABLE, text)
        self.reason = reason

    def __str__(self) -> str:
        """Return the text for whoever runs the server; a client is told ``message`` alone."""
        return f"{self.message}: {self.reason}"


class StorageBusy(StorageUnavailable):
    """The database broke a transaction off in favour of another; the same again may succeed."""
