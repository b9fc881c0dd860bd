"""A terminal client for accounts: register, log in, log out.

``python -m stage3_auth.client --host 127.0.0.1 --port 8889``
"""

import sys

from stage1_echo import client_parser, print_event, set_up_terminal
from stage2_protocol import CommandLine

from .account_commands import AccountCommands
from .auth_client import AuthClient
from .flags import PORT


def main(argv: list[str] | None = None) -> int:
    """Run the program; returns its exit code."""
    options = client_parser("stage3_auth.client", PORT).parse_args(argv)
    set_up_terminal()
    auth = AuthClient(options.host, options.port)
    line = CommandLine(say=lambda _text: print_event("error: commands begin with /; try /help"))
    AccountCommands(auth).add_to(line)
    code = line.run()
    auth.close()
    return code


if __name__ == "__main__":
    sys.exit(main())
