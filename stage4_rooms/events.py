"""What a chat client tells its user interface, as small records."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Where:
    """Where something is said: a room, or with one person. ``name`` is the room's or theirs."""

    name: str
    is_room: bool = True

    def args(self) -> dict[str, str]:
        """Return the fields that name this place on the wire."""
        return {"room": self.name} if self.is_room else {"with": self.name}

    def __str__(self) -> str:
        return self.name if self.is_room else f"@{self.name}"


@dataclass(frozen=True)
class Message:
    """One message that is durable; ``time`` is Unix seconds."""

    where: Where
    seq: int
    sender: str
    text: str
    time: float


@dataclass(frozen=True)
class Connected:
    """The client has entered; ``rooms`` are the rooms it is in."""

    user_name: str
    rooms: tuple[str, ...]


@dataclass(frozen=True)
class Disconnected:
    """The connection is gone; the client tries again by itself."""

    reason: str


@dataclass(frozen=True)
class SessionEnded:
    """The server refuses the session; somebody must log in again."""

    reason: str


@dataclass(frozen=True)
class Arrived:
    """A message, each once and in order of its place.

    ``earlier`` marks what was said before this client looked, shown so that one knows the talk.
    """

    message: Message
    earlier: bool = False


@dataclass(frozen=True)
class Sent:
    """A message of one's own is durable; it comes as Arrived too, before or after."""

    where: Where
    cid: str
    seq: int


@dataclass(frozen=True)
class NotSent:
    """A message of one's own that the server refused."""

    where: Where
    cid: str
    reason: str


@dataclass(frozen=True)
class PresenceChanged:
    """Somebody who shares a room looks different now."""

    user_name: str
    state: str


@dataclass(frozen=True)
class MembersChanged:
    """Somebody joined or left a room."""

    room: str
    user_name: str
    joined: bool


Event = (
    Connected
    | Disconnected
    | SessionEnded
    | Arrived
    | Sent
    | NotSent
    | PresenceChanged
    | MembersChanged
)
