"""What hovers over a transcript: the ways to older and newest messages, words when it is empty."""

from collections.abc import Callable
from tkinter import ttk

from stage3_auth.ui.window import WindowParts

from .chat_pictures import ChatPictures
from .talk import Talk
from .transcript import Transcript


class Floats:
    """The buttons ``older`` and ``newest``, each shown where it leads somewhere; ``empty``."""

    def __init__(
        self,
        transcript: Transcript,
        parts: WindowParts,
        *,
        on_older: Callable[[], object],
        on_newest: Callable[[], object],
    ) -> None:
        self._transcript, self._parts = transcript, parts
        self._pictures = ChatPictures(parts.look)
        text = transcript.text
        self._older = ttk.Button(text, name="older", cursor="hand2", command=on_older)
        self._newest = ttk.Button(
            text, name="newest", cursor="hand2", command=on_newest, compound="left"
        )
        self._empty = ttk.Label(text, name="empty", style="Muted.TLabel")

    def show(self, talk: Talk, *, loading: bool) -> None:
        """Show what fits the talk, and where in it one is; ``loading`` a page is on its way."""
        words, theme = self._parts.catalog.text, self._parts.look.theme
        px = theme.px
        self._older.configure(text=words("transcript.loading" if loading else "transcript.older"))
        self._older.state(["disabled" if loading else "!disabled"])
        _place(
            self._older,
            talk.has_older and self._transcript.at_top,
            {"relx": 0.5, "y": px(8), "anchor": "n"},
        )
        new = words("transcript.unread", count=talk.unread)
        self._newest.configure(
            text="  " + (new if talk.unread else words("transcript.newest")),
            image=self._pictures.icon("down", 16),
        )
        at_newest = self._transcript.follows or self._transcript.at_end
        _place(
            self._newest,
            not (talk.at_newest and at_newest),
            {"relx": 0.5, "rely": 1.0, "y": -px(10), "anchor": "s"},
        )
        self._empty.configure(text=words("transcript.empty"), background=theme.field)
        _place(
            self._empty,
            talk.loaded and not talk.entries and not talk.pending,
            {"relx": 0.5, "rely": 0.5, "anchor": "center"},
        )


def _place(widget: ttk.Widget, wanted: bool, where: dict[str, float | str]) -> None:
    if wanted:
        widget.place(where)
    else:
        widget.place_forget()
