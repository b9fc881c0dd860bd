"""The rules of registration as pure functions: None when a field is fine, else why it is not.

A reason is a key of REASONS; windows and servers turn it into words. Each check reads its text a
fixed number of times, so hostile input costs no more than its length, and looks at the length
first. The traps that the model fell into are in docs/stage3.md: ``match`` with ``$`` accepts a
trailing newline, ``\\d`` accepts digits of other scripts.
"""

import re

from .names import has_invisible, has_space, shown_name

NAME_LENGTH = 6
PASSWORD_LENGTHS = range(6, 17)
EMAIL_LENGTH = 32

REASONS = {
    "name.empty": "a name has at least 1 character",
    "name.too_long": "a name has at most 6 characters",
    "name.space": "a name has no white space",
    "name.invisible": "a name has only visible characters",
    "password.length": "a password has 6 to 16 characters",
    "password.space": "a password has no white space",
    "password.invisible": "a password has only visible characters",
    "password.letter": "a password has at least one letter A-Z or a-z",
    "password.digit": "a password has at least one digit 0-9",
    "phone.format": "a phone number is 1 and ten more digits",
    "code.format": "a code is 6 digits",
    "email.too_long": "an e-mail address has at most 32 characters here",
    "email.format": "an e-mail address looks like name@example.org",
}

# BEGIN SOLUTION 3.1
_PHONE = re.compile(r"1[0-9]{10}")
_CODE = re.compile(r"[0-9]{6}")
# A practical subset of RFC 5321: dot-separated atoms, then a host name of at least two labels.
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
_TOP_LABEL = r"(?:[A-Za-z]{2,}|xn--[A-Za-z0-9-]*[A-Za-z0-9])"
_EMAIL = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@(?:{_LABEL}\.)+{_TOP_LABEL}")
# END SOLUTION


def check_name(text: str) -> str | None:
    """Check a user name: 1 to 6 visible characters, counted after NFC, none of them white space."""
    # BEGIN SOLUTION 3.1
    if not text:
        return "name.empty"
    if len(text) > 100:  # no composition makes 6 characters of it; do not even normalise it
        return "name.too_long"
    name = shown_name(text)
    if has_space(name):
        return "name.space"
    if has_invisible(name):
        return "name.invisible"
    return "name.too_long" if len(name) > NAME_LENGTH else None
    # END SOLUTION


def check_password(text: str) -> str | None:
    """Check a password: 6 to 16 visible characters, at least one ASCII letter and one digit."""
    # BEGIN SOLUTION 3.1
    if len(text) not in PASSWORD_LENGTHS:
        return "password.length"
    if has_space(text):
        return "password.space"
    if has_invisible(text):
        return "password.invisible"
    if not re.search("[A-Za-z]", text):
        return "password.letter"
    if not re.search("[0-9]", text):
        return "password.digit"
    return None
    # END SOLUTION


def check_phone(text: str) -> str | None:
    """Check a mainland-China mobile number: 1 and ten more ASCII digits, and nothing behind."""
    # BEGIN SOLUTION 3.1
    return None if _PHONE.fullmatch(text) else "phone.format"
    # END SOLUTION


def check_code(text: str) -> str | None:
    """Check the form of a verification code: 6 ASCII digits."""
    # BEGIN SOLUTION 3.1
    return None if _CODE.fullmatch(text) else "code.format"
    # END SOLUTION


def check_email(text: str) -> str | None:
    """Check an e-mail address; the empty text is fine, the field is optional."""
    # BEGIN SOLUTION 3.1
    if not text:
        return None
    if len(text) > EMAIL_LENGTH:  # first, so that the pattern never meets long input
        return "email.too_long"
    return None if _EMAIL.fullmatch(text) else "email.format"
    # END SOLUTION
