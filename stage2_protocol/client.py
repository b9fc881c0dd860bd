"""A terminal client for stage 2: text is echoed, /ping, /hello and /bye speak the protocol.

``python -m stage2_protocol.client --host 127.0.0.1 --port 8888``
"""

import sys

from stage1_echo import client_parser, fail, print_event, set_up_terminal

from .commands import Command, CommandLine
from .connection import ClientConnection
from .errors import ConnectionLost
from .server import ECHO, PORT
from .service import BYE, HELLO, PING, Data


def main(argv: list[str] | None = None) -> int:
    """Run the program; returns its exit code."""
    options = client_parser("stage2_protocol.client", PORT).parse_args(argv)
    set_up_terminal()
    try:
        connection = ClientConnection(options.host, options.port, on_lost=_say_lost)
    except ConnectionLost as error:
        return fail(error)
    code = _command_line(connection).run()
    connection.close()
    return code


def _command_line(connection: ClientConnection) -> CommandLine:
    def ask(op: int, args: Data | None = None) -> None:
        print_event(str(connection.request(op, args)))

    line = CommandLine(say=lambda text: ask(ECHO, {"text": text}))
    line.add("ping", Command("", "ask for the server's time", lambda: ask(PING)))
    line.add("hello", Command("", "ask who the server is and what it allows", lambda: ask(HELLO)))
    line.add("bye", Command("", "ask the server to close", lambda: ask(BYE)))
    return line


def _say_lost(error: ConnectionLost) -> None:
    print_event(str(error))


if __name__ == "__main__":
    sys.exit(main())
