"""The rows of the two lists beside the talk: places to be, and the members of a room."""

from stage1_echo import safe_text

from ..events import Where
from .chat_pictures import Face
from .chat_state import OFFLINE, ChatState
from .side_list import Row
from .talk import Talk
from .transcript_layout import Words

MOST_MEMBERS = 500  # rows: more than that nobody reads, and they take time to draw


def place_rows(state: ChatState, words: Words) -> list[Row]:
    """Return the rooms and the people; a row's id is that of ``id_of``."""
    rooms, people = state.places()
    rows = [Row("heading rooms", words("chat.rooms"), heading=True)]
    rows += [_place_row(talk, state) for talk in rooms]
    if people:
        rows.append(Row("heading people", words("chat.people"), heading=True))
        rows += [_place_row(talk, state) for talk in people]
    return rows


def member_rows(state: ChatState, room: str, words: Words) -> list[Row]:
    """Return the members of a room, those who are there first."""
    present, absent = state.present_and_absent(room)
    rows: list[Row] = []
    for key, names in (("chat.here", present), ("chat.away", absent)):
        if names:
            rows.append(Row(f"heading {key}", words(key, count=len(names)), heading=True))
        shown = names[: max(0, MOST_MEMBERS - len(rows))]
        rows += [_member_row(name, state, words) for name in shown]
        if len(shown) < len(names):
            more = words("chat.more", count=len(names) - len(shown))
            rows.append(Row(f"heading more {key}", more, heading=True))
    return rows


def id_of(where: Where) -> str:
    """Return the id of a place's row. No name holds a space, so no two places share one."""
    return f"{'room' if where.is_room else 'person'} {where.name}"


def where_of(id: str) -> Where:
    """Return the place that a row's id stands for."""
    kind, _, name = id.partition(" ")
    return Where(name, kind == "room")


def _place_row(talk: Talk, state: ChatState) -> Row:
    where, name = talk.where, safe_text(talk.where.name)
    if where.is_room:
        return Row(id_of(where), name, Face(where.name), count=talk.unread)
    person = state.state_of(where.name)
    return Row(id_of(where), name, Face(where.name, person), count=talk.unread)


def _member_row(name: str, state: ChatState, words: Words) -> Row:
    now = state.state_of(name)
    shown = safe_text(name)
    return Row(
        id_of(Where(name, False)),
        words("chat.you", name=shown) if name == state.own_name else shown,
        Face(name, now),
        note=words(f"state.{now}") if now in ("away", "busy") else "",
        pale=now == OFFLINE,
    )
