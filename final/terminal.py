"""The terminal client of the whole: accounts, chat and files in one command line.

``python -m final terminal --auth HOST:PORT --chat HOST:PORT --files HOST:PORT``
"""

import argparse

from stage1_echo import is_interactive, print_event, set_up_terminal
from stage2_protocol import CommandLine
from stage3_auth import AccountCommands, AuthClient
from stage4_rooms import RoomCommands, add_plain_flag, chat_lines
from stage5_files import FileCommands

from .options import add_addresses


def main(argv: list[str] | None = None) -> int:
    """Run the program; returns its exit code."""
    parser = argparse.ArgumentParser(prog="python -m final terminal")
    add_addresses(parser)
    add_plain_flag(parser)
    options = parser.parse_args(argv)
    set_up_terminal()
    auth = AuthClient(*options.auth)
    rooms = RoomCommands(*options.chat)
    accounts = AccountCommands(auth, on_login=lambda session: rooms.enter(session.token))
    files = FileCommands(accounts, *options.files)
    line = CommandLine(say=rooms.say)
    for commands in (accounts, rooms, files):
        commands.add_to(line)
    if is_interactive():
        print_event("welcome; /login NAME, or /code PHONE and then /register; /help shows all")
    code = line.run(chat_lines(rooms.prompt, line.names, plain=options.plain))
    files.close()
    rooms.close()
    auth.close()
    return code
