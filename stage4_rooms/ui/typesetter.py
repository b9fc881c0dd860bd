"""Puts the lines of ``transcript_layout`` into a ``SpokenText``: words, pictures, right-to-left."""

import tkinter as tk
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from itertools import count
from tkinter import font as tkfont
from tkinter import ttk

from stage3_auth.ui.theme import Look

from .chat_pictures import ChatPictures
from .emoji_pictures import LARGE, SIZE, EmojiPictures
from .script_order import (
    Part,
    begins_right,
    needs_order,
    runs_right_to_left,
    visual,
    visual_lines,
)
from .spoken_text import DRAWN, SAID, SpokenText
from .transcript_layout import Block, Line, Piece
from .transcript_styles import AVATAR, BODY_STYLES, BUTTONS, INDENT, PAD, RIGHT

_SLACK = 4  # pixels at 100 %: a line that is broken here must fit into the widget's
Tags = tuple[str, ...]


class Typesetter:
    """Adds lines at the end of ``text``; ``tags_of(piece)`` are the tags that dress a piece.

    ``on_button(piece)`` is called when a piece that is a button was pressed; their names are
    ``again_1``, ``discard_1``, ``again_2`` …
    ``depends_on_width`` tells whether something was put that must be put anew at another width.
    """

    def __init__(
        self,
        text: SpokenText,
        look: Look,
        tags_of: Callable[[Piece], Tags],
        on_button: Callable[[Piece], object],
    ) -> None:
        self._text, self._look, self._tags_of, self._on_button = text, look, tags_of, on_button
        self._pictures, self._emoji = ChatPictures(look), EmojiPictures(look)
        self._orders = needs_order(text)
        self._waiting: list[object] = []  # text, tags, text, tags … not yet given to Tk
        self._line = 1  # where the next word goes
        self.depends_on_width = False

    def put(self, blocks: Sequence[Block]) -> list[int]:
        """Put blocks at the end; return the line of each one's own words."""
        starts = []
        self._line = int(self._text.index("end-1c").split(".")[0])
        is_empty = self._text.compare("end-1c", "==", "1.0")
        for block in blocks:
            for index, line in enumerate(block.lines):
                if not is_empty:
                    self._add("\n", ())
                is_empty = False
                if index == block.body:
                    starts.append(self._line)
                self._put_line(line)
        self._flush()
        return starts

    # --- lines ---------------------------------------------------------------------------------

    def _put_line(self, line: Line) -> None:
        extra: Tags = ()
        if line.avatar is not None:
            extra = ("head",)
            self._draw(self._pictures.avatar(line.avatar, AVATAR), extra)
            self._add("\t", (*extra, DRAWN))  # to the column in which the words stand
        if not self._orders or not any(runs_right_to_left(piece.text) for piece in line.pieces):
            self._put_pieces(line.pieces, extra)
        elif line.pieces[0].style in BODY_STYLES:
            for index, paragraph in enumerate(_paragraphs(line.pieces)):
                if index:
                    self._add("\n", self._tags_of(line.pieces[0]))
                self._put_paragraph(paragraph)
        else:
            for piece in line.pieces:
                if piece.style in BUTTONS:
                    self._put_button(piece)
                else:
                    self._put_in_order(piece, extra)

    def _put_pieces(self, pieces: Iterable[Piece], extra: Tags = ()) -> None:
        for piece in pieces:
            if piece.style in BUTTONS:
                self._put_button(piece)
                continue
            tags = (*self._tags_of(piece), *extra)
            picture = self._picture(piece)
            self._add(piece.text, tags if picture is None else (*tags, SAID))
            if picture is not None:
                self._draw(picture, tags)

    def _put_button(self, piece: Piece) -> None:
        """Put a button, so that the keyboard reaches it."""
        self._flush()
        others = [child.winfo_name() for child in self._text.winfo_children()]
        number = next(n for n in count(1) if f"{piece.style}_{n}" not in others)
        button = ttk.Button(
            self._text,
            name=f"{piece.style}_{number}",
            style="Inside.Link.TButton",
            cursor="hand2",
            text=piece.text,
            command=partial(self._on_button, piece),
        )
        button.bind("<Return>", lambda _event: button.invoke())
        self._text.window_create("end-1c", window=button)

    def _put_in_order(self, piece: Piece, extra: Tags) -> None:
        """Put a word or two in visual order: a name, a notice."""
        tags = (*self._tags_of(piece), *extra)
        if runs_right_to_left(piece.text):
            self._add(piece.text, (*tags, SAID))
            self._add(visual(piece.text), (*tags, DRAWN))
        else:
            self._add(piece.text, tags)

    def _put_paragraph(self, paragraph: Sequence[Piece]) -> None:
        """Put what somebody wrote on one line, in visual order, broken at the widget's width."""
        words = "".join(piece.text for piece in paragraph)
        if not runs_right_to_left(words):
            self._put_pieces(paragraph)
            return
        self.depends_on_width = True
        extra: Tags = (RIGHT,) if begins_right(words) else ()
        self._add(words, (*self._tags_of(paragraph[0]), *extra, SAID))
        parts = [Part(p.text, p, p.style == "link" or p.emoji > 0, p.emoji > 0) for p in paragraph]
        for index, line in enumerate(visual_lines(parts, self._width(), self._measure)):
            if index:
                self._add("\n", (paragraph[0].style, *extra, DRAWN))
            for text, piece in line:
                tags = (*self._tags_of(piece), *extra, DRAWN)
                if (picture := self._picture(piece)) is not None:
                    self._draw(picture, tags)
                else:
                    self._add(text, tags)

    # --- sizes ---------------------------------------------------------------------------------

    def _picture(self, piece: Piece) -> tk.PhotoImage | None:
        if not piece.emoji:
            return None
        return self._emoji.picture(piece.text, LARGE if piece.emoji > 1 else SIZE)

    def _width(self) -> int:
        px = self._look.theme.px
        return max(px(80), self._text.winfo_width() - px(2 * PAD + INDENT + _SLACK))

    def _measure(self, text: str, piece: Piece) -> int:
        if piece.emoji:
            return self._look.theme.px(SIZE)
        return tkfont.nametofont(self._look.theme.body, self._text).measure(text)

    # --- Tk ------------------------------------------------------------------------------------

    def _add(self, words: str, tags: Tags) -> None:
        """Note words for the end; they are given to Tk many at a time."""
        self._waiting += (words, tags)
        self._line += words.count("\n")

    def _flush(self) -> None:
        if self._waiting:
            self._text.insert("end", *self._waiting)  # type: ignore[arg-type]
            self._waiting.clear()

    def _draw(self, picture: tk.PhotoImage, tags: Tags) -> None:
        self._flush()
        at = self._text.index("end-1c")
        self._text.image_create(at, image=picture)
        for tag in {*tags, DRAWN}:
            self._text.tag_add(tag, at)


def _paragraphs(pieces: Iterable[Piece]) -> list[list[Piece]]:
    """Return the pieces of a message line by line, without the line breaks."""
    found: list[list[Piece]] = [[]]
    for piece in pieces:
        first, *others = piece.text.split("\n")
        found[-1].append(piece._replace(text=first))
        found += [[piece._replace(text=other)] for other in others]
    return found
