"""What differs between two runs and does not matter, made the same: times, ports, paths, frames."""

import re
from collections.abc import Mapping

ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b[()][A-Z0-9]|\x1b[=>]")
# rich leaves the time out where it is that of the line before.
LOG_TIME = re.compile(r"^(\d\d:\d\d:\d\d| {8}) (?=DEBUG|INFO|WARNING|ERROR)", re.MULTILINE)
UNIX_TIME = re.compile(r"\b1[6-9]\d{8}\.\d+\b")
DURATION = re.compile(r"\bin \d+\.\d\ds\b")
ADDRESS = re.compile(r"(?P<host>\b127\.0\.0\.1(?: port |:| ))(?P<port>[1-9]\d{3,4})\b")
FIRST_PORT = 50001
# A submission is judged in a folder whose name is another one each time.
TREE = re.compile(r'"/[^"]*/tree/')
FRAME = re.compile(r'(?P<edge> *\| )?(?P<indent> +)File "(?P<file>[^"]*)"')
PROMPT = re.compile(r"<stdin>|<python-input")
CARETS = re.compile(r"(?: *\|)? *[~^]+\Z")


def tidy(text: str, names: Mapping[str, str]) -> str:
    """Return what a terminal showed, fit for a document.

    ``names`` says what else is called otherwise there: ports, folders.
    """
    text = ESCAPES.sub("", text).replace("\r\n", "\n").replace("\r", "\n")
    text = "\n".join(_own_frames_out(text.split("\n")))
    text = TREE.sub('"', text)
    for found, shown in names.items():
        text = renamed(text, found, shown)
    text = LOG_TIME.sub("12:00:00 ", text)
    text = UNIX_TIME.sub("1700000000.5", text)
    text = DURATION.sub("in 1.00s", text)
    text = _renumbered(text, set(names.values()))
    return "\n".join(line.rstrip() for line in text.splitlines())


def renamed(text: str, old: str, new: str) -> str:
    """Return the text with ``old`` called ``new``; a port is no part of a longer number."""
    if old.isdecimal():
        return re.sub(rf"(?<!\d){old}(?!\d)", new, text)
    return text.replace(old, new)


def _own_frames_out(lines: list[str]) -> list[str]:
    """Leave out frames of tracebacks that are not the reader's: ours, and those under a prompt.

    A traceback at Python's prompt becomes three lines, as doctest writes it: what Python's own
    library was doing then differs from version to version. So do carets under lines of code, which
    go; those under a wrong byte stay.
    """
    kept: list[str] = []
    inside = hidden = at_prompt = False
    for line in lines:
        frame = FRAME.match(line)
        if frame:
            inside = True
            at_prompt = at_prompt or bool(PROMPT.match(frame["file"]))
            if at_prompt and not kept[-1].endswith("..."):
                kept.append(f"{frame['edge'] or ''}{frame['indent']}...")
            hidden = at_prompt or bool(re.search(r"any_port\.py|runpy", frame["file"]))
            indent = len(frame["edge"] or "") + len(frame["indent"])
        elif inside and line[:indent].strip(" |"):  # the traceback's last line
            inside = hidden = at_prompt = False
        if not hidden and not (inside and CARETS.match(line)):
            kept.append(line)
    return kept


def _renumbered(text: str, known: set[str]) -> str:
    """Return the text with ports that the system chose as 50001, 50002 … as they appear."""
    seen: dict[str, str] = {}

    def name(match: re.Match[str]) -> str:
        port = match["port"]
        if port not in known:
            port = seen.setdefault(port, str(FIRST_PORT + len(seen)))
        return match["host"] + port

    return ADDRESS.sub(name, text)
