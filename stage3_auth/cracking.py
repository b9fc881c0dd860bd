"""The lab's core: what a list of words does to a table of md5 passwords, and what would stop it.

No file, database or clock in here: words and digests go in, what fell and what it costs come out.
The parameters of the slow hashes are those of OWASP's Password Storage Cheat Sheet.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from .passwords import md5_of
from .validation import check_password

SALT = "b0a3f2c91d7e4856"  # as good as any: to measure, one is enough
PBKDF2_ROUNDS = 600_000
SCRYPT_COST = {"n": 2**14, "r": 8, "p": 5, "maxmem": 64 * 2**20}  # 16 MiB each


@dataclass
class Haul:
    """What one run brought: how many words were hashed, and ``fallen``, user name -> password."""

    accounts: int = 0
    words: int = 0
    fallen: dict[str, str] = field(default_factory=dict)

    def most_used(self) -> list[tuple[str, int]]:
        """Return each password that fell with the number of its accounts, the most used first."""
        return Counter(self.fallen.values()).most_common()

    def within_the_rule(self) -> int:
        """Return how many accounts fell although registration would allow their passwords."""
        return sum(check_password(password) is None for password in self.fallen.values())


def crack(table: Iterable[tuple[str, str]], words: Iterable[str]) -> Haul:
    """Try ``words`` on a table of (user name, md5 digest).

    Without a salt a word is hashed once for all accounts together: the table is turned around,
    and each digest is looked up in it.
    """
    owners: dict[str, list[str]] = {}
    haul = Haul()
    for name, digest in table:
        haul.accounts += 1
        owners.setdefault(digest.lower(), []).append(name)
    for word in words:
        haul.words += 1
        for name in owners.pop(md5_of(word), ()):
            haul.fallen[name] = word
    return haul


def words_of(lines: Iterable[str]) -> Iterator[str]:
    """Yield the words of a list, one a line; lines of comment are left out, as John writes them."""
    for line in lines:
        word = line.rstrip("\r\n")
        if word and not word.startswith("#!comment"):
            yield word


@dataclass(frozen=True)
class Method:
    """A way to store passwords: ``hash`` is the work that one guess at one account costs."""

    name: str
    hash: Callable[[str], object]
    salted: bool = True

    def guesses(self, accounts: int, words: int) -> int:
        """Return how many hashes try all words on all accounts: with salts nothing is shared."""
        return words * accounts if self.salted else words


def _pbkdf2(word: str) -> bytes:
    return hashlib.pbkdf2_hmac("sha256", word.encode("utf-8"), SALT.encode(), PBKDF2_ROUNDS)


def _scrypt(word: str) -> bytes:
    return hashlib.scrypt(word.encode("utf-8"), salt=SALT.encode(), **SCRYPT_COST)


METHODS = (
    Method("md5, as here", md5_of, salted=False),
    Method("md5, a salt for each user", lambda word: md5_of(SALT + word)),
    Method("PBKDF2, 600,000 rounds, salted", _pbkdf2),
    # Some builds of Python have no scrypt: it comes from OpenSSL.
    *([Method("scrypt (16 MiB, p = 5), salted", _scrypt)] if hasattr(hashlib, "scrypt") else []),
)


def rate(work: Callable[[str], object], clock: Callable[[], float], seconds: float) -> float:
    """Measure how often a second ``work`` can be done here; takes about ``seconds``.

    ``clock`` returns seconds. The number of repetitions doubles until they take long enough.
    """
    times = 1
    while True:
        start = clock()
        for number in range(times):
            work(f"guess{number}")
        taken = clock() - start
        if taken >= seconds:
            return times / taken
        times *= 2


def masked(password: str) -> str:
    """Return a password so that its owner may recognise it, and nobody else can use it."""
    return password[:1] + "•" * (len(password) - 1)


_UNITS = (("years", 31_557_600), ("days", 86_400), ("hours", 3_600), ("minutes", 60), ("s", 1))


def spoken(seconds: float) -> str:
    """Return a duration as people say it, with two digits: ``3.2 ms``, ``12 days``."""
    for unit, length in _UNITS:
        if seconds >= (1 if unit == "s" else 2 * length):
            return f"{two_digits(seconds / length)} {unit}"
    return f"{two_digits(seconds * 1000)} ms"


def two_digits(number: float) -> str:
    """Return a number rounded to two digits: a measured rate is not better than that."""
    return f"{number:.1f}" if number < 10 else f"{float(f'{number:.1e}'):,.0f}"
