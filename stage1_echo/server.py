"""The echo server, mended: a thread per client, and no client can end it.

``python -m stage1_echo.server --port 8888``
"""

import sys

from .errors import CourseError
from .flags import server_parser
from .listener import Connection, Listener
from .logs import set_up_logging
from .program import fail, run_listener

PORT = 8888
READ_SIZE = 1024
# BEGIN SOLUTION 1.2
PREFIX = "已收到消息:".encode()
# END SOLUTION


def echo(connection: Connection) -> None:
    """Answer each read with PREFIX and exactly the bytes that were read, until the client ends.

    Bytes, not text: a read may hold half a character, and that is none of this server's business.
    A client that never reads blocks its own thread in sendall, and nobody else's.
    """
    # BEGIN SOLUTION 1.2
    while data := connection.socket.recv(READ_SIZE):
        connection.log.info("%d bytes: %s", len(data), data.decode("utf-8", "backslashreplace"))
        connection.socket.sendall(PREFIX + data)
    # END SOLUTION


def main(argv: list[str] | None = None) -> int:
    """Run the program; returns its exit code."""
    options = server_parser("stage1_echo.server", "echo", PORT).parse_args(argv)
    set_up_logging(options.log_level)

    # BEGIN SOLUTION 1.1
    def handle(connection: Connection) -> None:
        connection.socket.settimeout(options.idle)
        echo(connection)

    try:
        run_listener("echo", Listener(options.host, options.port, handle))
    except CourseError as error:
        return fail(error)
    return 0
    # END SOLUTION


if __name__ == "__main__":
    sys.exit(main())
