"""Delivery: from durable messages to the outboxes of those who may read them.

A message is encoded once however many read it; what a commit made durable goes to each reader as
one piece. The sender's other devices get the ``cid`` too, the connection that said it gets nothing.
"""

from collections.abc import Sequence

from stage2_protocol import Data, Peer, encode_push

from .places import Place
from .writer import Posted

MESSAGE = 100


def message_push(posted: Posted, where: Data, sender_name: str, *, with_cid: bool) -> bytes:
    """Return the MESSAGE push; ``where`` is its room or with."""
    message = posted.message
    data: Data = {
        **where,
        "seq": message.seq,
        "from": sender_name,
        "text": message.text,
        "time": message.time,
    }
    if with_cid:
        data["cid"] = message.cid
    return encode_push(MESSAGE, data)


def by_place(posted: Sequence[Posted]) -> dict[Place, list[Posted]]:
    """Sort what was posted by place, keeping the order within each."""
    places: dict[Place, list[Posted]] = {}
    for entry in posted:
        places.setdefault(entry.message.place, []).append(entry)
    return places


class Frames:
    """The pushes of one place's messages, as its readers get them; each is encoded once.

    With the cid, for the sender's other devices, only when there is such a device.
    """

    def __init__(self, posted: Sequence[Posted], where: Data, names: Sequence[str]) -> None:
        self._posted = posted
        self._where = where
        self._names = names
        self._frames = [
            message_push(entry, where, name, with_cid=False)
            for entry, name in zip(posted, names, strict=True)
        ]
        self._own: dict[int, bytes] = {}
        self._speakers = {entry.message.sender for entry in posted}
        self._whole = b"".join(self._frames)

    def deliver(self, readers: Sequence[tuple[Peer, int]]) -> None:
        """Push them to ``readers``, (peer, uid) each."""
        # BEGIN SOLUTION 4.3
        for peer, uid in readers:
            if uid not in self._speakers:
                peer.push(self._whole, len(self._frames))
            elif mine := self._for_speaker(peer, uid):
                peer.push(b"".join(mine), len(mine))
        # END SOLUTION

    def _for_speaker(self, peer: Peer, uid: int) -> list[bytes]:
        """Return the frames for a device of somebody who has spoken here."""
        # BEGIN SOLUTION 4.3
        return [
            self._own_frame(number) if entry.message.sender == uid else self._frames[number]
            for number, entry in enumerate(self._posted)
            if entry.peer is not peer
        ]
        # END SOLUTION

    def _own_frame(self, number: int) -> bytes:
        if number not in self._own:
            self._own[number] = message_push(
                self._posted[number], self._where, self._names[number], with_cid=True
            )
        return self._own[number]
