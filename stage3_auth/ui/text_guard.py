"""Stands before a Tk ``Text``: whatever inserts or deletes, by key, paste, mouse or program.

Text has no ``validate`` option. All its key bindings end in the widget's own Tcl commands
``insert``, ``delete`` and ``replace``, so the guard puts a Tcl procedure in the place of the widget
command and sends those three to Python; the rest goes on to the widget untouched, errors included.
"""

import tkinter as tk
from collections.abc import Callable

_REROUTE = """
rename {widget} {plain}
proc {widget} {{command args}} {{
    switch -- $command {{
        insert  {{ {insert} {{*}}$args }}
        delete  {{ {delete} {{*}}$args }}
        replace {{ {delete} [lindex $args 0] [lindex $args 1]
                   {insert} [lindex $args 0] {{*}}[lrange $args 2 end] }}
        default {{ uplevel 1 [list {plain} $command {{*}}$args] }}
    }}
}}
trace add command {plain} delete {{apply {{args {{ catch {{rename {widget} {{}}}} }}}}}}
"""


class TextGuard:
    """Gives every insertion and deletion of ``text`` to two methods, which decide what to do.

    ``on_insert(index, words)`` and ``on_delete(first, last)`` change the widget through ``insert``
    and ``delete`` of the guard, which go to the widget itself. Undo and redo do not come by here:
    they only bring back what was let in before.
    """

    def __init__(
        self,
        text: tk.Text,
        on_insert: Callable[[str, str], object],
        on_delete: Callable[[str, str | None], object],
    ) -> None:
        self._text = text
        self._on_insert = on_insert
        self._on_delete = on_delete
        self._plain = f"guarded{text}"  # a widget's path begins with a dot: this is nobody's
        script = _REROUTE.format(
            widget=f"{{{text}}}",
            plain=f"{{{self._plain}}}",
            # register() reports errors the way of all Tk callbacks; createcommand would let them
            # end mainloop.
            insert=text.register(self._inserted),
            delete=text.register(self._deleted),
        )
        text.tk.eval(script)

    def insert(self, index: str, words: str, *tags: str) -> None:
        """Insert into the widget itself."""
        self._text.tk.call(self._plain, "insert", index, words, tags)

    def delete(self, first: str, last: str | None = None) -> None:
        """Delete in the widget itself; one character when ``last`` is None."""
        self._text.tk.call(self._plain, "delete", first, *(() if last is None else (last,)))

    def _inserted(self, index: str, *words_and_tags: str) -> None:
        # insert INDEX WORDS TAGS WORDS TAGS ...: tags mean nothing in something to type in.
        self._on_insert(index, "".join(words_and_tags[::2]))

    def _deleted(self, *ranges: str) -> None:
        # delete FIRST LAST FIRST LAST ...: the last ones first, so that indexes stay true.
        for at in range((len(ranges) - 1) // 2 * 2, -1, -2):
            self._on_delete(ranges[at], ranges[at + 1] if at + 1 < len(ranges) else None)
