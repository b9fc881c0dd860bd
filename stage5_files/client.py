"""A terminal client for files: log in, then put, get, ls, rm.

``python -m stage5_files.client --host 127.0.0.1 --port 8891 --auth 127.0.0.1:8889``
"""

import argparse
import sys

from stage1_echo import client_parser, port_number, print_event, set_up_terminal
from stage2_protocol import CommandLine
from stage3_auth import AccountCommands, AuthClient

from .file_commands import FileCommands
from .flags import PORT


def main(argv: list[str] | None = None) -> int:
    """Run the program; returns its exit code."""
    parser = client_parser("stage5_files.client", PORT)
    parser.add_argument(
        "--auth", type=_address, default="127.0.0.1:8889", help="where the account server is"
    )
    options = parser.parse_args(argv)
    set_up_terminal()
    auth = AuthClient(*options.auth)
    line = CommandLine(say=lambda _text: print_event("error: commands begin with /; try /help"))
    accounts = AccountCommands(auth)
    accounts.add_to(line)
    files = FileCommands(accounts, options.host, options.port)
    files.add_to(line)
    code = line.run()
    files.close()
    auth.close()
    return code


def _address(text: str) -> tuple[str, int]:
    """Read HOST:PORT from the command line."""
    host, _, port = text.rpartition(":")
    if not host:
        raise argparse.ArgumentTypeError(f"got {text}, wanted is HOST:PORT")
    return host.strip("[]"), port_number(port)


if __name__ == "__main__":
    sys.exit(main())
