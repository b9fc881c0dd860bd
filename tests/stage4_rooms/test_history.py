"""HISTORY: pages of what was said. The rules: docs/protocol.md, op 17."""

from typing import Any

import pytest

from tests.kit import check

from .conftest import Chat
from .device import HISTORY, SAY, Device, new_cid

pytestmark = pytest.mark.needs("4.1", "4.2", "4.3")

# A frame holds at most 256 KiB.
FRAME = 262_144


def fill(device: Device, room: str, texts: list[str]) -> None:
    """Say all of this."""
    ids = [device.ask_say(room, text, new_cid()) for text in texts]
    for number in ids:
        device.expect_reply(number, SAY)


@pytest.mark.task("4.4", hint="Which end of a long talk does a newcomer want first?")
@pytest.mark.points(2.5)
def test_pages_go_back_from_the_end_and_on_from_a_number(chat: Chat) -> None:
    ann = chat.person()
    room = chat.room(ann)
    check.equal(ann.history(room), ([], False), "the history of a silent room")
    fill(ann, room, [f"text {seq}" for seq in range(1, 26)])
    for args, seqs, more in (
        ({}, range(1, 26), False),
        ({"limit": 25}, range(1, 26), False),
        ({"limit": 24}, range(2, 26), True),
        ({"limit": 1}, [25], True),
        ({"before": 26, "limit": 10}, range(16, 26), True),
        ({"before": 25, "limit": 10}, range(15, 25), True),
        ({"before": 11, "limit": 10}, range(1, 11), False),
        ({"before": 12, "limit": 10}, range(2, 12), True),
        ({"before": 2}, [1], False),
        ({"before": 1}, [], False),
        ({"before": 0}, [], False),
        ({"before": -5}, [], False),
        ({"before": 10**18}, range(1, 26), False),
        ({"before": 10**30, "limit": 1}, [25], True),
        ({"after": 0}, range(1, 26), False),
        ({"after": -1, "limit": 3}, [1, 2, 3], True),
        ({"after": 5, "limit": 10}, range(6, 16), True),
        ({"after": 15, "limit": 10}, range(16, 26), False),
        ({"after": 14, "limit": 10}, range(15, 25), True),
        ({"after": 24}, [25], False),
        ({"after": 25}, [], False),
        ({"after": 10**18}, [], False),
        ({"after": 10**30}, [], False),
        ({"after": None, "before": 3, "limit": None}, [1, 2], False),
    ):
        page, has_more = ann.history(room, **args)
        what = f"the page for {args}"
        check.equal([m["seq"] for m in page], list(seqs), what)
        check.equal([m["text"] for m in page], [f"text {seq}" for seq in seqs], what)
        check.equal(has_more, more, f"whether there is more than {what}")


@pytest.mark.task("4.4", hint="What is a page of 0 messages, and one of a million?")
@pytest.mark.points(1)
def test_a_page_has_200_messages_at_most(sqlite_chat: Chat) -> None:
    ann = sqlite_chat.person()
    room = sqlite_chat.room(ann)
    fill(ann, room, ["x"] * 205)
    for limit in ({}, {"limit": 200}, {"limit": 201}, {"limit": 10**30}):
        page, more = ann.history(room, **limit)
        check.equal([m["seq"] for m in page], list(range(6, 206)), f"the page for {limit}")
        check.that(more, "there is more")
    for few in (0, -1):
        ann.request(HISTORY, {"room": room, "limit": few}, test=100)
    for wrong in ("5", 1.5, True):
        for field in ("limit", "before", "after"):
            ann.request(HISTORY, {"room": room, field: wrong}, test=100)


@pytest.mark.task("4.4", hint="200 messages of 8,000 characters: how large is the frame?")
@pytest.mark.points(1.5)
def test_a_page_never_outgrows_a_frame(chat: Chat) -> None:
    ann = chat.person()
    room = chat.room(ann)
    # 32 kB each, and with the third kind 48 kB: JSON writes a control as six characters.
    texts = [("😀" * 8000), ("é" * 8000), ("\x01" * 8000), "x"] * 6
    fill(ann, room, texts)
    check.equal([m["text"] for m in ann.all_history(room)], texts, "everything, page by page")
    back: list[dict[str, Any]] = []
    more = True
    while more:
        before = {"before": back[0]["seq"]} if back else {}
        page, more = ann.history(room, **before)
        check.that(page, "an empty page says that there is more")
        check.that(len(page) < len(texts), "a page of this size cannot fit a frame")
        back = page + back
    check.equal([m["text"] for m in back], texts, "everything, page by page from the end")


@pytest.mark.task("4.4", hint="With whom may one read, and of what?")
@pytest.mark.points(0.5)
def test_history_needs_a_place(sqlite_chat: Chat) -> None:
    ann, ben = sqlite_chat.people("ann", "ben")
    room = sqlite_chat.room(ben)
    ann.request(HISTORY, {"with": "nobody"}, test=1)
    ann.request(HISTORY, {"with": ""}, test=1)
    ann.request(HISTORY, {"room": room}, test=103)
    for args in ({}, {"room": 7}, {"with": 7}, {"with": None}):
        ann.request(HISTORY, args, test=100)
    ann.request(HISTORY, {"room": "nowhere-at-all"}, test=104)
    ann.request(HISTORY, {"with": ben.user.name, "before": 3, "after": 1}, test=100)
    for name in (ben.user.name, ben.user.name.upper()):
        check.equal(ann.history(**{"with": name}), ([], False), "the history of a silent pair")
