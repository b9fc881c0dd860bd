"""Stage 4, chat: rooms, presence, private messages and durable history."""

from .answers import PastTalk
from .chat_client import ChatClient
from .errors import RoomError, RoomExists
from .events import (
    Arrived,
    Connected,
    Disconnected,
    Event,
    MembersChanged,
    Message,
    NotSent,
    PresenceChanged,
    Sent,
    SessionEnded,
    Where,
)
from .flags import PORT as CHAT_PORT
from .flags import add_plain_flag, client_flags
from .history import HistoryStore, Stored
from .places import LOBBY, Place, pair_place, room_place
from .prompt import chat_lines
from .room_commands import RoomCommands
from .room_store import Room, RoomStore
from .schema import STEPS

__all__ = [
    "CHAT_PORT",
    "LOBBY",
    "STEPS",
    "Arrived",
    "ChatClient",
    "Connected",
    "Disconnected",
    "Event",
    "HistoryStore",
    "MembersChanged",
    "Message",
    "NotSent",
    "PastTalk",
    "Place",
    "PresenceChanged",
    "Room",
    "RoomCommands",
    "RoomError",
    "RoomExists",
    "RoomStore",
    "Sent",
    "SessionEnded",
    "Stored",
    "Where",
    "add_plain_flag",
    "chat_lines",
    "client_flags",
    "pair_place",
    "room_place",
]
