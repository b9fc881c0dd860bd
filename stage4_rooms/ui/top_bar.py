"""The bar along the top of a window: what this is, who one is, language, look, log out."""

import tkinter as tk
from collections.abc import Callable
from tkinter import ttk

from PIL import ImageTk

from stage1_echo import safe_text
from stage3_auth.ui.drawing import mark
from stage3_auth.ui.tooltip import Tooltip
from stage3_auth.ui.window import WindowParts

from .chat_pictures import ChatPictures
from .window_widgets import Hairline, icon_button

_ROOMY = 640  # pixels at 100 %: below that the names are left out


class TopBar(ttk.Frame):
    """The label ``me``, buttons ``language``, ``theme`` and ``log_out``.

    ``middle`` is room for the owner's tabs.
    """

    def __init__(
        self,
        master: tk.Misc,
        parts: WindowParts,
        *,
        user_name: str,
        on_log_out: Callable[[], object],
    ) -> None:
        super().__init__(master, name="top_bar")
        self._parts = parts
        px = parts.look.theme.px
        self.columnconfigure(1, weight=1)
        self._build_brand().grid(row=0, column=0, padx=(px(14), px(10)), pady=px(8))
        self.middle = ttk.Frame(self)
        self.middle.grid(row=0, column=1)
        self._build_person(user_name).grid(row=0, column=2, padx=(px(10), px(8)))
        self._build_buttons(on_log_out).grid(row=0, column=3, padx=(0, px(8)))
        Hairline(self, parts.look).grid(row=1, column=0, columnspan=4, sticky="ew")
        self.bind("<Configure>", lambda event: self._fit(event.width))

    def _build_brand(self) -> ttk.Frame:
        px = self._parts.look.theme.px
        brand = ttk.Frame(self)
        self._mark = ImageTk.PhotoImage(mark(px(26)), master=self)
        ttk.Label(brand, image=self._mark).grid(row=0, column=0)
        self._brand = ttk.Label(brand, style="Strong.TLabel")
        self._parts.catalog.label(self._brand, "app.name")
        self._brand.grid(row=0, column=1, padx=(px(10), 0))
        return brand

    def _build_person(self, user_name: str) -> ttk.Frame:
        px, look = self._parts.look.theme.px, self._parts.look
        person = ttk.Frame(self)
        avatar = ttk.Label(person)
        pictures = ChatPictures(look)

        def draw() -> None:
            avatar.configure(image=pictures.avatar(user_name, 24))

        draw()
        look.changed.connect(draw, owner=avatar)
        avatar.grid(row=0, column=0)
        name = ttk.Label(person, name="me", style="Strong.TLabel", text=safe_text(user_name))
        name.grid(row=0, column=1, padx=(px(8), 0))
        return person

    def _build_buttons(self, on_log_out: Callable[[], object]) -> ttk.Frame:
        look, catalog = self._parts.look, self._parts.catalog
        row = ttk.Frame(self)
        language = ttk.Button(row, style="Ghost.TButton", name="language", cursor="hand2")
        language.configure(command=lambda: switch_language(self._parts))
        catalog.label(language, "app.language")
        Tooltip(language, look, lambda: catalog.text("app.language.tip"))
        language.grid(row=0, column=0)
        theme = icon_button(row, self._parts, "moon", "app.theme.tip", look.toggle, name="theme")
        theme.grid(row=0, column=1)
        leave = icon_button(row, self._parts, "leave", "bar.log_out", on_log_out, name="log_out")
        leave.grid(row=0, column=2)
        return row

    def _fit(self, width: int) -> None:
        if width < self._parts.look.theme.px(_ROOMY):
            self._brand.grid_remove()
        else:
            self._brand.grid()


def switch_language(parts: WindowParts) -> None:
    """Turn to the other language."""
    language = "en" if parts.catalog.language == "zh" else "zh"
    parts.look.use_language(language)
    parts.catalog.use(language)
