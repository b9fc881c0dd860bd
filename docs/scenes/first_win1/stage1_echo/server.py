"""The original echo server, with the course's flags and READY line: the first win of stage 1."""

import socket

from .flags import server_parser


def main() -> None:
    options = server_parser("stage1_echo.server", "echo", 8888).parse_args()
    server = socket.socket()
    server.bind((options.host, options.port))
    server.listen(5)
    host, port = server.getsockname()
    print(f"READY echo {host} {port}", flush=True)
    while True:
        client, _address = server.accept()
        while True:
            data = client.recv(1024)
            if not data:
                break
            text = data.decode("utf-8")
            client.send(f"已收到消息:{text}".encode())
        client.close()


if __name__ == "__main__":
    main()
