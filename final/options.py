"""Where the data lives, which ports are used, where the servers are: what all of final shares."""

import argparse
from dataclasses import dataclass

from stage3_auth import AUTH_PORT, add_server_flag
from stage4_rooms import CHAT_PORT
from stage5_files import FILES_PORT

SERVICES = ("auth", "chat", "files")
DEFAULT_PORTS = {"auth": AUTH_PORT, "chat": CHAT_PORT, "files": FILES_PORT}

Address = tuple[str, int]


@dataclass(frozen=True)
class Addresses:
    """Where the three servers are."""

    auth: Address
    chat: Address
    files: Address

    def flags(self) -> list[str]:
        """Return the flags that tell a client of ours these addresses."""
        return [
            word
            for name in SERVICES
            for word in (f"--{name}", _host_and_port(*getattr(self, name)))
        ]

    @classmethod
    def beside(cls, auth: Address) -> "Addresses":
        """Return the servers of somebody whose account server is known: three ports in a row."""
        return cls.at(*auth)

    @classmethod
    def at(cls, host: str, first_port: int | None = None) -> "Addresses":
        """Return three servers on one host: their usual ports, or three from ``first_port``."""
        ports = [
            DEFAULT_PORTS[name] if first_port is None else first_port + i
            for i, name in enumerate(SERVICES)
        ]
        return cls(*((host, port) for port in ports))


def add_addresses(parser: argparse.ArgumentParser) -> None:
    """Add ``--auth``, ``--chat`` and ``--files HOST:PORT``."""
    for name in SERVICES:
        add_server_flag(parser, f"--{name}", DEFAULT_PORTS[name])


def _host_and_port(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
