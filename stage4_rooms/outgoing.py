"""What one has said and the server has not confirmed: one message at a time, in order. A core.

A second message never overtakes the first, although the first may be refused for a moment (too many
at once) or lost with its connection and sent again.
"""

from collections import deque
from dataclasses import dataclass

from .events import Where


@dataclass(frozen=True)
class Unanswered:
    """A message of one's own on its way; it is sent again after a cut, with the same cid."""

    where: Where
    text: str
    cid: str


class Outgoing:
    """A queue of which only the first is under way; the caller guards it."""

    def __init__(self) -> None:
        # BEGIN SOLUTION 4.11
        self._waiting: deque[Unanswered] = deque()
        self._under_way = False
        # END SOLUTION

    def __len__(self) -> int:
        """How many messages are not confirmed."""
        # BEGIN SOLUTION 4.11
        return len(self._waiting)
        # END SOLUTION

    def add(self, message: Unanswered) -> None:
        """Put a message behind all others."""
        # BEGIN SOLUTION 4.11
        self._waiting.append(message)
        # END SOLUTION

    def take(self) -> Unanswered | None:
        """Return the message to send now; None while one is under way or there is none."""
        # BEGIN SOLUTION 4.11
        if self._under_way or not self._waiting:
            return None
        self._under_way = True
        return self._waiting[0]
        # END SOLUTION

    def put_back(self) -> None:
        """The one under way was not taken: it is the next to be sent again."""
        # BEGIN SOLUTION 4.11
        self._under_way = False
        # END SOLUTION

    def done(self) -> None:
        """The one under way was answered: forget it."""
        # BEGIN SOLUTION 4.11
        self._waiting.popleft()
        self._under_way = False
        # END SOLUTION

    def is_under_way_to(self, where: Where) -> bool:
        """Tell whether a message to this place is under way: its number may come any moment."""
        # BEGIN SOLUTION 4.11
        return self._under_way and self._waiting[0].where == where
        # END SOLUTION
