"""Web addresses in a transcript for the keyboard: Left and Right choose one, Return opens it."""

import tkinter as tk
from collections.abc import Callable

from .spoken_text import SAID

CHOSEN = "chosen"  # the tag of the address that Return opens
LINK, PREFIX = "link", "link:"


def link_tag(url: str) -> str:
    """Return the tag that tells where a link leads."""
    return f"{PREFIX}{url}"


class LinkKeys:
    """Binds the keys of ``text``; its links have the tag ``link`` and a ``link_tag``.

    ``on_chosen(url)`` is called when one is chosen: what it says is where it leads, which need not
    be all in sight. ``on_open(url)`` is called for Return.
    """

    def __init__(
        self, text: tk.Text, on_open: Callable[[str], object], on_chosen: Callable[[str], object]
    ) -> None:
        self._text, self._on_open, self._on_chosen = text, on_open, on_chosen
        text.bind("<Right>", lambda _event: self._step(1))
        text.bind("<Left>", lambda _event: self._step(-1))
        text.bind("<Return>", lambda _event: self._open())
        for event in ("<Escape>", "<FocusOut>", "<Button-1>"):
            text.bind(event, lambda _event: self._forget(), add=True)

    def _links(self) -> list[tuple[str, str]]:
        """Return where each link begins and ends, as far as it is seen."""
        text, found, at = self._text, list[tuple[str, str]](), "1.0"
        while ends := tuple(map(str, text.tag_nextrange(LINK, at))):
            first, at = ends
            if SAID not in text.tag_names(first):
                found.append((first, at))
        return found

    def _step(self, by: int) -> str:
        """Choose the next link or the one before; at first the nearest to what is in sight."""
        text, links = self._text, self._links()
        if chosen := tuple(map(str, text.tag_ranges(CHOSEN))):
            index = links.index(chosen) + by if chosen in links else len(links)
        elif by > 0:
            index = sum(text.compare(first, "<", "@0,0") for first, _ in links)
        else:
            bottom = text.index(f"@0,{text.winfo_height()}")
            index = sum(text.compare(first, "<=", bottom) for first, _ in links) - 1
        if 0 <= index < len(links):
            self._forget()
            text.tag_add(CHOSEN, *links[index])
            text.see(links[index][0])
            self._on_chosen(self._url(links[index][0]))
        return "break"

    def _open(self) -> str:
        if chosen := self._text.tag_ranges(CHOSEN):
            self._on_open(self._url(str(chosen[0])))
        return "break"

    def _url(self, index: str) -> str:
        names = self._text.tag_names(index)
        return next((n.removeprefix(PREFIX) for n in names if n.startswith(PREFIX)), "")

    def _forget(self) -> None:
        self._text.tag_remove(CHOSEN, "1.0", "end")
