"""Passwords as the model stores them: md5. docs/stage3.md says honestly what that is worth."""

import hashlib
import hmac

# Compared with when there is no such user, so that both cases cost the same time.
_NOBODY = "0" * 32


def md5_of(password: str) -> str:
    """Return the lower-case hex md5 of the UTF-8 bytes of ``password`` as typed, 32 characters."""
    # BEGIN SOLUTION 3.2
    return hashlib.md5(password.encode("utf-8"), usedforsecurity=False).hexdigest()
    # END SOLUTION


def is_password(password: str, stored: str | None) -> bool:
    """Tell whether ``password`` is the one stored; None is stored for a user there is not."""
    # BEGIN SOLUTION 3.2
    same = hmac.compare_digest(md5_of(password), (stored or _NOBODY).lower())
    return same and stored is not None
    # END SOLUTION
