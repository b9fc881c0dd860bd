"""Many rooms and many talks: what one user may have, and how it is told in pages.

The rules: docs/protocol.md, ops 10, 12, 13, 18 (``talks``), and that no frame is over 256 KiB.
"""

import pytest

from tests.kit import check

from .conftest import Chat, new_room
from .device import CREATE, ENTER, JOIN, WHO, Device

pytestmark = pytest.mark.needs("4.1", "4.2", "4.3")

MOST_ROOMS = 2000
# It comes back in the reply, and counts.
LONGEST_ID = "😀" * 64


def rooms_on_entering(device: Device, token: str, **limit: int) -> list[str]:
    """Enter, again for each page; return the rooms."""
    names: list[str] = []
    more = True
    while more:
        after = {"after": names[-1]} if names else {}
        args = {"token": token, **after, **limit}
        data = device.request(ENTER, args, id=LONGEST_ID)["data"]
        page, more = data["rooms"], data.get("more", False)
        check.that(page or not more, "an empty page says that there is more")
        names += page
    return names


@pytest.mark.task("4.10", hint="How large is the frame that tells the names of 2,000 rooms?")
@pytest.mark.points(1)
def test_a_user_is_in_2000_rooms_at_most_and_hears_of_them_all(sqlite_chat: Chat) -> None:
    ann, ben = sqlite_chat.people("ann", "ben")
    other = sqlite_chat.room(ben)
    # The longest names there are: 32 characters of 4 bytes each.
    stem = "".join(chr(0x20000 + ord(c)) for c in new_room())
    names = [stem + chr(0x20800 + n) * (32 - len(stem)) for n in range(MOST_ROOMS)]
    for first in range(0, MOST_ROOMS, 500):
        ids = [ann.ask(CREATE, {"room": name}) for name in names[first : first + 500]]
        for number in ids:
            ann.expect_reply(number, CREATE)
    ann.request(CREATE, {"room": new_room()}, test=103)
    ann.request(JOIN, {"room": other}, test=103)
    again = sqlite_chat.open(sqlite_chat.server, "Ann again")
    check.equal(rooms_on_entering(again, ann.user.token), names, "the rooms")
    # Every room is entered, also those that were not on the first page.
    for name in (names[0], names[-1]):
        ann.say(name, "hello")
        again.expect_push(100, room=name, text="hello")
    again.leave(names[-1])
    again.join(other)
    ann.request(JOIN, {"room": names[-1]}, test=103)


@pytest.mark.task("4.2", hint="Which list may be so long that it does not fit a frame?")
@pytest.mark.points(0.5)
def test_the_rooms_of_enter_come_in_pages(chat: Chat) -> None:
    ann = chat.person("ann")
    rooms = sorted(chat.room(ann) for _ in range(5))
    for limit in (1, 2, 5, 6):
        again = chat.open(chat.server, f"Ann, {limit} a page")
        check.equal(rooms_on_entering(again, ann.user.token, limit=limit), rooms, "the rooms")
    ann.request(ENTER, {"token": ann.user.token, "limit": 0}, test=100)


@pytest.mark.task("4.5", hint="Somebody you have never met wrote while you were away. Who was it?")
@pytest.mark.points(0.5)
@pytest.mark.needs("4.4")
def test_everybody_one_has_talked_with_is_found(chat: Chat) -> None:
    ann, ben, cleo, stranger = chat.people("ann", "ben", "cle", "str")
    away = chat.user("dan")
    check.equal(talks(ann), {}, "the talks of somebody new")
    ben.whisper(ann.user.name, "one")
    ann.whisper(ben.user.name, "two")
    ann.whisper(away.name, "call me")
    ann.whisper(ann.user.name, "milk")
    last = cleo.whisper(ann.user.name, "hi")
    cleo.whisper(stranger.user.name, "hi")
    found = talks(ann)
    seqs = {ann.user.name: 1, ben.user.name: 2, cleo.user.name: 1, away.name: 1}
    check.equal({name: row["last_seq"] for name, row in found.items()}, seqs, "the talks")
    check.equal(list(found), sorted(found), "the order of the names")
    check.equal(found[cleo.user.name]["time"], last["time"], "when the newest was said")
    states = {ann.user.name: "online", ben.user.name: "online", away.name: "offline"}
    check.equal({name: found[name]["state"] for name in states}, states, "how they are")
    check.equal(talks(ann, limit=1), found, "the talks, one a page")
    check.equal(
        list(talks(chat.enter(away))), [ann.user.name], "the talks of somebody who was away"
    )
    check.equal(list(talks(ben)), [ann.user.name], "the talks of Ben")
    ann.request(WHO, {"talks": 1}, test=100)
    ann.request(WHO, {"talks": True, "room": "lobby"}, test=100)


def talks(device: Device, **limit: int) -> dict[str, dict[str, object]]:
    """Return whom a user has talked with, on all pages."""
    rows: list[dict[str, object]] = []
    more = True
    while more:
        after = {"after": rows[-1]["user_name"]} if rows else {}
        data = device.request(WHO, {"talks": True, **after, **limit})["data"]
        rows += data["users"]
        more = data["more"]
    return {str(row.pop("user_name")): row for row in rows}
