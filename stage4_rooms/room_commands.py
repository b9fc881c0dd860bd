"""The terminal commands of the chat, a table that later clients add to their own."""

import threading
from datetime import datetime

from stage1_echo import is_interactive, print_event
from stage2_protocol import Command, CommandLine, WrongUsage
from stage3_auth import not_logged_in

from .chat_client import ChatClient
from .events import (
    Arrived,
    Connected,
    Disconnected,
    Event,
    MembersChanged,
    Message,
    NotSent,
    PresenceChanged,
    SessionEnded,
    Where,
)
from .places import LOBBY

FLUSH_SECONDS = 5.0
CLOSE_SECONDS = 2.0


class RoomCommands:
    """Commands on a chat client; what happens in the rooms is printed, one line an event."""

    def __init__(self, host: str, port: int) -> None:
        self._address = (host, port)
        self._chat: ChatClient | None = None
        self._entered = threading.Event()
        self.where = Where(LOBBY)

    def add_to(self, line: CommandLine) -> None:
        """Add the commands to a command line."""
        for name, usage, help, run, raw in (
            ("rooms", "", "list the rooms", self.rooms, False),
            ("create", "ROOM [TOPIC]", "create a room and join it", self.create, False),
            ("join", "ROOM", "join a room and speak there", self.join, False),
            ("leave", "ROOM", "leave a room", self.leave, False),
            ("who", "[ROOM]", "show the members of a room", self.who, False),
            ("to", "ROOM|@NAME", "choose where to speak", self.to, False),
            ("msg", "NAME TEXT", "write to one person", self.msg, True),
            ("history", "[after|before SEQ]", "show earlier messages", self.history, False),
        ):
            line.add(name, Command(usage, help, run, raw))

    def enter(self, token: str) -> None:
        """Enter the chat with a session's token; what is missed is shown after every reconnect."""
        self.close()
        self._entered.clear()
        self._chat = ChatClient(*self._address, token, self._show)
        self._chat.start()
        self._entered.wait(10)

    def close(self) -> None:
        """Leave the chat server, once what was said is on its disk."""
        if self._chat is not None:
            if not self._chat.flush(FLUSH_SECONDS):
                print_event("error: some messages were not sent")
            self._chat.close(wait=CLOSE_SECONDS)
            self._chat = None

    def say(self, text: str) -> None:
        """Say something where one is."""
        self.chat.say(self.where, text)

    @property
    def chat(self) -> ChatClient:
        """The chat client; raises Refused (102) before login."""
        if self._chat is None:
            raise not_logged_in()
        return self._chat

    def rooms(self) -> None:
        """List the rooms."""
        for row in self.chat.rooms():
            print_event(f"room {row['room']} ({row['members']} members) {row['topic']}".rstrip())

    def create(self, room: str, *topic: str) -> None:
        """Create a room."""
        self.chat.create(room, " ".join(topic))
        self.where = Where(room)
        print_event(f"created {room}; you speak there now")

    def join(self, room: str) -> None:
        """Join a room and speak there."""
        data = self.chat.join(room)
        self.where = Where(data["room"])
        print_event(f"joined {self.where} ({data['members']} members) {data['topic']}".rstrip())

    def leave(self, room: str) -> None:
        """Leave a room."""
        self.chat.leave(room)
        self.where = Where(LOBBY)
        print_event(f"left {room}; you speak in {LOBBY} now")

    def who(self, room: str = "") -> None:
        """Show the members of a room."""
        for row in self.chat.who(room or self.where.name):
            print_event(f"member {row['user_name']} {row['state']}")

    def to(self, place: str) -> None:
        """Choose where to speak."""
        self.where = Where(place[1:], False) if place.startswith("@") else Where(place)
        print_event(f"you speak in {self.where} now")

    def msg(self, words: str) -> None:
        """Write to one person."""
        name, _, text = words.partition(" ")
        if not text:
            raise WrongUsage("the text is missing")
        self.chat.say(Where(name, False), text)

    def history(self, direction: str = "", seq: str = "0") -> None:
        """Show earlier messages: the newest, those after or those before a number."""
        if direction not in ("", "after", "before") or not seq.isdecimal():
            raise WrongUsage("after or before, and a number")
        bounds = {direction: int(seq)} if direction else {}
        page, more = self.chat.history(self.where, limit=200, **bounds)
        for message in page:
            print_event(f"earlier {_line(message)}")
        rest = "there is more" if more else "that is all"
        print_event(f"end of history of {self.where}, {len(page)} messages, {rest}")

    def _show(self, event: Event) -> None:
        match event:
            case Connected():
                self._show_connected(event)
            case Disconnected(reason):
                print_event(f"disconnected: {reason}; trying again")
            case SessionEnded(reason):
                print_event(f"the session has ended: {reason}")
            case Arrived(message, earlier):
                print_event(f"earlier {_line(message)}" if earlier else _line(message))
            case NotSent(where, _cid, reason):
                print_event(f"error: not sent to {where}: {reason}")
            case PresenceChanged(name, state):
                print_event(f"* {name} is {state}")
            case MembersChanged(room, name, joined):
                print_event(f"* {name} {'joined' if joined else 'left'} {room}")
        if isinstance(event, (Connected, Disconnected, SessionEnded)):
            self._entered.set()

    def _show_connected(self, event: Connected) -> None:
        print_event(f"entered as {event.user_name}; rooms: {', '.join(event.rooms)}")


def _line(message: Message) -> str:
    """Return a message as one line; a script sees the number, a person the time."""
    if is_interactive():
        said = datetime.fromtimestamp(message.time)
        today = said.date() == datetime.now().date()
        at = said.strftime("%H:%M" if today else "%Y-%m-%d %H:%M")
        return f"[{at}] {message.where} {message.sender}: {message.text}"
    return f"{message.where} #{message.seq} {message.sender}: {message.text}"
