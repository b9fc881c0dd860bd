"""The command-line flags that every server of the course understands."""

import argparse


def server_parser(program: str, service: str, port: int) -> argparse.ArgumentParser:
    """Return a parser with the flags all servers share; a later stage adds its own to it.

    ``program`` is the module as in ``python -m program``; ``port`` is the default port.
    """
    parser = argparse.ArgumentParser(
        prog=f"python -m {program}",
        description=f"The {service} server. It prints one line, READY {service} HOST PORT, "
        "when it listens; its log goes to standard error.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=port_number, default=port, help="port; 0 takes any free one")
    parser.add_argument(
        "--log-level",
        default="info",
        choices=["debug", "info", "warning", "error"],
        help="how much is logged",
    )
    parser.add_argument(
        "--idle", type=seconds, default=75.0, help="drop a connection silent for so many seconds"
    )
    parser.add_argument(
        "--limits",
        default="on",
        choices=["on", "off"],
        help="off lifts rate limits and cooldowns, never sizes: for suites and benchmarks",
    )
    return parser


def client_parser(program: str, port: int) -> argparse.ArgumentParser:
    """Return a parser with the flags all terminal clients share: where the server is."""
    parser = argparse.ArgumentParser(
        prog=f"python -m {program}", formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )
    parser.add_argument("--host", default="127.0.0.1", help="address of the server")
    parser.add_argument("--port", type=port_number, default=port, help="port of the server")
    return parser


def port_number(text: str) -> int:
    """Read a TCP port, 0 to 65535, from the command line."""
    number = int(text)
    if not 0 <= number <= 65535:
        raise argparse.ArgumentTypeError(f"got {number}, a port is 0 to 65535")
    return number


def seconds(text: str) -> float:
    """Read a positive number of seconds from the command line."""
    number = float(text)
    if not 0 < number < float("inf"):
        raise argparse.ArgumentTypeError(f"got {text}, must be more than 0 seconds")
    return number
