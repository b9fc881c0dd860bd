"""A small board of emoji to choose from; whatever else there is can be typed or pasted."""

import tkinter as tk
from collections.abc import Callable
from functools import partial
from tkinter import ttk

from stage3_auth.ui.theme import Look

from .emoji import split_emoji
from .emoji_pictures import EmojiPictures

_COLUMNS = 8
_CHOICE = (
    "😀😄😂🤣😊😉😍😘😎🤔🙄😅😢😭😡😱👍👎👌🙏👏💪👋🤝"
    "❤️💔🔥✨🎉🎂🎁🌹☕🍵🍺🍜🍉🐶🐱🦊✅❌❓❗💡⏰🚀🌈"
)
_EMOJI = [emoji for emoji, _is_emoji in split_emoji(_CHOICE)]
_SIZE = 24  # pixels at 100 %


class EmojiPicker(ttk.Frame):
    """Lies over a window. Arrow keys move, Return or a click chooses, Escape closes.

    ``on_choose(emoji)`` is called for each choice, ``on_close()`` once at the end. The buttons
    are named ``emoji_0``, ``emoji_1`` …
    """

    def __init__(
        self,
        window: tk.Misc,
        look: Look,
        *,
        on_choose: Callable[[str], object],
        on_close: Callable[[], object],
    ) -> None:
        px = look.theme.px
        super().__init__(window, name="emoji_board", style="Field.TFrame", padding=px(6))
        self._on_choose, self._on_close = on_choose, on_close
        self._pictures = EmojiPictures(look)
        blank = self._pictures.blank(_SIZE)  # what keeps the place of a picture
        self._buttons: list[ttk.Button] = []
        for index, emoji in enumerate(_EMOJI):
            button = ttk.Button(
                self,
                name=f"emoji_{index}",
                style="Inside.Icon.TButton",
                cursor="hand2",
                image=blank,
                command=partial(self._choose, emoji),
            )
            button.grid(row=index // _COLUMNS, column=index % _COLUMNS, padx=1, pady=1)
            button.bind("<Return>", lambda event: event.widget.invoke())
            for key, step in _STEPS.items():
                button.bind(key, partial(self._move, index + step))
            button.bind("<Escape>", lambda _event: self.close())
            button.bind("<FocusOut>", lambda _event: self.after_idle(self._close_if_left))
            self._buttons.append(button)
        self._draw_from(0)

    def open_above(self, widget: tk.Misc) -> None:
        """Show the board above a widget, at its right end."""
        self.place(in_=widget, relx=1.0, rely=0.0, y=-6, anchor="se")
        self.lift()
        self._buttons[0].focus_set()

    def close(self) -> None:
        """Put the board away."""
        self.destroy()
        self._on_close()

    def _draw_from(self, first: int) -> None:
        """Put the pictures on the buttons, a row at a time: all at once would take 50 ms."""
        last = first + _COLUMNS
        for emoji, button in zip(_EMOJI[first:last], self._buttons[first:last], strict=True):
            picture = self._pictures.picture(emoji, _SIZE)
            button.configure(image=picture or "", text="" if picture else emoji)
        if last < len(self._buttons):
            self.after(1, self._draw_on, last)

    def _draw_on(self, first: int) -> None:
        if self.winfo_exists():  # else the person was quicker
            self._draw_from(first)

    def _choose(self, emoji: str) -> None:
        self._on_choose(emoji)
        self.close()

    def _move(self, to: int, _event: "tk.Event[tk.Misc]") -> str:
        if 0 <= to < len(self._buttons):
            self._buttons[to].focus_set()
        return "break"

    def _close_if_left(self) -> None:
        """Go away when the person has turned to something else in the window."""
        if self.winfo_exists():
            focus = str(self.tk.call("focus"))
            if focus and not focus.startswith(f"{self}."):
                self.destroy()


_STEPS = {"<Left>": -1, "<Right>": 1, "<Up>": -_COLUMNS, "<Down>": _COLUMNS}
