"""The protocol server: HELLO, PING, BYE, and ECHO, which is stage 1 in a frame.

``python -m stage2_protocol.server --port 8888``
"""

import sys

from stage1_echo import server_parser

from .args import Args
from .service import Data, Peer, Service, Verb
from .serving import serve

PORT = 8888
ECHO = 80


class ProtocolService(Service):
    """Stage 2's own service: the base verbs and an echo."""

    name = "protocol"

    def __init__(self) -> None:
        super().__init__()
        # BEGIN SOLUTION 2.4
        self.add(Verb(ECHO, "ECHO", self._echo))
        # END SOLUTION

    # BEGIN SOLUTION 2.4
    def _echo(self, _peer: Peer, args: Args) -> Data:
        return {"text": args.text("text")}

    # END SOLUTION


def main(argv: list[str] | None = None) -> int:
    """Run the program; returns its exit code."""
    parser = server_parser("stage2_protocol.server", ProtocolService.name, PORT)
    return serve(parser, argv, lambda _options: ProtocolService())


if __name__ == "__main__":
    sys.exit(main())
