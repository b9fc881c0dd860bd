"""Names of users and rooms: how they are stored, shown, compared, and what may stand in them.

Two names are the same when their keys are: compatibility forms and letter case do not count. The
database never decides it, because no two databases compare text alike.
"""

import unicodedata

# Default-ignorable characters (Unicode, DerivedCoreProperties) that are not in category Cf:
# a name holding one looks like a name without it.
_IGNORABLE = frozenset(
    {
        *(0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x3164, 0xFFA0),
        *range(0x180B, 0x1810),
        *range(0xFE00, 0xFE10),
        *range(0xE0100, 0xE01F0),
        # Not ignorable, only blank: the Braille pattern and the note head without ink.
        *(0x2800, 0x1D159),
    }
)
# Controls, formats (zero-width, bidi overrides), surrogates, and unassigned with noncharacters.
_REFUSED_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Cn"})
# Code points. One composed character is made of at most four, and a name has at most 32: nothing
# longer than this is a name. It is not even normalised: sorting n combining marks costs n squared.
LONGEST_TYPED = 200


def shown_name(text: str) -> str:
    """Return ``text`` as it is stored and shown: in Unicode's composed form, NFC.

    What is too long to be a name comes back as it is.
    """
    return unicodedata.normalize("NFC", text) if len(text) <= LONGEST_TYPED else text


def name_key(text: str) -> str:
    """Return what names are compared by: NFKC, case folded, NFKC again (folding may undo it).

    What is too long to be a name comes back as it is.
    """
    if len(text) > LONGEST_TYPED:
        return text
    folded = unicodedata.normalize("NFKC", text).casefold()
    return unicodedata.normalize("NFKC", folded)


def has_space(text: str) -> bool:
    """Tell whether any character of ``text`` is white space."""
    return any(c.isspace() for c in text)


def has_invisible(text: str) -> bool:
    """Tell whether ``text`` holds a character that cannot be seen or is not assigned."""
    return any(unicodedata.category(c) in _REFUSED_CATEGORIES or ord(c) in _IGNORABLE for c in text)
