"""The transcript: one ``Text`` for all that was said, drawn by ``transcript_layout``.

Whatever happened, the owner calls ``show(talk)``: what is new at the end is added, anything else
is drawn anew, and the line that was being read stays where it was.
"""

import tkinter as tk
from bisect import bisect_right
from collections.abc import Callable, Iterable
from datetime import date
from tkinter import ttk
from typing import NamedTuple

from stage3_auth.ui.catalog import Catalog
from stage3_auth.ui.theme import Look

from ..events import Message
from .chat_pictures import sender_colour
from .spoken_text import SpokenText
from .talk import Entry, Pending, Talk
from .transcript_layout import Piece, lay_out, lay_out_pending
from .transcript_links import LinkKeys, link_tag
from .transcript_styles import dress_transcript
from .typesetter import Typesetter
from .window_widgets import ScrollBar

_TAIL = "tail"  # a mark: behind it stand the messages that are on their way


class _Spot(NamedTuple):
    """A place in the talk that can be found again: so many pixels into the message of a seq."""

    seq: int
    pixels: int


class Transcript(ttk.Frame):
    """The view of one talk at a time; the ``Text`` in it is named ``transcript``.

    ``on_scroll()`` is called after the person has scrolled; ``on_again(cid)`` and
    ``on_discard(cid)`` when they chose so for a message that was refused; ``on_link(url)`` when
    they opened a web address, ``on_chosen(url)`` when the keyboard came to one.
    """

    def __init__(
        self,
        master: tk.Misc,
        catalog: Catalog,
        look: Look,
        *,
        on_scroll: Callable[[], object],
        on_again: Callable[[str], object],
        on_discard: Callable[[str], object],
        on_link: Callable[[str], object],
        on_chosen: Callable[[str], object],
    ) -> None:
        super().__init__(master, style="Page.TFrame")
        self._catalog, self._look = catalog, look
        self._on_scroll = on_scroll
        self._commands = {"again": on_again, "discard": on_discard, "link": on_link}
        self._talk: Talk | None = None
        self._drawn: list[Entry] = []
        self._starts: list[int] = []  # the line where the entry of the same index begins
        self._drawn_tail: list[Pending] = []  # what is on its way, as it is shown
        self._senders: set[str] = set()
        self._first_unread: int | None = None
        self._drawn_on = date.today()
        self._width = 0
        self._on_chosen = on_chosen
        self.follows = True  # whether the newest message is kept in sight
        self._build()
        self._dress()
        look.changed.connect(self._redress, owner=self)
        catalog.changed.connect(self.redraw, owner=self)

    # --- for the owner -------------------------------------------------------------------------

    def show(self, talk: Talk) -> None:
        """Show a talk as it is now."""
        if talk is not self._talk:
            self._talk = talk
            self.follows = True
            self._draw_all()
        elif self._only_more(talk):
            self._draw_more(talk)
        else:
            self.redraw()

    def redraw(self) -> None:
        """Draw everything anew; what was being read stays where it was."""
        if self._talk is None:
            return
        spot = None if self.follows else self._spot()
        self._draw_all()
        if spot is not None:
            self._go_to(spot)

    def clear(self) -> None:
        """Show nothing."""
        self._talk = None
        self._empty()

    def to_end(self) -> None:
        """Go to the newest message, and follow."""
        self.follows = True
        self.text.see("end")
        self.text.yview_moveto(1.0)

    @property
    def at_top(self) -> bool:
        """Whether the first line is in sight."""
        return self.text.yview()[0] <= 0.0

    @property
    def at_end(self) -> bool:
        """Whether the last line is in sight."""
        return self.text.yview()[1] >= 1.0

    # --- building ------------------------------------------------------------------------------

    def _build(self) -> None:
        self.columnconfigure(0, weight=1)
        self.rowconfigure(0, weight=1)
        self.text = text = SpokenText(
            self, name="transcript", state="disabled", wrap="word", cursor="", undo=False, width=1
        )
        self._setter = Typesetter(text, self._look, self._tags, self._pressed)
        ScrollBar(text, self._bar_moved)
        text.grid(row=0, column=0, sticky="nsew")
        text.mark_set(_TAIL, "1.0")
        text.mark_gravity(_TAIL, "left")
        for event in ("<MouseWheel>", "<Button-4>", "<Button-5>", "<Key>", "<B1-Motion>"):
            text.bind(event, lambda _event: self.after_idle(self._scrolled), add=True)
        # A disabled Text takes no focus by itself on every platform; copying needs it.
        text.bind("<Button-1>", lambda _event: text.focus_set(), add=True)
        text.bind("<Configure>", self._resized)
        LinkKeys(text, self._commands["link"], self._on_chosen)

    def _dress(self) -> None:
        dress_transcript(self.text, self._look.theme)
        for sender in self._senders:
            self._dress_sender(sender)

    def _dress_sender(self, sender: str) -> None:
        colour = sender_colour(sender, self._look.theme)
        self.text.tag_configure(_sender_tag(sender), foreground=colour)

    def _redress(self) -> None:
        self._dress()
        self.redraw()  # avatars are drawn for a theme

    # --- drawing -------------------------------------------------------------------------------

    def _only_more(self, talk: Talk) -> bool:
        """Tell whether what is drawn is still the beginning of the talk's stretch."""
        drawn, entries = self._drawn, talk.entries
        if len(entries) < len(drawn):
            return False
        return (
            (not drawn or (entries[0] is drawn[0] and entries[len(drawn) - 1] is drawn[-1]))
            and talk.first_unread == self._first_unread
            and self._drawn_on == date.today()
        )

    def _draw_all(self) -> None:
        self._empty()
        if self._talk is not None:
            self._first_unread = self._talk.first_unread
            self._drawn_on = date.today()
            self._draw_more(self._talk)

    def _draw_more(self, talk: Talk) -> None:
        """Draw the entries that are not drawn yet, and what is on its way behind them."""
        more = talk.entries[len(self._drawn) :]
        on_their_way = list(talk.pending.values())
        if not more and on_their_way == self._drawn_tail:
            return  # a button in it may have the focus
        self._drawn_tail = on_their_way
        self.text.configure(state="normal")
        self.text.delete(_TAIL, "end-1c")
        last = self._drawn[-1] if self._drawn else None
        words = self._catalog.text
        blocks = list(lay_out(more, words, after=last, first_unread=talk.first_unread))
        self._starts += self._setter.put(blocks)
        self._drawn += more
        self._mark_tail()
        last = self._drawn[-1] if self._drawn else None
        self._setter.put(list(lay_out_pending(on_their_way, talk.own_name, words, after=last)))
        self.text.configure(state="disabled")
        if self.follows:
            self.to_end()

    def _tags(self, piece: Piece) -> tuple[str, ...]:
        tags = [piece.style]
        if piece.style == "sender":
            if piece.about not in self._senders:
                self._senders.add(piece.about)
                self._dress_sender(piece.about)
            tags.append(_sender_tag(piece.about))
        elif piece.style == "link":
            tags.append(self._link_tag(piece.about))
        return tuple(tags)

    def _pressed(self, piece: Piece) -> None:
        self._commands[piece.style](piece.about)

    def _link_tag(self, url: str) -> str:
        tag = link_tag(url)

        def clicked(_event: object) -> None:
            if not self.text.tag_ranges("sel"):  # else the person was selecting text
                self._commands["link"](url)

        self.text.tag_bind(tag, "<ButtonRelease-1>", clicked)
        return tag

    def _mark_tail(self) -> None:
        self.text.mark_set(_TAIL, "end-1c")
        self.text.mark_gravity(_TAIL, "left")

    def _empty(self) -> None:
        text = self.text
        text.configure(state="normal")
        text.delete("1.0", "end")
        text.configure(state="disabled")
        for tag in text.tag_names():
            if ":" in tag:
                text.tag_delete(tag)
        self._senders.clear()
        self._setter.depends_on_width = False
        self._drawn, self._starts, self._drawn_tail = [], [], []
        self._mark_tail()

    # --- scrolling -----------------------------------------------------------------------------

    def _bar_moved(self, *args: str) -> None:
        self.text.yview(*args)
        self._scrolled()

    def _scrolled(self) -> None:
        self.follows = self.at_end
        self._on_scroll()

    def _resized(self, event: "tk.Event[tk.Misc]") -> None:
        if event.width != self._width:
            self._width = event.width
            if self._setter.depends_on_width:
                self.redraw()
        if self.follows:
            self.to_end()
        elif self.at_end:  # all that was below has come into sight
            self._scrolled()

    def _spot(self) -> _Spot | None:
        """Return what stands at the top: the last message that begins at or above it."""
        top = int(self.text.index("@0,0").split(".")[0])
        at = bisect_right(self._starts, top) - 1
        order: Iterable[int] = (*range(at, -1, -1), *range(max(0, at), len(self._drawn)))
        for index in order:
            entry = self._drawn[index]
            if isinstance(entry, Message):
                return _Spot(entry.seq, self._pixels(f"{self._starts[index]}.0", "@0,0"))
        return None

    def _go_to(self, spot: _Spot) -> None:
        """Bring a place back to the top, if it is still drawn."""
        for entry, line in zip(self._drawn, self._starts, strict=True):
            if isinstance(entry, Message) and entry.seq == spot.seq:
                self.text.yview(f"{line}.0")
                drift = spot.pixels - self._pixels(f"{line}.0", "@0,0")
                self.text.yview_scroll(drift, "pixels")
                return

    def _pixels(self, first: str, second: str) -> int:
        """Return how far below one index another is drawn."""
        found = self.text.tk.call(self.text, "count", "-update", "-ypixels", first, second)
        return int(found)


def _sender_tag(sender: str) -> str:
    return f"sender:{sender}"
