"""Flags and defaults that every program with a chat server shares."""

import argparse

from stage3_auth import AUTH_PORT, add_server_flag

PORT = 8890


def client_flags(program: str) -> argparse.ArgumentParser:
    """Return a parser with the addresses of the account and the chat server."""
    parser = argparse.ArgumentParser(prog=f"python -m {program}")
    add_server_flag(parser, "--auth", AUTH_PORT)
    add_server_flag(parser, "--chat", PORT)
    return parser


def add_plain_flag(parser: argparse.ArgumentParser) -> None:
    """Add ``--plain`` to the flags of a terminal client."""
    parser.add_argument(
        "--plain",
        action="store_true",
        help="print line after line and draw nothing again: for screen readers and braille",
    )
