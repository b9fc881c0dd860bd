"""The dialog for going somewhere new: join a room, create one, or write to a person."""

import tkinter as tk
from collections.abc import Callable
from functools import partial
from tkinter import ttk
from typing import Any

from stage1_echo import safe_text
from stage2_protocol import Data
from stage3_auth import name_key
from stage3_auth.ui.entry import LineEntry
from stage3_auth.ui.login_errors import Answers, trouble_of
from stage3_auth.ui.window import WindowParts

from ..events import Where
from ..places import check_room_name
from .chat_desk import ChatDesk
from .chat_pictures import Face
from .dialog import Dialog
from .side_list import Row, SideList

_JOIN: Answers = {104: ("error.no_room", None)}
_CREATE: Answers = {2: ("error.room_rule", None), 3: ("error.room_exists", None)}
_WRITE: Answers = {1: ("error.no_person", None)}
_MOST_ROWS = 200


class NewRoomDialog(Dialog):
    """A name to type, and the rooms of the server below it, narrowed down by what is typed.

    Widgets: ``room_name``, ``room_list``, ``join_room``, ``create_room``, ``write_to``,
    ``room_message``. ``on_gone(where)`` is called at the end with the place that one went to.
    """

    def __init__(
        self,
        master: tk.Misc,
        parts: WindowParts,
        desk: ChatDesk,
        on_gone: Callable[[Where], object],
    ) -> None:
        super().__init__(master, parts, name="new_room_dialog", title="room.title")
        self._desk, self._on_gone = desk, on_gone
        self._all: list[Data] | None = None
        self._build_entry()
        self._build_list()
        self._build_buttons()
        parts.look.changed.connect(self._show_rooms, owner=self)
        parts.bridge.run(desk.chat.rooms, done=self._take_rooms, failed=self._failed({}))
        self._judge()
        self.open(self._entry)

    # --- building ------------------------------------------------------------------------------

    def _build_entry(self) -> None:
        parts, px = self.parts, self.parts.look.theme.px
        box = ttk.Frame(self.body, style="Field.TFrame", padding=(px(11), px(6)))
        box.grid(row=1, column=0, sticky="ew")
        box.columnconfigure(0, weight=1)
        self._entry = LineEntry(box, parts.look, name="room_name", limit=64)
        self._entry.grid(row=0, column=0, sticky="ew")
        parts.catalog.follow(
            self._entry, lambda: self._entry.set_placeholder(parts.catalog.text("room.name"))
        )
        self._entry.bind("<FocusIn>", lambda _event: box.state(["focus"]), add=True)
        self._entry.bind("<FocusOut>", lambda _event: box.state(["!focus"]), add=True)
        self._entry.bind("<<Changed>>", lambda _event: self._typed())
        self._entry.bind("<<Submit>>", lambda _event: self._submit())

    def _build_list(self) -> None:
        parts, px = self.parts, self.parts.look.theme.px
        caption = ttk.Label(self.body, style="Muted.TLabel", name="room_caption")
        caption.grid(row=2, column=0, sticky="w", pady=(px(12), px(4)))
        self._caption = caption
        frame = ttk.Frame(self.body, width=px(440), height=px(212))
        frame.grid_propagate(False)
        frame.columnconfigure(0, weight=1)
        frame.rowconfigure(0, weight=1)
        frame.grid(row=3, column=0, sticky="nsew")
        self._list = SideList(frame, parts.look, name="room_list", on_choose=self._fill)
        self._list.tree.bind("<Double-Button-1>", lambda _event: self._join())
        self._list.tree.bind("<Return>", lambda _event: self._join())
        self._list.grid(row=0, column=0, sticky="nsew")

    def _build_buttons(self) -> None:
        px = self.parts.look.theme.px
        self._message = ttk.Label(
            self.body, name="room_message", style="Error.TLabel", wraplength=px(440)
        )
        self._message.grid(row=4, column=0, sticky="w", pady=px(8))
        row = ttk.Frame(self.body)
        row.grid(row=5, column=0, sticky="ew")
        row.columnconfigure(0, weight=1)
        self._buttons = [
            self._button(row, "write_to", "room.write", self._write),
            self._button(row, "create_room", "room.create", self._create),
            self._button(row, "join_room", "room.join", self._join),
        ]
        for column, button in enumerate(self._buttons, start=1):
            button.grid(row=0, column=column, padx=(px(8), 0))

    def _button(
        self,
        master: tk.Misc,
        name: str,
        text: str,
        command: Callable[[], object],
    ) -> ttk.Button:
        button = ttk.Button(master, name=name, command=command)
        self.parts.catalog.label(button, text)
        for key in ("<Return>", "<KP_Enter>"):
            button.bind(key, lambda _event: button.invoke())
        return button

    # --- what the person does ------------------------------------------------------------------

    def _typed(self) -> None:
        self._message.configure(text="")
        self._list.mark("")
        self._show_rooms()
        self._judge()

    def _fill(self, room: str) -> None:
        """Take the name of a room in the list; the list stays as it is."""
        self._entry.value = room
        self._judge()

    def _submit(self) -> None:
        """Return in the name does what the button in the accent colour says."""
        if self._entry.value.strip():
            self._likely().invoke()

    def _likely(self) -> ttk.Button:
        """Return the button of what the person most likely wants: a new name is a new room's."""
        write, create, join = self._buttons
        typed = name_key(self._entry.value.strip())
        if not typed or self._all is None or self._list.rows:
            return join
        if any(typed == name_key(room["room"]) for room in self._all):
            return join  # one is in it already
        return write if typed in map(name_key, self._desk.state.people()) else create

    def _join(self) -> None:
        if name := self._meant_room():
            self._call(partial(self._desk.chat.join, name), self._joined, _JOIN)

    def _meant_room(self) -> str:
        """Return what was typed, or the one room in the list that it leads to."""
        typed = self._entry.value.strip()
        listed = [row.id for row in self._list.rows]
        is_name = name_key(typed) in map(name_key, listed)
        return listed[0] if typed and len(listed) == 1 and not is_name else typed

    def _create(self) -> None:
        name = self._entry.value.strip()
        if not name:
            return
        if check_room_name(name) is not None:
            self._say(self.parts.catalog.text("error.room_rule"))
            return
        self._desk.state.owned.add(name)
        room = partial(self._joined, {"room": name, "topic": ""})
        self._call(partial(self._desk.chat.create, name), lambda _nothing: room(), _CREATE)

    def _write(self) -> None:
        name = self._desk.state.known_name(self._entry.value.strip())
        if not name:
            return
        if name_key(name) == name_key(self._desk.state.own_name):
            self._say(self.parts.catalog.text("error.oneself"))
            return
        where = Where(name, False)
        self._call(partial(self._desk.chat.look, where), lambda _page: self._go(where), _WRITE)

    # --- what comes of it ----------------------------------------------------------------------

    def _joined(self, room: Data) -> None:
        self._desk.state.topics[room["room"]] = room["topic"]
        self._go(Where(room["room"]))

    def _go(self, where: Where) -> None:
        self.destroy()
        self._on_gone(where)

    def _call(
        self, call: Callable[[], Any], done: Callable[[Any], object], answers: Answers
    ) -> None:
        self._message.configure(text="")
        for button in self._buttons:
            button.state(["disabled"])
        self.parts.bridge.run(
            call,
            done=lambda result: self.winfo_exists() and done(result),
            failed=self._failed(answers),
        )

    def _failed(self, answers: Answers) -> Callable[[Exception], None]:
        def failed(error: Exception) -> None:
            if self.winfo_exists():
                trouble = trouble_of(error, answers)
                self._say(self.parts.catalog.text(trouble.key, **trouble.values))
                self._judge()

        return failed

    def _say(self, words: str) -> None:
        self._message.configure(text=words)

    def _judge(self) -> None:
        state = "!disabled" if self._entry.value.strip() else "disabled"
        likely = self._likely()
        for button in self._buttons:
            button.state([state])
            button.configure(style="Accent.TButton" if button is likely else "TButton")

    def _take_rooms(self, rooms: list[Data]) -> None:
        if self.winfo_exists():
            self._all = rooms
            self._show_rooms()
            self._judge()

    def _show_rooms(self) -> None:
        words = self.parts.catalog.text
        inside = {where.name for where in self._desk.state.talks if where.is_room}
        typed = name_key(self._entry.value.strip())
        others = [room for room in self._all or () if room["room"] not in inside]
        found = [room for room in others if typed in name_key(room["room"])]
        none = self._all is not None and not others
        self._caption.configure(text=words("room.none" if none else "room.list"))
        self._list.rows = [
            Row(
                room["room"],
                "   ".join(filter(None, (safe_text(room["room"]), safe_text(room["topic"])))),
                Face(room["room"]),
                note=str(room["members"]),
            )
            for room in found[:_MOST_ROWS]
        ]
