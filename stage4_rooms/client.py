"""A terminal client for the chat: log in, then type; ``/help`` shows the commands.

``python -m stage4_rooms.client --auth 127.0.0.1:8889 --chat 127.0.0.1:8890``
"""

import sys

from stage1_echo import set_up_terminal
from stage2_protocol import CommandLine
from stage3_auth import AccountCommands, AuthClient

from .flags import client_flags
from .room_commands import RoomCommands


def main(argv: list[str] | None = None) -> int:
    """Run the program; returns its exit code."""
    options = client_flags("stage4_rooms.client").parse_args(argv)
    set_up_terminal()
    auth = AuthClient(*options.auth)
    rooms = RoomCommands(*options.chat)
    line = CommandLine(say=rooms.say)
    AccountCommands(auth, on_login=lambda session: rooms.enter(session.token)).add_to(line)
    rooms.add_to(line)
    code = line.run()
    rooms.close()
    auth.close()
    return code


if __name__ == "__main__":
    sys.exit(main())
