"""The dialog in which the owner of a room says what it is about."""

import tkinter as tk
from collections.abc import Callable
from functools import partial
from tkinter import ttk

from stage3_auth.ui.entry import LineEntry
from stage3_auth.ui.login_errors import Answers, trouble_of
from stage3_auth.ui.window import WindowParts

from ..places import TOPIC_LENGTH, check_topic
from .chat_desk import ChatDesk
from .dialog import Dialog

_ANSWERS: Answers = {2: ("error.topic_rule", None), 103: ("error.not_owner", None)}


class TopicDialog(Dialog):
    """One line to type. Widgets: ``topic``, ``topic_message``, ``save_topic``, ``cancel``."""

    def __init__(self, master: tk.Misc, parts: WindowParts, desk: ChatDesk, room: str) -> None:
        super().__init__(master, parts, name="topic_dialog", title="topic.title")
        self._desk, self._room = desk, room
        px, label = parts.look.theme.px, parts.catalog.label
        self._message = ttk.Label(
            self.body, name="topic_message", style="Error.TLabel", wraplength=px(440)
        )
        box = ttk.Frame(self.body, style="Field.TFrame", padding=(px(11), px(6)), width=px(460))
        box.grid(row=1, column=0, sticky="ew")
        box.columnconfigure(0, weight=1, minsize=px(440))
        self._topic = LineEntry(box, parts.look, name="topic", limit=2 * TOPIC_LENGTH)
        self._topic.grid(row=0, column=0, sticky="ew")
        self._topic.value = desk.state.topics.get(room, "")
        self._topic.set_placeholder(parts.catalog.text("topic.hint"))
        self._topic.bind("<<Changed>>", lambda _event: self._message.configure(text=""))
        self._topic.bind("<<Submit>>", lambda _event: self._save())
        self._message.grid(row=2, column=0, sticky="w", pady=px(8))
        row = ttk.Frame(self.body)
        row.grid(row=3, column=0, sticky="e")
        commands: tuple[tuple[str, str, str, Callable[[], object]], ...] = (
            ("cancel", "topic.cancel", "TButton", self.destroy),
            ("save_topic", "topic.save", "Accent.TButton", self._save),
        )
        for column, (name, words, style, command) in enumerate(commands):
            button = ttk.Button(row, name=name, style=style, command=command)
            label(button, words)
            button.bind("<Return>", lambda event: event.widget.invoke())
            button.grid(row=0, column=column, padx=(px(8), 0))
        self.open(self._topic)

    def _save(self) -> None:
        topic = self._topic.value.strip()
        if check_topic(topic) is not None:
            self._say("error.topic_rule")
            return
        self.parts.bridge.run(
            partial(self._desk.chat.set_topic, self._room, topic),
            done=lambda _nothing: self._saved(topic),
            failed=self._failed,
        )

    def _saved(self, topic: str) -> None:
        self._desk.note_topic(self._room, topic)
        if self.winfo_exists():
            self.destroy()

    def _failed(self, error: Exception) -> None:
        if self.winfo_exists():
            trouble = trouble_of(error, _ANSWERS)
            self._say(trouble.key, **trouble.values)

    def _say(self, key: str, **values: object) -> None:
        words = self.parts.catalog.text(key, **{"most": TOPIC_LENGTH, **values})
        self._message.configure(text=words)
