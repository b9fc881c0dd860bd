"""Waiting by the server's own clock, for what ends by itself (codes, sessions)."""

from .deadlines import eventually
from .wire import WireClient

PING = 91


def time_of(client: WireClient) -> float:
    """Return the time by the server's clock, in Unix seconds."""
    return float(client.request(PING, data={"time": float})["data"]["time"])


def wait_until(client: WireClient, moment: float) -> None:
    """Ask the server for the time until its clock has passed ``moment``."""
    left = max(0.0, moment - time_of(client))
    eventually(
        lambda: time_of(client) > moment,
        why=f"the server's clock to move on by {left:.1f} s",
        seconds=left + 5,
        poll=0.05,
    )
