"""``python -m final``: the whole chat (as ``run``). With another command, one part of it."""

import sys
from collections.abc import Callable

COMMANDS = ("run", "servers", "app", "terminal", "bot")


def main(argv: list[str] | None = None) -> int:
    """Run the command that ``argv`` begins with, or the whole; returns the exit code."""
    words = sys.argv[1:] if argv is None else argv
    named = bool(words) and words[0] in COMMANDS
    return _command(words[0])(words[1:]) if named else _command("run")(words)


def _command(name: str) -> Callable[[list[str]], int]:
    """Return a part's main; only what is used is imported, so a server needs no tkinter."""
    if name == "run":
        from .launcher import main as launch

        return launch
    if name == "servers":
        from .launcher import serve_only

        return serve_only
    if name == "app":
        from .app import main as app

        return app
    if name == "terminal":
        from .terminal import main as terminal

        return terminal
    from .bot import main as bot

    return bot


if __name__ == "__main__":
    sys.exit(main())
