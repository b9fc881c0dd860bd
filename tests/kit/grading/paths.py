"""Paths of the grader's own folders, which say nothing to a reader, taken out of texts."""

import re

# .../tree/stage1_echo/server.py -> stage1_echo/server.py
PLACE = re.compile(r"[^\s\"'=]*[/\\](?:tree|submission)[/\\](?=\w)")
GRADER = re.compile(r"/grader/(?:checkout|suite)/")


def without_places(text: str) -> str:
    """Return text in which files are named as in the submission."""
    return GRADER.sub("", PLACE.sub("", text))
