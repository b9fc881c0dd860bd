"""A terminal client for files: log in, then put, get, ls, rm.

``python -m stage5_files.client --host 127.0.0.1 --port 8891 --auth 127.0.0.1:8889``

With a command behind the flags it carries out that one and ends, for scripts: ``… --user NAME put
PATH``. The password comes from CHAT_PASSWORD, or is asked for. Exit code 0: done; 1: something did
not arrive, or was refused; 2: the command makes no sense.
"""

import argparse
import getpass
import inspect
import os
import sys
from pathlib import Path

import platformdirs

from stage1_echo import (
    CourseError,
    client_parser,
    is_interactive,
    print_event,
    set_up_terminal,
)
from stage2_protocol import CommandLine
from stage3_auth import AUTH_PORT, AccountCommands, AuthClient, add_server_flag

from .file_commands import FileCommands
from .flags import PORT

PASSWORD_VARIABLE = "CHAT_PASSWORD"


def make_parser() -> argparse.ArgumentParser:
    """Return the parser of this program."""
    parser = client_parser("stage5_files.client", PORT)
    add_server_flag(parser, "--auth", AUTH_PORT)
    parser.add_argument(
        "--state",
        type=Path,
        default=Path(platformdirs.user_state_dir("echo-to-chat", appauthor=False)),
        metavar="DIR",
        help="folder in which it remembers transfers that were cut off",
    )
    parser.add_argument("--user", metavar="NAME", help="who logs in, with a command at the end")
    parser.add_argument("command", nargs="*", help="one command: put, get, ls or rm with its words")
    return parser


def main(argv: list[str] | None = None) -> int:
    """Run the program; returns its exit code."""
    options = make_parser().parse_args(argv)
    set_up_terminal()
    auth = AuthClient(*options.auth)
    line = CommandLine(say=lambda _text: print_event("error: commands begin with /; try /help"))
    accounts = AccountCommands(auth)
    accounts.add_to(line)
    files = FileCommands(accounts, options.host, options.port, state=options.state)
    files.add_to(line)
    code = _carry_out(options, accounts, files) if options.command else line.run()
    files.close()
    auth.close()
    return code


def _carry_out(options: argparse.Namespace, accounts: AccountCommands, files: FileCommands) -> int:
    """Carry out one command for a script; return the exit code."""
    name, *words = options.command
    usage, _help, run = files.table().get(name, ("", "", None))
    try:
        if run is None or options.user is None:
            raise TypeError
        inspect.signature(run).bind(*words)
    except TypeError:
        known = ", ".join(files.table())
        print_event(f"error: usage: --user NAME {name} {usage}; the commands are {known}")
        return 2
    try:
        accounts.login(options.user, _password())
        run(*words)
    except CourseError as error:
        print_event(f"error: {error}")
        return 1
    return 1 if files.failures else 0


def _password() -> str:
    password = os.environ.get(PASSWORD_VARIABLE)
    if password is None and is_interactive():
        password = getpass.getpass("password: ")
    return password or ""


if __name__ == "__main__":
    sys.exit(main())
