"""A terminal client for files: log in, then put, get, ls, rm.

``python -m stage5_files.client --host 127.0.0.1 --port 8891 --auth 127.0.0.1:8889``
"""

import sys

from stage1_echo import client_parser, print_event, set_up_terminal
from stage2_protocol import CommandLine
from stage3_auth import AUTH_PORT, AccountCommands, AuthClient, add_server_flag

from .file_commands import FileCommands
from .flags import PORT


def main(argv: list[str] | None = None) -> int:
    """Run the program; returns its exit code."""
    parser = client_parser("stage5_files.client", PORT)
    add_server_flag(parser, "--auth", AUTH_PORT)
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


if __name__ == "__main__":
    sys.exit(main())
