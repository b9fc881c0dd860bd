"""Why a field is refused, in words: the rule, and what was got. Pure.

A password is never described further than its length: an error text may be seen by others.
"""

from collections.abc import Callable

from .names import has_invisible, has_space, shown_name
from .validation import REASONS

Check = Callable[[str], str | None]  # a text, and what is wrong with it (a key of REASONS)

_COUNTED = frozenset({"name.too_long", "password.length", "phone.format", "email.too_long"})
_POINTED_AT = {"name.space": has_space, "name.invisible": has_invisible}


def explained(reason: str, text: str) -> str:
    """Return the words for a reason (a key of REASONS) that a check gave for ``text``."""
    rule = REASONS[reason]
    if reason in _COUNTED:
        return f"{rule}; got {len(shown_name(text))} characters"
    if reason in _POINTED_AT:
        # What cannot be seen is hard to find: say where it is, and what.
        for place, character in enumerate(shown_name(text), start=1):
            if _POINTED_AT[reason](character):
                return f"{rule}; character {place} is U+{ord(character):04X}"
    return rule
