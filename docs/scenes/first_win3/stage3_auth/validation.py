"""The rules of registration, a first attempt: the patterns that come to mind first."""

import re

from .names import has_invisible, has_space, shown_name

REASONS = {
    "name": "a name has 1 to 6 characters, none of them white space",
    "password": "a password has 6 to 16 characters, a letter and a digit among them",
    "phone.format": "a phone number is 1 and ten more digits",
    "code.format": "a code is 6 digits",
    "email": "an e-mail address looks like name@example.org",
}


def check_name(text: str) -> str | None:
    name = shown_name(text)
    return None if 1 <= len(name) <= 6 and not (has_space(name) or has_invisible(name)) else "name"


def check_password(text: str) -> str | None:
    return None if re.match(r"(?=.*[A-Za-z])(?=.*\d)\S{6,16}$", text) else "password"


def check_phone(text: str) -> str | None:
    return None if re.match(r"1\d{10}$", text) else "phone.format"


def check_code(text: str) -> str | None:
    return None if re.match(r"\d{6}$", text) else "code.format"


def check_email(text: str) -> str | None:
    return None if not text or re.match(r"\S+@\S+\.\S+$", text) else "email"
