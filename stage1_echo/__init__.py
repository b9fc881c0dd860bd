"""Stage 1, bytes: an echo server that serves many clients, and what every later server shares."""

from .errors import CourseError, EchoError, ListenError
from .flags import client_parser, port_number, seconds, server_parser
from .listener import Connection, Handler, Listener, open_port
from .logs import LOG, ConnectionLog, set_up_logging
from .program import announce_ready, fail, run_listener
from .terminal import input_lines, is_interactive, print_event, set_up_terminal
from .text import safe_text

__all__ = [
    "LOG",
    "Connection",
    "ConnectionLog",
    "CourseError",
    "EchoError",
    "Handler",
    "ListenError",
    "Listener",
    "announce_ready",
    "client_parser",
    "fail",
    "input_lines",
    "is_interactive",
    "open_port",
    "port_number",
    "print_event",
    "run_listener",
    "safe_text",
    "seconds",
    "server_parser",
    "set_up_logging",
    "set_up_terminal",
]
