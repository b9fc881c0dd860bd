"""Finds, and with ``--repair`` mends, what database and store say differently of the files.

``python -m stage5_files.check --db sqlite:///chat.db --store DIR [--deep] [--repair]``

The server cannot bring them apart, whenever it is killed; a disk that fails, a restored backup of
one of the two, or a person can. The file server must not run meanwhile. Exit code 0: they agree (or
do now); 1: they do not; 2: the check could not be made.
"""

import argparse
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from stage1_echo import CourseError, print_event, set_up_terminal
from stage3_auth import add_database_flag, migrate, open_database

from .file_store import FileStore
from .file_table import FileRow, FileTable
from .flags import add_store_flag
from .hashing import FollowingMd5
from .schema import STEPS


@dataclass(frozen=True)
class Finding:
    """One disagreement, and what mends it."""

    text: str
    remedy: str
    repair: Callable[[], object]


def check_store(store: FileStore, table: FileTable, *, deep: bool = False) -> Iterator[Finding]:
    """Yield every disagreement; ``deep`` also reads all content and compares the md5.

    A file without its bytes is taken off the list: nobody could fetch it. Damaged bytes are set
    aside in the store's folder ``damaged``, where a person may look at them. Bytes that belong to
    no file are removed, unless they are of an upload that can still go on, or the server was ended
    while it removed them: then the next one does.
    """
    used: dict[str, int] = {}  # content and whose it is
    for row in table.with_content():
        content = row.content or ""
        problem = _problem(store, row, deep)
        owner = used.setdefault(content, row.owner or 0)
        if problem is None and owner != row.owner:
            problem = "shares its bytes with a file of another user"
        if problem is not None:
            yield Finding(
                f"file {row.uid} ({row.filename}, of {row.own}) {problem}",
                "it is taken off the list",
                lambda row=row: _take_off(store, table, row),  # type: ignore[misc]
            )
    unfinished = store.unfinished()
    for content in store.contents():
        if content not in used and content not in unfinished:
            yield Finding(
                f"the bytes {content} belong to no file",
                "they are removed",
                lambda content=content: store.remove(content),  # type: ignore[misc]
            )


def _problem(store: FileStore, row: FileRow, deep: bool) -> str | None:
    path = store.path(row.content or "")
    if not path.is_file():
        return "has lost its bytes"
    size = path.stat().st_size
    if size != row.size:
        return f"should have {row.size} bytes and has {size}"
    if not deep:
        return None
    md5 = FollowingMd5(path)
    md5.grown_to(size)
    found = md5.hexdigest()
    return None if found == row.md5 else f"should have the md5 {row.md5} and has {found}"


def _take_off(store: FileStore, table: FileTable, row: FileRow) -> None:
    if table.remove(row) and row.content is not None:
        store.set_aside(row.content)


def main(argv: list[str] | None = None) -> int:
    """Run the program; returns its exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m stage5_files.check", formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )
    add_database_flag(parser)
    add_store_flag(parser)
    parser.add_argument("--deep", action="store_true", help="read all bytes and compare the md5")
    parser.add_argument("--repair", action="store_true", help="mend what is found")
    options = parser.parse_args(argv)
    set_up_terminal()
    try:
        return _check(options)
    except (CourseError, OSError) as error:
        print_event(f"error: {error}")
        return 2


def _check(options: argparse.Namespace) -> int:
    database = open_database(options.db)
    migrate(database, STEPS)
    store = FileStore(Path(options.store))
    table = FileTable(database)
    count = 0
    for finding in list(check_store(store, table, deep=options.deep)):
        count += 1
        if options.repair:
            finding.repair()
        print_event(f"{finding.text}" + (f": {finding.remedy}" if options.repair else ""))
    store.close()
    database.close()
    if not count:
        print_event("database and store agree")
    elif not options.repair:
        print_event(f"{count} found; --repair mends them")
    return 1 if count and not options.repair else 0


if __name__ == "__main__":
    sys.exit(main())
