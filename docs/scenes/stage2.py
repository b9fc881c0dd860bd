"""The scenes of docs/stage2.md and docs/protocol.md: frames, what is refused, what it costs."""

import shutil
from pathlib import Path

from tests.kit.byte_client import ByteClient
from tests.kit.docs import diagrams
from tests.kit.docs.stage import Stage
from tests.kit.wire_codec import HEADER, encode, frame

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
ECHO, PING, BYE = 80, 91, 92


def one_read_is_not_one_message(stage: Stage) -> str:
    """A length in front, read in the obvious way: right, until half of it arrives."""
    you = stage.python()
    stage.types(
        you,
        """
        import socket, struct
        ann, server = socket.socketpair()
        ann.send(struct.pack(">I", 5) + b"hello")
        (length,) = struct.unpack(">I", server.recv(4))
        server.recv(length)
        ann.send(struct.pack(">I", 5) + b"he")
        (length,) = struct.unpack(">I", server.recv(4))
        server.recv(length)
        ann.send(b"llo" + struct.pack(">I", 2) + b"ok")
        (length,) = struct.unpack(">I", server.recv(4))
        length
        """,
    )
    return stage.show(you)


def json_is_lenient(stage: Stage) -> str:
    """What Python's json takes for JSON, and what Python takes for an integer."""
    you = stage.python()
    stage.types(
        you,
        r"""
        import json
        json.loads('{"op": NaN}')
        json.loads('{"op": 1e999}')
        json.loads('{"op": true}')
        isinstance(True, int)
        json.loads(r'{"text": "\ud83d"}')
        json.loads(r'{"text": "\ud83d"}')["text"].encode()
        """,
    )
    return stage.show(you)


def hello_in_two_terminals(stage: Stage) -> str:
    """The server, and its terminal client."""
    server = stage.server("stage2_protocol.server")
    server.wait_for("listens on")
    you = stage.client("stage2_protocol.client", server, prompt="> ")
    stage.types(you, "hello\n你好\n/ping\n/hello\n/what")
    you.end_input()
    you.wait_exit()
    server.wait_for("#1 closed")
    server.interrupt()
    server.wait_exit()
    shown = stage.show(server, caption="Terminal 1:")
    return f"{shown}\n\n{stage.show(you, caption='Terminal 2:')}"


def hello_as_bytes(stage: Stage) -> str:
    """One request and its reply, byte by byte."""
    ann = ByteClient(stage.server("stage2_protocol.server"), "Ann")
    sent = encode({"op": ECHO, "id": 1, "args": {"text": "hello"}})
    ann.send_bytes(sent)
    received = _next_frame(ann)
    ann.dispose()
    parts = [f"client → server, {len(sent)} bytes", diagrams.frame(sent), ""]
    parts += [f"server → client, {len(received)} bytes", diagrams.frame(received)]
    return stage.block("\n".join(parts))


def sticky_packets_are_cured(stage: Stage) -> str:
    """Experiment 4 of stage 1 again: two messages in one send, and one message in three."""
    ann = ByteClient(stage.server("stage2_protocol.server"), "Ann")
    first, second = (
        encode({"op": ECHO, "id": number, "args": {"text": text}})
        for number, text in enumerate(("lend me 1", "00 coins? No, 1 is enough"), 1)
    )
    lines = []
    for pieces in ([first + second], [first[:2], first[2:40], first[40:]]):
        for piece in pieces:
            ann.send_bytes(piece)
            lines.append(f"client → server  {_shown_bytes(piece)}")
        for _ in range(2 if len(pieces) == 1 else 1):
            lines.append(f"server → client  {_shown_bytes(_next_frame(ann))}")
        lines.append("")
    ann.dispose()
    return stage.block("\n".join(lines))


def what_is_refused(stage: Stage) -> str:
    """Payloads that are no sound message, and what each is answered; the connection lives."""
    ann = ByteClient(stage.server("stage2_protocol.server"), "Ann")
    payloads = [
        b"hello",
        b"{'op':91}",
        b'["op",91]',
        b'{"op":91,"id":7,"extra":NaN}',
        rb'{"op":91,"id":7,"extra":"\ud83d"}',
        b'{"op":91.0,"id":7}',
        b'{"op":true,"id":7}',
        b'{"op":80,"id":7,"args":{"text":5}}',
        b'{"op":80,"id":7,"args":[]}',
        b'{"op":91,"id":1.5}',
        b'{"op":5,"id":"a"}',
    ]
    lines = []
    for payload in payloads:
        ann.send_bytes(frame(payload))
        lines += [f"→ {payload.decode()}", f"← {_shown(_next_frame(ann))}", ""]
    ann.dispose()
    return stage.block("\n".join(lines))


def a_length_that_is_not_allowed(stage: Stage) -> str:
    """A header alone; the server says why, and closes."""
    server = stage.server("stage2_protocol.server")
    lines = []
    for header in (b"\xff\xff\xff\xff", b"GET "):
        ann = ByteClient(server, "Ann")
        ann.send_bytes(header)
        lines += [f"→ {_shown_bytes(header)}", f"← {_shown(_next_frame(ann))}"]
        ann.expect_closed()
        lines += ["← the end of the connection", ""]
        ann.dispose()
    return stage.block("\n".join(lines))


def start(stage: Stage) -> str:
    """A folder of one's own, which stands on the reference's stage 1."""
    return stage.block(stage.kit("start", "stage2", "--catch-up"))


def first_win(stage: Stage) -> str:
    """Task 2.1 on the first attempt at frames."""
    stage.kit("start", "stage2", "--catch-up")
    first = HERE / "first_win2" / "stage2_protocol" / "frames.py"
    shutil.copy(first, stage.folder / "mine" / "stage2_protocol")
    return stage.block(stage.kit("check", "stage2", "--task=2.1"))


def part_of_the_suite(stage: Stage) -> str:
    """One task, on the reference."""
    return stage.block(stage.suite("stage2", "--task=2.1"))


def _next_frame(client: ByteClient) -> bytes:
    header = client.recv_exactly(HEADER.size)
    (length,) = HEADER.unpack(header)
    return header + client.recv_exactly(length)


def _shown(data: bytes) -> str:
    """Return the message in a frame as it stands there."""
    return data[HEADER.size :].decode()


def _shown_bytes(data: bytes) -> str:
    """Return bytes as Python writes them."""
    return f"{len(data):3} bytes  {data!r}".replace("\\'", "'")
