"""A ``Text`` that knows what was said from what is drawn in its place.

What Tk cannot draw as it stands is in it twice: the words themselves, hidden (tag ``said``), and
right behind them what is seen instead (tag ``drawn``): a picture of an emoji, or a line of Hebrew
in the order in which it is seen. Whoever reads or copies gets what was said.
"""

import tkinter as tk
from typing import Any

SAID, DRAWN = "said", "drawn"


class SpokenText(tk.Text):
    """``get`` returns what was said; so do the clipboard and, on X11, the selection."""

    def __init__(self, master: tk.Misc, **options: Any) -> None:
        super().__init__(master, **options)
        self.tag_configure(SAID, elide=True)
        self.bind("<<Copy>>", self._copy)
        if str(self.tk.call("tk", "windowingsystem")) == "x11":
            # What is selected can be pasted at once; Tk itself would leave out what is hidden.
            self.configure(exportselection=False)
            self.selection_handle(lambda at, most: self.selected()[int(at) :][: int(most)])
            self.bind("<<Selection>>", lambda _event: self._own_selection())

    def get(self, index1: Any, index2: Any = None) -> str:
        """Return what was said between two places."""
        first = self.index(index1)
        last = self.index(f"{first} + 1 chars" if index2 is None else index2)
        found = []
        while drawn := tuple(map(str, self.tag_nextrange(DRAWN, first, last))):
            found.append(super().get(first, drawn[0]))
            first = drawn[1]
        if self.compare(first, "<", last):
            found.append(super().get(first, last))
        return "".join(found)

    def selected(self) -> str:
        """Return what is selected; what is drawn counts as a whole."""
        ends = self.tag_ranges("sel")
        if not ends:
            return ""
        first, last = str(ends[0]), str(ends[-1])
        if DRAWN in self.tag_names(first):
            start = self._range_before(DRAWN, f"{first} + 1 chars")[0]
            said = self._range_before(SAID, start)
            if said and self.compare(said[1], "==", start):
                first = said[0]
        if SAID in self.tag_names(f"{last} - 1 chars"):  # its drawing is not selected any more
            last = self._range_before(SAID, last)[0]
        return self.get(first, last)

    def _range_before(self, tag: str, index: str) -> tuple[str, ...]:
        """Return the ends of the last range of a tag that begins before an index, () if none."""
        return tuple(map(str, self.tag_prevrange(tag, index)))

    def _copy(self, _event: "tk.Event[tk.Misc]") -> str:
        if words := self.selected():
            self.clipboard_clear()
            self.clipboard_append(words)
        return "break"

    def _own_selection(self) -> None:
        if self.tag_ranges("sel"):
            self.selection_own()
