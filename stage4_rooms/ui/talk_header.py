"""The line above a transcript: where one is, what it is about, and what can be done there."""

import tkinter as tk
from collections.abc import Callable
from tkinter import ttk

from stage1_echo import safe_text
from stage3_auth.ui.window import WindowParts

from ..events import Where
from ..places import LOBBY
from .chat_pictures import ChatPictures
from .chat_state import ChatState
from .window_widgets import icon_button

_PICTURE = 34


class TalkHeader(ttk.Frame):
    """Shows the name and topic of a room, or the name and state of a person.

    Buttons: ``set_topic``, ``show_members``, ``leave`` and ``put_away``.
    """

    def __init__(
        self,
        master: tk.Misc,
        parts: WindowParts,
        *,
        on_topic: Callable[[], object],
        on_members: Callable[[], object],
        on_leave: Callable[[], object],
    ) -> None:
        px = parts.look.theme.px
        super().__init__(master, padding=(px(18), px(9), px(10), px(9)))
        self._parts = parts
        self._pictures = ChatPictures(parts.look)
        self.columnconfigure(1, weight=1)
        self._picture = ttk.Label(self)
        self._picture.grid(row=0, column=0, rowspan=2, padx=(0, px(10)))
        self._title = ttk.Label(self, name="talk_name", style="Strong.TLabel")
        self._title.grid(row=0, column=1, sticky="sw")
        # Not ttk: a long topic must be cut at the width there is, not ask for more.
        self._topic = ttk.Label(self, name="talk_topic", style="Muted.TLabel", width=1)
        self._topic.grid(row=1, column=1, sticky="new")
        self._set_topic = icon_button(
            self, parts, "pencil", "chat.set_topic", on_topic, name="set_topic"
        )
        self._members = icon_button(
            self, parts, "people", "chat.members", on_members, name="show_members"
        )
        self._leave = icon_button(self, parts, "leave", "chat.leave_room", on_leave, name="leave")
        self._close = icon_button(
            self, parts, "close", "chat.leave_talk", on_leave, name="put_away"
        )

    def show(self, where: Where, state: ChatState) -> None:
        """Show a place as it is now."""
        words = self._parts.catalog.text
        name = safe_text(where.name)
        person = state.state_of(where.name)
        if where.is_room:
            picture = self._pictures.room(_PICTURE)
            topic = safe_text(state.topics.get(where.name, ""))
            if not topic and where.name == LOBBY:
                topic = words("chat.lobby_topic")
            about = [words("chat.members_count", count=len(state.members.get(where.name, ())))]
            if topic:
                about.append(topic)
        else:
            picture = self._pictures.person(where.name, person, _PICTURE)
            about = [words("chat.private"), words(f"state.{person}")]
        self._picture.configure(image=picture)
        self._title.configure(text=name)
        self._topic.configure(text="  ·  ".join(about))
        self._show_buttons(where, is_owner=where.is_room and where.name in state.owned)

    def _show_buttons(self, where: Where, *, is_owner: bool) -> None:
        for column, button, wanted in (
            (2, self._set_topic, is_owner),
            (3, self._members, where.is_room),
            (4, self._leave, where.is_room and where.name != LOBBY),
            (5, self._close, not where.is_room),
        ):
            if wanted:
                button.grid(row=0, column=column, rowspan=2)
            else:
                button.grid_remove()
