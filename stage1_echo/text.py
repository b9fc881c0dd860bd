"""Untrusted text made safe to print: no escape sequence of a stranger gets to a terminal or log."""

import unicodedata

# Joiners hold emoji families and several scripts together and move nothing on the screen.
_HARMLESS_FORMATS = frozenset("\u200c\u200d")
# Controls, formats (bidi overrides among them), surrogates, private use, line and paragraph
# separators: what could move the cursor, reorder a line or break it in two. Unassigned characters
# pass: the next version of Unicode has them as emoji.
_REFUSED_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})


def safe_text(text: str, *, keep: str = "") -> str:
    """Return ``text`` with every character that could steer a terminal written as an escape.

    ``keep`` names characters to let through as they are, ``"\\n"`` for many-line displays.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(c if _is_harmless(c, keep) else _escaped(c) for c in text)


def _is_harmless(character: str, keep: str) -> bool:
    if character in keep or character in _HARMLESS_FORMATS:
        return True
    return unicodedata.category(character) not in _REFUSED_CATEGORIES


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")
