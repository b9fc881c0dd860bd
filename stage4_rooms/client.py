"""A terminal client for the chat: log in, then type; ``/help`` shows the commands.

``python -m stage4_rooms.client --auth 127.0.0.1:8889 --chat 127.0.0.1:8890``
"""

import sys

from stage1_echo import is_interactive, print_event, set_up_terminal
from stage2_protocol import CommandLine
from stage3_auth import AccountCommands, AuthClient

from .flags import add_plain_flag, client_flags
from .prompt import chat_lines
from .room_commands import RoomCommands


def main(argv: list[str] | None = None) -> int:
    """Run the program; returns its exit code."""
    parser = client_flags("stage4_rooms.client")
    add_plain_flag(parser)
    options = parser.parse_args(argv)
    set_up_terminal()
    auth = AuthClient(*options.auth)
    rooms = RoomCommands(*options.chat)
    line = CommandLine(say=rooms.say)
    AccountCommands(auth, on_login=lambda session: rooms.enter(session.token)).add_to(line)
    rooms.add_to(line)
    lines = chat_lines(rooms.prompt, line.names, plain=options.plain)
    if is_interactive():  # said when typing works: what is typed earlier, the terminal echoes
        print_event("welcome; /login NAME, then type to speak; /help shows the commands")
    code = line.run(lines)
    rooms.close()
    auth.close()
    return code


if __name__ == "__main__":
    sys.exit(main())
