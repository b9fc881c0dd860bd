"""What the command lines of several commands have in common."""

import argparse
import errno
import shlex
from collections.abc import Callable, Sequence
from pathlib import Path

from ..starters import short
from ..tree import stages_here


def command(name: str, about: str | None, epilog: str = "") -> argparse.ArgumentParser:
    """Return the parser of ``kit.py NAME``; ``epilog`` is shown as it is written."""
    return argparse.ArgumentParser(
        prog=f"kit.py {name}",
        description=about,
        epilog=epilog,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )


def known_stages() -> str:
    """Return the short names of the stages that are in this folder: stage1, stage2 …"""
    return ", ".join(map(short, stages_here()))


def add_stage(parser: argparse.ArgumentParser, name: str = "stage", what: str = "") -> None:
    """Let the command line name a stage; it is read by ``stage_named``."""
    words = f"{what}; one of: " if what else "one of: "
    parser.add_argument(name, metavar="STAGE", help=f"{words}{known_stages()}")


def add_folder(parser: argparse.ArgumentParser, what: str) -> None:
    """Let the command line name a student's folder, ``mine`` if it does not."""
    parser.add_argument(
        "folder",
        nargs="?",
        type=Path,
        default=Path("mine"),
        metavar="DIR",
        help=f"{what} (default: mine)",
    )


def folder_words(folder: Path) -> str:
    """Return how a student's folder is given on a command line: nothing for the usual one."""
    return "" if folder == Path("mine") else " " + shlex.quote(str(folder))


def listed(names: Sequence[str]) -> str:
    """Return names as a list in a sentence: one, two and three."""
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))


def in_words(error: Exception) -> str:
    """Return what is said of a mistake; of the system's own errors also where it happened."""
    if not isinstance(error, OSError) or error.strerror is None:
        return str(error)
    where = f"{error.filename}: " if error.filename else ""
    free = ": free some space, then do it again" if error.errno == errno.ENOSPC else ""
    return f"{where}{error.strerror}{free}"


def whole_number(least: int, most: int) -> Callable[[str], int]:
    """Return what reads a number from ``least`` to ``most``."""

    def read(text: str) -> int:
        if not text.isascii() or not text.isdigit() or not least <= int(text[:9]) <= most:
            raise argparse.ArgumentTypeError(f"got {text!r}, allowed are {least} to {most}")
        return int(text)

    return read
