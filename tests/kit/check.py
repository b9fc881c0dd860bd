"""Checks for tests; each raises CheckFailed with the data that a good report needs.

Plain ``assert`` works too. These say more: which byte, which field, and what the rule is.
"""

from .failure import CheckFailed
from .match import differences


def that(condition: object, message: str) -> None:
    """Fail with ``message`` (one sentence that says what is wrong) unless ``condition`` is true."""
    if not condition:
        raise CheckFailed(message)


def equal(received: object, expected: object, what: str) -> None:
    """Fail unless the two are equal; ``what`` names the thing compared ("the stored file")."""
    if received != expected:
        raise CheckFailed(f"{what}: not what was expected", expected=expected, received=received)


def matches(received: object, expected: object, what: str) -> None:
    """Fail unless ``received`` matches the pattern ``expected`` (see match.py), field by field."""
    found = differences(expected, received)
    if found:
        raise CheckFailed(f"{what}: not what was expected", received=received, differences=found)
