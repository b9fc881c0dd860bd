"""The lab: what a thief of the database learns from md5, and what would have stopped it.

``python -m stage3_auth.crack --db sqlite:///chat.db --words docs/lab/common-passwords.txt``

It only reads the database. Run it on your own, or on one whose owner has asked you to.
"""

import argparse
import sqlite3
import sys
import time
from contextlib import closing
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from stage1_echo import CourseError, fail, safe_text, set_up_terminal

from .cracking import METHODS, Haul, crack, masked, rate, spoken, two_digits, words_of
from .database import open_database
from .errors import AuthError
from .flags import add_database_flag

MOST_SHOWN = 10
MEASURE_SECONDS = 0.1  # of processor time, for each way to hash: other programs do not count
WIDTH = 96
_SELECT = "SELECT username, password FROM user ORDER BY uid1"


def read_table(url: str) -> list[tuple[str, str]]:
    """Return (user name, digest) of all users; the database is only read. Raises CourseError."""
    if url.startswith("sqlite:///"):
        return _read_file(Path(url.removeprefix("sqlite:///")).resolve())
    with closing(open_database(url)) as database:
        try:
            with database.reading() as transaction:
                return [(str(name), str(digest)) for name, digest in transaction.rows(_SELECT)]
        except database.errors as error:
            raise _unreadable(error) from error


def _read_file(path: Path) -> list[tuple[str, str]]:
    """Read the users without our own pool, which would make a file that is not there."""
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as connection:
            return [(str(name), str(digest)) for name, digest in connection.execute(_SELECT)]
    except sqlite3.Error as error:
        raise _unreadable(error) from error


def _unreadable(error: Exception) -> AuthError:
    return AuthError(f"the users cannot be read: {error}")


def crack_with(path: Path, table: list[tuple[str, str]]) -> tuple[Haul, float]:
    """Try the words of a file on a table; return what fell and the seconds it took."""
    try:
        with path.open(encoding="utf-8", errors="replace") as lines:
            start = time.perf_counter()
            haul = crack(table, words_of(lines))
            return haul, time.perf_counter() - start
    except OSError as error:
        raise AuthError(f"the words cannot be read: {error}") from error


def show_fallen(console: Console, haul: Haul, seconds: float, *, show: bool) -> None:
    """Print how many accounts fell, and by which passwords."""
    fallen = len(haul.fallen)
    share = 100 * fallen / max(1, haul.accounts)
    console.print(
        f"{fallen:,} of {haul.accounts:,} accounts fell ({share:.0f} %) "
        f"to {haul.words:,} words in {spoken(seconds)}.",
        style="bold",
    )
    console.print(
        f"The rule of registration would have allowed {haul.within_the_rule():,} of them."
    )
    used = haul.most_used()
    if not used:
        return
    table = Table("password", "accounts", title="The passwords that fell", title_justify="left")
    table.columns[1].justify = "right"
    for password, accounts in used[:MOST_SHOWN]:
        table.add_row(Text(safe_text(password if show else masked(password))), f"{accounts:,}")
    if rest := used[MOST_SHOWN:]:
        table.add_row(f"{len(rest):,} others", f"{sum(count for _, count in rest):,}")
    console.print(table)


def show_costs(console: Console, haul: Haul, seconds: float) -> None:
    """Print what the same words would cost if the passwords were stored in other ways."""
    table = Table(
        "stored as", "hashes to make", "a second, here", "all of it", title="The same list against"
    )
    table.title_justify = "left"
    for column in table.columns[1:]:
        column.justify = "right"
    for method in METHODS:
        guesses = method.guesses(haul.accounts, haul.words)
        speed = rate(method.hash, time.process_time, MEASURE_SECONDS)
        cost = guesses / speed if method.salted else seconds
        table.add_row(method.name, f"{guesses:,}", two_digits(speed), spoken(cost))
    console.print(table)
    console.print(
        "A salt makes every account a table of its own: no hash serves two of them. "
        "A slow hash makes every guess dear; a login makes one guess and hardly feels it."
    )


def main(argv: list[str] | None = None) -> int:
    """Run the program; returns its exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m stage3_auth.crack",
        description="Try a list of words on the md5 passwords of a database.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    add_database_flag(parser)
    parser.add_argument("--words", type=Path, required=True, help="a list of words, one a line")
    parser.add_argument("--show", action="store_true", help="show the passwords that fell")
    options = parser.parse_args(argv)
    set_up_terminal()
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = WIDTH  # a file or a pipe has none, and rich would guess a narrow one
    try:
        haul, seconds = crack_with(options.words, read_table(options.db))
    except CourseError as error:
        return fail(error)
    show_fallen(console, haul, seconds, show=options.show)
    show_costs(console, haul, seconds)
    return 0


if __name__ == "__main__":
    sys.exit(main())
