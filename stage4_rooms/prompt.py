"""Where a person types while others speak: what arrives is printed above the line being typed.

The line editor is prompt_toolkit's. A terminal that cannot move its cursor, a screen reader, and a
script get plain lines instead: nothing is drawn twice, and no prompt stands in the way.
"""

import contextlib
import io
import os
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, TextIO

from stage1_echo import input_lines, is_interactive, print_event, safe_text

if TYPE_CHECKING:
    import asyncio

    from prompt_toolkit import PromptSession


def chat_lines(
    prompt: Callable[[], str], commands: Sequence[str], *, plain: bool = False
) -> Iterator[str]:
    """Yield the lines that are typed, until the input ends or Ctrl-C on an empty line.

    ``prompt()`` is what stands before the line, Tab completes the names of ``commands``.
    """
    if plain or not is_interactive() or not _can_redraw():
        return input_lines(prompt="")
    return _edited_lines(_editor(prompt, commands))


def _can_redraw() -> bool:
    """Tell whether standard output is a terminal that can move its cursor."""
    dumb = os.name != "nt" and os.environ.get("TERM", "dumb") in ("dumb", "unknown", "")
    return sys.stdout.isatty() and not dumb


class _AbovePrompt(io.TextIOBase):
    """Standard output while a line may be edited: whole lines go above it, by any thread.

    (prompt_toolkit's own ``StdoutProxy`` writes into a prompt that is just being drawn.)
    """

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._waiting: list[str] = []
        self._loop: asyncio.AbstractEventLoop | None = None  # the editor's, while it runs
        self._lock = threading.Lock()  # guards the two above, and holds up the editor's start

    def write(self, text: str) -> int:
        with self._lock:
            self._waiting.append(text)
        return len(text)

    def flush(self) -> None:
        with self._lock:
            if self._loop is None:
                self._write()
            else:
                with contextlib.suppress(RuntimeError):  # it has just ended: ``end`` writes
                    self._loop.call_soon_threadsafe(self._write_above)

    def isatty(self) -> bool:
        return True

    def begin(self) -> None:
        """The editor is about to draw its line."""
        import asyncio  # the editor has loaded it already

        with self._lock:
            self._loop = asyncio.get_running_loop()

    def end(self) -> None:
        """The editor has ended."""
        with self._lock:
            self._loop = None
            self._write()

    def _write_above(self) -> None:
        from prompt_toolkit.application import run_in_terminal

        def write() -> None:
            with self._lock:
                self._write()

        if self._waiting:  # else an earlier call has written it all
            run_in_terminal(write)

    def _write(self) -> None:
        self._out.write("".join(self._waiting))
        self._out.flush()
        self._waiting.clear()


def _edited_lines(session: "PromptSession[str]") -> Iterator[str]:
    above = _AbovePrompt(sys.stdout)
    with (
        contextlib.redirect_stdout(above),
        contextlib.suppress(EOFError, KeyboardInterrupt),
    ):
        while True:
            try:
                line = session.prompt(pre_run=above.begin)
            finally:
                above.end()
            if line.startswith("/"):
                print_event(f"> {line}")
            yield line


def _editor(prompt: Callable[[], str], commands: Sequence[str]) -> "PromptSession[str]":
    # Only here: it takes 0.1 s to load, and scripts do not need it.
    from prompt_toolkit import PromptSession
    from prompt_toolkit.completion import WordCompleter
    from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
    from prompt_toolkit.output import create_output
    from prompt_toolkit.output.vt100 import Vt100_Output

    keys = KeyBindings()

    @keys.add("c-c")
    def _cancel(event: KeyPressEvent) -> None:
        """Drop what was typed; on an empty line, leave."""
        if event.current_buffer.text:
            event.current_buffer.reset()
        else:
            event.app.exit(exception=KeyboardInterrupt)

    output = create_output(sys.stdout)
    if isinstance(output, Vt100_Output):
        output.enable_cpr = (
            False  # asking where the cursor is takes a round trip, if it is answered
        )
    return PromptSession(
        message=lambda: safe_text(prompt()),
        completer=WordCompleter([f"/{name}" for name in commands], sentence=True),
        complete_while_typing=False,
        erase_when_done=True,  # what was said comes back as an event, as it does to everybody else
        key_bindings=keys,
        output=output,
    )
