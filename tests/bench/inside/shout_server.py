"""A server for the benchmark of engines: SHOUT is pushed to everybody who is connected.

``python -m tests.bench.inside.shout_server --port 0``: a service in thirty lines, the engine as it
is. What it measures is the engine, not a chat: there is no history and no membership.
"""

import sys

from stage1_echo import server_parser
from stage2_protocol import Args, Data, Peer, Service, Verb, encode_push, serve

SHOUT, SHOUTED = 81, 181


class ShoutService(Service):
    """Pushes what one peer shouts to all others."""

    name = "shout"

    def __init__(self) -> None:
        super().__init__()
        self._peers: tuple[Peer, ...] = ()
        self.add(Verb(SHOUT, "SHOUT", self._shout, pipelined=True))

    def opened(self, peer: Peer) -> None:
        """Add a listener; the benchmark connects all of them before it begins."""
        self._peers = (*self._peers, peer)

    def closed(self, peer: Peer) -> None:
        """Remove a listener."""
        self._peers = tuple(other for other in self._peers if other is not peer)

    def _shout(self, peer: Peer, args: Args) -> Data:
        frame = encode_push(SHOUTED, {"text": args.text("text")})
        for other in self._peers:
            if other is not peer:
                other.push(frame)
        return {}


if __name__ == "__main__":
    sys.exit(
        serve(
            server_parser("tests.bench.inside.shout_server", ShoutService.name, 0),
            None,
            lambda _options: ShoutService(),
        )
    )
