"""Where a person types while others speak: what arrives is printed above the line being typed.

The line editor is prompt_toolkit's. A terminal that cannot move its cursor, a screen reader, and a
script get plain lines instead: nothing is drawn twice, and no prompt stands in the way.
"""

import contextlib
import os
import sys
from collections.abc import Callable, Iterator, Sequence

from stage1_echo import input_lines, is_interactive, print_event, safe_text

# What arrives is written at most so many seconds late, much of it at once.
_GATHER_SECONDS = 0.02


def chat_lines(
    prompt: Callable[[], str], commands: Sequence[str], *, plain: bool = False
) -> Iterator[str]:
    """Yield the lines that are typed, until the input ends or Ctrl-C on an empty line.

    ``prompt()`` is what stands before the line, Tab completes the names of ``commands``.
    """
    if plain or not is_interactive() or not _can_redraw():
        return input_lines(prompt="")
    return _edited_lines(prompt, commands)


def _can_redraw() -> bool:
    """Tell whether standard output is a terminal that can move its cursor."""
    dumb = os.name != "nt" and os.environ.get("TERM", "dumb") in ("dumb", "unknown", "")
    return sys.stdout.isatty() and not dumb


def _edited_lines(prompt: Callable[[], str], commands: Sequence[str]) -> Iterator[str]:
    # Only here: it takes 0.1 s to load, and scripts do not need it.
    from prompt_toolkit import PromptSession
    from prompt_toolkit.completion import WordCompleter
    from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
    from prompt_toolkit.patch_stdout import StdoutProxy

    keys = KeyBindings()

    @keys.add("c-c")
    def _cancel(event: KeyPressEvent) -> None:
        """Drop what was typed; on an empty line, leave."""
        if event.current_buffer.text:
            event.current_buffer.reset()
        else:
            event.app.exit(exception=KeyboardInterrupt)

    names = [f"/{name}" for name in commands]
    session: PromptSession[str] = PromptSession(
        message=lambda: safe_text(prompt()),
        completer=WordCompleter(names, sentence=True),
        complete_while_typing=False,
        erase_when_done=True,  # what was said comes back as an event, as it does to everybody else
        key_bindings=keys,
    )
    with (
        StdoutProxy(sleep_between_writes=_GATHER_SECONDS) as above,
        contextlib.redirect_stdout(above),
        contextlib.suppress(EOFError, KeyboardInterrupt),
    ):
        while True:
            line = session.prompt()
            if line.startswith("/"):
                print_event(f"> {line}")
            yield line
