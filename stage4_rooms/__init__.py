"""Stage 4, chat: rooms, presence, private messages and durable history."""

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
    Sent,
    SessionEnded,
    Where,
)
from .flags import PORT as CHAT_PORT
from .flags import client_flags
from .places import LOBBY
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
    "MembersChanged",
    "Message",
    "NotSent",
    "PresenceChanged",
    "Room",
    "RoomCommands",
    "RoomStore",
    "Sent",
    "SessionEnded",
    "Where",
    "client_flags",
]
