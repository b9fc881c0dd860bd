"""Flags and defaults that every program with accounts or a database shares."""

import argparse
from pathlib import Path

from stage1_echo import port_number

PORT = 8889
DEFAULT_DB = "sqlite:///chat.db"
APP_NAME = "echo-to-chat"


def add_database_flag(parser: argparse.ArgumentParser) -> None:
    """Add ``--db``, which all servers with a database understand."""
    parser.add_argument(
        "--db",
        default=DEFAULT_DB,
        metavar="URL",
        help="sqlite:///PATH or mysql://user@host:port/name (password: CHAT_DB_PASSWORD)",
    )


def add_server_flag(parser: argparse.ArgumentParser, flag: str, port: int) -> None:
    """Add a flag such as ``--chat HOST:PORT``: where a client finds one of several servers."""
    parser.add_argument(
        flag,
        type=host_and_port,
        default=("127.0.0.1", port),
        metavar="HOST:PORT",
        help=f"where the {flag.lstrip('-')} server is (127.0.0.1:{port})",
    )


def host_and_port(text: str) -> tuple[str, int]:
    """Read ``HOST:PORT`` from the command line; an IPv6 address stands in brackets."""
    host, colon, port = text.rpartition(":")
    if not colon or not host or not port.isdecimal():
        raise argparse.ArgumentTypeError(f"got {text}, allowed is HOST:PORT")
    return host.strip("[]"), port_number(port)


def default_data_folder() -> Path:
    """Return the folder of the user's data: outside of the code, so that an update keeps it."""
    import platformdirs  # only whoever keeps something waits for it

    return Path(platformdirs.user_data_dir(APP_NAME, appauthor=False))
