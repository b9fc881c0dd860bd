"""Where programs are confined, the test process sees more than they: links they plant lead nowhere.

It reads what they write, and writes beside it, in folders that are theirs. A link there could make
it show a hidden test, or write over a result. So below the run's folder ``open`` looks at what it
has opened, which nobody can change any more: it must lie there too, or be the programs' user's.
Looking at a path before opening it would not do, as a program may change it in between.
"""

import builtins
import io
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

Opener = Callable[..., int]  # path, flags and, for a new file, mode
_open = os.open


def install(fence: Path, user: int | None) -> None:
    """Guard ``open`` and ``os.open`` below ``fence``, and so what ``Path`` builds on them."""
    plain, opener = io.open, guard(fence, user)

    def is_below(file: Any) -> bool:
        # By its words alone: where it leads is looked at once it is open.
        return isinstance(file, str | os.PathLike) and Path(file).absolute().is_relative_to(fence)

    def guarded(file: Any, *args: Any, **kwargs: Any) -> Any:
        if is_below(file):
            kwargs.setdefault("opener", opener)
        return plain(file, *args, **kwargs)

    def guarded_os(path: Any, flags: int, mode: int = 0o777, *, dir_fd: int | None = None) -> int:
        if dir_fd is None and is_below(path):
            return opener(path, flags, mode)
        return _open(path, flags, mode, dir_fd=dir_fd)

    setattr(os, "open", guarded_os)  # noqa: B010
    for module in (builtins, io):
        setattr(module, "open", guarded)  # noqa: B010  (mypy: the overloads of open)


def guard(fence: Path, user: int | None) -> Opener:
    """Return an opener for what lies in ``fence`` or is the user's; it raises PermissionError."""
    inside = fence.resolve()

    def opener(path: str, flags: int, mode: int = 0o666) -> int:
        # A pipe with a name would be waited for without end until somebody opens its other end.
        number = _open_or_make(path, flags & ~os.O_TRUNC | os.O_NONBLOCK, mode)
        true, facts = Path(f"/proc/self/fd/{number}").readlink(), os.fstat(number)
        if not (stat.S_ISREG(facts.st_mode) or stat.S_ISDIR(facts.st_mode)):
            os.close(number)
            raise PermissionError(f"{path} is neither a file nor a folder")
        has_one_name = facts.st_nlink == 1 or stat.S_ISDIR(facts.st_mode)
        is_ours = true.is_relative_to(inside) and has_one_name
        if facts.st_uid != user and not is_ours:
            os.close(number)
            raise PermissionError(f"{path} is a link that leads out of the folder of the tests")
        if flags & os.O_TRUNC:
            os.ftruncate(number, 0)
        return number

    return opener


def _open_or_make(path: str, flags: int, mode: int) -> int:
    """Open a file; a new one is never made through a link."""
    if flags & os.O_EXCL:
        return _open(path, flags, mode)
    try:
        return _open(path, flags & ~os.O_CREAT)
    except FileNotFoundError:
        if not flags & os.O_CREAT:
            raise
        return _open(path, flags | os.O_EXCL, mode)
