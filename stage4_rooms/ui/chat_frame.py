"""The chat as one frame: rooms and people, the talk, its members.

Whoever embeds it passes how to open the chat, words, looks and bridge. The widgets that tests and
later windows find by name: ``rooms`` (a list), ``new_room``, ``transcript``, ``older``, ``newest``,
``composer``, ``send``, ``members`` (a list), ``set_topic``, ``show_members``, ``leave``,
``put_away``, ``talk_name``, ``talk_topic``, ``status``, ``news``, ``emoji``, ``own_state``.
"""

import tkinter as tk
import webbrowser
from collections.abc import Callable
from functools import partial
from tkinter import ttk

from stage1_echo import safe_text
from stage3_auth.ui.bindings import bind_while
from stage3_auth.ui.focus import program_has_focus
from stage3_auth.ui.login_errors import trouble_of
from stage3_auth.ui.window import WindowParts

from ..events import PresenceChanged, Where
from .chat_calls import OpenChat
from .chat_desk import ChatDesk
from .chat_rows import id_of, member_rows, place_rows, where_of
from .composer import Composer
from .new_room import NewRoomDialog
from .own_state import OwnState
from .side_list import SideList
from .status_line import StatusLine
from .talk_header import TalkHeader
from .topic_dialog import TopicDialog
from .transcript import Transcript
from .transcript_floats import Floats
from .window_widgets import Content, Hairline, icon_button

# Pixels at 100 %. In a window narrower than _ROOMY the members are shown only when asked for, and
# then in the place of rooms and people.
PLACES_WIDTH, PLACES_LEAST, MEMBERS_WIDTH = 214, 156, 196
_ROOMY, _NARROW = 760, 620


