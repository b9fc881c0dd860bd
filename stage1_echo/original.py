"""The original echo server, as the story begins: one client at a time, and several faults.

Run it, try the experiments of docs/stage1.md on it, and watch it fail before you mend it.
"""

import socket


def main() -> None:
    """Serve on 127.0.0.1:8888 until it is interrupted, or until a client breaks it."""
    server = socket.socket()
    server.bind(("127.0.0.1", 8888))
    server.listen(5)
    while True:
        client, _address = server.accept()
        while True:
            data = client.recv(1024)
            if not data:
                break
            text = data.decode("utf-8")
            print(text)
            client.send(f"已收到消息:{text}".encode())
        client.close()


if __name__ == "__main__":
    main()
