"""One user at two devices, which join and leave at once. The rules: docs/protocol.md, ops 12 to 14.

A device learns of its own changes from replies, of the other's from pushes; in whatever order they
came about, what each was told last, what the server does and what the table holds must agree.
"""

import itertools
import random
from collections.abc import Callable

import pytest

from tests.kit import check

from .conftest import Chat
from .device import JOIN, LEAVE, MEMBERS, Device, new_cid

pytestmark = pytest.mark.needs("4.1", "4.2", "4.3", "4.4")

AT_ONCE = 20


def told_last(device: Device, room: str, asked: int) -> bool:
    """Read ``asked`` replies and the pushes between them; return where the device stands then."""
    inside = False
    ping = device.ask(91)
    while (message := device.recv_message()).get("id") != ping:
        op, test, data = message["op"], message.get("test"), message.get("data", {})
        if op == MEMBERS and data.get("room") == room:
            inside = "joined" in data
        elif op in (JOIN, LEAVE):
            check.that(test in (0, 103), f"{op} is answered with {test}")
            inside = op == JOIN
            asked -= 1
    check.equal(asked, 0, "the replies that are missing")
    return inside


@pytest.mark.task("4.8", hint="One change is two: in the table, and in memory. Who comes between?")
@pytest.mark.points(1)
def test_two_devices_that_join_and_leave_at_once_agree_in_the_end(
    chat: Chat, dice: Callable[[object], random.Random], count: Callable[[int, int], int]
) -> None:
    watcher, user, source = chat.person("wat"), chat.user("ann"), dice("steps")
    room = chat.room(watcher)
    devices = [chat.enter(user, f"device {n}") for n in range(2)]
    heard = False
    for number in range(count(25, 300)):
        if number % 2:  # both leave, and one joins while the other's leaving may be under way
            devices[0].request(JOIN, {"room": room})
            plans = [[LEAVE, JOIN], [LEAVE]]
        else:
            plans = [[source.choice((JOIN, LEAVE)) for _ in range(AT_ONCE)] for _ in devices]
        for steps in itertools.zip_longest(*plans):
            for device, op in zip(devices, steps, strict=True):
                if op is not None:
                    device.ask(op, {"room": room})
        told = [told_last(d, room, len(plan)) for d, plan in zip(devices, plans, strict=True)]
        # A push may still be on its way to the device that read its replies first.
        told = [told_last_push(d, room, was) for d, was in zip(devices, told, strict=True)]
        again = chat.open(chat.server, f"device of round {number}")
        inside = room in again.enter(user)
        check.equal(told, [inside, inside], "what the devices were told last; is one inside?")
        for device in (*devices, again):
            args = {"room": room, "text": "?", "cid": new_cid()}
            device.request(15, args, test=0 if inside else 103)
        members = watcher.who(room)
        check.equal(user.name in members, inside, "whether the table has a member")
        heard = watched(watcher, heard)
        check.equal(heard, inside, "what the other member was told last")
        again.close()


def told_last_push(device: Device, room: str, inside: bool) -> bool:
    """Return where a device stands once all pushes have come."""
    device.barrier()
    for push in device.pushes():
        if push["op"] == MEMBERS and push["data"].get("room") == room:
            inside = "joined" in push["data"]
    return inside


def watched(watcher: Device, inside: bool) -> bool:
    """Return whether the last push told of a join; joins and leaves must take turns."""
    watcher.barrier()
    for push in watcher.pushes():
        if push["op"] == MEMBERS:
            check.equal("joined" in push["data"], not inside, "whether it was a join")
            inside = not inside
    return inside
