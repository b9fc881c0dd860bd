"""Runs a script whose port stands in its source on another port, and says on which.

``python any_port.py PORT SCRIPT``: every bind takes PORT (0: any free one), whatever the script
asks for, and ``READY echo HOST PORT`` is printed once it listens. The script's own code runs
unchanged.
"""

import socket
import sys
from pathlib import Path


class Elsewhere(socket.socket):
    """A socket that is bound to another port than it is told."""

    port = 0

    def bind(self, address: tuple[str, int]) -> None:  # type: ignore[override]
        """Bind to the same host and ``port``."""
        super().bind((address[0], self.port))

    def listen(self, *backlog: int) -> None:
        """Listen, and say where."""
        super().listen(*backlog)
        host, port = self.getsockname()
        print(f"READY echo {host} {port}", flush=True)


def main() -> None:
    """Put the socket in place, then run the script."""
    Elsewhere.port, script = int(sys.argv[1]), sys.argv[2]
    setattr(socket, "socket", Elsewhere)  # noqa: B010
    sys.argv = [script]
    code = compile(Path(script).read_text("utf-8"), script, "exec")
    exec(code, {"__name__": "__main__", "__file__": script})


if __name__ == "__main__":
    main()
