"""The demo: a few users, rooms and messages, so that a newcomer sees life at once."""

import secrets
from dataclasses import dataclass

from stage3_auth import AccountStore, Database, add_user, md5_of, migrate
from stage4_rooms import LOBBY, STEPS, HistoryStore, RoomStore, Stored, room_place

GUEST, GUEST_PASSWORD = "guest", "demo123"
BOT = "bot"
DAY = 86400.0

# (name, phone); numbers of a range that no operator gives out.
_USERS = (
    (GUEST, "10000000001"),
    (BOT, "10000000002"),
    ("小明", "10000000003"),
    ("Alice", "10000000004"),
    ("José", "10000000005"),
    ("Юлия", "10000000006"),
)
# room -> (topic, lines); a line is (who, text). The lobby's come first in the window.
_TALK: dict[str, tuple[str, tuple[tuple[str, str], ...]]] = {
    LOBBY: (
        "",
        (
            ("小明", "大家好!这个聊天室是从十行的回声服务器长大的"),
            ("Alice", "Hello 小明! So who sends 已收到消息 now?"),
            ("小明", "The bot does. Say something to it."),
            ("José", "¡Hola a todos! ¿Qué tal?"),
            ("Юлия", "Привет! There is a page for files, too: put something there."),
            ("Alice", "And https://docs.python.org/3/library/socket.html is where it all begins."),
            ("bot", "已收到消息:I am here day and night."),
        ),
    ),
    "python": (
        "sockets, threads and other animals",
        (
            ("Alice", "Why does one send arrive as two reads?"),
            ("小明", "Because TCP carries bytes, not messages. 所以要有四个字节的长度。"),
            ("Alice", "So the header is the whole trick?"),
            ("小明", "Yes: read 4, then read exactly that many."),
        ),
    ),
    "茶馆": ("喝茶, 聊天", (("小明", "今天喝龙井"), ("Юлия", "А у меня чёрный."))),
}


@dataclass(frozen=True)
class DemoKeys:
    """Who the newcomer is in the demo, and how the bot logs in."""

    guest: str
    guest_password: str
    bot: str
    bot_password: str


def prepare(database: Database, now: float) -> DemoKeys:
    """Fill an empty demo database; in any case give the bot a new password."""
    migrate(database, STEPS)
    accounts, rooms = AccountStore(database), RoomStore(database)
    if accounts.find_by_name(GUEST) is None:
        _fill(database, rooms, now)
    bot = accounts.find_by_name(BOT)
    assert bot is not None, "the demo's users are made together"
    bot_password = secrets.token_hex(8)
    accounts.set_password(bot.uid, md5_of(bot_password), kept_token="")
    return DemoKeys(GUEST, GUEST_PASSWORD, BOT, bot_password)


def _fill(database: Database, rooms: RoomStore, now: float) -> None:
    password = md5_of(GUEST_PASSWORD)
    with database.writing() as transaction:
        uids = {name: add_user(transaction, name, password, phone, None) for name, phone in _USERS}
    history = HistoryStore(database)
    for name, (topic, lines) in _TALK.items():
        room = rooms.find(name) or rooms.create(name, topic, uids["小明"], now)
        for uid in uids.values():
            rooms.add_member(room.rid, uid)
        start = now - DAY - 60.0 * len(lines)
        history.append(
            [
                Stored(
                    room_place(room.rid),
                    seq,
                    uids[who],
                    f"demo-{room.rid}-{seq}",
                    text,
                    start + 60.0 * seq,
                )
                for seq, (who, text) in enumerate(lines, 1)
            ]
        )
