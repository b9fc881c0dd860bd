"""How often passwords may be guessed. A core: no clock, no lock, no socket; the time is passed in.

Whoever guesses is slowed down; whoever owns the account is not locked out by it. So a wrong
password counts three times:

- per account *and* address. A stranger who uses up these tries has used up their own, not those of
  the owner, who logs in from somewhere else.
- per address, over all accounts: one common password tried on every name.
- per account, over all addresses: many machines that guess at one name. A limit of this kind alone
  would be the very lock that a stranger could turn. So it is generous; at a new place a code to
  the phone (a reset) opens the door.

The last two do not hold for an account where its owner has logged in before.

An account is what was typed, compared as names are. Unknown names count alike: the throttle must
not tell which names there are. The counts live in memory: they are worth minutes, and nobody
outside can restart a server.
"""

import hashlib
import ipaddress
import math
from collections.abc import Iterable

from .names import name_key

# Wrong passwords at once; then one more every so many seconds.
PAIR_TRIES, PAIR_SECONDS = 5, 300.0
ADDRESS_TRIES, ADDRESS_SECONDS = 60, 10.0
ACCOUNT_TRIES, ACCOUNT_SECONDS = 100, 60.0
KNOWN_SECONDS = 30 * 86400.0  # how long a place stays known after a login there
# Strangers choose names and addresses: what counts for nothing any more is forgotten now and then.
SWEEP_EVERY = 1000
# Who has an IPv6 line has all addresses that begin with these bits.
_IPV6_LINE = 64


class Meter:
    """Counts what each key does: ``burst`` times at once, then once every ``seconds``.

    One number is kept for each key: the moment at which all it did is forgotten (the generic cell
    rate algorithm). ``now`` is seconds of a clock that never goes back.
    """

    def __init__(self, burst: int, seconds: float) -> None:
        self._seconds = seconds
        self._ahead = (burst - 1) * seconds  # how far that moment may lie ahead
        self._free_at: dict[bytes, float] = {}

    def wait(self, key: bytes, now: float) -> float:
        """Return the seconds until ``key`` may act again; 0 means now."""
        # BEGIN SOLUTION 3.8
        return max(0.0, self._free_at.get(key, now) - now - self._ahead)
        # END SOLUTION

    def add(self, key: bytes, now: float) -> None:
        """Count one act."""
        # BEGIN SOLUTION 3.8
        self._free_at[key] = max(now, self._free_at.get(key, now)) + self._seconds
        # END SOLUTION

    def take_back(self, key: bytes) -> None:
        """Undo one add()."""
        # BEGIN SOLUTION 3.8
        if key in self._free_at:
            self._free_at[key] -= self._seconds
        # END SOLUTION

    def clear(self, key: bytes) -> None:
        """Forget what a key did."""
        # BEGIN SOLUTION 3.8
        self._free_at.pop(key, None)
        # END SOLUTION

    def sweep(self, now: float) -> None:
        """Forget the keys that may do anything again."""
        # BEGIN SOLUTION 3.8
        self._free_at = {key: at for key, at in self._free_at.items() if at > now}
        # END SOLUTION


class LoginThrottle:
    """Decides who may try a password now. The caller keeps threads apart.

    A try is counted when it begins, so that many at once are not more than one after the other,
    and taken back when it was right or came to nothing. ``account`` is what was typed, ``address``
    an IP address as text, ``now`` seconds of a clock that never goes back.
    """

    def __init__(self) -> None:
        self._pairs = Meter(PAIR_TRIES, PAIR_SECONDS)
        self._addresses = Meter(ADDRESS_TRIES, ADDRESS_SECONDS)
        self._accounts = Meter(ACCOUNT_TRIES, ACCOUNT_SECONDS)
        self._known: dict[bytes, float] = {}  # account and address -> when it is known no more
        self._until_sweep = SWEEP_EVERY

    def begin(self, account: str, address: str, now: float) -> float:
        """Count a try and return 0; or count nothing and return the seconds to wait."""
        # BEGIN SOLUTION 3.8
        self._sweep(now)
        meters = self._meters(account, address, now)
        wait = max(meter.wait(key, now) for meter, key in meters)
        if wait <= 0:
            for meter, key in meters:
                meter.add(key, now)
        return wait
        # END SOLUTION

    def take_back(self, account: str, address: str, now: float) -> None:
        """Undo a begin(): the password was right, or nobody has looked at it."""
        # BEGIN SOLUTION 3.8
        for meter, key in self._meters(account, address, now):
            meter.take_back(key)
        # END SOLUTION

    def welcome(self, accounts: Iterable[str], address: str, now: float) -> None:
        """The owner of ``accounts`` (a name, a phone) was here: remember it, forget wrong tries."""
        # BEGIN SOLUTION 3.8
        for account in accounts:
            pair = _key(account, address)
            self._pairs.clear(pair)
            self._known[pair] = now + KNOWN_SECONDS
        # END SOLUTION

    # BEGIN SOLUTION 3.8
    def _meters(self, account: str, address: str, now: float) -> list[tuple[Meter, bytes]]:
        pair = _key(account, address)
        if self._known.get(pair, -math.inf) > now:
            return [(self._pairs, pair)]
        return [
            (self._pairs, pair),
            (self._addresses, _key("", address)),
            (self._accounts, _key(account, "")),
        ]

    def _sweep(self, now: float) -> None:
        self._until_sweep -= 1
        if self._until_sweep > 0:
            return
        self._until_sweep = SWEEP_EVERY
        for meter in (self._pairs, self._addresses, self._accounts):
            meter.sweep(now)
        self._known = {pair: until for pair, until in self._known.items() if until > now}

    # END SOLUTION


# BEGIN SOLUTION 3.8
def _key(account: str, address: str) -> bytes:
    """Return a key of fixed size: what a stranger types may be long."""
    text = repr((name_key(account), line_of(address))).encode("utf-8", "surrogatepass")
    return hashlib.blake2b(text, digest_size=16).digest()


# END SOLUTION


def line_of(address: str) -> str:
    """Return what tells two clients apart: an IPv4 address, or the first half of an IPv6 one.

    ``address`` may carry a zone (``%eth0``). Text that is no address stands for itself.
    """
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(ipaddress.ip_network((found, _IPV6_LINE), strict=False))
