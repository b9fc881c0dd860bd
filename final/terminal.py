"""The terminal client of the whole: accounts, chat and files in one command line.

``python -m final terminal --auth HOST:PORT --chat HOST:PORT --files HOST:PORT``
"""

import argparse
from pathlib import Path

from stage1_echo import is_interactive, print_event, set_up_terminal
from stage2_protocol import CommandLine
from stage3_auth import AccountCommands, AuthClient, Session
from stage4_rooms import RoomCommands
from stage5_files import FileCommands

from .options import add_addresses


def main(argv: list[str] | None = None) -> int:
    """Run the program; returns its exit code."""
    parser = argparse.ArgumentParser(prog="python -m final terminal")
    add_addresses(parser)
    parser.add_argument("--download-dir", type=Path, default=Path(), help="where /get puts files")
    options = parser.parse_args(argv)
    set_up_terminal()
    auth = AuthClient(*options.auth)
    rooms = RoomCommands(*options.chat)
    files = FileCommands(*options.files, download_dir=options.download_dir)

    def on_login(session: Session) -> None:
        rooms.enter(session.token)
        files.enter(session.token)

    line = CommandLine(say=rooms.say)
    AccountCommands(auth, on_login=on_login).add_to(line)
    rooms.add_to(line)
    files.add_to(line)
    if is_interactive():
        print_event("welcome; /login NAME, or /code PHONE and then /register; /help shows all")
    code = line.run()
    files.close()
    rooms.close()
    auth.close()
    return code
