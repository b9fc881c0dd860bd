"""Which parts of a text are emoji. A core: text in, parts out.

An emoji is one or more code points that are drawn as one picture: a flag is two letters, a family
several people held together by joiners (Unicode Technical Standard 51, Emoji Sequences).
"""

import re
from collections.abc import Iterator

MOST = 60  # so many emoji of one message are told apart: each becomes a picture of its own
_LARGE_MOST = 6  # a message of no more than so many emoji and nothing else is drawn large

# Code points below U+1F000 that are pictures by themselves; the other ones that can be a picture
# are so only with U+FE0F behind them.
_OLD_PICTURES = (
    "\u231a\u231b\u23e9-\u23ec\u23f0\u23f3\u25fd\u25fe\u2614\u2615\u2648-\u2653\u267f\u2693"
    "\u26a1\u26aa\u26ab\u26bd\u26be\u26c4\u26c5\u26ce\u26d4\u26ea\u26f2\u26f3\u26f5\u26fa\u26fd"
    "\u2705\u270a\u270b\u2728\u274c\u274e\u2753-\u2755\u2757\u2795-\u2797\u27b0\u27bf\u2b1b\u2b1c"
    "\u2b50\u2b55"
)
_NEW_PICTURES = "\U0001f004\U0001f0cf\U0001f18e\U0001f191-\U0001f19a\U0001f201-\U0001faff"
_PICTURE = (
    rf"(?:[{_OLD_PICTURES}{_NEW_PICTURES}](?!\ufe0e)"
    r"|[\u00a9\u00ae\u203c-\u3299\U0001f000-\U0001f1e5](?=\ufe0f))"
)
_ONE = rf"{_PICTURE}\ufe0f?[\U0001f3fb-\U0001f3ff]?(?:[\U000e0020-\U000e007e]+\U000e007f)?"
_JOINED = rf"{_ONE}(?:\u200d(?:{_ONE}|[\u2640\u2642\u2695\u2696\u2708\u2764\u27a1\u2b1b]\ufe0f?))*"
_FLAG = r"[\U0001f1e6-\U0001f1ff]{2}"
_KEY = r"[0-9#*]\ufe0f?\u20e3"
_EMOJI = re.compile(f"{_FLAG}|{_KEY}|{_JOINED}")
# What a text must hold to be worth a closer look.
_HINT = re.compile(r"[\u203c-\u3299\ufe0f\u20e3\U0001f000-\U0001faff]")


def split_emoji(text: str) -> Iterator[tuple[str, bool]]:
    """Yield the parts of a text in order, each with whether it is an emoji."""
    end = 0
    if _HINT.search(text):
        for number, found in enumerate(_EMOJI.finditer(text)):
            if number == MOST:
                break
            if found.start() > end:
                yield text[end : found.start()], False
            yield found[0], True
            end = found.end()
    if end < len(text) or not text:
        yield text[end:], False


def is_large(text: str) -> bool:
    """Tell whether a message is a few emoji and nothing else."""
    if len(text) > _LARGE_MOST * 16 or not _HINT.search(text):
        return False
    parts = [part for part in split_emoji(text) if part[1] or part[0].strip()]
    return 0 < len(parts) <= _LARGE_MOST and all(is_emoji for _part, is_emoji in parts)
