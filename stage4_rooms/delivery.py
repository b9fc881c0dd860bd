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


def deliver(
    posted: Sequence[Posted],
    frames: Sequence[bytes],
    own_frames: Sequence[bytes],
    readers: Sequence[tuple[Peer, int]],
) -> None:
    """Push a place's messages to ``readers``, (peer, uid) each; frames stand beside messages.

    ``own_frames`` hold the cid, for the sender's other devices.
    """
    speakers = {entry.message.sender for entry in posted}
    whole = b"".join(frames)
    for peer, uid in readers:
        if uid not in speakers:
            peer.push(whole, len(frames))
            continue
        mine = [
            own if entry.message.sender == uid else frame
            for entry, frame, own in zip(posted, frames, own_frames, strict=True)
            if entry.peer is not peer
        ]
        if mine:
            peer.push(b"".join(mine), len(mine))