class ChatFrame(Content):
    """One person's chat. ``on_ended(reason)`` is called when the server ends the session.

    ``on_unread(count)`` is called when the count of unread messages changes, ``on_rooms(names)``
    when the rooms one is in do. Call ``close`` before destroying it.
    """

    def __init__(
        self,
        master: tk.Misc,
        parts: WindowParts,
        *,
        open_chat: OpenChat,
        user_name: str,
        on_ended: Callable[[str], object],
        on_unread: Callable[[int], object] = lambda _count: None,
        on_rooms: Callable[[list[str]], object] = lambda _rooms: None,
    ) -> None:
        super().__init__(master, name="chat")
        self._parts = parts
        self._on_unread, self._on_rooms = on_unread, on_rooms
        self._unread = 0
        self._rooms: list[str] = []
        self._drafts: dict[Where, str] = {}
        self._shown: Where | None = None
        self._members_wanted: bool | None = None  # None: as the width suggests
        self._desk = ChatDesk(
            open_chat,
            parts.bridge,
            user_name,
            watched=self._is_watched,
            on_ended=on_ended,
            on_news=self._tell_news,
        )
        self._build()
        self._desk.changed.connect(self._refresh, owner=self)
        parts.catalog.changed.connect(self._refresh, owner=self)
        parts.look.changed.connect(self._refresh, owner=self)
        bind_while(self, self.winfo_toplevel(), "<FocusIn>", lambda _event: self._desk.see())
        self.bind("<Visibility>", lambda _event: self._desk.see())
        self._refresh()
        self._desk.start()
        self._composer.text.focus_set()

    def close(self, then: Callable[[], object]) -> None:
        """Leave the chat server once what was said has arrived there; ``then`` is called after."""
        self._desk.close(then)

    # --- building ------------------------------------------------------------------------------

    def _build(self) -> None:
        self.columnconfigure(2, weight=1)
        self.rowconfigure(0, weight=1)
        self._places_pane = self._build_places()
        self._places_pane.grid(row=0, column=0, sticky="nsew")
        self._places_line = Hairline(self, self._parts.look, upright=True)
        self._places_line.grid(row=0, column=1, sticky="ns")
        self._build_talk().grid(row=0, column=2, sticky="nsew")
        self._members_line = Hairline(self, self._parts.look, upright=True)
        self._members_line.grid(row=0, column=3, sticky="ns")
        self._members_pane = self._build_members()
        self._members_pane.grid(row=0, column=4, sticky="nsew")
        self.bind("<Configure>", lambda _event: self._fit())

    def _build_places(self) -> ttk.Frame:
        parts, px = self._parts, self._parts.look.theme.px
        pane = ttk.Frame(self, width=px(PLACES_WIDTH))
        pane.grid_propagate(False)
        pane.columnconfigure(0, weight=1)
        pane.rowconfigure(1, weight=1)
        title = ttk.Label(pane, style="Strong.TLabel")
        parts.catalog.label(title, "chat.title")
        title.grid(row=0, column=0, sticky="w", padx=(px(16), 0), pady=px(12))
        new = icon_button(
            pane, parts, "plus", "chat.new_room", self._open_new_room, name="new_room"
        )
        new.grid(row=0, column=1, padx=px(8))
        self._places = SideList(
            pane, parts.look, name="rooms", on_choose=lambda id: self._go_to(where_of(id))
        )
        self._places.grid(row=1, column=0, columnspan=2, sticky="nsew", padx=(px(8), px(4)))
        self._own_state = OwnState(pane, parts, self._set_state)
        self._own_state.grid(row=2, column=0, columnspan=2, sticky="ew", padx=px(8), pady=px(8))
        return pane

    def _build_talk(self) -> ttk.Frame:
        parts, px = self._parts, self._parts.look.theme.px
        pane = ttk.Frame(self)
        pane.columnconfigure(0, weight=1)
        pane.rowconfigure(2, weight=1)
        self._header = TalkHeader(
            pane,
            parts,
            on_topic=self._set_topic,
            on_members=self._toggle_members,
            on_leave=self._leave,
        )
        self._header.grid(row=0, column=0, sticky="ew")
        Hairline(pane, parts.look).grid(row=1, column=0, sticky="ew")
        self._transcript = Transcript(
            pane,
            parts.catalog,
            parts.look,
            on_scroll=self._scrolled,
            on_again=self._desk.again,
            on_discard=self._desk.discard,
            on_link=self._open_link,
            on_chosen=self._tell_link,
        )
        self._transcript.grid(row=2, column=0, sticky="nsew")
        self._floats = Floats(
            self._transcript, parts, on_older=self._desk.load_older, on_newest=self._to_newest
        )
        foot = ttk.Frame(pane, padding=(px(18), px(10), px(18), px(8)))
        foot.grid(row=3, column=0, sticky="ew")
        foot.columnconfigure(0, weight=1)
        self._composer = Composer(foot, parts.catalog, parts.look, self._send)
        self._composer.grid(row=0, column=0, sticky="ew")
        self._status = StatusLine(foot, parts, "composer.hint")
        self._status.grid(row=1, column=0, sticky="ew", pady=(px(6), 0))
        return pane

    def _build_members(self) -> ttk.Frame:
        parts, px = self._parts, self._parts.look.theme.px
        pane = ttk.Frame(self, width=px(MEMBERS_WIDTH))
        pane.grid_propagate(False)
        pane.columnconfigure(0, weight=1)
        pane.rowconfigure(1, weight=1)
        title = ttk.Label(pane, style="Strong.TLabel")
        parts.catalog.label(title, "chat.members")
        title.grid(row=0, column=0, sticky="w", padx=px(16), pady=px(12))
        self._members = SideList(
            pane, parts.look, name="members", on_choose=self._write_to, at_once=False
        )
        self._members.grid(row=1, column=0, sticky="nsew", padx=(px(8), px(4)))
        return pane

    # --- what the person does ------------------------------------------------------------------

    def _go_to(self, where: Where) -> None:
        self._desk.choose(where)
        self._composer.text.focus_set()

    def _write_to(self, id: str) -> None:
        where = where_of(id)
        if where.name != self._desk.state.own_name:
            self._go_to(where)

    def _send(self, text: str) -> None:
        self._transcript.to_end()
        self._desk.talk.reading_back = False
        self._desk.send(text)

    def _set_state(self, state: str) -> None:
        done = partial(self._own_state.show, state)
        set_state = partial(self._desk.chat.set_state, state)
        self._parts.bridge.run(set_state, done=lambda _none: done(), failed=self._tell_news)

    def _leave(self) -> None:
        self._desk.leave(self._desk.where)

    def _set_topic(self) -> None:
        TopicDialog(self, self._parts, self._desk, self._desk.where.name)

    def _open_link(self, url: str) -> None:
        self._parts.bridge.run(webbrowser.open, url)  # some systems take their time over it

    def _tell_link(self, url: str) -> None:
        self._status.say(lambda: self._parts.catalog.text("link.chosen", url=url))

    def _open_new_room(self) -> None:
        NewRoomDialog(self, self._parts, self._desk, on_gone=self._go_to)

    def _toggle_members(self) -> None:
        self._members_wanted = not self._members_pane.winfo_ismapped()
        self._fit()

    def _to_newest(self) -> None:
        self._desk.talk.reading_back = False
        self._transcript.to_end()
        self._desk.go_to_newest()
        self._desk.see()

    def _scrolled(self) -> None:
        talk = self._desk.talk
        talk.reading_back = not self._transcript.follows
        if self._transcript.at_top and not self._transcript.follows:
            self._desk.load_older()
        elif self._transcript.at_end:
            if not talk.at_newest:
                self._transcript.follows = False
                self._desk.load_newer()
            self._desk.see()
        self._floats.show(self._desk.talk, loading=self._desk.loading)

    # --- what is shown -------------------------------------------------------------------------

    def _is_watched(self) -> bool:
        """Tell whether the newest message is before the eyes of a person at this window."""
        in_front = self.winfo_viewable() and program_has_focus(self)
        return bool(in_front) and self._transcript.follows and self._shown == self._desk.where

    def _refresh(self) -> None:
        desk, state = self._desk, self._desk.state
        if self._shown != desk.where:
            self._turn_to(desk.where)
        talk = desk.talk
        desk.see()
        words = self._parts.catalog.text
        self._places.rows = place_rows(state, words)
        self._places.mark(id_of(desk.where))
        self._header.show(desk.where, state)
        if desk.where.is_room:
            self._members.rows = member_rows(state, desk.where.name, words)
        self._transcript.show(talk)
        self._composer.text.set_placeholder(words("composer.room", name=safe_text(desk.where.name)))
        self._status.show(state.connected)
        self._fit()
        self._floats.show(self._desk.talk, loading=self._desk.loading)
        self._tell_owner()

    def _tell_owner(self) -> None:
        state = self._desk.state
        rooms = [talk.where.name for talk in state.places()[0]]
        if state.unread() != self._unread:
            self._unread = state.unread()
            self._on_unread(self._unread)
        if rooms != self._rooms:
            self._rooms = rooms
            self._on_rooms(rooms)

    def _turn_to(self, where: Where) -> None:
        """Keep what was being written, and bring back what was begun at the other place."""
        text = self._composer.text
        if self._shown is not None:
            self._drafts[self._shown] = text.value
            text.value = self._drafts.pop(where, "")
        self._shown = where

    def _fit(self) -> None:
        """Show the panes for which there is width, or which were asked for."""
        px, width = self._parts.look.theme.px, self.winfo_width()
        roomy = width >= px(_ROOMY)
        members = roomy if self._members_wanted is None else self._members_wanted
        members = members and self._desk.where.is_room
        _show(members, self._members_line, self._members_pane)
        _show(roomy or not members, self._places_line, self._places_pane)
        self._places_pane.configure(width=px(PLACES_LEAST if width < px(_NARROW) else PLACES_WIDTH))

    def _tell_news(self, news: PresenceChanged | Exception) -> None:
        words = self._parts.catalog.text
        if isinstance(news, PresenceChanged):
            key, name = f"news.{news.state}", safe_text(news.user_name)
            self._status.say(lambda: words(key, name=name))
        else:
            trouble = trouble_of(news, {})
            self._status.say(lambda: words(trouble.key, **trouble.values), is_error=True)


def _show(wanted: bool, *widgets: tk.Widget) -> None:
    for widget in widgets:
        if wanted:
            widget.grid()
        else:
            widget.grid_remove()
