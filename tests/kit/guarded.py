"""Where programs are confined, the test process sees more than they: links they plant lead nowhere.

It reads what they write, and writes beside it, in folders that are theirs. A link there could make
it show a hidden test, or write over a result. So below the run's folder ``open`` looks at what it
has opened, which nobody can change any more: it must lie there too, or be the programs' user's.
Looking at a path before opening it would not do, as a program may change it in between.
"""

import builtins
import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

Opener = Callable[[str, int], int]


def install(fence: Path, user: int | None) -> None:
    """Guard ``open``, and so ``Path.read_text`` and all that is built on it, below ``fence``."""
    plain, opener = io.open, guard(fence, user)

    def guarded(file: Any, *args: Any, **kwargs: Any) -> Any:
        # By its words alone: where it leads is looked at once it is open.
        if isinstance(file, str | os.PathLike) and Path(file).absolute().is_relative_to(fence):
            kwargs.setdefault("opener", opener)
        return plain(file, *args, **kwargs)

    for module in (builtins, io):
        setattr(module, "open", guarded)  # noqa: B010  (mypy: the overloads of open)


def guard(fence: Path, user: int | None) -> Opener:
    """Return an opener for what lies in ``fence`` or is the user's; it raises PermissionError."""
    inside = fence.resolve()

    def opener(path: str, flags: int) -> int:
        number = _open_or_make(path, flags & ~os.O_TRUNC)
        true, facts = Path(f"/proc/self/fd/{number}").readlink(), os.fstat(number)
        is_ours = true.is_relative_to(inside) and facts.st_nlink == 1
        if facts.st_uid != user and not is_ours:
            os.close(number)
            raise PermissionError(f"{path} is a link that leads out of the folder of the tests")
        if flags & os.O_TRUNC:
            os.ftruncate(number, 0)
        return number

    return opener


def _open_or_make(path: str, flags: int) -> int:
    """Open a file; a new one is never made through a link."""
    try:
        return os.open(path, flags & ~os.O_CREAT)
    except FileNotFoundError:
        if not flags & os.O_CREAT:
            raise
        return os.open(path, flags | os.O_EXCL, 0o666)
