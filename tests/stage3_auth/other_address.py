"""Clients that come from another address of this machine.

Linux and Windows answer for all of 127.0.0.0/8; macOS for 127.0.0.1 alone, unless told otherwise.
Where there is no second address, what needs one is shown by the functions alone.
"""

import contextlib
import socket
from collections.abc import Iterator

from tests.kit.deadlines import Deadline
from tests.kit.programs import Server
from tests.kit.wire import WireClient

OTHERS = ("127.0.0.2", "127.0.0.3", "127.0.0.4")


def has_others() -> bool:
    """Tell whether this machine has more than one loopback address."""
    with contextlib.suppress(OSError), socket.socket() as sock:
        sock.bind((OTHERS[0], 0))
        return True
    return False


@contextlib.contextmanager
def connect_from(address: str, server: Server, name: str) -> Iterator[WireClient]:
    """Connect a client from ``address``."""
    where = (server.host, server.port)
    sock = socket.create_connection(where, Deadline().seconds, source_address=(address, 0))
    client = WireClient(server, name, sock)
    client.other = "the server"
    try:
        yield client
    finally:
        client.dispose()
