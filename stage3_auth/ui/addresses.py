"""Addresses of servers as people type and read them: ``HOST``, ``HOST:PORT``, ``[IPv6]:PORT``."""

import ipaddress
import re

Address = tuple[str, int]

_LONGEST = 253  # characters of a name in DNS (RFC 1035)
# A name or an IPv4 address. Letters of all scripts: such names are looked up as IDNA.
_HOST = re.compile(r"[^\W_](?:[\w.-]{0,251}[\w])?\.?")
_PORT = re.compile(r"[0-9]{1,5}")


def parse_address(text: str, default_port: int) -> Address:
    """Read an address; raises ValueError with a reason key: empty, host or port."""
    text = text.strip()
    if not text:
        raise ValueError("empty")
    if "/" in text:  # http://…: its colon has no port behind it
        raise ValueError("host")
    if _is_ipv6(text):
        return text, default_port
    if bracketed := re.fullmatch(r"\[([^\[\]]*)\](?::(.*))?", text):
        host, port = bracketed[1], bracketed[2]
        if not _is_ipv6(host):
            raise ValueError("host")
    else:
        host, colon, port = text.partition(":")
        port = port if colon else None
        if len(host) > _LONGEST or not _HOST.fullmatch(host) or ".." in host:
            raise ValueError("host")
    return host, default_port if port is None else _read_port(port)


def show_address(address: Address) -> str:
    """Return an address as ``parse_address`` reads it."""
    host, port = address
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _read_port(text: str) -> int:
    if not _PORT.fullmatch(text) or not 1 <= int(text) <= 65535:
        raise ValueError("port")
    return int(text)


def _is_ipv6(text: str) -> bool:
    try:
        ipaddress.IPv6Address(text)
    except ValueError:
        return False
    return True
