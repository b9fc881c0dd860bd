"""A terminal client for the echo server: each line you type is sent, each answer is shown.

``python -m stage1_echo.client --host 127.0.0.1 --port 8888``
"""

import codecs
import contextlib
import socket
import sys
import threading

from .errors import CourseError, EchoError
from .flags import client_parser
from .program import fail
from .server import PORT
from .terminal import input_lines, is_interactive, print_event, set_up_terminal

CONNECT_SECONDS = 10.0


def connect(host: str, port: int) -> socket.socket:
    """Return a connected socket; raises EchoError naming who could not be reached and why."""
    # BEGIN SOLUTION 1.8
    try:
        sock = socket.create_connection((host, port), timeout=CONNECT_SECONDS)
    except OSError as error:
        raise EchoError(f"cannot reach {host} port {port}: {error.strerror or error}") from error
    sock.settimeout(None)
    return sock
    # END SOLUTION


def show_answers(sock: socket.socket) -> None:
    """Print what arrives until the server closes; a character cut by a read waits for its rest."""
    # BEGIN SOLUTION 1.8
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    with contextlib.suppress(OSError):
        while data := sock.recv(4096):
            if text := decoder.decode(data):
                print_event(text)
    # END SOLUTION


def main(argv: list[str] | None = None) -> int:
    """Run the program; returns its exit code."""
    options = client_parser("stage1_echo.client", PORT).parse_args(argv)
    set_up_terminal()
    # BEGIN SOLUTION 1.8
    try:
        sock = connect(options.host, options.port)
    except CourseError as error:
        return fail(error)
    with sock:
        reader = threading.Thread(target=show_answers, args=(sock,), daemon=True)
        reader.start()
        if is_interactive():
            print_event(f"connected to {options.host} port {options.port}; Ctrl-D ends")
        try:
            for line in input_lines(prompt=""):  # an answer may come at any time, and hit a prompt
                sock.sendall(line.encode())
            sock.shutdown(socket.SHUT_WR)  # no more questions; the answers still arrive
            reader.join()
        except KeyboardInterrupt:
            pass  # Ctrl-C: the last answers are not waited for
        except OSError as error:
            return fail(EchoError(f"the server is gone: {error.strerror or error}"))
    return 0
    # END SOLUTION


if __name__ == "__main__":
    sys.exit(main())
