"""Flags and defaults that every program with a file server shares."""

import argparse

PORT = 8891
DEFAULT_STORE = "chat_files"
GIGABYTE = 1024**3


def add_store_flags(parser: argparse.ArgumentParser) -> None:
    """Add ``--store``, ``--max-size`` and ``--quota``."""
    add_store_flag(parser)
    parser.add_argument(
        "--max-size", type=byte_count, default=10 * GIGABYTE, help="largest file, in bytes"
    )
    parser.add_argument(
        "--quota", type=byte_count, default=10 * GIGABYTE, help="room for each user, in bytes"
    )


def add_store_flag(parser: argparse.ArgumentParser) -> None:
    """Add ``--store``."""
    parser.add_argument(
        "--store", default=DEFAULT_STORE, metavar="DIR", help="folder in which the content lies"
    )


def byte_count(text: str) -> int:
    """Read a number of bytes, 0 or more, from the command line."""
    number = int(text)
    if not 0 <= number < 2**63:
        raise argparse.ArgumentTypeError(f"got {text}, must be 0 to 2^63 - 1 bytes")
    return number
