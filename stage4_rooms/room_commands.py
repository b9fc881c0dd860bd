"""The terminal commands of the chat, a table that later clients add to their own."""

import threading
from collections.abc import Callable

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
from .room_lines import member_lines, message_lines, room_line

FLUSH_SECONDS = 5.0
CLOSE_SECONDS = 2.0
STATES = ("online", "away", "busy", "invisible")


class RoomCommands:
    """Commands on a chat client; what happens in the rooms is printed, one line an event."""

    def __init__(self, host: str, port: int) -> None:
        self._address = (host, port)
        self._chat: ChatClient | None = None
        self._entered = threading.Event()
        self._is_lost = False  # an outage is told once, however often a connect fails in it
        self._wrote_last: str | None = None  # who wrote privately
        self.where = Where(LOBBY)

    def add_to(self, line: CommandLine) -> None:
        """Add the commands to a command line."""
        rows: tuple[tuple[str, str, str, Callable[..., None]], ...] = (
            ("rooms", "", "list the rooms", self.rooms),
            ("create", "ROOM [TOPIC]", "create a room and join it", self.create),
            ("join", "ROOM", "join a room and speak there", self.join),
            ("leave", "[ROOM]", "leave a room", self.leave),
            ("topic", "TEXT", "say what the room is about, if it is yours", self.topic),
            ("who", "[ROOM]", "show the members of a room", self.who),
            ("state", "|".join(STATES), "tell others how you are", self.state),
            ("to", "ROOM|@NAME", "choose where to speak", self.to),
            ("msg", "NAME TEXT", "write to one person", self.msg),
            ("reply", "TEXT", "write to who wrote to you last", self.reply),
            ("history", "[after|before SEQ]", "show earlier messages", self.history),
        )
        for name, usage, help, run in rows:
            line.add(name, Command(usage, help, run, raw=name in ("topic", "msg", "reply")))

    def enter(self, token: str) -> None:
        """Enter the chat with a session's token; what is missed is shown after every reconnect."""
        self.close()
        self._entered.clear()
        self._is_lost = False
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

    def prompt(self) -> str:
        """Return what stands before the line that is typed: where it will be said."""
        return f"{self.where}> " if self._chat is not None else "> "

    @property
    def chat(self) -> ChatClient:
        """The chat client; raises Refused (102) before login."""
        if self._chat is None:
            raise not_logged_in()
        return self._chat

    # --- commands ------------------------------------------------------------------------------

    def say(self, text: str) -> None:
        """Say something where one is."""
        self.chat.say(self.where, text)

    def rooms(self) -> None:
        """List the rooms."""
        for row in self.chat.rooms():
            print_event(room_line(row))

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

    def leave(self, room: str = "") -> None:
        """Leave a room."""
        room = room or self._room()
        self.chat.leave(room)
        self.where = Where(LOBBY)
        print_event(f"left {room}; you speak in {LOBBY} now")

    def topic(self, topic: str) -> None:
        """Set the topic of the room one is in."""
        room = self._room()
        self.chat.set_topic(room, topic)
        print_event(f"topic of {room}: {topic}" if topic else f"{room} has no topic now")

    def who(self, room: str = "") -> None:
        """Show the members of a room."""
        for text in member_lines(self.chat.who(room or self._room()), person=is_interactive()):
            print_event(text)

    def state(self, state: str) -> None:
        """Tell others how one is."""
        if state not in STATES:
            raise WrongUsage(f"got {state}, allowed are {', '.join(STATES)}")
        self.chat.set_state(state)
        print_event(f"you are {state} now")

    def to(self, place: str) -> None:
        """Choose where to speak."""
        self.where = Where(place[1:], False) if place.startswith("@") else Where(place)
        print_event(f"you speak in {self.where} now")

    def msg(self, words: str) -> None:
        """Write to one person."""
        name, _, text = words.partition(" ")
        if not text:
            raise WrongUsage("the text is missing")
        self.chat.say(Where(name.removeprefix("@"), False), text)

    def reply(self, text: str) -> None:
        """Write to who wrote last."""
        if not text:
            raise WrongUsage("the text is missing")
        if self._wrote_last is None:
            raise WrongUsage("nobody has written to you yet")
        self.chat.say(Where(self._wrote_last, False), text)

    def history(self, direction: str = "", seq: str = "0") -> None:
        """Show earlier messages: the newest, those after or those before a number."""
        if direction not in ("", "after", "before") or not seq.isdecimal():
            raise WrongUsage("after or before, and a number")
        bounds = {direction: int(seq[:19])} if direction else {}
        page, more = self.chat.history(self.where, limit=200, **bounds)
        for message in page:
            self._print(message, earlier=True)
        rest = "there is more" if more else "that is all"
        if more and page and is_interactive():
            rest += f": /history {direction or 'before'} {_edge(page, direction)}"
        print_event(f"end of history of {self.where}, {len(page)} messages, {rest}")

    def _room(self) -> str:
        """Return the room one speaks in; raises WrongUsage when it is no room."""
        if not self.where.is_room:
            raise WrongUsage(f"you speak to {self.where}, so name a room")
        return self.where.name

    # --- events: on the chat client's thread ---------------------------------------------------

    def _show(self, event: Event) -> None:
        match event:
            case Connected(user_name, rooms):
                self._is_lost = False
                print_event(f"entered as {user_name}; rooms: {', '.join(rooms)}")
            case Disconnected(reason):
                if not self._is_lost:
                    print_event(f"disconnected: {reason}; trying again")
                self._is_lost = True
            case SessionEnded(reason):
                print_event(f"the session has ended: {reason}; log in again")
            case Arrived(message, earlier):
                self._note(message, earlier)
                self._print(message, earlier=earlier)
            case NotSent(where, _cid, reason):
                print_event(f"error: not sent to {where}: {reason}")
            case PresenceChanged(name, state):
                print_event(f"* {name} is {state}")
            case MembersChanged(room, name, joined):
                print_event(f"* {name} {'joined' if joined else 'left'} {room}")
        if isinstance(event, (Connected, Disconnected, SessionEnded)):
            self._entered.set()

    def _note(self, message: Message, earlier: bool) -> None:
        if not message.where.is_room and not earlier and message.sender == message.where.name:
            self._wrote_last = message.sender

    def _print(self, message: Message, *, earlier: bool) -> None:
        for text in message_lines(message, person=is_interactive(), earlier=earlier):
            print_event(text)


def _edge(page: list[Message], direction: str) -> int:
    """Return the number from which to look further."""
    return (page[-1] if direction == "after" else page[0]).seq
