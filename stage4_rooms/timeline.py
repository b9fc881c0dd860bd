"""The timeline of one place: every message once, in order, whatever way it came. A core.

Messages come as pushes, as answers to one's own, as history after a cut: doubled, or with a hole.
The numbers without gaps tell which; so nothing is shown twice and nothing is passed over.
"""

from .events import Arrived


class Timeline:
    """Puts the messages of one place in order; ``last`` is the seq up to which all was handed out.

    Until the first one it does not know where to begin: what comes first is the beginning.
    """

    def __init__(self, last: int | None = None) -> None:
        # BEGIN SOLUTION 4.11
        self.last = last
        self._early: dict[int, Arrived] = {}
        # END SOLUTION

    def put(self, arrived: Arrived, *, hold: bool = False) -> list[Arrived]:
        """Take a message that came; return those that are now in order, ascending.

        ``hold`` puts off the choice of the beginning: an answer to a message of one's own is on
        its way, and its number may be lower than what came first.
        """
        # BEGIN SOLUTION 4.11
        seq = arrived.message.seq
        if self.last is None or seq > self.last:
            self._early.setdefault(seq, arrived)
        if self.last is None and not hold:
            self.last = min(self._early) - 1
        return self._in_order()
        # END SOLUTION

    def waiting(self) -> frozenset[int]:
        """Return the numbers of the messages that came and are not handed out yet."""
        # BEGIN SOLUTION 4.11
        return frozenset(self._early)
        # END SOLUTION

    def begin(self, last: int) -> list[Arrived]:
        """Begin behind ``last``, unless it has begun; return those that are in order now."""
        # BEGIN SOLUTION 4.11
        if self.last is None:
            self.last = last
            self._early = {seq: each for seq, each in self._early.items() if seq > last}
        return self._in_order()
        # END SOLUTION

    @property
    def has_hole(self) -> bool:
        """Whether messages wait for one before them that has not come."""
        # BEGIN SOLUTION 4.11
        return bool(self._early)
        # END SOLUTION

    def _in_order(self) -> list[Arrived]:
        """Hand out those whose turn it is."""
        # BEGIN SOLUTION 4.11
        ready: list[Arrived] = []
        while self.last is not None and self.last + 1 in self._early:
            self.last += 1
            ready.append(self._early.pop(self.last))
        return ready
        # END SOLUTION
