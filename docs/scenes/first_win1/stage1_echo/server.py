"""The starter of stage 1 with its first function written: the original, with flags and READY."""

import socket
import sys

from .flags import server_parser
from .listener import Connection
from .logs import set_up_logging

PORT = 8888
READ_SIZE = 1024


def echo(connection: Connection) -> None:
    raise NotImplementedError("task 1.2: echo is not written yet")


def main(argv: list[str] | None = None) -> int:
    """Run the program; returns its exit code."""
    options = server_parser("stage1_echo.server", "echo", PORT).parse_args(argv)
    set_up_logging(options.log_level)
    server = socket.socket()
    server.bind((options.host, options.port))
    server.listen(5)
    host, port = server.getsockname()
    print(f"READY echo {host} {port}", flush=True)
    while True:
        client, _address = server.accept()
        while True:
            data = client.recv(READ_SIZE)
            if not data:
                break
            text = data.decode("utf-8")
            client.send(f"已收到消息:{text}".encode())
        client.close()


if __name__ == "__main__":
    sys.exit(main())
