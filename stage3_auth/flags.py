"""Flags and defaults that every program with accounts or a database shares."""

import argparse

PORT = 8889
DEFAULT_DB = "sqlite:///chat.db"


def add_database_flag(parser: argparse.ArgumentParser) -> None:
    """Add ``--db``, which all servers with a database understand."""
    parser.add_argument(
        "--db",
        default=DEFAULT_DB,
        metavar="URL",
        help="sqlite:///PATH or mysql://user@host:port/name (password: CHAT_DB_PASSWORD)",
    )
